#include "links/monitor/run_curves.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace links {
namespace {

bool Has(const std::vector<MetricLine>& lines, const std::string& stage, const std::string& metric) {
  return std::ranges::any_of(lines, [&](const MetricLine& line) {
    return line.stage == stage && std::isfinite(line.Value(metric));
  });
}

std::string Words(std::string name) {
  std::ranges::replace(name, '_', ' ');
  return name;
}

}  // namespace

GroupCurve CurveOf(const CurveGroup& group, const std::string& stage, const std::string& metric,
                   HistoryAxis axis) {
  // By epoch, for which runs of other speed have other times.
  std::map<double, std::vector<std::pair<double, double>>> points;
  for (const std::vector<MetricLine>& lines : group.runs) {
    const History at = HistoryOf(lines, stage, metric, axis);
    const History epochs = HistoryOf(lines, stage, metric, HistoryAxis::kEpochs);
    for (size_t i = 0; i < at.x.size(); ++i) points[epochs.x[i]].emplace_back(at.x[i], at.y[i]);
  }
  GroupCurve curve{group.name, {}, {}, {}};
  const double count = static_cast<double>(group.runs.size());
  for (const auto& [epoch, values] : points) {
    if (values.size() != group.runs.size()) continue;
    double x = 0, mean = 0, squares = 0;
    for (const auto& [at, value] : values) {
      x += at / count;
      mean += value / count;
    }
    for (const auto& [at, value] : values) squares += (value - mean) * (value - mean);
    curve.x.push_back(x);
    curve.y.push_back(mean);
    if (group.runs.size() > 1) curve.deviation.push_back(std::sqrt(squares / (count - 1)));
  }
  return curve;
}

std::vector<CurveSet> CurveSetsOf(const std::vector<MetricLine>& lines) {
  std::vector<std::string> stages;
  for (const MetricLine& line : lines) {
    if (std::ranges::find(stages, line.stage) == stages.end()) stages.push_back(line.stage);
  }
  std::vector<CurveSet> sets;
  CurveSet errors{"Error on validation poses", "PA-MPJPE (mm)", "lifters", {}};
  for (const std::string& stage : stages) {
    CurveSet loss{"Loss: " + Words(stage), "loss", stage, {}};
    for (const auto& [metric, name] :
         {std::pair<std::string, std::string>{"total", "training"}, {"total_held_out", "held out"}}) {
      if (Has(lines, stage, metric)) loss.metrics.emplace_back(metric, name);
    }
    CurveSet likelihood{"Held-out likelihood: " + Words(stage), "\u2212log p (nats)", stage, {}};
    std::set<std::string> names;
    for (const MetricLine& line : lines) {
      if (line.stage != stage) continue;
      for (const auto& [name, value] : line.values) {
        if (!std::isfinite(value) || !names.insert(name).second) continue;
        if (name.ends_with("/nll_held_out"))
          likelihood.metrics.emplace_back(name, name.substr(0, name.find('/')));
        const bool composition = stage == "lifters" && name.ends_with("/pa_mpjpe");
        if (composition) errors.metrics.emplace_back(name, Words(name.substr(0, name.find('/'))));
      }
    }
    if (!loss.metrics.empty()) sets.push_back(loss);
    if (!likelihood.metrics.empty()) sets.push_back(likelihood);
  }
  if (!errors.metrics.empty()) sets.push_back(errors);
  return sets;
}

}  // namespace links
