// Memory does not grow with the people imported: the peak of one process for n, of another for 4 n.
#include <gmock/gmock.h>

#include <fstream>

#include "detector_files.h"
#include "links/core/log.h"
#include "links/detection/detection_import.h"
#include "support/peak_memory.h"
#include "support/temporary_folder.h"

namespace links {
namespace {

using test::Flat;

constexpr int kPeople = 60'000;          // where what is buffered of a file has its size
constexpr int64_t kMostGrowthKb = 8192;  // 45 bytes a person; HDF5 and the allocator take up to 6000 kB

/// One person an image, each image with its size, in an order and with names of choice.
struct ManyPeople {
  std::string (*image)(int i);
  bool string_ids = false, tracks = false, lines = false;

  void Write(const std::string& path, int count) const {
    std::ofstream file(path);
    std::string poses[5];  // that move, so that --distinct keeps them
    for (unsigned seed = 0; seed < 5; ++seed) {
      for (const double number : Flat(17, 9 * seed))
        poses[seed] += Concat(poses[seed].empty() ? "" : ",", number);
    }
    const auto id = [&](int i) { return string_ids ? "\"" + image(i) + "\"" : image(i); };
    if (!lines) {
      file << "{\"images\": [";
      for (int i = 0; i < count; ++i)
        file << (i > 0 ? "," : "") << "{\"id\": " << id(i) << ", \"width\": 1920, \"height\": 1080}";
      file << "], \"annotations\": [";
    }
    for (int i = 0; i < count; ++i) {
      const std::string& points = poses[i % 5];
      const std::string track = tracks ? Concat("\"track_id\": ", i / 50, ", ") : "";
      if (lines) {
        file << "{\"image\": " << id(i) << ", \"people\": [{" << track << "\"keypoints\": [" << points
             << "]}]}\n";
      } else {
        file << (i > 0 ? ",\n" : "") << "{\"image_id\": " << id(i) << ", \"category_id\": 1, " << track
             << "\"keypoints\": [" << points << "]}";
      }
    }
    if (!lines) file << "]}";
  }
};

std::string Number(int i) {
  return std::to_string(i);
}
std::string Name(int i) {
  return Concat("clip/", 1'000'000 + i, ".jpg");
}
/// One image comes back after others again and again.
std::string Scattered(int i) {
  return std::to_string(i / 2 % 1000 == 0 ? 0 : i);
}

class ImportMemory : public testing::Test {
 protected:
  /// Of a process of its own that imports the file, kB.
  int64_t Peak(const ManyPeople& people, int count) {
    const std::string input = folder_ / Concat("people_", count, people.lines ? ".jsonl" : ".json");
    people.Write(input, count);
    return test::PeakMemory([&] {
      SetLogLevel(LogLevel::kError);
      DetectionImportOptions options;
      options.distinct = .01;
      options.rest = folder_ / "rest.h5";
      options.split = .3;
      options.by = people.tracks ? SplitBy::kTrack : SplitBy::kImage;
      const int64_t seen = ImportDetections({input}, folder_ / "out.h5", options).seen;
      if (seen != count) throw Error("expected ", count, " people, found ", seen);
    });
  }

  /// but for what docs/data.md says.
  void ExpectFlat(const ManyPeople& people, int64_t bytes_a_person = 0) {
    if (!test::kMemoryTells) GTEST_SKIP() << "a sanitizer keeps freed memory";
    const int64_t few = Peak(people, kPeople), many = Peak(people, 4 * kPeople);
    EXPECT_LT(many - few, kMostGrowthKb + bytes_a_person * 3 * kPeople / 1024)
        << few << " kB, " << many << " kB";
  }

  TemporaryFolder folder_;
};

TEST_F(ImportMemory, OfJsonLines) {
  ExpectFlat({.image = Number, .string_ids = true, .lines = true});
}
TEST_F(ImportMemory, OfAList) {
  ExpectFlat({.image = Number});
}
TEST_F(ImportMemory, OfAListWithTracks) {
  ExpectFlat({.image = Number, .tracks = true});
}
TEST_F(ImportMemory, OfAListWithNames) {
  ExpectFlat({.image = Name, .string_ids = true});
}
TEST_F(ImportMemory, OfAListWhoseImagesComeBack) {
  ExpectFlat({.image = Scattered}, 16);
}

}  // namespace
}  // namespace links
