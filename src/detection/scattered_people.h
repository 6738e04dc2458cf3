#pragma once

#include <memory>
#include <string>

#include "frame_source.h"

namespace links {

struct ListedPerson {
  std::string image, where;
  ImageSize size;
  RawPerson person;
};

/// People one by one, each with its image.
class PersonSource {
 public:
  virtual ~PersonSource() = default;
  virtual bool Next(ListedPerson& person) = 0;
};

/// Neighbours of the same image are a frame.
std::unique_ptr<FrameSource> GroupByImage(std::unique_ptr<PersonSource> people, SourceFacts facts);

/// People whose images come in any order: read once into a file without a name, with 16 bytes a person in
/// memory; then by the number of the image, or where images are no numbers in the order in which they come
/// first (about 40 bytes an image more).
std::unique_ptr<FrameSource> GatherScattered(std::unique_ptr<PersonSource> people, SourceFacts facts,
                                             const std::string& path);

}  // namespace links
