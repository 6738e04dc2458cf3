// A line of 60 MB, whatever is on it: memory stays bounded, and what is not read is one sentence.
#include <gmock/gmock.h>

#include <fstream>

#include "detector_files.h"
#include "links/core/log.h"
#include "links/detection/detection.h"
#include "support/peak_memory.h"
#include "support/temporary_folder.h"

namespace links {
namespace {

constexpr size_t kLineBytes = 60'000'000;
// A line has up to 32 MiB, which its text takes two or three times; a million parts of a value take half of
// that.
constexpr int64_t kMostGrowthKb = 150'000;

class LongJsonLine : public testing::Test {
 protected:
  /// begin, then parts with commas until the line is as long as it should be, then end; no newline.
  std::string Write(const std::string& begin, const std::string& part, const std::string& end) const {
    std::ofstream file(folder_ / "line.json");
    file << begin << part;
    for (size_t size = begin.size() + part.size(); size < kLineBytes; size += part.size() + 1)
      file << "," << part;
    file << end;
    return folder_ / "line.json";
  }

  static int64_t Read(DetectionReader& reader) {
    DetectedFrame frame;
    int64_t people = 0;
    while (reader.Next(frame)) people += static_cast<int64_t>(frame.people.size());
    return people;
  }

  static int64_t ReadFile(const std::string& path, const std::string& format = "auto") {
    SetLogLevel(LogLevel::kError);
    DetectionOptions options;
    options.format = format;
    return Read(*OpenDetections(path, options));
  }

  /// The growth over a file of one person.
  void ExpectBounded(const std::function<void()>& run) const {
    if (!test::kMemoryTells) return run();
    const std::string small = folder_.Write("small.json", test::OpenPoseFile({test::OpenPosePerson(25, 1)}));
    const int64_t before = test::PeakMemory([&] { ReadFile(small); });
    EXPECT_LT(test::PeakMemory(run) - before, kMostGrowthKb);
  }

  /// Refused in one sentence as a file of its own, as JSON lines, and as the lines of `links lift --input -`.
  void ExpectRefused(const std::string& path) const {
    const auto expect = [](const std::string& message, const std::string& begin) {
      if (!message.starts_with(begin + ":") || message.find("expected") == std::string::npos ||
          message.find('\n') != std::string::npos || message.size() > begin.size() + 200)
        throw Error("expected one sentence that begins with ", begin, ", found '", message.substr(0, 400),
                    "'");
    };
    ExpectBounded([&] { expect(MessageOf([&] { ReadFile(path); }), path); });
    ExpectBounded([&] { expect(MessageOf([&] { ReadFile(path, "jsonl"); }), path); });
    ExpectBounded([&] {
      std::ifstream lines(path);
      expect(MessageOf([&] { Read(*ReadDetectionLines(lines, "-")); }), "-");
    });
  }

  TemporaryFolder folder_;
};

TEST_F(LongJsonLine, OfNumbers) {
  ExpectRefused(Write("{\"people\": [{\"keypoints\": [", "0", "]}]}"));
}
TEST_F(LongJsonLine, OfPoints) {
  ExpectRefused(Write("{\"people\": [{\"keypoints\": [", "[1,2,3]", "]}]}"));
}
TEST_F(LongJsonLine, OfEmptyPeople) {
  ExpectRefused(Write("{\"people\": [", "{}", "]}"));
}
TEST_F(LongJsonLine, OfKeys) {
  ExpectRefused(Write("{", "\"people\":[]", "}"));
}
TEST_F(LongJsonLine, OfOneString) {
  ExpectRefused(Write("{\"people\": [{\"name\": \"", std::string(1000, 'a'), "\"}]}"));
}
TEST_F(LongJsonLine, OfSpace) {
  ExpectRefused(Write("{\"people\": [0", std::string(1000, ' ') + "0", "]}"));
}

/// A list of results is often written without line breaks: it is read person by person.
TEST_F(LongJsonLine, OfGoodResultsIsReadWhole) {
  if (!test::kMemoryTells) GTEST_SKIP() << "a sanitizer keeps freed memory";
  const std::string path = folder_ / "list.json";
  int64_t people = 0;
  {
    std::string element = test::CocoResult(0, 17, 1).dump();
    std::ofstream file(path);
    file << "[" << element;
    for (size_t size = element.size(); size < kLineBytes; size += element.size() + 1) {
      ++people;
      element = test::CocoResult(people, 17, people % 7).dump();
      file << "," << element;
    }
    file << "]";
  }
  ExpectBounded([&] {
    const int64_t read = ReadFile(path);
    if (read != people + 1) throw Error("expected ", people + 1, " people, found ", read);
  });
}

}  // namespace
}  // namespace links
