#include <gmock/gmock.h>

#include <random>

#include "../../src/detection/assignment.h"
#include "../../src/detection/frame_clock.h"
#include "detector_files.h"
#include "links/detection/detection.h"
#include "support/temporary_folder.h"

namespace links {
namespace {

using test::Flat;
using test::json;
using test::ReadAll;

TEST(Assignment, HasTheLeastSum) {
  std::mt19937 random(5);
  std::uniform_real_distribution<double> cost(0, 1);
  for (int trial = 0; trial < 200; ++trial) {
    const int rows = 1 + trial % 5, columns = 1 + trial / 5 % 5;
    std::vector<double> costs(rows * columns);
    for (double& value : costs) value = cost(random);
    const std::vector<int> found = Assign(costs, rows, columns);
    double sum = 0;
    int assigned = 0;
    for (int i = 0; i < rows; ++i) {
      if (found[i] >= 0) sum += costs[i * columns + found[i]], ++assigned;
    }
    EXPECT_EQ(assigned, std::min(rows, columns));
    // All ways: permutations of the larger side.
    std::vector<int> order(std::max(rows, columns));
    for (size_t i = 0; i < order.size(); ++i) order[i] = static_cast<int>(i);
    double least = 1e9;
    do {
      double way = 0;
      for (int i = 0; i < std::min(rows, columns); ++i)
        way += rows <= columns ? costs[i * columns + order[i]] : costs[order[i] * columns + i];
      least = std::min(least, way);
    } while (std::next_permutation(order.begin(), order.end()));
    EXPECT_NEAR(sum, least, 1e-12);
  }
}

std::vector<int64_t> Indices(const std::vector<std::string>& images, bool counted = false) {
  FrameClock clock;
  std::vector<int64_t> indices;
  for (const std::string& image : images) indices.push_back(clock.Next(image));
  EXPECT_EQ(clock.counted(), counted);
  return indices;
}

TEST(FrameClock, NumbersOfNamesAreTheFrames) {
  using I = std::vector<int64_t>;
  EXPECT_EQ(Indices({"0", "1", "50", "51"}), (I{0, 1, 50, 51}));
  EXPECT_EQ(Indices({"clip2_000000000007_keypoints", "clip2_000000000012_keypoints"}), (I{7, 12}));
  EXPECT_EQ(Indices({"7.jpg", "9.jpg"}), (I{7, 9}));
  EXPECT_EQ(Indices({"video.mp4/3", "video.mp4/5", "other.mp4/2", "other.mp4/9"}), (I{3, 5, 6, 13}));
  EXPECT_EQ(Indices({"785", "9", "10"}, true), (I{785, 786, 787}));
  EXPECT_EQ(Indices({"a", "b"}, true), (I{0, 1}));
  EXPECT_EQ(Indices({"a"}), (I{0}));
  EXPECT_EQ(Indices({"", ""}), (I{0, 1}));
  EXPECT_EQ(Indices({"99999999999999999999999", "1"}, true), (I{0, 1}));
}

/// A file of lines: people at these places in each frame, by seed and shift.
std::string Lines(const std::vector<std::vector<std::pair<double, double>>>& frames,
                  const std::vector<int>& numbers = {}) {
  std::string text;
  for (size_t i = 0; i < frames.size(); ++i) {
    json people = json::array();
    for (const auto& [x, y] : frames[i]) {
      auto flat = Flat(17, 1);
      for (size_t k = 0; k < flat.size(); k += 3) flat[k] += x, flat[k + 1] += y;
      people.push_back({{"keypoints", flat}});
    }
    text +=
        json{{"image", numbers.empty() ? static_cast<int>(i) : numbers[i]}, {"people", people}}.dump() + "\n";
  }
  return text;
}

std::vector<std::vector<std::string>> Tracks(const std::string& text,
                                             TrackSource source = TrackSource::kAuto) {
  const TemporaryFolder folder;
  DetectionOptions options;
  options.tracks = source;
  std::vector<std::vector<std::string>> tracks;
  for (const DetectedFrame& frame : ReadAll(folder.Write("a.jsonl", text), options)) {
    tracks.emplace_back();
    for (const DetectedPerson& person : frame.people) tracks.back().push_back(person.track);
  }
  return tracks;
}

using T = std::vector<std::vector<std::string>>;

TEST(Tracks, AreLinkedWhateverTheOrder) {
  EXPECT_EQ(Tracks(Lines({{{0, 0}, {600, 0}}, {{600, 0}, {0, 0}}, {{5, 0}, {595, 3}}})),
            (T{{"1", "2"}, {"2", "1"}, {"1", "2"}}));
}

TEST(Tracks, OfPeopleWhoPassEachOther) {
  // They walk through each other's place; nearest neighbours one by one would swap them.
  std::vector<std::vector<std::pair<double, double>>> frames;
  for (int i = 0; i < 21; ++i) frames.push_back({{20. * i, 0}, {400 - 20. * i, 12}});
  const T tracks = Tracks(Lines(frames));
  EXPECT_EQ(tracks.front(), tracks.back());
}

TEST(Tracks, BridgeGapsAndForget) {
  const T tracks =
      Tracks(Lines({{{0, 0}, {800, 0}}, {{0, 0}}, {{0, 0}}, {{0, 0}, {800, 5}}}, {0, 1, 40, 41}));
  EXPECT_EQ(tracks[3], (std::vector<std::string>{"1", "2"}));
  EXPECT_EQ(Tracks(Lines({{{0, 0}}, {{0, 0}}}, {0, 5000})), (T{{"1"}, {"2"}}));
  EXPECT_EQ(Tracks(Lines({{{0, 0}}, {{2000, 0}}})), (T{{"1"}, {"2"}}));
}

TEST(Tracks, OfTheFileOrNone) {
  std::string text = Lines({{{0, 0}, {600, 0}}, {{600, 0}, {0, 0}}});
  EXPECT_EQ(Tracks(text, TrackSource::kNone), (T{{"", ""}, {"", ""}}));
  EXPECT_EQ(Tracks(text, TrackSource::kFile), (T{{"", ""}, {"", ""}}));
  for (size_t at = 0; (at = text.find("{\"keypoints\"", at)) != std::string::npos; at += 20)
    text.insert(at + 1, "\"track\": \"a" + std::to_string(at % 7) + "\",");
  EXPECT_EQ(Tracks(text, TrackSource::kLink), (T{{"1", "2"}, {"2", "1"}}));
  EXPECT_EQ(Tracks(text)[0][0][0], 'a');
}

TEST(SideSwaps, AreFoundAndCountedInATrack) {
  const TemporaryFolder folder;
  std::string text;
  for (int i = 0; i < 30; ++i) {
    auto flat = Flat(17, 1);
    for (size_t k = 0; k < flat.size(); k += 3) flat[k] += 3 * i;
    const auto exchange = [&](int from, int to) {
      for (int left = from; left < to; left += 2) {
        for (int k = 0; k < 3; ++k) std::swap(flat[3 * left + k], flat[3 * (left + 1) + k]);
      }
    };
    if (i == 5 || i == 6) exchange(5, 17);  // all
    if (i == 12) exchange(11, 17);          // legs
    text += json{{"image", i}, {"people", {{{"keypoints", flat}}}}}.dump() + "\n";
  }
  const std::string path = folder.Write("a.jsonl", text);
  DetectionOptions options;
  options.fix_swaps = true;
  const auto reader = OpenDetections(path, options);
  const auto frames = ReadAll(*reader);
  EXPECT_EQ(reader->fixed_swaps(), 3);
  for (const DetectedFrame& frame : frames) {
    EXPECT_GT(frame.people[0].px[2 * kLKnee], frame.people[0].px[2 * kRKnee]) << frame.index;
    EXPECT_GT(frame.people[0].px[2 * kLWrist], frame.people[0].px[2 * kRWrist]) << frame.index;
  }
  options.fix_swaps = false;
  EXPECT_LT(ReadAll(path, options)[5].people[0].px[2 * kLKnee],
            ReadAll(path, options)[5].people[0].px[2 * kRKnee]);
}

TEST(Scattered, PeopleAreGatheredByImage) {
  const TemporaryFolder folder;
  const json list = {test::CocoResult(7, 17, 1), test::CocoResult(12, 17, 2), test::CocoResult(7, 17, 3),
                     test::CocoResult(3, 17, 4)};
  const auto frames = ReadAll(folder.Write("a.json", json{{"annotations", list}}.dump()));
  ASSERT_EQ(frames.size(), 3u);
  EXPECT_EQ(frames[0].image, "3");
  EXPECT_EQ(frames[1].image, "7");
  ASSERT_EQ(frames[1].people.size(), 2u);
  EXPECT_NEAR(frames[1].people[1].px[2 * kRWrist], Flat(17, 3)[30], 1e-3);
  EXPECT_EQ(frames[2].index, 12);
}

}  // namespace
}  // namespace links
