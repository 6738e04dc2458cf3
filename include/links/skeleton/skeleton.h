#pragma once

#include <array>
#include <string_view>
#include <vector>

namespace links {

// clang-format off: tables
/// The 17 joints of Human3.6M in the field's order.
enum Joint : int {
  kHip,
  kRHip,
  kRKnee,
  kRAnkle,
  kLHip,
  kLKnee,
  kLAnkle,
  kSpine,
  kThorax,
  kHead,
  kHeadTop,
  kLShoulder,
  kLElbow,
  kLWrist,
  kRShoulder,
  kRElbow,
  kRWrist,
};

inline constexpr int kJoints = 17;
inline constexpr int kRoot = kHip;
inline constexpr int kBones = 16;

inline constexpr std::array<std::string_view, kJoints> kJointNames = {
    "Hip",  "RHip",    "RKnee",     "RAnkle", "LHip",   "LKnee",     "LAnkle", "Spine", "Thorax",
    "Head", "HeadTop", "LShoulder", "LElbow", "LWrist", "RShoulder", "RElbow", "RWrist"};

struct Bone {
  int parent;
  int child;
};

inline constexpr std::array<Bone, kBones> kBoneList = {{{0, 1},
                                                        {1, 2},
                                                        {2, 3},
                                                        {0, 4},
                                                        {4, 5},
                                                        {5, 6},
                                                        {0, 7},
                                                        {7, 8},
                                                        {8, 9},
                                                        {9, 10},
                                                        {8, 11},
                                                        {11, 12},
                                                        {12, 13},
                                                        {8, 14},
                                                        {14, 15},
                                                        {15, 16}}};

/// For each joint the one on the other side of the body; for those of the middle itself.
inline constexpr std::array<int, kJoints> kOtherSide = {
    kHip,  kLHip,    kLKnee,     kLAnkle, kRHip,   kRKnee,     kRAnkle, kSpine, kThorax,
    kHead, kHeadTop, kRShoulder, kRElbow, kRWrist, kLShoulder, kLElbow, kLWrist};

// clang-format on

/// Bone length / mean bone length of a pose, Human3.6M (as listed with ElePose and LInKs).
inline constexpr std::array<double, kBones> kHuman36mBoneRatios = {
    .5180581,  1.73711136, 1.72285805, .5180552,   1.73710543, 1.72285651, .92087518,  .98792375,
    .44812302, .44502545,  .57462,     1.08121276, .9651687,   .57461556,  1.08122523, .9651657};

}  // namespace links
