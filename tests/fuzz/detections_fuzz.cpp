// Files of detectors: the first byte chooses the format, the second the map of its keypoints, the third what
// else is done with people.
#include <cmath>

#include "fuzz.h"
#include "links/data/bounds.h"
#include "links/detection/detection.h"

namespace links::fuzz {
namespace {

void Read(DetectionReader& reader) {
  int64_t last = -1;
  for (DetectedFrame frame; reader.Next(frame);) {
    Expect(frame.index > last, "frames whose number does not rise");
    last = frame.index;
    for (const DetectedPerson& person : frame.people) {
      for (const float px : person.px) Expect(Within(px, 10 * kMostPixels), "a joint nowhere");
      for (const float confidence : person.confidence)
        Expect(Within(confidence, kMostConfidence), "a confidence that is none");
    }
  }
}

}  // namespace
}  // namespace links::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace links;
  static const std::vector<std::string> formats = DetectionFormats();
  static const std::vector<KeypointMap>& maps = KeypointMaps();
  fuzz::Choices choices(data, size);
  DetectionOptions options;
  options.format = formats[choices.Take(formats.size())];
  if (const size_t map = choices.Take(maps.size() + 1); map > 0) options.map = maps[map - 1].name;
  const size_t more = choices.Take(32);
  options.tracks = static_cast<TrackSource>(more % 4);
  options.fix_swaps = (more & 4) != 0;
  if ((more & 8) != 0) options.image_width = options.image_height = 1000;
  options.min_confidence = (more & 16) != 0 ? 0.5 : 0;
  const fuzz::InputFile file(choices.rest());
  fuzz::Try([&] { fuzz::Read(*OpenDetections(file.path(), options)); });
  return 0;
}
