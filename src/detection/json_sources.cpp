#include <fstream>
#include <functional>
#include <optional>
#include <unordered_set>
#include <utility>

#include "frame_source.h"
#include "json_file.h"
#include "links/core/error.h"

namespace links {
namespace {

using nlohmann::json;

/// The elements of the list a file holds, at the top or under `key` of the object at the top.
class ListFile {
 public:
  ListFile(const std::string& path, const std::string& key) : file_(path), key_(key) {
    JsonStream& text = file_.text();
    if (text.Peek() == '{') {
      text.Take('{');
      in_object_ = true;
      if (!FindKey())
        throw Error(path, ": expected a list or an object with '", key, "', found an object without it");
    }
    text.Take('[');
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
    if (in_object_ && FindKey()) throw Error(text.origin(), ": expected one '", key_, "', found a second");
    text.ExpectEnd();
    return false;
  }

 private:
  /// Goes to the value of the key; false at the end of the object.
  bool FindKey() {
    JsonStream& text = file_.text();
    while (text.More('}', first_key_)) {
      if (text.Key() == key_) return true;
      text.Skip();
    }
    return false;
  }

  JsonFile file_;
  std::string key_;
  bool in_object_ = false, first_ = true, first_key_ = true, ended_ = false;
  int64_t index_ = 0;
};

/// Objects of one person each; neighbours of the same image are a frame.
class PersonList : public FrameSource {
 public:
  explicit PersonList(const std::string& path) : list_(path, "annotations") {}

  bool Next(RawFrame& frame) override {
    frame = {};
    if (!pending_ && !Read()) return false;
    frame.image = image_;
    frame.where = where_;
    if (!images_.insert(std::hash<std::string>()(image_)).second) {
      throw Error(where_, ": expected the people of an image one after the other, found image '", image_,
                  "' again after others (sort the list by image_id)");
    }
    do {
      frame.people.push_back(std::move(*pending_));
      pending_.reset();
    } while (Read() && image_ == frame.image);
    return true;
  }

 private:
  bool Read() {
    json element;
    if (!list_.Next(element, where_)) return false;
    RawPerson person = ParsePerson(element, where_);
    const auto id = element.find("image_id");
    if (id == element.end()) throw Error(where_, ": expected an 'image_id', found none");
    image_ = ParseId(*id, "'image_id'", where_);
    pending_ = std::move(person);
    return true;
  }

  ListFile list_;
  std::optional<RawPerson> pending_;
  std::string image_, where_;
  std::unordered_set<size_t> images_;
};

class Mmpose : public FrameSource {
 public:
  explicit Mmpose(const std::string& path) : path_(path), list_(path, "instance_info") {}

  bool Next(RawFrame& frame) override {
    frame = {};
    json element;
    if (!list_.Next(element, frame.where)) return false;
    if (!element.is_object()) throw Error(frame.where, ": expected an object, found ", Describe(element));
    const auto instances = element.find("instances");
    if (instances == element.end()) return OneImage(std::move(element), frame);
    frame.people = ParsePeople(*instances, frame.where);
    if (const auto id = element.find("frame_id"); id != element.end()) {
      frame.image = ParseId(*id, "'frame_id'", frame.where);
      if (!images_.insert(std::hash<std::string>()(frame.image)).second) {
        throw Error(frame.where, ": expected every 'frame_id' once, found ", frame.image, " again");
      }
    }
    return true;
  }

 private:
  bool OneImage(json element, RawFrame& frame) {
    if (!images_.empty()) throw Error(frame.where, ": expected 'instances', found none");
    frame.image = FileStem(path_);
    do {
      frame.people.push_back(ParsePerson(element, frame.where));
    } while (list_.Next(element, frame.where));
    return true;
  }

  std::string path_;
  ListFile list_;
  std::unordered_set<size_t> images_;
};

class ImageObject : public FrameSource {
 public:
  explicit ImageObject(const std::string& path) : file_(path) { file_.text().Take('{'); }

  bool Next(RawFrame& frame) override {
    frame = {};
    if (ended_) return false;
    JsonStream& text = file_.text();
    if (!text.More('}', first_)) {
      ended_ = true;
      text.ExpectEnd();
      return false;
    }
    frame.image = text.Key();
    frame.where = Concat(text.origin(), ": image '", frame.image, "'");
    if (!images_.insert(std::hash<std::string>()(frame.image)).second) {
      throw Error(frame.where, ": expected every image once, found it again");
    }
    const json value = text.Value();
    frame.people = ParsePeople(PeopleOf(value, frame.where), frame.where);
    return true;
  }

 private:
  JsonFile file_;
  bool first_ = true, ended_ = false;
  std::unordered_set<size_t> images_;
};

}  // namespace

std::unique_ptr<FrameSource> OpenPersonList(const std::string& path) {
  return std::make_unique<PersonList>(path);
}

std::unique_ptr<FrameSource> OpenMmpose(const std::string& path) {
  return std::make_unique<Mmpose>(path);
}

std::unique_ptr<FrameSource> OpenImageObject(const std::string& path) {
  return std::make_unique<ImageObject>(path);
}

}  // namespace links
