#include "links/report/run_group.h"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "links/core/error.h"

namespace links {
namespace {

bool SameRunButSeed(const EvaluationFile& a, const EvaluationFile& b) {
  return a.run && b.run && a.run->key == b.run->key && a.protocol == b.protocol && a.poses == b.poses;
}

// Every result of `a` is in `b` as well.
void CheckHolds(const EvaluationFile& a, const EvaluationFile& b) {
  for (const auto& [key, metrics] : a.results) {
    if (b.Find(key) != nullptr) continue;
    throw Error(b.path, ": expected the results of '", a.path, "' (the same run with another seed), '",
                key.composition, "', '", key.scenario, "', '", key.filler, "', '", key.joints,
                "' is missing");
  }
}

void CheckGroup(const RunGroup& group) {
  for (size_t i = 1; i < group.evaluations.size(); ++i) {
    const EvaluationFile& before = group.evaluations[i - 1];
    const EvaluationFile& file = group.evaluations[i];
    if (file.run->seed == before.run->seed) {
      throw Error("expected each seed once, found seed ", file.run->seed, " of the same run in '",
                  before.path, "' and '", file.path, "'");
    }
    CheckHolds(before, file);
    CheckHolds(file, before);
  }
}

}  // namespace

std::string RunGroup::Name() const {
  for (const EvaluationFile& file : evaluations) {
    if (file.run && !file.run->name.empty()) return file.run->name;
  }
  if (std::string predictions = first().Setting("predictions"); !predictions.empty()) return predictions;
  const auto path = std::filesystem::absolute(first().path).lexically_normal();
  return (path.filename() == "evaluation.json" ? path.parent_path() : path).filename().string();
}

std::vector<int64_t> RunGroup::Seeds() const {
  std::vector<int64_t> seeds;
  for (const EvaluationFile& file : evaluations) {
    if (file.run) seeds.push_back(file.run->seed);
  }
  return seeds;
}

Statistic StatisticOf(const std::vector<double>& values) {
  const double count = static_cast<double>(values.size());
  if (values.empty() || std::ranges::any_of(values, IsAbsent)) return {};
  double mean = 0, squares = 0;
  for (double value : values) mean += value / count;
  for (double value : values) squares += (value - mean) * (value - mean);
  return {mean, values.size() > 1 ? std::sqrt(squares / (count - 1)) : kAbsent};
}

Statistic RunGroup::Over(const ResultKey& key, double Metrics::*metric) const {
  std::vector<double> values;
  for (const EvaluationFile& file : evaluations) {
    const Metrics* metrics = file.Find(key);
    values.push_back(metrics ? metrics->*metric : kAbsent);
  }
  return StatisticOf(values);
}

std::vector<std::string> RunGroup::Compositions(const std::string& scenario,
                                                const std::string& filler) const {
  std::vector<std::string> compositions;
  for (const auto& [key, metrics] : first().results) {
    if (key.scenario == scenario && key.filler == filler && key.joints == "all") {
      compositions.push_back(key.composition);
    }
  }
  return compositions;
}

std::string RunGroup::Choose(const std::string& scenario, const std::string& filler,
                             const std::string& wanted) const {
  const std::vector<std::string> has = Compositions(scenario, filler);
  std::vector<std::string> order = {"legs_torso", "left_core", "right_core", "full", "predictions"};
  if (!wanted.empty()) order = {wanted};
  for (const std::string& composition : order) {
    if (std::ranges::find(has, composition) != has.end()) return composition;
  }
  return "";
}

std::vector<RunGroup> GroupRuns(std::vector<EvaluationFile> evaluations) {
  std::vector<RunGroup> groups;
  for (EvaluationFile& file : evaluations) {
    const auto group =
        std::ranges::find_if(groups, [&](const RunGroup& g) { return SameRunButSeed(g.first(), file); });
    if (group == groups.end()) {
      groups.push_back({{std::move(file)}});
    } else {
      group->evaluations.push_back(std::move(file));
    }
  }
  for (RunGroup& group : groups) {
    std::ranges::stable_sort(group.evaluations, {},
                             [](const EvaluationFile& file) { return file.run ? file.run->seed : 0; });
    CheckGroup(group);
  }
  return groups;
}

}  // namespace links
