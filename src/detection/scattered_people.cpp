#include "scattered_people.h"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <optional>
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

class Gathered : public FrameSource {
 public:
  Gathered(PersonSource& people, SourceFacts facts, std::string path)
      : facts_(std::move(facts)), path_(std::move(path)) {
    ListedPerson person;
    while (people.Next(person)) Keep(person);
    Sort();
  }
  SourceFacts facts() const override { return facts_; }

  bool Next(RawFrame& frame) override {
    frame = {};
    if (next_ == people_.size()) return false;
    const uint32_t image = people_[next_].image;
    frame.image = images_[image];
    frame.size = sizes_[image];
    frame.where = Concat(path_, ": image '", frame.image, "'");
    for (; next_ < people_.size() && people_[next_].image == image; ++next_) {
      RawPerson& person = frame.people.emplace_back();
      file_.Seek(people_[next_].offset);
      file_.ReadList(person.track);
      file_.ReadList(person.absent);
      file_.ReadList(person.keypoints.px);
      file_.ReadList(person.keypoints.confidence);
    }
    return true;
  }

 private:
  struct Entry {
    int64_t offset;
    uint32_t image;
  };

  void Keep(const ListedPerson& listed) {
    const auto [place, fresh] = places_.try_emplace(listed.image, static_cast<uint32_t>(images_.size()));
    if (fresh) {
      images_.push_back(listed.image);
      sizes_.push_back(listed.size);
    }
    people_.push_back({file_.End(), place->second});
    file_.WriteList(listed.person.track);
    file_.WriteList(listed.person.absent);
    file_.WriteList(listed.person.keypoints.px);
    file_.WriteList(listed.person.keypoints.confidence);
  }

  void Sort() {
    places_.clear();
    std::vector<int64_t> numbers;
    for (const std::string& image : images_) {
      int64_t number = 0;
      const auto [end, error] = std::from_chars(image.data(), image.data() + image.size(), number);
      if (error != std::errc() || end != image.data() + image.size()) break;
      numbers.push_back(number);
    }
    if (numbers.size() != images_.size()) {
      numbers.resize(images_.size());
      std::iota(numbers.begin(), numbers.end(), 0);
    }
    std::stable_sort(people_.begin(), people_.end(),
                     [&](const Entry& a, const Entry& b) { return numbers[a.image] < numbers[b.image]; });
  }

  SourceFacts facts_;
  std::string path_;
  ScratchFile file_{"sort people by their images"};
  std::vector<Entry> people_;
  std::vector<std::string> images_;
  std::vector<ImageSize> sizes_;
  std::unordered_map<std::string, uint32_t> places_;
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
