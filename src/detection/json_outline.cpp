#include "json_outline.h"

#include <charconv>
#include <optional>

#include "json_stream.h"
#include "links/core/error.h"
#include "links/detection/keypoint_names.h"
#include "text_file.h"

namespace links {
namespace {

using nlohmann::json;

constexpr size_t kMostKeys = 100;

/// Goes over the people of a list for the order of their images and their categories.
class PeopleScan : public nlohmann::json_sax<json> {
 public:
  bool scattered = false;
  std::set<std::string> categories;

  bool null() override { return Scalar(""); }
  bool boolean(bool) override { return Scalar(""); }
  bool number_integer(number_integer_t value) override { return Scalar(std::to_string(value)); }
  bool number_unsigned(number_unsigned_t value) override { return Scalar(std::to_string(value)); }
  bool number_float(number_float_t, const string_t&) override { return Scalar(""); }
  bool string(string_t& value) override { return Scalar(value); }
  bool binary(binary_t&) override { return true; }
  bool key(string_t& value) override {
    if (depth_ == 1) {
      wants_ = value == "image_id" || value == "frame_id" || value == "frame" || value == "image"
                   ? Wants::kImage
               : value == "category_id" ? Wants::kCategory
                                        : Wants::kNothing;
    }
    return true;
  }
  bool start_object(size_t) override { return Open(); }
  bool end_object() override {
    if (--depth_ == 0) End();
    return true;
  }
  bool start_array(size_t) override { return Open(); }
  bool end_array() override {
    --depth_;
    return true;
  }
  bool parse_error(size_t, const std::string&, const json::exception&) override { return false; }

 private:
  enum class Wants { kNothing, kImage, kCategory };

  bool Open() {
    if (depth_++ == 0) image_.reset();
    wants_ = Wants::kNothing;
    return true;
  }

  bool Scalar(const std::string& value) {
    if (depth_ == 1 && wants_ == Wants::kImage && !image_) image_ = value;
    if (depth_ == 1 && wants_ == Wants::kCategory && categories.size() < 1000) categories.insert(value);
    return true;
  }

  void End() {
    if (!image_ || *image_ == before_) return;
    scattered = scattered || !images_.Add(*image_);
    before_ = *image_;
  }

  int depth_ = 0;
  Wants wants_ = Wants::kNothing;
  std::optional<std::string> image_, before_;
  SeenIds images_;
};

std::string Keys(const std::vector<std::string>& names) {
  std::string keys;
  for (const std::string& name : names) {
    if (keys.size() < 200) keys += Concat(keys.empty() ? "'" : ", '", name.substr(0, 40), "'");
  }
  return keys.empty() ? "no keys" : Concat("the keys ", keys);
}

std::string FoundList(const json& element) {
  if (!element.is_object()) return Concat("a list that begins with ", Describe(element));
  std::vector<std::string> keys;
  for (const auto& item : element.items()) keys.push_back(item.key());
  return Concat("a list of objects with ", Keys(keys));
}

/// Whether a frame, or a list of people, has anybody in it.
bool HasPeople(const json& value) {
  for (const json& item : value) {
    const JsonKind kind = KindOf(item);
    if (kind != JsonKind::kNothing && kind != JsonKind::kUnknown) return true;
    if (value.is_object() && item.is_array() && !item.empty()) return true;
  }
  return false;
}

constexpr int kFramesForPeople = 200;

class Outliner {
 public:
  explicit Outliner(const std::string& path) : path_(path), file_(path), text_(file_.text()) {}

  JsonOutline Make() {
    const int letter = text_.Peek();
    if (letter == '[') {
      List("");
      text_.ExpectEnd();
    } else if (letter == '{') {
      Object();
    } else {
      out_.found = letter == JsonStream::kEnd ? "only space" : "a file that is neither JSON nor HDF5";
    }
    if (out_.shape == JsonShape::kPeople) JudgeCategories();
    return std::move(out_);
  }

