#pragma once

#include <gtest/gtest.h>
#include <torch/types.h>

#include <csignal>
#include <string>

#include "links/core/log.h"
#include "links/core/stop_signal.h"
#include "links/device/device.h"
#include "links/run/trained_run.h"
#include "links/synthetic/synthetic.h"
#include "links/training/stages.h"
#include "support/temporary_folder.h"

namespace links::test {

/// Every stage with 2 epochs of 3 steps of 16 poses; the data have to be named.
inline RunConfig TinyConfig() {
  RunConfig config;
  const ScheduleOptions schedule = {.epochs = 2, .batch = 16, .learning_rate = 1e-3};
  config.checkpoint_seconds = 0;
  config.flows.network = {.blocks = 2, .width = 8};
  config.flows.schedule = schedule;
  config.flows.dequantisation_noise = 1e-3;
  config.lifters.network = {.width = 8, .blocks_per_branch = 1, .standardise = true};
  config.lifters.schedule = schedule;
  config.occlusion.network = {.width = 8, .blocks = 1, .standardise = true};
  config.occlusion.schedule = schedule;
  config.completion.network = {.width = 8, .blocks = 1, .root_width = 8};
  config.completion.schedule = schedule;
  return config;
}

inline std::vector<std::string> StageNames() {
  std::vector<std::string> names;
  for (const StageKind& stage : Stages()) names.push_back(stage.name);
  return names;
}

/// A folder, quiet logs, one thread, and signals as they were afterwards.
class TinyRunTest : public testing::Test {
 protected:
  TinyRunTest() {
    SetLogLevel(LogLevel::kError);
    SetThreads(1);
    CatchStopSignals();
  }
  ~TinyRunTest() override {
    CatchStopSignals();  // forgets a request to stop
    std::signal(SIGINT, SIG_DFL);
    std::signal(SIGTERM, SIG_DFL);
    SetLogLevel(level_);
  }

  TemporaryFolder folder_;

 private:
  LogLevel level_ = GetLogLevel();
};

}  // namespace links::test
