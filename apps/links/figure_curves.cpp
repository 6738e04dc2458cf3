#include <algorithm>
#include <iostream>
#include <map>
#include <memory>

#include "figure_command.h"
#include "links/core/error.h"
#include "links/figures/curve_figure.h"
#include "links/monitor/run_curves.h"
#include "links/run/model.h"
#include "links/run/run_directory.h"

namespace links {
namespace {

struct CurvesArguments {
  FigureOutput output;
  std::vector<std::string> runs, stages;
  std::string axis = "steps";
};

// Runs that differ in nothing but the seed are one group.
std::vector<CurveGroup> Groups(const std::vector<std::string>& runs) {
  std::vector<CurveGroup> groups;
  std::map<std::string, size_t> by_key;
  for (const std::string& path : runs) {
    const RunDirectory directory(FindRun(path));
    const auto [found, is_new] = by_key.emplace(directory.Key(), groups.size());
    if (is_new) groups.push_back({RunName(directory.ReadStoredConfig(), directory.path()), {}});
    groups[found->second].runs.push_back(ReadMetrics(directory.path()));
  }
  for (CurveGroup& group : groups) {
    if (group.runs.size() > 1) group.name += Concat(", ", group.runs.size(), " seeds");
  }
  return groups;
}

bool Shown(const CurveSet& set, const std::vector<std::string>& stages) {
  if (!stages.empty()) return std::ranges::find(stages, set.stage) != stages.end();
  return set.stage == "lifters" || !set.title.starts_with("Loss");
}

CurvePanel Panel(const CurveSet& set, const std::vector<CurveGroup>& groups, HistoryAxis axis,
                 const std::string& x_label) {
  CurvePanel panel{set.title, x_label, set.y_label, {}};
  // Of several groups one metric: the held-out one of a loss, the first of others.
  auto metrics = set.metrics;
  if (groups.size() > 1) {
    const auto& shown = set.title.starts_with("Loss") ? metrics.back() : metrics.front();
    panel.title += ": " + shown.second;
    metrics = {shown};
  }
  for (size_t g = 0; g < groups.size(); ++g) {
    for (size_t m = 0; m < metrics.size(); ++m) {
      GroupCurve curve = CurveOf(groups[g], set.stage, metrics[m].first, axis);
      if (curve.x.empty()) continue;
      panel.curves.push_back({groups.size() > 1 ? groups[g].name : metrics[m].second, std::move(curve.x),
                              std::move(curve.y), std::move(curve.deviation),
                              static_cast<int>(groups.size() > 1 ? g : m)});
    }
  }
  return panel;
}

void Draw(const CurvesArguments& arguments) {
  const std::vector<CurveGroup> groups = Groups(arguments.runs);
  const HistoryAxis axis = arguments.axis == "steps"    ? HistoryAxis::kSteps
                           : arguments.axis == "epochs" ? HistoryAxis::kEpochs
                                                        : HistoryAxis::kMinutes;
  const std::string x_label = arguments.axis == "minutes" ? "minutes of the stage" : arguments.axis;
  std::vector<CurveSet> sets;
  for (const CurveGroup& group : groups) {
    for (CurveSet& set : CurveSetsOf(group.runs.front())) {
      const bool is_new =
          std::ranges::none_of(sets, [&](const CurveSet& other) { return other.title == set.title; });
      if (is_new && Shown(set, arguments.stages)) sets.push_back(std::move(set));
    }
  }
  std::vector<CurvePanel> panels;
  for (const CurveSet& set : sets) {
    CurvePanel panel = Panel(set, groups, axis, x_label);
    if (!panel.curves.empty()) panels.push_back(std::move(panel));
  }
  if (panels.empty()) {
    throw Error("expected metrics of ", arguments.stages.empty() ? "lifters or flows" : "the given stages",
                " in the runs' metrics.jsonl, found none");
  }
  DrawCurves(arguments.output.path, panels, arguments.output.width_mm);
  std::cout << arguments.output.path << ": " << panels.size() << " panels\n";
}

}  // namespace

void AddCurvesFigure(CLI::App* figure) {
  CLI::App* command = figure->add_subcommand("curves",
                                             "Training: the lifters' loss, held-out likelihoods and errors. "
                                             "Runs that differ only in the seed are one\n"
                                             "curve, their mean, in a band of the standard deviation.");
  const auto arguments = std::make_shared<CurvesArguments>();
  command->add_option("runs", arguments->runs, "Run directories, or shipped models")->required();
  AddFigureOutput(command, arguments->output);
  command->add_option("--x", arguments->axis, "What the horizontal axis counts")
      ->check(CLI::IsMember({"steps", "epochs", "minutes"}))
      ->capture_default_str();
  command->add_option("--stage", arguments->stages, "Loss, likelihood and errors of these stages alone")
      ->take_all();
  command->footer("Example: links figure curves runs/a/seed1 runs/a/seed2 --output curves.pdf");
  command->callback([arguments] { Draw(*arguments); });
}

}  // namespace links
