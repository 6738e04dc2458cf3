// A skeleton (ASF) and its motion (AMC), the motion after a line with ---, up to the 17 joints.
#include "fuzz.h"
#include "links/data/asf_amc.h"
#include "links/data/joint_map.h"

namespace links::fuzz {
namespace {

void Import(const std::string& text) {
  static const std::vector<JointMap> maps = FindJointMaps("asf");
  constexpr double kFps = 120;
  const std::string mark = "\n---\n";
  const size_t cut = std::min(text.find(mark), text.size());
  const AsfSkeleton skeleton = ParseAsf(text.substr(0, cut), "input.asf");
  const MocapClip clip =
      ParseAmc(text.substr(std::min(cut + mark.size(), text.size())), "input.amc", skeleton, kFps);
  Expect(clip.frames > 0, "a motion without frames");
  Expect(static_cast<int64_t>(clip.values.size()) == clip.frames * clip.channels, "a table of another size");
  for (size_t i = 0; i < clip.joints.size(); ++i)
    Expect(clip.joints[i].parent < static_cast<int>(i), "a joint before its parent");
  for (const JointTransform& joint : ForwardKinematics(clip, clip.frames - 1))
    Expect(joint.position.allFinite() && joint.rotation.allFinite(), "a place that is not finite");
  MapJoints(clip, *FittingJointMaps(maps, clip).front());
}

}  // namespace
}  // namespace links::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  links::fuzz::Try([&] { links::fuzz::Import({reinterpret_cast<const char*>(data), size}); });
  return 0;
}
