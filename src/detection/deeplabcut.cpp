#include <charconv>
#include <cmath>
#include <limits>

#include "frame_source.h"
#include "links/core/error.h"
#include "text_file.h"

namespace links {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
constexpr size_t kMaxLine = size_t{16} << 20;

/// DeepLabCut's CSV: header rows "scorer", "individuals" (with several animals), "bodyparts", "coords", then
/// a row a frame: its number, x, y and likelihood of each keypoint.
class DeepLabCut : public FrameSource {
 public:
  explicit DeepLabCut(const std::string& path) : path_(path), file_(OpenText(path)) {
    std::vector<std::string> individuals, parts, coordinates, row;
    while (coordinates.empty()) {
      if (!ReadRow(row)) Fail("the end of the file in its header");
      if (row[0] == "individuals") individuals = row;
      if (row[0] == "bodyparts") parts = row;
      if (row[0] == "coords") coordinates = row;
      if (line_ > 10) Fail("ten lines without the rows bodyparts and coords");
    }
    if (parts.size() != coordinates.size() || (!individuals.empty() && individuals.size() != parts.size())) {
      Fail("header rows of different lengths");
    }
    columns_ = coordinates.size();
    for (size_t i = 1; i < columns_; ++i)
      AddColumn(individuals.empty() ? "" : individuals[i], parts[i], coordinates[i], i);
    if (people_.empty()) Fail("no keypoints");
    for (const auto& [part, place] : people_[0].points) facts_.names.push_back(part);
    for (const Person& person : people_) {
      if (person.points.size() != facts_.names.size()) Fail("people of different keypoints");
    }
  }

  SourceFacts facts() const override { return facts_; }

  bool Next(RawFrame& frame) override {
    frame = {};
    std::vector<std::string> row;
    if (!ReadRow(row)) return false;
    frame.where = Concat(path_, ":", line_);
    if (row.size() != columns_)
      throw Error(frame.where, ": expected ", columns_, " columns, found ", row.size());
    frame.image = row[0];
    for (const Person& person : people_) {
      RawPerson& raw = frame.people.emplace_back();
      raw.track = person.name;
      for (const auto& [part, place] : person.points) {
        raw.keypoints.px.push_back(Number(row, place.x, frame.where));
        raw.keypoints.px.push_back(Number(row, place.y, frame.where));
        raw.keypoints.confidence.push_back(
            place.likelihood == 0 ? 1 : Number(row, place.likelihood, frame.where));
      }
    }
    return true;
  }

 private:
  struct Place {
    size_t x = 0, y = 0, likelihood = 0;
  };
  struct Person {
    std::string name;
    std::vector<std::pair<std::string, Place>> points;
  };

  [[noreturn]] void Fail(const std::string& found) const {
    throw Error(path_, ": expected DeepLabCut's CSV, found ", found);
  }

  void AddColumn(const std::string& name, const std::string& part, const std::string& coordinate,
                 size_t column) {
    if (people_.empty() || people_.back().name != name) people_.push_back({name, {}});
    auto& points = people_.back().points;
    if (points.empty() || points.back().first != part) points.push_back({part, {}});
    Place& place = points.back().second;
    if (coordinate == "x")
      place.x = column;
    else if (coordinate == "y")
      place.y = column;
    else if (coordinate == "likelihood")
      place.likelihood = column;
    else
      Fail(Concat("the column '", coordinate.substr(0, 40), "'"));
  }

  double Number(const std::vector<std::string>& row, size_t column, const std::string& where) const {
    const std::string& cell = row[column];
    if (column == 0 || cell.empty() || cell == "nan" || cell == "NaN") return kMissing;
    double number = 0;
    const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), number);
    if (error != std::errc() || *end != '\0') {
      throw Error(where, ": expected a number in column ", column + 1, ", found '", cell.substr(0, 40), "'");
    }
    return CheckedNumber(number, where);
  }

  /// The cells of the next line that is not empty.
  bool ReadRow(std::vector<std::string>& cells) {
    std::string line;
    do {
      if (!std::getline(*file_, line)) return false;
      ++line_;
      if (line.size() > kMaxLine) Fail("a line of more than 16 MiB");
      if (line_ == 1 && line.starts_with("\xEF\xBB\xBF")) line.erase(0, 3);
      if (!line.empty() && line.back() == '\r') line.pop_back();
    } while (line.empty());
    cells.assign(1, "");
    for (const char letter : line) {
      if (letter == ',') {
        cells.emplace_back();
      } else {
        cells.back() += letter;
      }
    }
    return true;
  }

  std::string path_;
  std::unique_ptr<std::istream> file_;
  SourceFacts facts_;
  std::vector<Person> people_;
  size_t columns_ = 0;
  int64_t line_ = 0;
};

}  // namespace

std::unique_ptr<FrameSource> OpenDeepLabCut(const std::string& path) {
  return std::make_unique<DeepLabCut>(path);
}

}  // namespace links
