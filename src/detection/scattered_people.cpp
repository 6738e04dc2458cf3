#include "scattered_people.h"

#include <algorithm>
#include <charconv>
#include <deque>
#include <functional>
#include <optional>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "links/core/error.h"
#include "links/core/scratch_file.h"

namespace links {
namespace {

class Grouped : public FrameSource {
 public:
  Grouped(std::unique_ptr<PersonSource> people, SourceFacts facts)
      : people_(std::move(people)), facts_(std::move(facts)) {}
  SourceFacts facts() const override { return facts_; }

  bool Next(RawFrame& frame) override {
    frame = {};
    if (!pending_ && !Read()) return false;
    frame.image = pending_->image;
    frame.where = pending_->where;
    frame.size = pending_->size;
    do {
      frame.people.push_back(std::move(pending_->person));
      pending_.reset();
    } while (Read() && pending_->image == frame.image);
    return true;
  }

 private:
  bool Read() {
    ListedPerson person;
    if (!people_->Next(person)) return false;
    pending_ = std::move(person);
    return true;
  }

  std::unique_ptr<PersonSource> people_;
  SourceFacts facts_;
  std::optional<ListedPerson> pending_;
};

/// The order of images: by their numbers where all ids are numbers, written alike, else as they come first.
class ImageOrder {
 public:
  /// As they come first, whatever they are.
  static ImageOrder AsTheyCome() {
    ImageOrder order;
    order.by_number_ = false;
    return order;
  }

  /// What the image is sorted by.
  int64_t KeyOf(const std::string& image) {
    int64_t number = 0;
    if (by_number_ && IsNumber(image, number)) return number;
    by_number_ = false;
    return places_.emplace(std::hash<std::string>()(image), static_cast<int64_t>(places_.size()))
        .first->second;
  }

  /// When this becomes false, the keys given before hold no more: AsTheyCome takes all anew.
  bool by_number() const { return by_number_; }

 private:
  /// Digits, none of them a zero in front, or as many as in every id before.
  bool IsNumber(const std::string& image, int64_t& number) {
    const auto [end, error] = std::from_chars(image.data(), image.data() + image.size(), number);
    if (error != std::errc() || end != image.data() + image.size()) return false;
    plain_ = plain_ && image == std::to_string(number);
    digits_ = digits_ == 0 ? image.size() : digits_;
    alike_ = alike_ && image.size() == digits_;
    return plain_ || (alike_ && number >= 0);
  }

  bool by_number_ = true, plain_ = true, alike_ = true;
  size_t digits_ = 0;
  std::unordered_map<size_t, int64_t> places_;  // by a hash of the id
};

class Gathered : public FrameSource {
 public:
  Gathered(PersonSource& people, SourceFacts facts, std::string path)
      : facts_(std::move(facts)), path_(std::move(path)) {
    ListedPerson person;
    while (people.Next(person)) Keep(person);
    std::sort(people_.begin(), people_.end(), [](const Entry& a, const Entry& b) {
      return std::tie(a.image, a.offset) < std::tie(b.image, b.offset);
    });
  }
  SourceFacts facts() const override { return facts_; }

  bool Next(RawFrame& frame) override {
    frame = {};
    if (next_ == people_.size()) return false;
    const int64_t image = people_[next_].image;
    for (; next_ < people_.size() && people_[next_].image == image; ++next_) {
      RawPerson& person = frame.people.emplace_back();
      ReadImage(people_[next_], frame.image);
      file_.Read(&frame.size, sizeof frame.size);
      file_.ReadList(person.track);
      file_.ReadList(person.absent);
      file_.ReadList(person.keypoints.px);
      file_.ReadList(person.keypoints.confidence);
    }
    frame.where = Concat(path_, ": image '", frame.image, "'");
    return true;
  }

 private:
  struct Entry {
    int64_t offset;
    int64_t image;  // what ImageOrder says
  };

  void Keep(const ListedPerson& listed) {
    const bool by_number = order_.by_number();
    const int64_t offset = file_.End();
    int64_t image = order_.KeyOf(listed.image);
    if (by_number != order_.by_number()) {
      order_ = ImageOrder::AsTheyCome();
      std::string name;
      for (Entry& entry : people_) {
        ReadImage(entry, name);
        entry.image = order_.KeyOf(name);
      }
      file_.Seek(offset);
      image = order_.KeyOf(listed.image);
    }
    people_.push_back({offset, image});
    file_.WriteList(listed.image);
    file_.Write(&listed.size, sizeof listed.size);
    file_.WriteList(listed.person.track);
    file_.WriteList(listed.person.absent);
    file_.WriteList(listed.person.keypoints.px);
    file_.WriteList(listed.person.keypoints.confidence);
  }

  /// Leaves the file behind the name.
  void ReadImage(const Entry& entry, std::string& image) {
    file_.Seek(entry.offset);
    file_.ReadList(image);
  }

  SourceFacts facts_;
  std::string path_;
  ScratchFile file_{"sort people by their images"};
  ImageOrder order_;
  std::deque<Entry> people_;  // which never holds its elements twice, as a vector that grows does
  size_t next_ = 0;
};

}  // namespace

std::unique_ptr<FrameSource> GroupByImage(std::unique_ptr<PersonSource> people, SourceFacts facts) {
  return std::make_unique<Grouped>(std::move(people), std::move(facts));
}

std::unique_ptr<FrameSource> GatherScattered(std::unique_ptr<PersonSource> people, SourceFacts facts,
                                             const std::string& path) {
  return std::make_unique<Gathered>(*people, std::move(facts), path);
}

}  // namespace links
