#include <iostream>
#include <memory>

#include "commands.h"
#include "links/core/error.h"
#include "links/core/log.h"
#include "links/core/stop_signal.h"
#include "links/device/device.h"
#include "links/sweep/sweep.h"
#include "links/training/stages.h"

namespace links {
namespace {

struct TrainArguments {
  SweepOptions sweep;
  std::vector<std::string> stages = {"all"};
  int64_t together = 8;
  bool resume = false;
};

void Train(const TrainArguments& arguments) {
  std::vector<PlannedRun> runs = PlanSweep(arguments.sweep);
  const torch::Device device = SelectDevice(runs.front().config.device);
  KeepFreedMemory();
  PrepareSweep(runs, arguments.resume, device);
  CatchStopSignals();
  if (TrainSweep(runs, arguments.stages, device, arguments.together) == StageResult::kInterrupted)
    throw Error("the training was stopped by a signal before its end");
  size_t failures = 0;
  for (const PlannedRun& run : runs) {
    if (run.failure.empty()) {
      std::cout << run.directory.path() << "\n";
    } else {
      LogError(Concat(run.directory.path(), ": ", run.failure));
      ++failures;
    }
  }
  if (failures > 0) throw Error(failures, " of ", runs.size(), " runs failed, each for the reason above");
}

}  // namespace

void AddTrainCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "train",
      "Train the flows, the lifters, the occlusion fillers and the completion of a run, or of several runs\n"
      "side by side: every variant with every seed, in OUTPUT/VARIANT/seedN.\n"
      "A run directory holds the resolved configuration, log, metrics and checkpoints; "
      "its name goes to stdout.");
  const auto arguments = std::make_shared<TrainArguments>();
  SweepOptions& sweep = arguments->sweep;
  command
      ->add_option(
          "-c,--config", sweep.configs,
          "The run's configuration, YAML (see: links config --list); given again, each file over the "
          "ones before")
      ->required()
      ->take_all();
  command
      ->add_option("--variant", sweep.variants,
                   "One more configuration, over the others, for a run of its own; given again, a run each")
      ->take_all();
  command->add_option("--seeds", sweep.seeds, "A run for each of the seeds 1 to N, or A to B")
      ->type_name("N|A-B");
  command
      ->add_option("--together", arguments->together,
                   "Most runs trained at a time, as one network of many; they must differ in nothing but\n"
                   "seed and weights of the lifters' loss (0 in all or in none), others follow each other")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command->add_option("-o,--output", sweep.output, "Run directory, new or empty unless --resume");
  command
      ->add_option("--stage", arguments->stages,
                   "What to train, may be given again: a later stage needs the earlier ones finished")
      ->check(CLI::IsMember(StageChoices()))
      ->take_all()
      ->capture_default_str();
  command->add_flag("--resume", arguments->resume, "Go on with the runs in the output folder");
  command->add_option("--device", sweep.device, "auto, cpu, cuda or cuda:N; overrides the configuration");
  command->add_option("--set", sweep.overrides, "Override one option: --set lifters.schedule.epochs=20")
      ->type_name("KEY=VALUE")
      ->take_all();
  command->callback([arguments] { Train(*arguments); });
}

}  // namespace links
