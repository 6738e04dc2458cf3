// BVH files, up to the poses that virtual cameras see.
#include "fuzz.h"
#include "links/data/bvh.h"
#include "links/data/joint_map.h"
#include "links/data/mocap_import.h"

namespace links::fuzz {
namespace {

void Import(const std::string& text) {
  static const std::vector<JointMap> maps = FindJointMaps("auto");
  constexpr double kFps = 30;
  const MocapClip clip = ParseBvh(text, "input.bvh");
  Expect(static_cast<int64_t>(clip.values.size()) == clip.frames * clip.channels, "a table of another size");
  if (clip.frames > 0) ForwardKinematics(clip, clip.frames - 1);
  Random random(1);
  PoseData poses;
  const JointMap& map = *FittingJointMaps(maps, clip).front();
  for (const auto& world : {MapJoints(clip, map), MapDetectorJoints(clip, map)}) {
    for (const WorldPose& pose : Resample(world, clip.fps, kFps, "input.bvh"))
      AppendView(pose, random, poses);
  }
  CheckPoses(poses, "input.bvh");
}

}  // namespace
}  // namespace links::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  links::fuzz::Try([&] { links::fuzz::Import({reinterpret_cast<const char*>(data), size}); });
  return 0;
}
