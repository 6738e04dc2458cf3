#pragma once

#include <string>

namespace links {

/// A skeleton with every joint of the joint map kTinyMap; `motion` is what follows the line MOTION.
inline std::string TinyBvh(const std::string& motion) {
  const auto end = [](const std::string& offset) { return "End Site\n{\nOFFSET " + offset + "\n}\n"; };
  const auto joint = [](const std::string& name, const std::string& offset, const std::string& children) {
    return "JOINT " + name + "\n{\n\tOFFSET " + offset + "\n\tCHANNELS 3 Zrotation Xrotation Yrotation\n" +
           children + "}\n";
  };
  const auto limb = [&](const std::string& side, const std::string& part, const std::string& offset,
                        const std::string& bone) {
    return joint(side + part + "1", offset,
                 joint(side + part + "2", bone, joint(side + part + "3", bone, end("0 0 1"))));
  };
  return "HIERARCHY\nROOT Root\n{\n\tOFFSET 0 0 0\n\tCHANNELS 6 Xposition Yposition Zposition Yrotation "
         "Xrotation Zrotation\n" +
         limb("L", "Leg", "1 0 0", "0 -4 0") + limb("R", "Leg", "-1 0 0", "0 -4 0") +
         joint("Belly", "0 2 0",
               joint("Head", "0 4 0", end("0 1 0")) + limb("L", "Arm", "2 3 0", "3 0 0") +
                   limb("R", "Arm", "-2 3 0", "-3 0 0")) +
         "}\nMOTION\n" + motion;
}

inline constexpr int kTinyChannels = 6 + 14 * 3;

/// `count` zeros, each with a space before it.
inline std::string Zeros(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += " 0";
  return text;
}

inline constexpr const char* kTinyMap = R"(name: tiny
unit_mm: 100
up: y
joints:
  Hip: [LLeg1, RLeg1]
  RHip: RLeg1
  RKnee: RLeg2
  RAnkle: RLeg3
  LHip: LLeg1
  LKnee: LLeg2
  LAnkle: LLeg3
  Spine: Belly
  Thorax: [LArm1, RArm1]
  Head: Head
  HeadTop: Head_End
  LShoulder: LArm1
  LElbow: LArm2
  LWrist: LArm3
  RShoulder: RArm1
  RElbow: RArm2
  RWrist: {joint: RArm3, offset: [0, 0, 0.5]}
)";

}  // namespace links
