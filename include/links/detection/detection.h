#pragma once

#include <cstdint>
#include <istream>
#include <memory>
#include <string>
#include <vector>

#include "links/detection/keypoint_map.h"

namespace links {

/// One person that a detector found, as our 17 joints.
struct DetectedPerson : Joints2d {
  std::string track;  ///< the same for a person in every frame; "" = the format or the file has none
  int person = 0;     ///< place in the frame, from 0
};

struct DetectedFrame {
  std::string image;  ///< image id, frame id or the file's name without its extension
  int64_t index = 0;  ///< 0, 1, 2, ... in the order of reading
  std::vector<DetectedPerson> people;
};

struct DetectionOptions {
  std::string format = "auto";  ///< auto, openpose, coco, alphapose, mmpose, pose-file or jsonl
  std::string map = "auto";     ///< name of a keypoint map; auto = by the number of keypoints
  double min_confidence = 0;    ///< in the detector's own scale (AlphaPose may go up to 6)
};

/// A detector's output as a stream of frames, in memory that does not grow with its length but for the names
/// of a folder's files and a hash (about 40 bytes) for each image id.
class DetectionReader {
 public:
  virtual ~DetectionReader() = default;

  /// Reads the next frame; false at the end. Throws Error: one sentence with file, element or line.
  virtual bool Next(DetectedFrame& frame) = 0;

  /// The format, recognised or given.
  virtual std::string format() const = 0;

  /// Name of the keypoint map in use; "" until the first person is read.
  virtual std::string map() const = 0;
};

/// Opens a detector's file or folder. `auto` recognises the format from the contents; throws Error with what
/// was found when that is none or several, UsageError for unknown options.
std::unique_ptr<DetectionReader> OpenDetections(const std::string& path,
                                                const DetectionOptions& options = {});

/// Reads JSON lines (docs/lift.md) as they come: nothing beyond the line asked for is waited for. After an
/// Error the next call goes on with the next line. `origin` stands for the file's name in messages.
std::unique_ptr<DetectionReader> ReadDetectionLines(std::istream& in, const std::string& origin,
                                                    const DetectionOptions& options = {});

}  // namespace links
