#include <optional>
#include <utility>

#include "id_map.h"
#include "json_outline.h"
#include "json_stream.h"
#include "links/core/error.h"
#include "person.h"
#include "scattered_people.h"
#include "text_file.h"

namespace links {
namespace {

using nlohmann::json;

/// The elements of the list a file holds, at the top or under a key of the object at the top.
class ListFile {
 public:
  ListFile(const std::string& path, std::string key) : file_(path), key_(std::move(key)) {
    if (!key_.empty()) {
      file_.text().Take('{');
      FindKey();
    }
    file_.text().Take('[');
  }

  /// The next element and `where` it is; false at the end of a file that is whole.
  bool Next(json& element, std::string& where) {
    if (ended_) return false;
    JsonStream& text = file_.text();
    if (text.More(']', first_)) {
      element = text.Value();
      where = Concat(text.origin(), ": element ", index_++);
      return true;
    }
    ended_ = true;
    if (!key_.empty()) FindKey();
    text.ExpectEnd();
    return false;
  }

 private:
  /// Goes to the value of the key, or to the end of the object.
  void FindKey() {
    JsonStream& text = file_.text();
    while (text.More('}', first_key_)) {
      if (text.Key() == key_) return;
      text.Skip();
    }
  }

  JsonFile file_;
  std::string key_;
  bool first_ = true, first_key_ = true, ended_ = false;
  int64_t index_ = 0;
};

/// The whole file is one image.
class OneFrame : public FrameSource {
 public:
  OneFrame(std::string path, SourceFacts facts) : path_(std::move(path)), facts_(std::move(facts)) {}
  SourceFacts facts() const override { return facts_; }

  bool Next(RawFrame& frame) override {
    frame = {};
    if (std::exchange(read_, true)) return false;
    JsonFile file(path_);
    const json value = file.text().Value();
    file.text().ExpectEnd();
    ParseFrame(value, path_, frame);
    if (frame.image.empty()) {
      frame.image = FileStem(path_);
      frame.numbered = false;
    }
    return true;
  }

 private:
  std::string path_;
  SourceFacts facts_;
  bool read_ = false;
};

/// A list of frames.
class Frames : public FrameSource {
 public:
  Frames(const std::string& path, JsonOutline outline)
      : outline_(std::move(outline)), list_(path, outline_.list) {}
  SourceFacts facts() const override { return outline_.facts; }

  bool Next(RawFrame& frame) override {
    frame = {};
    json element;
    std::string where;
    if (!list_.Next(element, where)) return false;
    frame.where = where;
    if (!element.is_null()) ParseFrame(element, where, frame);
    const auto id = element.is_object() ? element.find("frame_id") : element.end();
    if (element.is_object() && id != element.end() && !images_.Add(frame.image)) {
      throw Error(where, ": expected every 'frame_id' once, found ", frame.image, " again");
    }
    return true;
  }

 private:
  JsonOutline outline_;
  ListFile list_;
  SeenIds images_;
};

/// Objects of one person each.
class PersonList : public PersonSource {
 public:
  PersonList(const std::string& path, JsonOutline outline)
      : outline_(std::move(outline)), list_(path, outline_.list) {}

  bool Next(ListedPerson& listed) override {
    json element;
    if (!list_.Next(element, listed.where)) return false;
    if (!element.is_object()) {
      throw Error(listed.where, ": expected a person as an object, found ", Describe(element));
    }
    listed.image = ImageOf(element, listed.where);
    if (listed.image.empty()) throw Error(listed.where, ": expected an 'image_id', found none");
    listed.person = Person(element, listed.where);
    const ImageSize* size = outline_.sizes.Find(listed.image);
    listed.size = size == nullptr ? ImageSize{} : *size;
    return true;
  }

 private:
  /// Absent where the category is not people's.
  RawPerson Person(const json& element, const std::string& where) const {
    const auto category = element.find("category_id");
    if (category != element.end() && !outline_.persons.empty()) {
      const std::string id = category->is_string() ? category->get<std::string>() : category->dump();
      if (!outline_.persons.contains(id)) {
        const auto name = outline_.categories.find(id);
        RawPerson other;
        other.absent = Concat(
            "no person but the category ",
            name == outline_.categories.end() || name->second.empty() ? id : Concat("'", name->second, "'"));
        return other;
      }
    }
    return ParsePerson(element, where);
  }

  JsonOutline outline_;
  ListFile list_;
};

class ImageObject : public FrameSource {
 public:
  ImageObject(const std::string& path, SourceFacts facts) : file_(path), facts_(std::move(facts)) {
    file_.text().Take('{');
  }
  SourceFacts facts() const override { return facts_; }

  bool Next(RawFrame& frame) override {
    frame = {};
    if (ended_) return false;
    JsonStream& text = file_.text();
    if (!text.More('}', first_)) {
      ended_ = true;
      text.ExpectEnd();
      return false;
    }
    const std::string image = text.Key();
    const std::string where = Concat(text.origin(), ": image '", image, "'");
    if (!images_.Add(image)) throw Error(where, ": expected every image once, found it again");
    const json value = text.Value();
    frame.where = where;
    if (!value.is_null()) ParseFrame(value, where, frame);
    frame.image = image;
    return true;
  }

 private:
  JsonFile file_;
  SourceFacts facts_;
  bool first_ = true, ended_ = false;
  SeenIds images_;
};

}  // namespace

std::unique_ptr<FrameSource> OpenJson(const std::string& path) {
  return OpenJson(path, OutlineJson(path));
}

std::unique_ptr<FrameSource> OpenJson(const std::string& path, JsonOutline outline) {
  switch (outline.shape) {
    case JsonShape::kFrame:
      return std::make_unique<OneFrame>(path, outline.facts);
    case JsonShape::kLines:
      return OpenLineFile(path);
    case JsonShape::kFrames:
      return std::make_unique<Frames>(path, std::move(outline));
    case JsonShape::kImageObject:
      return std::make_unique<ImageObject>(path, outline.facts);
    case JsonShape::kPeople: {
      const SourceFacts facts = outline.facts;
      const bool scattered = outline.scattered;
      auto people = std::make_unique<PersonList>(path, std::move(outline));
      return scattered ? GatherScattered(std::move(people), facts, path)
                       : GroupByImage(std::move(people), facts);
    }
    case JsonShape::kUnknown:
      break;
  }
  throw Error(path, ": expected the output of a detector, found ", outline.found);
}

}  // namespace links
