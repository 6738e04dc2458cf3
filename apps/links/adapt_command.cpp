#include <iostream>
#include <memory>

#include "commands.h"
#include "detection_options.h"
#include "links/core/log.h"
#include "links/core/stop_signal.h"
#include "links/run/model.h"
#include "links/sweep/adaptation.h"

namespace links {
namespace {

void Run(AdaptRequest& request, bool resume) {
  CatchStopSignals();
  request.run = FindRun(request.run);
  const AdaptResult result = Adapt(request, resume);
  if (result.result == StageResult::kInterrupted)
    throw Stopped("the training was stopped by a signal before its end: --resume goes on with it");
  std::cout << result.Text() << request.output << "\n";
  if (const std::string warning = result.Warning(); !warning.empty()) LogWarning(warning);
}

}  // namespace

void AddAdaptCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand("adapt",
                                         "Train a finished run further on your own detections, without any "
                                         "3D: its flows, lifters and completion learn\n"
                                         "your camera and the motions you have, mixed with what the run was "
                                         "trained on. Minutes on 2 cores. Ends with\n"
                                         "what is told of people held out, before and after.");
  struct Arguments {
    AdaptRequest request;
    bool resume = false;
  };
  const auto arguments = std::make_shared<Arguments>();
  AdaptRequest& request = arguments->request;
  command->add_option("--run", request.run,
                      "The finished run or shipped model to start from; without it the shipped one");
  command->add_option("--input", request.inputs, "Detectors' files and folders, or pose files (docs/lift.md)")
      ->required()
      ->take_all();
  command->add_option("-o,--output", request.output, "The new run's folder, new or empty unless --resume")
      ->required();
  AddDetectionOptions(command, request.import.detections);
  command
      ->add_option("--min-size", request.import.min_size_px,
                   "Least diagonal of the box around a person's joints")
      ->type_name("PX")
      ->check(CLI::Range(0., 1e6));
  command
      ->add_option(
          "--distinct", request.import.distinct,
          "Drop a pose unless some joint has moved so far since the last one kept of its track, as a share "
          "of that diagonal; 0 keeps all")
      ->type_name("D")
      ->check(CLI::Range(0., 10.));
  command->add_option("--held-out", request.held_out, "Share of the people (tracks) held out, to validate on")
      ->check(CLI::Range(0.01, 0.9))
      ->capture_default_str();
  command
      ->add_option(
          "--mix", request.mix,
          "Pose file of what the run was trained on, where its own training files are gone; without it poses "
          "drawn from its flow")
      ->type_name("FILE");
  command->add_option("--share", request.share, "Of your detections among the poses trained on")
      ->check(CLI::Range(0.001, 0.999));
  command->add_option("--epochs", request.epochs, "Of each stage")
      ->check(CLI::Range(1, 1000000))
      ->capture_default_str();
  command->add_option("--steps", request.steps, "Steps of an epoch")
      ->check(CLI::Range(1, 1000000000))
      ->capture_default_str();
  command->add_option("--learning-rate", request.learning_rate, "Of the first epoch, as a share of the run's")
      ->check(CLI::Range(1e-6, 10.))
      ->capture_default_str();
  command->add_option("--device", request.device, "auto, cpu, cuda or cuda:N; overrides the run's");
  command->add_option("--set", request.overrides, "Override one option of the new run")
      ->type_name("KEY=VALUE")
      ->take_all();
  command->add_flag("--resume", arguments->resume, "Go on with the adaptation in the output folder");
  command->footer("Example: links adapt --input my_video_json/ --output runs/mine");
  command->callback([arguments] { Run(arguments->request, arguments->resume); });
}

}  // namespace links
