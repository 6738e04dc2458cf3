// Maps from a detector's keypoints to the 17 joints: the first two bytes choose the map and the number of
// keypoints, the rest are the numbers.
#include <cmath>
#include <cstring>

#include "fuzz.h"
#include "links/detection/keypoint_map.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace links;
  fuzz::Choices choices(data, size);
  const KeypointMap& map = KeypointMaps()[choices.Take(KeypointMaps().size())];
  const auto count = static_cast<size_t>(map.counts[choices.Take(map.counts.size())]);
  std::vector<float> numbers(3 * count, 1);
  std::memcpy(numbers.data(), choices.rest().data(),
              std::min(choices.rest().size(), numbers.size() * sizeof(float)));
  Keypoints keypoints;
  for (size_t i = 0; i < count; ++i) {
    keypoints.px.push_back(numbers[3 * i]);
    keypoints.px.push_back(numbers[3 * i + 1]);
    keypoints.confidence.push_back(numbers[3 * i + 2]);
  }
  fuzz::Try([&] {
    const Joints2d joints = MapKeypoints(map, keypoints, 0.1);
    for (int joint = 0; joint < kJoints; ++joint) {
      const bool zero =
          joints.px[2 * joint] == 0 && joints.px[2 * joint + 1] == 0 && joints.confidence[joint] == 0;
      fuzz::Expect(joints.seen[joint] || zero, "a joint that is not seen with a place");
      fuzz::Expect(!std::isnan(joints.px[2 * joint]), "a joint that is no number");
    }
    KeypointMapsFor(static_cast<int>(size % 200));
  });
  return 0;
}
