// Files of detectors: the first byte chooses the format, the second the map of its keypoints.
#include <cmath>

#include "fuzz.h"
#include "links/detection/detection.h"

namespace links::fuzz {
namespace {

void Read(DetectionReader& reader) {
  DetectedFrame frame;
  for (int64_t index = 0; reader.Next(frame); ++index) {
    Expect(frame.index == index, "frames that are not counted");
    for (const DetectedPerson& person : frame.people) {
      for (int joint = 0; joint < kJoints; ++joint) {
        Expect(std::isfinite(person.px[2 * joint]) && std::isfinite(person.px[2 * joint + 1]),
               "a keypoint nowhere");
        Expect(std::isfinite(person.confidence[joint]), "a confidence that is no number");
      }
    }
  }
}

}  // namespace
}  // namespace links::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace links;
  fuzz::Choices choices(data, size);
  DetectionOptions options;
  const std::vector<std::string> formats = {"auto",   "openpose",  "coco", "alphapose",
                                            "mmpose", "pose-file", "jsonl"};
  options.format = formats[choices.Take(formats.size())];
  const auto& maps = KeypointMaps();
  const size_t map = choices.Take(maps.size() + 1);
  if (map < maps.size()) options.map = maps[map].name;
  const fuzz::InputFile file(choices.rest());
  fuzz::Try([&] { fuzz::Read(*OpenDetections(file.path(), options)); });
  return 0;
}
