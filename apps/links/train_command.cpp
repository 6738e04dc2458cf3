#include <iostream>
#include <memory>

#include "commands.h"
#include "links/config/config.h"
#include "links/core/error.h"
#include "links/core/stop_signal.h"
#include "links/device/device.h"
#include "links/sweep/sweep_task.h"
#include "links/training/stages.h"

namespace links {
namespace {

struct TrainArguments {
  std::vector<std::string> configs, overrides, stages = {"all"};
  std::string output, device;
  bool resume = false;
};

void Train(const TrainArguments& arguments) {
  RunConfig config;
  ReadConfig(arguments.configs, arguments.overrides, config);
  if (!arguments.output.empty()) config.output = arguments.output;
  if (!arguments.device.empty()) config.device = arguments.device;
  config.Check();
  if (config.output.empty())
    throw UsageError("expected an output folder in --output or the configuration, found none");
  const torch::Device device = SelectDevice(config.device);
  KeepFreedMemory();
  std::vector<PlannedRun> runs = {{config, RunDirectory(config.output)}};
  PrepareRuns(runs, arguments.resume, device);
  CatchStopSignals();
  if (TrainSideBySide(runs, arguments.stages, device) == StageResult::kInterrupted)
    throw Stopped("the training was stopped by a signal before its end: --resume goes on with it");
  std::cout << config.output << "\n";
}

}  // namespace

void AddTrainCommand(CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("train",
                         "Train the flows, the lifters, the occlusion fillers and the completion of a run "
                         "(several: links sweep).\n"
                         "A run directory holds the resolved configuration, log, metrics and checkpoints; "
                         "its name goes to stdout.");
  const auto arguments = std::make_shared<TrainArguments>();
  command
      ->add_option(
          "-c,--config", arguments->configs,
          "The run's configuration, YAML (see: links config --list); given again, each file over the "
          "ones before")
      ->required()
      ->take_all();
  command->add_option("-o,--output", arguments->output, "Run directory, new or empty unless --resume");
  command
      ->add_option("--stage", arguments->stages,
                   "What to train, may be given again: a later stage needs the earlier ones finished")
      ->check(CLI::IsMember(StageChoices()))
      ->take_all()
      ->capture_default_str();
  command->add_flag("--resume", arguments->resume, "Go on with the run in the output folder");
  command->add_option("--device", arguments->device,
                      "auto, cpu, cuda or cuda:N; overrides the configuration");
  command->add_option("--set", arguments->overrides, "Override one option: --set lifters.schedule.epochs=20")
      ->type_name("KEY=VALUE")
      ->take_all();
  command->callback([arguments] { Train(*arguments); });
}

}  // namespace links
