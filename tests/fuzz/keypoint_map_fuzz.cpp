// Maps from a detector's keypoints to the 17 joints: YAML.
#include <cmath>

#include "fuzz.h"
#include "links/detection/keypoint_map.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace links;
  const fuzz::InputFile file({reinterpret_cast<const char*>(data), size}, ".yaml");
  fuzz::Try([&] {
    const KeypointMap map = ReadKeypointMap(file.path());
    for (const auto& terms : map.joints) {
      for (const KeypointMap::Term& term : terms) {
        fuzz::Expect(term.keypoint >= 0, "a keypoint before the first");
        fuzz::Expect(std::isfinite(term.x_weight) && std::isfinite(term.y_weight),
                     "a weight that is no number");
        for (const int count : map.counts) fuzz::Expect(term.keypoint < count, "a keypoint beyond the last");
      }
    }
  });
  return 0;
}
