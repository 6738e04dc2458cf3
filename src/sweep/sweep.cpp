#include "links/sweep/sweep.h"

#include <torch/types.h>

#include <algorithm>
#include <filesystem>
#include <list>
#include <set>

#include "links/config/config.h"
#include "links/core/error.h"
#include "links/core/log.h"
#include "links/run/settings.h"

namespace links {
namespace {

namespace fs = std::filesystem;

void NameSeed(std::string& text, int64_t seed) {
  const std::string name = "{seed}";
  for (size_t at = text.find(name); at != std::string::npos; at = text.find(name))
    text.replace(at, name.size(), std::to_string(seed));
}

// "N" or "A-B"; nothing for an empty text.
std::vector<int64_t> ReadSeeds(const std::string& text) {
  if (text.empty()) return {};
  const size_t dash = text.find('-');
  const auto number = [&](const std::string& digits) -> int64_t {
    const bool whole =
        !digits.empty() && digits.size() <= 9 && digits.find_first_not_of("0123456789") == std::string::npos;
    return whole ? std::stoll(digits) : -1;
  };
  const int64_t first = dash == std::string::npos ? 1 : number(text.substr(0, dash)),
                last = number(dash == std::string::npos ? text : text.substr(dash + 1));
  if (first < 0 || last < std::max<int64_t>(first, dash == std::string::npos ? 1 : 0) || last - first >= 1000)
    throw UsageError("expected --seeds N, from 1, or A-B, at most 1000 of them, found '", text, "'");
  std::vector<int64_t> seeds;
  for (int64_t seed = first; seed <= last; ++seed) seeds.push_back(seed);
  return seeds;
}

// The runs of one key after the other, at most so many in each list, as places in `runs`.
std::vector<std::vector<size_t>> Stacks(const std::vector<PlannedRun>& runs, int64_t together) {
  std::vector<std::pair<std::string, std::vector<size_t>>> stacks;
  for (size_t run = 0; run < runs.size(); ++run) {
    if (!runs[run].failure.empty()) continue;
    const std::string key = EnsembleKey(runs[run].config);
    const auto open = std::ranges::find_if(stacks, [&](const auto& stack) {
      return stack.first == key && static_cast<int64_t>(stack.second.size()) < together;
    });
    if (open != stacks.end()) {
      open->second.push_back(run);
    } else {
      stacks.push_back({key, {run}});
    }
  }
  std::vector<std::vector<size_t>> members;
  for (auto& [key, runs_of_key] : stacks) members.push_back(std::move(runs_of_key));
  return members;
}

}  // namespace

std::vector<PlannedRun> PlanSweep(const SweepOptions& options) {
  std::set<std::string> names;
  for (const std::string& variant : options.variants) {
    if (!names.insert(fs::path(variant).stem().string()).second)
      throw UsageError("expected variants whose files have different names, found '", variant, "' again");
  }
  const std::vector<int64_t> seeds = ReadSeeds(options.seeds);
  std::vector<std::string> variants = options.variants;
  if (variants.empty()) variants.emplace_back();
  std::vector<PlannedRun> runs;
  for (const std::string& variant : variants) {
    std::vector<std::string> files = options.configs;
    if (!variant.empty()) files.push_back(variant);
    RunConfig config;
    ReadConfig(files, options.overrides, config);
    if (!options.output.empty()) config.output = options.output;
    if (!options.device.empty()) config.device = options.device;
    config.Check();
    if (config.output.empty())
      throw UsageError("expected an output folder in --output or the configuration, found none");
    if (!variant.empty()) config.output += "/" + fs::path(variant).stem().string();
    const auto plan = [&](RunConfig own) {
      NameSeed(own.flows.from, own.seed);
      for (std::string* run : own.StartingRuns()) NameSeed(*run, own.seed);
      runs.push_back({own, RunDirectory(own.output)});
    };
    if (seeds.empty()) plan(config);
    for (const int64_t seed : seeds) {
      RunConfig own = config;
      own.seed = seed;
      own.output += Concat("/seed", seed);
      plan(own);
    }
  }
  return runs;
}

void PrepareSweep(std::vector<PlannedRun>& runs, bool resume, torch::Device device) {
  for (PlannedRun& run : runs) {
    UseSettings(run.config);  // environment.json tells the threads
    try {
      run.lock = run.directory.Prepare(run.config, resume, device.str());
    } catch (const Error& error) {
      if (runs.size() == 1) throw;
      run.failure = error.what();
    }
  }
}

StageResult TrainSweep(std::vector<PlannedRun>& runs, const std::vector<std::string>& what,
                       torch::Device device, int64_t together) {
  FinishedFlows flows;
  for (const std::vector<size_t>& members : Stacks(runs, together)) {
    std::list<LogFile> logs;  // a run's log tells what was done while it was trained
    std::vector<PlannedRun> stack;
    for (const size_t run : members) {
      logs.emplace_back(runs[run].directory.LogPath());
      stack.push_back(runs[run]);
    }
    UseSettings(stack.front().config);
    if (stack.size() > 1)
      LogInfo(Concat("training ", stack.size(), " runs side by side on ", device.str(), ":"));
    for (const PlannedRun& run : stack) {
      LogInfo(stack.size() > 1 ? "  " + run.directory.path()
                               : Concat("training into ", run.directory.path(), " on ", device.str()));
    }
    StageResult result = StageResult::kFinished;
    const auto fail = [&](const std::string& why) {
      for (PlannedRun& run : stack) {
        if (run.failure.empty()) run.failure = why;
      }
    };
    try {
      result = TrainEnsemble(stack, what, device, flows);
    } catch (const std::exception& error) {
      if (runs.size() == 1) throw;
      fail(FailureTogether(error, stack.size()));
    }
    for (size_t i = 0; i < members.size(); ++i) runs[members[i]].failure = stack[i].failure;
    if (result == StageResult::kInterrupted) return result;
  }
  return StageResult::kFinished;
}

}  // namespace links
