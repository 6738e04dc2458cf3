#pragma once

#include <string>

namespace links {

/// How the frames lie in a file or folder.
enum class DetectionLayout {
  kImageFiles,   ///< an image a file, in a folder or alone
  kPersonList,   ///< a list of people with an image_id each
  kMmpose,       ///< "instance_info", or the list alone
  kImageObject,  ///< an object with an entry for each image
  kLines,        ///< JSON lines
  kPoseFile,
};

/// What a detector's file or folder is.
struct DetectionFormat {
  std::string name;  ///< openpose, coco, alphapose, mmpose, pose-file or jsonl
  DetectionLayout layout;
};

/// Looks into the contents, never at the name. Throws Error with what was found when that fits no format or
/// several.
DetectionFormat RecogniseDetections(const std::string& path);

/// The layout of a file or folder that is said to be of that format; "auto" recognises it.
DetectionFormat FormatOf(const std::string& path, const std::string& name);

/// Throws UsageError unless it is "auto" or the name of a format.
void CheckDetectionFormat(const std::string& name);

}  // namespace links
