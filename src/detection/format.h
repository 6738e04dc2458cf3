#pragma once

#include <memory>
#include <string>
#include <vector>

#include "frame_source.h"

namespace links {

struct JsonOutline;

/// What is known of a file or folder when its format is looked for.
struct DetectionProbe {
  std::string path;
  bool folder = false;
  std::string file;                      ///< `path`, or the first file of the folder that is not empty
  std::string begin;                     ///< the first bytes of `file`, unpacked
  const JsonOutline* outline = nullptr;  ///< of `file`, where that is JSON
};

/// A format of a detector: a row of the table in format.cpp.
struct DetectionFormat {
  const char* name;
  bool (*recognise)(const DetectionProbe& probe);  ///< whether the file, or the folder, is of this format
  std::unique_ptr<FrameSource> (*open)(const std::string& path);         ///< a file; nullptr = never one
  std::unique_ptr<FrameSource> (*open_folder)(const std::string& path);  ///< a folder; nullptr = never one
  const char* map;  ///< the keypoint map of all its files; "" = they say or show it
};

/// A file or folder open as some format.
struct OpenedInput {
  const DetectionFormat* format;
  std::unique_ptr<FrameSource> source;
};

/// Opens as the format of that name; "auto" is the one that the contents show, whatever the file's name.
/// Throws UsageError for another name, Error with what was found where the contents show none.
OpenedInput OpenInput(const std::string& path, const std::string& format);

/// Throws UsageError unless it is "auto" or the name of a format.
void CheckDetectionFormat(const std::string& name);

}  // namespace links