 private:
  /// A list of frames or people; `key` is its own.
  void List(const std::string& key) {
    text_.Take('[');
    bool first = true, more = true;
    json element;
    JsonKind kind = JsonKind::kNothing;
    bool nothing_is_a_list = false;
    while (kind == JsonKind::kNothing && (more = text_.More(']', first))) {
      element = text_.Value();
      kind = KindOf(element);
      nothing_is_a_list = nothing_is_a_list || element.is_array();
    }
    out_.list = key;
    out_.first = element;
    switch (kind) {
      case JsonKind::kNothing:  // nobody in any frame
        if (first) out_.found = "an empty list";
        out_.shape = !key.empty() || nothing_is_a_list ? JsonShape::kFrames : JsonShape::kFrame;
        return;
      case JsonKind::kUnknown:
        out_.found = FoundList(element);
        return Rest(more);
      case JsonKind::kPersonOfImage: {
        out_.shape = JsonShape::kPeople;
        const std::string begin = element.dump();
        PeopleScan scan;
        json::sax_parse(begin, &scan);
        while (more && text_.More(']', first)) {
          if (const int letter = text_.Peek(); letter == '{' || letter == '[') {
            text_.Visit(scan);
          } else {
            text_.Value();
          }
        }
        out_.scattered = scan.scattered;
        categories_ = scan.categories;
        return;
      }
      case JsonKind::kPerson:
        // Lists of points are a frame each, objects are the people of one.
        out_.shape = element.is_array() && !IsOnePerson(element) ? JsonShape::kFrames : JsonShape::kFrame;
        if (element.is_object() && element.find("keypoints") == element.end() &&
            element.find("joints") == element.end() && element.find("pose_keypoints_2d") == element.end()) {
          out_.shape = JsonShape::kFrames;  // MediaPipe's landmarks: one person a frame
        }
        return Rest(more);
      case JsonKind::kPeople:
      case JsonKind::kFrame:
        out_.shape = JsonShape::kFrames;
        for (int looked = 0;
             !HasPeople(out_.first) && looked < kFramesForPeople && (more = text_.More(']', first));
             ++looked) {
          element = text_.Value();
          if (KindOf(element) == kind && HasPeople(element)) out_.first = std::move(element);
        }
        return Rest(more);
    }
  }

  /// [x, y, c] is a point: the list is a person.
  static bool IsOnePerson(const json& element) {
    return element.size() <= 4 && !element.empty() && element[0].is_number();
  }

  void Rest(bool more) {
    bool first = false;
    while (more && text_.More(']', first)) text_.Skip();
  }

  void Object() {
    text_.Take('{');
    bool first = true;
    std::vector<std::string> keys;
    while (text_.More('}', first)) {
      const std::string key = text_.Key();
      if (keys.size() < kMostKeys) keys.push_back(key);
      Member(key);
    }
    if (text_.Peek() != JsonStream::kEnd) {  // the first of many lines
      if (out_.shape == JsonShape::kFrame) out_.shape = JsonShape::kLines;
      return;
    }
    if (out_.shape == JsonShape::kUnknown && out_.found.empty())
      out_.found = Concat("an object with ", Keys(keys));
  }

  /// Of many keys that say nothing the first are enough.
  void Note(const std::string& key) {
    if (!out_.first.is_object()) out_.first = json::object();  // a list of nothing came before
    if (out_.first.size() < kMostKeys) out_.first[key] = nullptr;
  }

  void Member(const std::string& key) {
    const int letter = text_.Peek();
    if (key == "meta_info" && letter == '{') return MetaInfo(text_.Value());
    if (key == "categories" && letter == '[') return Categories(text_.Value());
    if (key == "images" && letter == '[') return Images();
    const bool listing = key == "instance_info" || key == "annotations" || key == "frames" ||
                         key == "predictions" || key == "results" || key == "data";
    if (listing && letter == '[' && (out_.shape == JsonShape::kUnknown || out_.list == key)) {
      if (out_.list == key && !key.empty()) throw Error(path_, ": expected one '", key, "', found a second");
      List(key);
      if (key == "predictions" && IsPeopleOfOneImage()) Frame(key);
      return;
    }
    if (key == "instance_info" && letter != '[') text_.Take('[');
    const bool people = key == "people" || key == "bodies" || key == "instances" || key == "persons" ||
                        key == "poses" || key == "detections";
    const bool points = key == "keypoints" || key == "pose_keypoints_2d" || key == "landmarks" ||
                        key == "pose_landmarks" || key == "poseLandmarks";
    if (people || points) {
      json value = text_.Value();
      if (out_.shape == JsonShape::kUnknown || out_.shape == JsonShape::kFrame) {
        Frame(key);
        out_.first[key] = std::move(value);
      }
      return;
    }
    if (letter != '{' && letter != '[') {
      text_.Value();
      if (out_.shape == JsonShape::kUnknown) Note(key);
      return;
    }
    if (out_.shape != JsonShape::kUnknown) return text_.Skip();
    const json value = text_.Value();
    const JsonKind kind = KindOf(value);
    const bool image = kind == JsonKind::kFrame || kind == JsonKind::kPeople;
    if (image && (out_.first.empty() || out_.first.is_null())) {
      out_.shape = JsonShape::kImageObject;
      out_.first = value;
    } else if (kind != JsonKind::kNothing) {
      Note(key);
    }
  }

