#include <cmath>
#include <filesystem>
#include <iomanip>
#include <iostream>
#include <memory>
#include <optional>

#include "commands.h"
#include "links/core/error.h"
#include "links/run/model.h"
#include "links/scoring/scoring.h"

namespace links {
namespace {

struct PackArguments {
  std::string run, output, precision = "half";
  std::vector<std::string> data, stages;
  double most_mm = 0.05;
};

/// By how much the packed run's errors over all poses differ from the run's own, mm: the most over
/// compositions and scenarios. Not over groups of poses: which pose is in which tenth of likelihood depends
/// on the weights.
double Cost(const PackArguments& arguments) {
  ScoringRequest request;
  request.data = arguments.data;
  request.device = "cpu";
  request.run = arguments.run;
  const Report own = Score(request);
  request.run = arguments.output;
  const Report packed = Score(request);
  double most = 0;
  for (const Result& result : own.results) {
    if (result.grouping != "all") continue;
    const auto same = std::ranges::find_if(packed.results, [&](const Result& other) {
      return result.composition == other.composition && result.scenario == other.scenario &&
             result.filler == other.filler && result.joints == other.joints && other.grouping == "all";
    });
    if (same == packed.results.end()) continue;  // of a stage that was left out
    for (const auto metric : {&Metrics::pa_mpjpe, &Metrics::n_mpjpe})
      most = std::max(most, std::abs(result.metrics.*metric - same->metrics.*metric));
  }
  return most;
}

void Pack(PackArguments& arguments) {
  if (!std::isfinite(arguments.most_mm) || arguments.most_mm < 0)
    throw UsageError("expected --most-mm of 0 or more, found ", arguments.most_mm);
  const auto precision = arguments.precision == "half" ? StoredPrecision::kHalf : StoredPrecision::kFull;
  arguments.run = FindRun(arguments.run);
  PackModel(RunDirectory(arguments.run), arguments.output, precision, arguments.stages);
  if (!arguments.data.empty()) {
    const double cost = Cost(arguments);
    std::cerr << std::fixed << std::setprecision(4) << "errors differ from the run's own by " << cost
              << " mm at most\n";
    if (!(cost <= arguments.most_mm)) {
      std::error_code none;
      std::filesystem::remove_all(arguments.output, none);
      throw Error("expected errors within ", arguments.most_mm, " mm of the run's own, found ", cost,
                  " mm (--precision full stores what is there)");
    }
  }
  std::cout << arguments.output << "\n";
}

}  // namespace

void AddPackCommand(CLI::App& app) {
  const auto arguments = std::make_shared<PackArguments>();
  CLI::App* command =
      app.add_subcommand("pack",
                         "Make a model of a trained run, to keep or pass on: networks and configuration, "
                         "without what only training\n"
                         "needs. `links lift`, `evaluate`, `sample` and `adapt` take it as they take a run.");
  command->add_option("--run", arguments->run, "Run directory of `links train`")->required();
  command->add_option("-o,--output", arguments->output, "The model's folder, new or empty")->required();
  command
      ->add_option("--precision", arguments->precision, "Of large tensors: float16, or float32 as they are")
      ->check(CLI::IsMember({"half", "full"}))
      ->capture_default_str();
  command
      ->add_option("--stage", arguments->stages,
                   "Only this stage; may be given again (default: all that are finished)")
      ->expected(1)
      ->take_all();
  command
      ->add_option(
          "--data", arguments->data,
          "Pose files with joints_3d: the model is evaluated beside the run, and refused when an error "
          "(PA-MPJPE, N-MPJPE) differs by more than --most-mm")
      ->expected(1, -1);
  command->add_option("--most-mm", arguments->most_mm, "Most difference of an error on --data")
      ->type_name("MM")
      ->capture_default_str();
  command->footer("Example: links pack --run runs/mine --data val.h5 --output models/mine");
  command->callback([arguments] { Pack(*arguments); });
}

}  // namespace links
