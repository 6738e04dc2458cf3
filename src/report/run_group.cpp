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

Statistic RunGroup::Over(const ResultKey& key, double Metrics::*metric) const {
  std::vector<double> values;
  for (const EvaluationFile& file : evaluations) {
    const Metrics* metrics = file.Find(key);
    if (metrics == nullptr || IsAbsent(metrics->*metric)) return {};
    values.push_back(metrics->*metric);
  }
  const double count = static_cast<double>(values.size());
  double mean = 0, squares = 0;
  for (double value : values) mean += value / count;
  for (double value : values) squares += (value - mean) * (value - mean);
  return {mean, values.size() > 1 ? std::sqrt(squares / (count - 1)) : kAbsent};
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
