#include "links/run/run_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "support/temporary_folder.h"
#include "links/config/config.h"
#include "links/core/atomic_file.h"

namespace links {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class RunDirectoryTest : public testing::Test {
 protected:
  RunDirectoryTest() { config_.data.training = {"/poses.h5"}; }

  std::string Complaint(const RunConfig& config, bool resume) const {
    return MessageOf([&] { directory_.Prepare(config, resume, "cpu"); });
  }

  TemporaryFolder folder_;
  RunDirectory directory_{folder_ / "run"};
  RunConfig config_;
};

TEST_F(RunDirectoryTest, HoldsTheResolvedConfigurationAndTheEnvironment) {
  config_.seed = 77;
  config_.lifters.loss.bone = 12.5;
  directory_.Prepare(config_, false, "cpu");
  EXPECT_TRUE(std::filesystem::is_directory(folder_ / "run/checkpoints"));
  const RunConfig stored = directory_.ReadStoredConfig();
  EXPECT_EQ(WriteConfig(stored), WriteConfig(config_));
  const auto environment = nlohmann::json::parse(ReadFile(folder_ / "run/environment.json"));
  EXPECT_EQ(environment.at("seed"), 77);
  EXPECT_EQ(environment.at("device"), "cpu");
  EXPECT_EQ(environment.at("libtorch"), LibTorchVersion());
}

TEST_F(RunDirectoryTest, RefusesAFolderInUseUnlessItResumes) {
  EXPECT_EQ(Complaint(config_, false), "");
  EXPECT_THAT(Complaint(config_, false), AllOf(HasSubstr("--resume"), HasSubstr(directory_.path())));
  EXPECT_THROW(directory_.Prepare(config_, false, "cpu"), UsageError);
  EXPECT_EQ(Complaint(config_, true), "");
}

TEST_F(RunDirectoryTest, TakesAnEmptyFolderAndResumesIntoANewOne) {
  std::filesystem::create_directories(folder_ / "run");
  EXPECT_EQ(Complaint(config_, false), "");
  std::filesystem::remove_all(folder_ / "run");
  EXPECT_EQ(Complaint(config_, true), "");
}

TEST_F(RunDirectoryTest, RunsWithOneKeyDifferInNothingButTheSeed) {
  const std::string key = RunKey(config_);
  RunConfig other = config_;
  other.seed = 5;
  other.name = "another";
  other.output = "/elsewhere";
  other.device = "cpu";
  other.threads = 3;
  other.flows.from = "/flows";
  EXPECT_EQ(RunKey(other), key);
  other.lifters.loss.bone = 51;
  EXPECT_NE(RunKey(other), key);
}

TEST_F(RunDirectoryTest, RefusesWhatIsNoRun) {
  folder_.Write("run/holiday.jpg", "");
  EXPECT_THAT(Complaint(config_, true), HasSubstr("config.yaml"));
  EXPECT_THAT(Complaint(config_, false), HasSubstr("in use"));
  EXPECT_THAT(MessageOf([&] { directory_.ReadStoredConfig(); }), HasSubstr("config.yaml"));
  folder_.Write("file", "");
  EXPECT_THROW(RunDirectory(folder_ / "file").Prepare(config_, true, "cpu"), UsageError);
}

TEST_F(RunDirectoryTest, ResumesWithTheSameConfigurationOnly) {
  directory_.Prepare(config_, false, "cpu");
  RunConfig other = config_;
  other.lifters.schedule.epochs = 101;
  EXPECT_THAT(Complaint(other, true), AllOf(HasSubstr("epochs: 100"), HasSubstr("epochs: 101")));
  EXPECT_THROW(directory_.Prepare(other, true, "cpu"), UsageError);
  EXPECT_EQ(directory_.ReadStoredConfig().lifters.schedule.epochs, 100);
}

TEST_F(RunDirectoryTest, WhereARunComputesMayChange) {
  directory_.Prepare(config_, false, "cpu");
  RunConfig other = config_;
  other.output = "/elsewhere";
  other.device = "cuda:1";
  other.threads = 3;
  other.checkpoint_seconds = 5;
  EXPECT_EQ(Complaint(other, true), "");
}

TEST_F(RunDirectoryTest, ADamagedConfigurationIsAnError) {
  directory_.Prepare(config_, false, "cpu");
  folder_.Write("run/config.yaml", "seed: [1, 2\n");
  EXPECT_NE(MessageOf([&] { directory_.ReadStoredConfig(); }), "");
  EXPECT_NE(Complaint(config_, true), "");
}

}  // namespace
}  // namespace links
