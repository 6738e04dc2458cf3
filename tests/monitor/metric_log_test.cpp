#include "links/monitor/metric_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cmath>
#include <csignal>
#include <filesystem>
#include <iterator>
#include <regex>
#include <sstream>

#include "links/core/error.h"

namespace links {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class MetricLogFile : public testing::Test {
 protected:
  void SetUp() override {
    directory_ = fs::path(testing::TempDir()) / "metric_log_test";
    fs::remove_all(directory_);
  }
  fs::path Path() const { return directory_ / "metrics.jsonl"; }
  std::string Text() const {
    std::ifstream in(Path(), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::vector<std::string> Lines() const {
    std::istringstream in(Text());
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
  }
  void WriteText(const std::string& text) {
    fs::create_directories(directory_);
    std::ofstream(Path(), std::ios::binary) << text;
  }
  // "legs" epochs 1 to 3, then "torso" epochs 1 and 2.
  void WriteTwoStages() {
    MetricLog log(directory_);
    for (int epoch = 1; epoch <= 3; ++epoch) log.Write("legs", 10 * epoch, epoch, {{"loss", 1.0 / epoch}});
    for (int epoch = 1; epoch <= 2; ++epoch) log.Write("torso", 10 * epoch, epoch, {{"loss", 2.0 / epoch}});
  }
  fs::path directory_;
};

TEST_F(MetricLogFile, ALineHoldsItsStageStepTimeAndValues) {
  MetricLog log(directory_);
  log.Write("legs", 20, 2, {{"loss", 0.1}, {"pa_mpjpe", 60}});
  const auto lines = Lines();  // flushed: the log is still open
  ASSERT_EQ(lines.size(), 1u);
  const std::regex expected(
      R"re(\{"stage":"legs","epoch":2,"step":20,"time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ","loss":0\.1,"pa_mpjpe":60\.0\})re");
  EXPECT_TRUE(std::regex_match(lines[0], expected)) << lines[0];
}

TEST_F(MetricLogFile, WhatIsNotFiniteBecomesNull) {
  MetricLog(directory_).Write("legs", 1, 1, {{"a", NAN}, {"b", INFINITY}, {"c", -INFINITY}});
  EXPECT_THAT(Text(), HasSubstr(R"("a":null,"b":null,"c":null})"));
}

TEST_F(MetricLogFile, ASecondLogAppendsAndStartsItsOwnEventFile) {
  WriteTwoStages();
  const std::string before = Text();
  MetricLog(directory_).Write("left", 1, 1, {});
  EXPECT_EQ(Text().substr(0, before.size()), before);
  EXPECT_EQ(Lines().size(), 6u);
  EXPECT_EQ(std::distance(fs::directory_iterator(directory_ / "tensorboard"), {}), 2);
}

TEST_F(MetricLogFile, TagsOfTheEventFileAreStageSlashName) {
  MetricLog(directory_).Write("legs", 1, 1, {{"loss", 1}});
  std::ifstream in(fs::directory_iterator(directory_ / "tensorboard")->path(), std::ios::binary);
  const std::string events{std::istreambuf_iterator<char>(in), {}};
  EXPECT_THAT(events, HasSubstr("legs/loss"));
}

TEST_F(MetricLogFile, RewindKeepsExactlyWhatIsAskedFor) {
  WriteTwoStages();
  const auto before = Lines();
  MetricLog::Rewind(directory_,
                    [](const std::string& stage, int64_t epoch) { return stage == "legs" && epoch < 3; });
  EXPECT_EQ(Lines(), std::vector<std::string>(before.begin(), before.begin() + 2));
  EXPECT_EQ(std::distance(fs::directory_iterator(directory_), {}), 2);  // metrics.jsonl and tensorboard/
}

TEST_F(MetricLogFile, RewindDropsATornLastLine) {
  WriteTwoStages();
  const std::string good = Text();
  for (const std::string torn : {"{\"stage\":\"tor", "{\"stage\":\"torso\",\"epoch\":3}"}) {
    WriteText(good + torn);
    MetricLog::Rewind(directory_, [](const std::string&, int64_t) { return true; });
    EXPECT_EQ(Text(), good);
  }
}

TEST_F(MetricLogFile, ANewLogDoesNotContinueATornLine) {
  WriteTwoStages();
  const std::string good = Text();
  WriteText(good + "{\"stage\":\"tor");
  MetricLog(directory_).Write("torso", 30, 3, {{"loss", 1}});
  EXPECT_EQ(Text().substr(0, good.size()), good);
  ASSERT_EQ(Lines().size(), 6u);
  EXPECT_THAT(Lines()[5], HasSubstr(R"({"stage":"torso","epoch":3,"step":30,)"));
}

TEST_F(MetricLogFile, RewindOfAnEmptyFolderDoesNothing) {
  fs::create_directories(directory_);
  MetricLog::Rewind(directory_, [](const std::string&, int64_t) { return false; });
  EXPECT_TRUE(fs::is_empty(directory_));
}

TEST_F(MetricLogFile, RewindNamesALineThatIsNotOurs) {
  for (const std::string bad :
       {"garbage", "{}", "[1]", "{\"stage\":1,\"epoch\":1}", "{\"stage\":\"x\",\"epoch\":\"y\"}"}) {
    const std::string text =
        "{\"stage\":\"legs\",\"epoch\":1}\n" + bad + "\n{\"stage\":\"legs\",\"epoch\":2}\n";
    WriteText(text);
    try {
      MetricLog::Rewind(directory_, [](const std::string&, int64_t) { return false; });
      ADD_FAILURE() << bad << " was accepted";
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr("metrics.jsonl line 2"));
    }
    EXPECT_EQ(Text(), text);
  }
}

TEST_F(MetricLogFile, ARepeatedNameIsAnError) {
  MetricLog log(directory_);
  EXPECT_THROW(log.Write("legs", 1, 1, {{"loss", 1}, {"loss", 2}}), Error);
  EXPECT_THROW(log.Write("legs", 1, 1, {{"step", 1}}), Error);
  EXPECT_EQ(Text(), "");
}

// A limit on the size of files stands for a full disk.
TEST_F(MetricLogFile, AFullDiskIsAnError) {
  MetricLog log(directory_);
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{200, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const auto write_much = [&] {
    for (int step = 0; step < 10; ++step) log.Write("legs", step, 1, {{"loss", 1}});
  };
  EXPECT_THROW(write_much(), Error);
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
}

}  // namespace
}  // namespace links