  void Frame(const std::string& key) {
    if (!out_.first.is_object() || out_.shape != JsonShape::kFrame) out_.first = json::object();
    out_.shape = JsonShape::kFrame;
    out_.list.clear();
    if (out_.people_key.empty()) out_.people_key = key;
  }

  /// OpenPifPaf's predictions are people, MMPose's are lists of them.
  bool IsPeopleOfOneImage() const {
    if (out_.shape == JsonShape::kFrame) return true;
    return out_.shape == JsonShape::kFrames && out_.first.is_null();
  }

  void MetaInfo(const json& meta) {
    if (const auto name = meta.find("dataset_name"); name != meta.end() && name->is_string()) {
      out_.facts.dataset = name->get<std::string>();
    }
    const auto names = meta.find("keypoint_id2name");
    if (names == meta.end() || !names->is_object() || names->empty()) return;
    std::vector<std::string> listed(names->size());
    for (const auto& item : names->items()) {
      size_t id = listed.size();
      const auto [end, error] = std::from_chars(item.key().data(), item.key().data() + item.key().size(), id);
      if (error != std::errc() || *end != '\0' || id >= listed.size() || !item.value().is_string()) {
        throw Error(path_, ": expected names of keypoints 0 to ", listed.size() - 1,
                    " in 'keypoint_id2name', found the key '", item.key().substr(0, 40), "'");
      }
      listed[id] = item.value().get<std::string>();
    }
    out_.facts.names = std::move(listed);
  }

  /// The first of the categories whose keypoints are a person's gives the names.
  void Categories(const json& list) {
    std::string reason;
    for (const json& category : list) {
      if (!category.is_object() || !category.contains("id")) continue;
      const json& given = category["id"];
      const std::string id = given.is_string() ? given.get<std::string>() : given.dump();
      const auto text = [&](const char* key) {
        const auto found = category.find(key);
        return found != category.end() && found->is_string() ? found->get<std::string>() : std::string();
      };
      out_.categories[id] = text("name");
      const auto keypoints = category.find("keypoints");
      if (keypoints == category.end() || !keypoints->is_array() || keypoints->empty()) continue;
      has_names_ = true;
      std::vector<std::string> names;
      for (const json& name : *keypoints) {
        if (name.is_string()) names.push_back(name.get<std::string>());
      }
      try {
        if (names.size() != keypoints->size())
          throw Error(path_, ": expected names as the keypoints of a category");
        for (const char* key : {"name", "supercategory"}) {
          if (IsNotHuman(text(key))) {
            throw Error(path_, ": expected the keypoints of people, found the category '", text(key), "'");
          }
        }
        KeypointMapOfNames(names, path_);
        if (out_.facts.names.empty()) out_.facts.names = names;
        if (names == out_.facts.names) out_.persons.insert(id);
      } catch (const Error& error) {
        if (reason.empty()) reason = error.what();
      }
    }
    if (has_names_ && out_.persons.empty()) throw Error(reason);
  }

  void Images() {
    text_.Take('[');
    for (bool first = true; text_.More(']', first);) {
      const json image = text_.Value();
      if (!image.is_object()) continue;
      const auto id = image.find("id"), width = image.find("width"), height = image.find("height");
      if (id == image.end() || width == image.end() || height == image.end()) continue;
      if (!width->is_number() || !height->is_number()) continue;
      out_.sizes.Add(id->is_string() ? id->get<std::string>() : id->dump(),
                     {width->get<double>(), height->get<double>()});
    }
  }

  /// Where no category has names, a list of results has COCO's: 1 is a person, where any is.
  void JudgeCategories() {
    if (has_names_) return;
    for (const auto& [id, name] : out_.categories) {
      if (!name.empty() && !IsNotHuman(name) && (name == "person" || name == "human" || name == "people")) {
        out_.persons.insert(id);
      }
    }
    if (out_.persons.empty() && categories_.size() > 1 && categories_.contains("1")) out_.persons.insert("1");
  }

  std::string path_;
  JsonFile file_;
  JsonStream& text_;
  JsonOutline out_;
  std::set<std::string> categories_;
  bool has_names_ = false;
};

}  // namespace

JsonOutline OutlineJson(const std::string& path) {
  return Outliner(path).Make();
}

}  // namespace links
