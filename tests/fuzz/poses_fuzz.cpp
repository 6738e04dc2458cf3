// Pose files (HDF5), as ground truth and as predictions.
#include <cmath>

#include "fuzz.h"
#include "links/data/pose_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace links;
  const fuzz::InputFile file({reinterpret_cast<const char*>(data), size}, ".h5");
  fuzz::Try([&] {
    const PoseData poses = ReadPoseFile(file.path());
    for (size_t i = 0; i < poses.keypoints_2d.size(); i += 2) {
      const float x = poses.keypoints_2d[i], y = poses.keypoints_2d[i + 1];
      const bool unseen = std::isnan(x) && std::isnan(y);
      fuzz::Expect(unseen || (std::isfinite(x) && std::isfinite(y)), "a keypoint nowhere");
    }
    for (const float number : poses.joints_3d) fuzz::Expect(std::isfinite(number), "a joint nowhere");
  });
  fuzz::Try([&] { ReadPoseFile(file.path(), {{}, {}, {}, 2}, Joints3d::kPrediction); });
  return 0;
}
