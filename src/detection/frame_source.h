#pragma once

#include <memory>
#include <string>
#include <vector>

#include "links/detection/keypoint_map.h"

namespace links {

/// A person as the detector wrote it.
struct RawPerson {
  std::string track;   ///< "" = none
  std::string absent;  ///< why there is nothing to map; "" = there are keypoints
  Keypoints keypoints;
};

struct ImageSize {
  double width = 0, height = 0;  ///< pixels; 0 = not known
  bool operator==(const ImageSize&) const = default;
};

struct RawFrame {
  std::string image;     ///< "" = the format has none
  bool numbered = true;  ///< whether a number in `image` may be the frame's
  std::string where;     ///< file and element or line, for messages
  std::vector<RawPerson> people;
  ImageSize size;                  ///< as the file states it
  std::vector<std::string> names;  ///< of the keypoints, where they stand beside each; else empty
};

/// What a file says of all its frames.
struct SourceFacts {
  std::vector<std::string> names;                        ///< of the keypoints; empty = not said
  std::string dataset;                                   ///< MMPose's name of the data set; "" = not said
  JointDefinition joints = JointDefinition::kNotStated;  ///< of our own pose files
};

/// The frames of one input, one at a time.
class FrameSource {
 public:
  virtual ~FrameSource() = default;
  virtual bool Next(RawFrame& frame) = 0;
  /// Known from the beginning.
  virtual SourceFacts facts() const { return {}; }
};

/// The number of a keypoint, NaN = missing; throws Error unless it is at most a million either way.
double CheckedNumber(double number, const std::string& where);

/// JSON lines from a stream that outlives the source.
std::unique_ptr<FrameSource> OpenLines(std::istream& in, const std::string& origin);

/// JSON lines of a file.
std::unique_ptr<FrameSource> OpenLineFile(const std::string& path);

/// Any JSON file with people.
std::unique_ptr<FrameSource> OpenJson(const std::string& path);

/// A folder of JSON files, one an image; or one such file.
std::unique_ptr<FrameSource> OpenImageFiles(const std::string& path);

/// Our pose file.
std::unique_ptr<FrameSource> OpenPoseFrames(const std::string& path);

}  // namespace links
