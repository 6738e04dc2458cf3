#include <algorithm>

#include "links/core/error.h"
#include "links/metrics/protocol.h"
#include "links/metrics/result.h"
#include "links/report/metric_title.h"
#include "links/report/paper_table.h"
#include "names.h"
#include "table_notes.h"

namespace links {
namespace {

// What an evaluation is split by: actions where there are any.
std::string GroupingOf(const EvaluationFile& file) {
  std::string first;
  for (const std::string& grouping : file.Groupings()) {
    if (grouping == "action") return grouping;
    if (first.empty() && grouping != kByAzimuth && grouping != kByLikelihood) first = grouping;
  }
  return first;
}

const Metrics* Find(const EvaluationFile& file, const ResultKey& key, const std::string& grouping,
                    const std::string& group) {
  for (const GroupResult& result : file.groups) {
    if (result.grouping == grouping && result.group == group && result.key == key) return &result.metrics;
  }
  return nullptr;
}

Statistic Over(const RunGroup& runs, const ResultKey& key, const std::string& grouping,
               const std::string& group, double Metrics::*metric) {
  std::vector<double> values;
  for (const EvaluationFile& file : runs.evaluations) {
    const Metrics* metrics = Find(file, key, grouping, group);
    values.push_back(metrics ? metrics->*metric : kAbsent);
  }
  return StatisticOf(values);
}

}  // namespace

PaperTable MakeActionTable(const std::string& metric, const std::vector<RunGroup>& groups,
                           const std::string& composition) {
  const auto field = std::ranges::find(kMetricFields, metric, &MetricField::name);
  if (field == kMetricFields.end()) throw UsageError("expected a metric, found '", metric, "'");
  PaperTable table;
  std::string grouping;
  for (const RunGroup& runs : groups) {
    const std::string own = GroupingOf(runs.first());
    if (own.empty())
      throw Error(runs.first().path, ": expected figures per action for the table of actions, found none");
    if (!grouping.empty() && own != grouping) {
      throw Error("expected evaluations per ", grouping, " as in '", groups.front().first().path,
                  "', found per ", own, " in '", runs.first().path, "'");
    }
    grouping = own;
  }
  table.title = MetricTitle(metric) + ", per " + grouping;
  bool has_mean = false;
  std::vector<std::string> names;
  for (const RunGroup& runs : groups) {
    for (const GroupResult& result : runs.first().groups) {
      if (result.grouping != grouping || result.key.scenario != "none") continue;
      if (result.group == "mean") {
        has_mean = true;
      } else if (std::ranges::find(names, result.group) == names.end()) {
        names.push_back(result.group);
      }
    }
  }
  std::ranges::sort(names);
  const bool lower = metric.find("mpjpe") != std::string::npos;
  const auto add_column = [&](const std::string& key, const std::string& title) {
    table.columns.push_back({key, title, field->value, "all", lower});
  };
  for (const std::string& name : names) add_column(Concat(metric, " ", name), name);
  if (has_mean) add_column(metric + " mean", "mean of\n" + grouping + "s");
  add_column(metric + " all", "all\nposes");
  std::vector<const RunGroup*> shown;
  for (const RunGroup& runs : groups) {
    const std::string chosen = runs.Choose("none", "none", composition);
    if (chosen.empty()) continue;
    shown.push_back(&runs);
    TableRow row;
    row.data_set = row.section = row.contest = Protocol::Title(runs.first().protocol);
    row.method = "ours: " + runs.Name();
    row.lifters = CompositionTitle(chosen);
    row.supervision = runs.first().Setting("supervision", runs.first().run ? "unsupervised" : "");
    row.poses = runs.first().poses;
    row.seeds = runs.Seeds();
    row.source = runs.first().path;
    const ResultKey key = {chosen};
    for (const std::string& name : names)
      row.cells.push_back({Over(runs, key, grouping, name, field->value)});
    if (has_mean) row.cells.push_back({Over(runs, key, grouping, "mean", field->value)});
    row.cells.push_back({runs.Over(key, field->value)});
    table.rows.push_back(std::move(row));
  }
  if (shown.empty())
    throw Error("expected results of lifters for the table of actions, found none in the given evaluations");
  AddNotes(table, shown);
  return table;
}

}  // namespace links
