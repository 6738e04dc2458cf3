#include <iostream>
#include <memory>

#include "commands.h"
#include "links/config/config.h"
#include "links/core/error.h"
#include "links/core/log.h"
#include "links/training/device.h"
#include "links/training/train_run.h"

namespace links {
namespace {

struct TrainArguments {
  std::string output, device;
  std::vector<std::string> configs, overrides, stages = {"all"};
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
  SetThreads(config.threads);
  SetPrecision(config.precision);
  const RunDirectory directory(config.output);
  directory.Prepare(config, arguments.resume, device.str());
  AddLogFile(directory.LogPath());
  CatchStopSignals();
  LogInfo(Concat("training into ", directory.path(), " on ", device.str()));
  if (TrainRun(config, directory, arguments.stages, device) == StageResult::kInterrupted) {
    throw Error("the training was stopped by a signal before its end");
  }
  std::cout << directory.path() << "\n";
}

}  // namespace

void AddTrainCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "train",
      "Train the flows, the lifters, the occlusion fillers and the completion of one run.\n"
      "The run directory holds the resolved configuration, log, metrics and checkpoints; "
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
      ->check(CLI::IsMember({"all", "flows", "lifters", "occlusion", "completion"}))
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
