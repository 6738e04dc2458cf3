#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <iostream>
#include <memory>

#include "figure_command.h"
#include "links/core/error.h"
#include "links/core/text_table.h"
#include "links/evaluation/named_lifting.h"
#include "links/figures/error_figure.h"
#include "links/metrics/result.h"
#include "links/report/evaluation_file.h"
#include "links/report/metric_title.h"

namespace links {
namespace {

struct ErrorsArguments {
  FigureOutput output;
  std::string run, lifting = "legs_torso", metric = "pa_mpjpe";
};

ResultKey KeyOf(const std::string& lifting) {
  const LiftingName name = ParseLiftingName(lifting);
  return {name.composition, name.scenario, name.filler};
}

// The middle of "000..030" or of "01: -131.20..-128.40".
double Middle(const std::string& group) {
  const size_t colon = group.find(": ");
  const std::string range = colon == std::string::npos ? group : group.substr(colon + 2);
  const size_t dots = range.find("..");
  const auto number = [&](const std::string& text) {
    char* end = nullptr;
    const double value = std::strtod(text.c_str(), &end);
    if (dots == std::string::npos || text.empty() || *end || !std::isfinite(value))
      throw Error("expected a range like 000..030, found '", group, "'");
    return value;
  };
  return (number(range.substr(0, dots)) + number(range.substr(std::min(range.size(), dots + 2)))) / 2;
}

void Draw(const ErrorsArguments& arguments) {
  const EvaluationFile file = ReadEvaluation(arguments.run);
  const ResultKey key = KeyOf(arguments.lifting);
  const Metrics* all = file.Find(key);
  if (!all) throw Error(file.path, ": expected results of '", arguments.lifting, "', found none");
  double Metrics::*metric = nullptr;
  for (const MetricField& field : kMetricFields) {
    if (field.name == arguments.metric) metric = field.value;
  }
  ErrorFigure figure;
  figure.title = Concat(MetricTitle(arguments.metric), ", mm: mean ", Fixed(all->*metric, 1), " of ",
                        all->poses, " poses");
  if (const JointMeans* joints = file.FindJoints(key)) {
    for (const JointMeansField& field : kJointMeansFields) {
      if (field.name != arguments.metric) continue;
      figure.joints.assign((joints->*field.value).begin(), (joints->*field.value).end());
    }
  }
  for (const std::string& grouping : file.Groupings()) {
    ErrorBars bars{"Per " + grouping, {}};
    Curve curve;
    for (const GroupResult& result : file.groups) {
      if (result.grouping != grouping || !(result.key == key) || result.group == "mean") continue;
      if (IsAbsent(result.metrics.*metric)) continue;
      bars.bars.emplace_back(result.group, result.metrics.*metric);
      if (grouping != kByAzimuth && grouping != kByLikelihood) continue;
      curve.x.push_back(Middle(result.group));
      curve.y.push_back(result.metrics.*metric);
    }
    if (bars.bars.empty()) continue;
    if (grouping == kByAzimuth) {
      figure.panels.push_back({"Against azimuth", "degrees: 0 to the camera, 180 from it", "mm", {curve}});
    } else if (grouping == kByLikelihood) {
      figure.panels.push_back(
          {"Against the flow's likelihood", "\u2212log p of the keypoints (nats), tenths", "mm", {curve}});
    } else {
      figure.groups.push_back(std::move(bars));
    }
  }
  DrawErrors(arguments.output.path, figure, arguments.output.width_mm);
  std::cout << arguments.output.path << "\n";
}

}  // namespace

void AddErrorsFigure(CLI::App* figure) {
  CLI::App* command = figure->add_subcommand(
      "errors",
      "What errors go with, from a run's evaluation.json: each joint on a body, per action, subject, ...,\n"
      "against azimuth and against the flow's likelihood.");
  const auto arguments = std::make_shared<ErrorsArguments>();
  command
      ->add_option(
          "run", arguments->run,
          "A run directory that holds evaluation.json (of `links evaluate --output`), or such a file")
      ->required();
  AddFigureOutput(command, arguments->output);
  command
      ->add_option("--composition", arguments->lifting,
                   "Whose errors: a composition, or FILLER:SCENARIO as in links evaluate")
      ->capture_default_str();
  std::vector<std::string> names;
  for (const JointMeansField& field : kJointMeansFields) names.emplace_back(field.name);
  command->add_option("--metric", arguments->metric, "In which metric")
      ->check(CLI::IsMember(names))
      ->capture_default_str();
  command->callback([arguments] { Draw(*arguments); });
}

}  // namespace links
