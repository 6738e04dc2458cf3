#include <charconv>
#include <cmath>
#include <filesystem>

#include "frame_source.h"
#include "image_files.h"
#include "links/core/error.h"
#include "text_file.h"

namespace links {
namespace {

constexpr size_t kBox = 5;  // class and box before the keypoints

/// Ultralytics' label files, one an image: a line a person, "class x y w h" of the box, then x y (visibility)
/// of each keypoint, all as shares of the image, then perhaps the box's confidence and the track.
class UltralyticsLabels : public FrameSource {
 public:
  explicit UltralyticsLabels(std::vector<std::string> files) : files_(std::move(files)) {}

  bool Next(RawFrame& frame) override {
    frame = {};
    if (next_ == files_.size()) return false;
    const std::string& path = files_[next_++];
    frame.image = FileStem(path);
    frame.where = path;
    const auto file = OpenText(path);
    std::string line;
    for (int64_t number = 1; std::getline(*file, line); ++number) {
      const std::string where = Concat(path, ":", number);
      if (line.size() > size_t{1} << 20)
        throw Error(where, ": expected a person a line, found more than 1 MiB");
      const std::vector<double> values = Numbers(line, where);
      if (!values.empty()) frame.people.push_back(Person(values, where));
    }
    return true;
  }

 private:
  static std::vector<double> Numbers(const std::string& line, const std::string& where) {
    std::vector<double> values;
    for (size_t at = line.find_first_not_of(" \t\r"); at < line.size();
         at = line.find_first_not_of(" \t\r", at)) {
      double value = 0;
      const auto [end, error] = std::from_chars(line.data() + at, line.data() + line.size(), value);
      const auto next = static_cast<size_t>(end - line.data());
      if (error != std::errc() ||
          (next < line.size() && std::string_view(" \t\r").find(line[next]) == std::string_view::npos)) {
        throw Error(where, ": expected numbers, found '", line.substr(at, 40), "'");
      }
      values.push_back(CheckedNumber(value, where));
      at = next;
    }
    return values;
  }

  /// How many numbers a keypoint has and how many keypoints there are: the first way that some map takes.
  static std::pair<size_t, size_t> Layout(size_t numbers, const std::string& where) {
    for (const size_t width : {size_t{3}, size_t{2}}) {
      for (const size_t extra : {size_t{0}, size_t{1}, size_t{2}}) {
        if (numbers < kBox + extra || (numbers - kBox - extra) % width != 0) continue;
        const size_t count = (numbers - kBox - extra) / width;
        if (count > 0 && !KeypointMapsFor(static_cast<int>(count)).empty()) return {width, count};
      }
    }
    throw Error(where, ": expected a class, a box and the keypoints of a person, found ", numbers,
                " numbers");
  }

  static RawPerson Person(const std::vector<double>& values, const std::string& where) {
    const auto [width, count] = Layout(values.size(), where);
    RawPerson person;
    if (values[0] != 0) person.absent = Concat("no person but the class ", values[0]);
    for (size_t i = 0; i < count; ++i) {
      const double* at = &values[kBox + width * i];
      person.keypoints.px.insert(person.keypoints.px.end(), {at[0], at[1]});
      person.keypoints.confidence.push_back(width == 3 ? at[2] : 1);
    }
    const size_t rest = values.size() - kBox - width * count;
    if (rest == 2 && values.back() >= 0) person.track = Concat(values.back());
    return person;
  }

  std::vector<std::string> files_;
  size_t next_ = 0;
};

}  // namespace

std::unique_ptr<FrameSource> OpenUltralyticsLabels(const std::string& path) {
  return std::make_unique<UltralyticsLabels>(
      std::filesystem::is_directory(path) ? ImageFiles(path, ".txt") : std::vector<std::string>{path});
}

}  // namespace links
