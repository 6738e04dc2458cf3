#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "links/detection/keypoint_map.h"

namespace links {

/// A person as the detector wrote it.
struct RawPerson {
  std::string track;  ///< "" = none
  Keypoints keypoints;
};

struct RawFrame {
  std::string image;  ///< "" = the format has none
  std::string where;  ///< file and element or line, for messages
  std::vector<RawPerson> people;
};

/// The frames of one input, one at a time.
class FrameSource {
 public:
  virtual ~FrameSource() = default;
  virtual bool Next(RawFrame& frame) = 0;
};

/// The number of a keypoint, NaN = missing; throws Error unless it is at most a million either way.
double CheckedNumber(double number, const std::string& where);

/// A person of any of the JSON formats: "pose_keypoints_2d" (also "pose_keypoints", "joints"), or "keypoints"
/// flat or as a list of [x, y(, c)], with "keypoint_scores" or without. Throws Error beginning with `where`.
RawPerson ParsePerson(const nlohmann::json& person, const std::string& where);

/// The people of a list of them.
std::vector<RawPerson> ParsePeople(const nlohmann::json& list, const std::string& where);

/// The list of people of an object with "people" (OpenPose, JSON lines) or "bodies" (AlphaPose).
const nlohmann::json& PeopleOf(const nlohmann::json& frame, const std::string& where);

/// An id: a string or an integer. `what` names it in messages.
std::string ParseId(const nlohmann::json& id, const std::string& what, const std::string& where);

/// List of one object a person with "image_id" (COCO results, AlphaPose), or an object with such
/// "annotations".
std::unique_ptr<FrameSource> OpenPersonList(const std::string& path);

/// MMPose: "instance_info" or a list of frames, or a list of the instances of one image.
std::unique_ptr<FrameSource> OpenMmpose(const std::string& path);

/// AlphaPose's one file for all images in OpenPose's style: {"image": {"people" or "bodies": [...]}, ...}.
std::unique_ptr<FrameSource> OpenImageObject(const std::string& path);

/// One image in a file, or a folder of such files in natural order (frame_2 before frame_10): an object with
/// people, or MMPose's list of instances.
std::unique_ptr<FrameSource> OpenImageFiles(const std::string& path);

/// The files of a folder that OpenImageFiles reads; throws Error when there are none.
std::vector<std::string> ImageFiles(const std::string& folder);

/// JSON lines from a stream that outlives the source, or from a file.
std::unique_ptr<FrameSource> OpenLines(std::istream& in, const std::string& origin);
std::unique_ptr<FrameSource> OpenLines(const std::string& path);

/// Our pose file.
std::unique_ptr<FrameSource> OpenPoseFrames(const std::string& path);

}  // namespace links
