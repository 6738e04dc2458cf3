#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "links/skeleton/skeleton.h"

namespace links {

// clang-format off: tables
struct TrainSequence3dhp {
  std::string_view subject, name;
  int64_t frames;  ///< published; rows after these are not annotated
  int fps;
};

inline constexpr std::array<TrainSequence3dhp, 16> kTrainSequences3dhp = {{{"S1", "Seq1", 6416, 25},
                                                                           {"S1", "Seq2", 12430, 50},
                                                                           {"S2", "Seq1", 6502, 25},
                                                                           {"S2", "Seq2", 6081, 25},
                                                                           {"S3", "Seq1", 12488, 50},
                                                                           {"S3", "Seq2", 12283, 50},
                                                                           {"S4", "Seq1", 6171, 25},
                                                                           {"S4", "Seq2", 6675, 25},
                                                                           {"S5", "Seq1", 12820, 50},
                                                                           {"S5", "Seq2", 12312, 50},
                                                                           {"S6", "Seq1", 6188, 25},
                                                                           {"S6", "Seq2", 6145, 25},
                                                                           {"S7", "Seq1", 6239, 25},
                                                                           {"S7", "Seq2", 6320, 25},
                                                                           {"S8", "Seq1", 6468, 25},
                                                                           {"S8", "Seq2", 6054, 25}}};

struct TestSequence3dhp {
  std::string_view subject;
  int64_t frames, valid;  ///< published
};

inline constexpr std::array<TestSequence3dhp, 6> kTestSequences3dhp = {{{"TS1", 6151, 603},
                                                                        {"TS2", 6080, 540},
                                                                        {"TS3", 5838, 505},
                                                                        {"TS4", 6007, 553},
                                                                        {"TS5", 320, 276},
                                                                        {"TS6", 492, 452}}};

/// activity_annotation 1 to 7.
inline constexpr std::array<std::string_view, 7> kActivities3dhp = {
    "Standing/Walking", "Exercising", "Sitting",      "Reaching/Crouching",
    "On The Floor",     "Sports",     "Miscellaneous"};

inline constexpr int kCameras3dhp = 14;

/// Where our joints are among the 28 of the training files and the 17 of the test files.
inline constexpr std::array<int, kJoints> kTrainJoints3dhp = {4, 23, 24, 25, 18, 19, 20, 3, 5,
                                                              6, 7,  9,  10, 11, 14, 15, 16};
inline constexpr std::array<int, kJoints> kTestJoints3dhp = {14, 8, 9, 10, 11, 12, 13, 15, 1,
                                                             16, 0, 5, 6,  7,  2,  3,  4};
// clang-format on

/// The cameras of all (= regular), relevant, ceiling, vnect or mm3d_chest; throws UsageError for other names.
std::vector<int> CameraSet3dhp(const std::string& name);

}  // namespace links
