#include "links/run/run_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <thread>

#include "links/config/config.h"
#include "links/core/atomic_file.h"
#include "links/run/run_lock.h"
#include "support/temporary_folder.h"

namespace links {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class RunDirectoryTest : public testing::Test {
 protected:
  RunDirectoryTest() { config_.data.training = {folder_.Write("poses.h5", "the poses")}; }

  std::string Complaint(const RunConfig& config, bool resume) const {
    return MessageOf([&] { directory_.Prepare(config, resume, "cpu"); });
  }

  // Of a run of this configuration.
  std::string Key(const RunConfig& config) const {
    const RunDirectory directory(folder_ / "of key");
    std::filesystem::remove_all(directory.path());
    directory.Prepare(config, false, "cpu");
    return directory.Key();
  }

  TemporaryFolder folder_;
  RunDirectory directory_{folder_ / "run"};
  RunConfig config_;
};

TEST_F(RunDirectoryTest, HoldsTheResolvedConfigurationAndTheEnvironment) {
  config_.seed = 77;
  config_.sampler.sigma = 0.125;
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
  const std::string key = Key(config_);
  RunConfig other = config_;
  other.seed = 5;
  other.name = "another";
  other.output = "/elsewhere";
  other.device = "cpu";
  other.threads = 3;
  other.flows.from = "/flows";
  other.data.placement = Placement::kHost;
  EXPECT_EQ(Key(other), key);
  other.sampler.sigma = 0.125;
  EXPECT_NE(Key(other), key);
}

TEST_F(RunDirectoryTest, TheKeyGoesByWhatTheDataHoldNotWhereTheyLie) {
  config_.data.validation = {folder_.Write("val.h5", "to validate")};
  config_.data.bone_ratios = BoneRatioSource::kFile;
  config_.data.bone_ratio_file = folder_.Write("bones.h5", "of bones");
  const std::string key = Key(config_);
  RunConfig moved = config_;
  moved.data.training = {folder_.Write("elsewhere/copy.h5", "the poses")};
  moved.data.validation = {folder_.Write("elsewhere/val.h5", "to validate")};
  moved.data.bone_ratio_file = folder_.Write("elsewhere/bones.h5", "of bones");
  EXPECT_EQ(Key(moved), key);
  for (const auto& [name, text] :
       {std::pair("copy.h5", "other poses"), {"val.h5", "others"}, {"bones.h5", "others"}}) {
    const std::string path = folder_ / ("elsewhere/" + std::string(name)), before = ReadFile(path);
    folder_.Write("elsewhere/" + std::string(name), text);
    EXPECT_NE(Key(moved), key) << name;
    folder_.Write("elsewhere/" + std::string(name), before);
  }
}

TEST_F(RunDirectoryTest, TheKeyStaysWithTheRunWhereverBothGo) {
  directory_.Prepare(config_, false, "cpu");
  const std::string key = directory_.Key();
  std::filesystem::remove(config_.data.training.front());
  EXPECT_EQ(directory_.Key(), key);
  std::filesystem::rename(directory_.path(), folder_ / "moved");
  EXPECT_EQ(RunDirectory(folder_ / "moved").Key(), key);
}

TEST_F(RunDirectoryTest, ARunFromBeforeTheFingerprintsHasAKeyByTheNamesOfItsData) {
  directory_.Prepare(config_, false, "cpu");
  const std::string key = directory_.Key();
  folder_.Write("run/environment.json", "{\"seed\": 1}\n");
  const std::string by_name = directory_.Key();
  EXPECT_NE(by_name, key);
  std::filesystem::remove(folder_ / "run/environment.json");
  EXPECT_EQ(directory_.Key(), by_name);
  folder_.Write("run/environment.json", "{\"data\": 1}\n");
  EXPECT_THAT(MessageOf([&] { directory_.Key(); }), HasSubstr("environment.json"));
}

TEST_F(RunDirectoryTest, ResumesWithTheSameDataInAnotherPlaceOnly) {
  directory_.Prepare(config_, false, "cpu");
  RunConfig other = config_;
  other.data.training = {folder_.Write("elsewhere/poses.h5", "the poses")};
  EXPECT_EQ(Complaint(other, true), "");
  EXPECT_EQ(directory_.ReadStoredConfig().data.training, other.data.training);
  other.data.training = {folder_.Write("others.h5", "other poses")};
  EXPECT_THAT(Complaint(other, true), HasSubstr("others.h5"));
  folder_.Write("elsewhere/poses.h5", "changed since");
  other.data.training = {folder_ / "elsewhere/poses.h5"};
  EXPECT_THAT(Complaint(other, true), AllOf(HasSubstr("elsewhere/poses.h5"), HasSubstr("changed")));
}

TEST_F(RunDirectoryTest, TwoCannotTrainIntoOneFolder) {
  {
    const RunLock held = directory_.Prepare(config_, false, "cpu");
    EXPECT_THAT(Complaint(config_, true),
                AllOf(HasSubstr(directory_.path()), HasSubstr(Concat("process ", ::getpid(), " on "))));
    EXPECT_THROW(directory_.Prepare(config_, true, "cpu"), UsageError);
    const std::vector<RunLock> copies = {held, held};
  }
  EXPECT_EQ(Complaint(config_, true), "");
}

TEST_F(RunDirectoryTest, TheLockGoesWithAProcessThatIsKilled) {
  std::array<int, 2> ready{};
  ASSERT_EQ(::pipe(ready.data()), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const RunLock held = directory_.Prepare(config_, false, "cpu");
    if (::write(ready[1], "x", 1) == 1) ::pause();
    ::_exit(1);
  }
  ::close(ready[1]);
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  EXPECT_THAT(Complaint(config_, true), HasSubstr(Concat("process ", child, " on ")));
  ::kill(child, SIGKILL);
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  ::close(ready[0]);
  EXPECT_EQ(Complaint(config_, true), "");
}

TEST_F(RunDirectoryTest, ALeaseOfAnotherMachineIsWaitedForAndTakenOver) {
  ::setenv("LINKS_LEASE_SECONDS", "1", 1);
  const std::string path = folder_.Write("run/lock", "process 12 on node1\nanother/machine\n34\n0\n");
  EXPECT_EQ(HolderOf(directory_.path()).name, "process 12 on node1");
  EXPECT_TRUE(HolderOf(directory_.path()).alive);
  // One that is renewed is refused, one that is not is taken over.
  std::atomic<bool> renewed = true;
  std::thread other([&] {
    while (renewed) {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
      std::filesystem::last_write_time(path, std::filesystem::file_time_type::clock::now());
    }
  });
  EXPECT_THAT(Complaint(config_, true), HasSubstr("held by process 12 on node1"));
  renewed = false;
  other.join();
  const auto start = std::chrono::steady_clock::now();
  const RunLock lock(directory_.path());
  EXPECT_GT(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(500));
  EXPECT_THAT(HolderOf(directory_.path()).name, HasSubstr(Concat("process ", ::getpid())));
  // While it lives its time moves on.
  const auto time = std::filesystem::last_write_time(path);
  for (int i = 0; i < 100 && std::filesystem::last_write_time(path) == time; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_NE(std::filesystem::last_write_time(path), time);
  ::unsetenv("LINKS_LEASE_SECONDS");
}

TEST_F(RunDirectoryTest, AProcessWhoseLeaseIsTakenStops) {
  ::setenv("LINKS_LEASE_SECONDS", "0.3", 1);
  std::filesystem::create_directories(directory_.path());
  EXPECT_EXIT(
      {
        const RunLock lock(directory_.path());
        const std::string other = folder_.Write("other", "process 12 on node1\nanother/machine\n34\n0\n");
        std::filesystem::rename(other, directory_.path() + "/lock");
        ::pause();
      },
      testing::KilledBySignal(SIGTERM), "taken over");
  EXPECT_EQ(HolderOf(directory_.path()).name, "process 12 on node1") << "and leaves the other's alone";
  ::unsetenv("LINKS_LEASE_SECONDS");
}

TEST_F(RunDirectoryTest, TheLockIsGivenBack) {
  { const RunLock held = directory_.Prepare(config_, false, "cpu"); }
  EXPECT_EQ(HolderOf(directory_.path()).name, "");
  EXPECT_FALSE(std::filesystem::exists(folder_ / "run/lock"));
  // A number that another process has since is told by its start.
  const RunLock held = RunLock(directory_.path() + "/checkpoints");
  const std::string text = ReadFile(folder_ / "run/checkpoints/lock");
  const size_t line = text.find('\n', text.find('\n') + 1) + 1;
  folder_.Write("run/lock", text.substr(0, line) + "1\n0\n");
  EXPECT_EQ(Complaint(config_, true), "");
}

TEST_F(RunDirectoryTest, AFolderThatWasKilledBeforeItsConfigurationIsNew) {
  for (const bool resume : {false, true}) {
    const std::string lock = folder_.Write("run/lock", "process 1 on nowhere\n");
    std::filesystem::last_write_time(lock,
                                     std::filesystem::file_time_type::clock::now() - std::chrono::hours(1));
    folder_.Write("run/environment.json", "{}");
    folder_.Write("run/config.yaml.12.partial", "seed");
    std::filesystem::create_directories(folder_ / "run/checkpoints");
    EXPECT_EQ(Complaint(config_, resume), "");
    EXPECT_EQ(WriteConfig(directory_.ReadStoredConfig()), WriteConfig(config_));
    std::filesystem::remove_all(folder_ / "run");
  }
  folder_.Write("run/checkpoints/flows.pt", "");
  EXPECT_THAT(Complaint(config_, false), HasSubstr("in use"));
  EXPECT_THAT(Complaint(config_, true), HasSubstr("config.yaml"));
}

TEST_F(RunDirectoryTest, WhatWasHalfWrittenIsRemoved) {
  directory_.Prepare(config_, false, "cpu");
  for (const char* name :
       {"config.yaml.7.partial", "metrics.jsonl.7.partial", "checkpoints/flows.pt.7.partial",
        "evaluation.json.7.partial", "checkpoints/flows.pt"}) {
    folder_.Write("run/" + std::string(name), "half");
  }
  directory_.Prepare(config_, true, "cpu");
  const auto stays = [&](const char* name) {
    return std::filesystem::exists(folder_ / ("run/" + std::string(name)));
  };
  EXPECT_FALSE(stays("config.yaml.7.partial") || stays("metrics.jsonl.7.partial") ||
               stays("checkpoints/flows.pt.7.partial"));
  EXPECT_TRUE(stays("checkpoints/flows.pt"));
  EXPECT_TRUE(stays("evaluation.json.7.partial")) << "another process may be writing it";
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
  other.data.placement = Placement::kHost;
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
