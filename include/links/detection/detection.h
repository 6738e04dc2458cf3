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
  std::string track;     ///< the same for a person in every frame; "" = none
  int person = 0;        ///< place in the frame, from 0
  std::string unusable;  ///< why the file says nothing of the joints; "" = it does
};

struct DetectedFrame {
  std::string image;  ///< image id, frame id or the file's name without its extension
  int64_t index = 0;  ///< rises: the number in `image` where these rise, else counted from 0
  std::vector<DetectedPerson> people;
};

/// Where people's tracks come from.
enum class TrackSource {
  kAuto,  ///< from the file; people whom it gives none are linked from frame to frame
  kFile,  ///< from the file alone
  kLink,  ///< linked from frame to frame, whatever the file says
  kNone,
};

struct DetectionOptions {
  std::string format = "auto";  ///< auto, or one of DetectionFormats()
  std::string map = "auto";  ///< keypoint map: a shipped one's name or a YAML file; auto = by names or number
  double min_confidence = 0;                 ///< in the detector's own scale (AlphaPose may go up to 6)
  double image_width = 0, image_height = 0;  ///< px, where the file does not state them; 0 = not known
  TrackSource tracks = TrackSource::kAuto;
  /// What the 17 joints should be: with kDetector a shipped map's Head, HeadTop, Thorax, Spine and Hip are
  /// made of nose, eyes, shoulders and hips where it has those keypoints; a map that cannot give the joints
  /// asked for is warned of.
  JointDefinition joints = JointDefinition::kNotStated;
  bool fix_swaps =
      false;  ///< exchange left and right back where a track shows that the detector exchanged them
};

/// "auto" and the names of the formats.
std::vector<std::string> DetectionFormats();

/// "auto", "file", "link" or "none"; throws UsageError for another name.
TrackSource ParseTrackSource(const std::string& name);

/// Sets image_width and image_height from "1920x1080"; throws UsageError for anything else.
void ParseImageSize(const std::string& text, DetectionOptions& options);

/// A detector's output as a stream of frames, in memory that does not grow with its length but for the names
/// of a folder's files, a hash (about 60 bytes) for each image that is not numbered one by one, and 16 bytes a
/// person where a file lists people whose images are not in order.
class DetectionReader {
 public:
  virtual ~DetectionReader() = default;

  /// Reads the next frame; false at the end. Throws Error: one sentence with file, element or line.
  virtual bool Next(DetectedFrame& frame) = 0;

  /// The format, recognised or given.
  virtual std::string format() const = 0;

  /// Name of the keypoint map in use; "" until the first person is read.
  virtual std::string map() const = 0;

  /// What the 17 joints are; kNotStated until the first person is read.
  virtual JointDefinition joints() const = 0;

  /// People of whom left and right were exchanged back.
  virtual int64_t fixed_swaps() const = 0;
};

/// Opens a detector's file or folder. `auto` recognises the format from the contents; throws Error with what
/// was found when that is none, UsageError for unknown options. What was chosen of several possible ways to
/// read the file is logged.
std::unique_ptr<DetectionReader> OpenDetections(const std::string& path,
                                                const DetectionOptions& options = {});

/// Reads JSON lines (docs/lift.md) as they come: nothing beyond the line asked for is waited for. After an
/// Error the next call goes on with the next line. `origin` stands for the file's name in messages.
std::unique_ptr<DetectionReader> ReadDetectionLines(std::istream& in, const std::string& origin,
                                                    const DetectionOptions& options = {});

}  // namespace links
