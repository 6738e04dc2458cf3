#include <torch/types.h>
#include <torch/utils.h>

#include <iostream>
#include <memory>

#include "commands.h"
#include "links/core/error.h"
#include "links/device/device.h"
#include "links/flow/sampler.h"
#include "links/gallery/shown_run.h"

namespace links {
namespace {

struct SampleArguments {
  std::string run, output, device = "auto";
  int64_t count = 1000;
  int64_t seed = 1;
  bool random = false;
};

void Sample(const SampleArguments& arguments) {
  ShownRun run(arguments.run, SelectDevice(arguments.device));
  PoseFlows& flows = run.Flows();
  SamplerOptions options = run.trained().config.sampler;
  options.mode = arguments.random ? SamplerMode::kRandom : SamplerMode::kLatentNoise;
  const torch::Tensor start =
      arguments.random ? torch::zeros({arguments.count, kJoints, 2}) : run.StartingPoses(arguments.count);
  torch::manual_seed(static_cast<uint64_t>(arguments.seed));
  PoseData poses = run.AsPoseFile(SamplePoses(flows, start.to(run.device()), options));
  poses.source =
      Concat("sampled from the full-pose flow of ", arguments.run,
             arguments.random ? ", latent drawn from its prior" : ", around training poses, sigma ");
  if (!arguments.random) poses.source += Concat(options.sigma);
  WritePoseFile(arguments.output, poses);
  std::cout << arguments.output << "\n";
}

}  // namespace

void AddSampleCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "sample",
      "Draw new 2D poses from a run's full-pose flow into a pose file (pixels of the training set's scale,\n"
      "root at (500, 500)); figure 2 of the paper compares the two ways (links figure\n"
      "sampling).");
  const auto arguments = std::make_shared<SampleArguments>();
  command->add_option("--run", arguments->run, "Run directory of `links train`, or a shipped model")
      ->required();
  command->add_option("-o,--output", arguments->output, "Pose file to write")->required();
  command->add_option("--count", arguments->count, "Number of poses")
      ->check(CLI::Range(1, 100000000))
      ->capture_default_str();
  command->add_option("--seed", arguments->seed, "Seed of the noise")->capture_default_str();
  command->add_flag("--random", arguments->random,
                    "Plain random sampling from the latent's prior instead of eq. 3");
  command->add_option("--device", arguments->device, "auto, cpu, cuda or cuda:N")->capture_default_str();
  command->callback([arguments] { Sample(*arguments); });
}

}  // namespace links
