#pragma once

#include <torch/types.h>

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "links/completion/completion.h"
#include "links/flow/pose_flows.h"
#include "links/lifter/pose_lifters.h"
#include "links/occlusion/filler.h"
#include "links/run/checkpoint.h"
#include "links/run/run_config.h"

namespace links {

using NamedModules = std::vector<std::pair<std::string, std::shared_ptr<torch::nn::Module>>>;

// The names of a run's networks in checkpoints.
inline constexpr const char *kFullFlow = "flows.full", *kSegmentFlows = "flows.segments",
                            *kLifters = "lifters", *kFiller3d = "o3d", *kFiller2d = "o2d",
                            *kCompletion = "completion";

/// All of them.
std::set<std::string> NetworkNames();

/// The networks of a run, freshly initialised from the run's seed and frozen: a TrainStep trains its own.
struct Networks {
  /// `wanted`: the names of those to make; others stay empty.
  Networks(const RunConfig& config, torch::Device device,
           const std::set<std::string>& wanted = NetworkNames())
      : Networks(config, device, wanted, 1) {}

  /// The networks of these names of an ensemble (network/ensemble.h), with the values of its runs' in the
  /// same order. The configurations differ in nothing that gives the networks their shapes.
  static Networks Ensemble(const RunConfig& config, torch::Device device,
                           const std::vector<Networks>& of_runs,
                           const std::set<std::string>& wanted = NetworkNames());

  PoseFlows flows{nullptr};
  PoseLifters lifters{nullptr};
  Fillers fillers{nullptr};
  Completion completion{nullptr};

  /// The networks of these names. Throws Error for one that the run does not have.
  NamedModules Select(const std::vector<std::string>& names);

 private:
  Networks(const RunConfig& config, torch::Device device, const std::set<std::string>& wanted, int64_t runs);

  // Those that were made.
  NamedModules All();
};

/// All parameters and buffers, as checkpoints name them: "networks.NAME.TENSOR".
NamedTensors StateOf(const NamedModules& modules);

/// Calls `visit` with every parameter and buffer of a run's module and the run's part of it in the ensemble's
/// module, a view.
void ForEachShared(const torch::nn::Module& of_run, const torch::nn::Module& ensemble, int64_t run,
                   const std::function<void(torch::Tensor own, torch::Tensor part)>& visit);

/// The groups of lifters that the configuration trains, in the order of the configuration.
std::vector<LifterGroup> LifterGroups(const RunConfig& config);
/// Those of them that learn by eq. 10: without the sides, where these have a teacher.
std::vector<LifterGroup> JudgedGroups(const RunConfig& config);

/// The segments whose flows the configuration trains, in the order of kSegments.
std::vector<Segment> SegmentFlows(const RunConfig& config);

/// A seed for one use of randomness, from the run's seed, the name of the use and a number.
uint64_t DeriveSeed(int64_t seed, const std::string& use, int64_t number = 0);

}  // namespace links
