#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "links/config/config.h"
#include "links/core/atomic_file.h"
#include "links/core/error.h"
#include "links/core/text_difference.h"
#include "links/sweep/sweep.h"
#include "links/training/stages.h"

namespace links {
namespace {

using Json = nlohmann::ordered_json;

std::string PlanPath(const std::string& output) {
  return output + "/sweep.json";
}

// "N" or "A-B".
std::vector<int64_t> ReadSeeds(const std::string& text) {
  const size_t dash = text.find('-');
  const auto number = [&](const std::string& digits) -> int64_t {
    const bool whole =
        !digits.empty() && digits.size() <= 9 && digits.find_first_not_of("0123456789") == std::string::npos;
    return whole ? std::stoll(digits) : -1;
  };
  const int64_t first = dash == std::string::npos ? 1 : number(text.substr(0, dash)),
                last = number(dash == std::string::npos ? text : text.substr(dash + 1));
  if (first < 0 || last < std::max<int64_t>(first, dash == std::string::npos ? 1 : 0) || last - first >= 1000)
    throw UsageError("expected --seeds N, from 1, or A-B, at most 1000 of them, found '", text, "'");
  std::vector<int64_t> seeds;
  for (int64_t seed = first; seed <= last; ++seed) seeds.push_back(seed);
  return seeds;
}

std::string RunOf(const std::string& variant, int64_t seed) {
  return Concat(variant, variant.empty() ? "" : "/", "seed", seed);
}

void NameSeed(std::string& text, int64_t seed) {
  const std::string name = "{seed}";
  for (size_t at = text.find(name); at != std::string::npos; at = text.find(name))
    text.replace(at, name.size(), std::to_string(seed));
}

// What variants share that would train the same flows; "" for one that trains none or takes them from
// elsewhere.
std::string FlowsOf(const SweepVariant& variant) {
  std::string key;
  for (const StageKind& stage : Stages()) {
    if (stage.shared_key && stage.is_used(variant.config))
      key += stage.name + "\n" + stage.shared_key(variant.config);
  }
  return variant.config.flows.from.empty() ? key : "";
}

// Adds a task for every so many of the runs that can be trained side by side.
void AddTasks(SweepPlan& plan, const std::vector<std::string>& runs, bool shared_flows,
              const SweepRequest& request) {
  std::vector<std::pair<std::string, std::vector<std::string>>> alike;
  for (const std::string& run : runs) {
    const SweepVariant& variant = plan.VariantOf(run);
    std::string key = EnsembleKey(variant.config);
    for (const std::string& stage : variant.stages) key += stage + "\n";
    const auto found = std::ranges::find(alike, key, [](const auto& group) { return group.first; });
    if (found == alike.end()) {
      alike.push_back({key, {run}});
    } else {
      found->second.push_back(run);
    }
  }
  for (const auto& [key, group] : alike) {
    const auto count = static_cast<int64_t>(group.size());
    const int64_t most = request.jobs == 0
                             ? request.together
                             : std::min(request.together, (count + request.jobs - 1) / request.jobs);
    const int64_t tasks = (count + most - 1) / most;
    for (int64_t task = 0; task < tasks; ++task)
      plan.tasks.push_back(
          {shared_flows, {group.begin() + count * task / tasks, group.begin() + count * (task + 1) / tasks}});
  }
}

}  // namespace

std::vector<std::string> SweepPlan::Runs() const {
  std::vector<std::string> runs;
  for (const SweepVariant& variant : variants) {
    for (const SweepTask& task : tasks) {
      for (const std::string& run : task.runs) {
        if (!task.shared_flows && VariantOf(run).name == variant.name) runs.push_back(run);
      }
    }
  }
  return runs;
}

const SweepVariant& SweepPlan::VariantOf(const std::string& run) const {
  const std::string name = std::filesystem::path(run).parent_path().string();
  const auto found = std::ranges::find(variants, name, &SweepVariant::name);
  if (found == variants.end()) throw Error("expected a run of the sweep, found '", run, "'");
  return *found;
}

PlannedRun SweepPlan::Run(const std::string& output, const std::string& run) const {
  const SweepVariant& variant = VariantOf(run);
  RunConfig config = variant.config;
  config.seed = std::stoll(std::filesystem::path(run).filename().string().substr(std::string("seed").size()));
  config.output = output + "/" + run;
  config.device = device;
  config.threads = threads;
  if (!variant.flows.empty()) config.flows.from = output + "/" + RunOf(variant.flows, config.seed);
  NameSeed(config.flows.from, config.seed);
  for (std::string* start : config.StartingRuns()) NameSeed(*start, config.seed);
  return {config, RunDirectory(config.output)};
}

SweepPlan PlanSweep(const SweepRequest& request) {
  const std::vector<int64_t> seeds = ReadSeeds(request.seeds);
  const SweepPlan described = DescribeSweep(request);
  SweepPlan plan = described;
  if (std::filesystem::exists(PlanPath(request.output))) plan = ReadSweepPlan(request.output);
  const auto same = [&](const char* what, const auto& stored, const auto& given) {
    if (stored != given) {
      throw UsageError("expected a new folder or that of the same sweep, found another ", what, " in '",
                       PlanPath(request.output), "'");
    }
  };
  same("table", plan.table, described.table);
  same("protocol of evaluation", plan.protocol, described.protocol);
  same("list of test files", plan.test, described.test);
  for (const SweepVariant& variant : described.variants) {
    const auto found = std::ranges::find(plan.variants, variant.name, &SweepVariant::name);
    if (found == plan.variants.end()) {
      plan.variants.push_back(variant);
      continue;
    }
    const std::string stored = WriteConfig(found->config), given = WriteConfig(variant.config);
    if (stored != given)
      throw UsageError("expected a new folder or that of the same sweep, found another configuration of ",
                       variant.name, " in '", PlanPath(request.output),
                       "': ", FirstDifference(stored, given));
    same("list of stages", found->stages, variant.stages);
  }
  if (!request.device.empty()) plan.device = request.device;
  if (request.threads > 0) plan.threads = request.threads;
  std::map<std::string, std::string> trained_by;
  std::set<std::string> planned, needed;
  for (const SweepTask& task : plan.tasks) {
    for (const std::string& run : task.runs) planned.insert(run + (task.shared_flows ? " flows" : ""));
  }
  for (SweepVariant& variant : plan.variants) {
    const auto [first, is_new] = trained_by.emplace(FlowsOf(variant), variant.name);
    if (!is_new && !first->first.empty()) variant.flows = first->second;
  }
  std::vector<std::string> flows, runs;
  for (const SweepVariant& variant : described.variants) {
    const std::string& shared = plan.VariantOf(RunOf(variant.name, 1)).flows;
    for (const int64_t seed : seeds) {
      if (!shared.empty() && planned.insert(RunOf(shared, seed) + " flows").second)
        flows.push_back(RunOf(shared, seed));
      if (planned.insert(RunOf(variant.name, seed)).second) runs.push_back(RunOf(variant.name, seed));
    }
  }
  AddTasks(plan, flows, true, request);
  AddTasks(plan, runs, false, request);
  return plan;
}

void WriteSweepPlan(const SweepPlan& plan, const std::string& output) {
  Json variants = Json::array(), tasks = Json::array();
  for (const SweepVariant& variant : plan.variants) {
    variants.push_back({{"name", variant.name},
                        {"stages", variant.stages},
                        {"flows", variant.flows},
                        {"config", WriteConfig(variant.config)}});
  }
  for (const SweepTask& task : plan.tasks)
    tasks.push_back({{"shared_flows", task.shared_flows}, {"runs", task.runs}});
  const Json json = {{"format", "links-sweep"},   {"version", 1},          {"table", plan.table},
                     {"protocol", plan.protocol}, {"device", plan.device}, {"threads", plan.threads},
                     {"test", plan.test},         {"variants", variants},  {"tasks", tasks}};
  WriteFileAtomically(PlanPath(output), json.dump(1) + "\n");
}

SweepPlan ReadSweepPlan(const std::string& output) {
  const std::string path = PlanPath(output);
  if (!std::filesystem::exists(path))
    throw UsageError("expected the folder of a sweep, found no '", path, "'");
  SweepPlan plan;
  try {
    const Json json = Json::parse(ReadFile(path));
    if (json.at("format") != "links-sweep" || json.at("version") != 1)
      throw Error("expected a sweep of version 1, found another in '", path, "'");
    json.at("table").get_to(plan.table);
    json.at("protocol").get_to(plan.protocol);
    json.at("device").get_to(plan.device);
    json.at("threads").get_to(plan.threads);
    json.at("test").get_to(plan.test);
    for (const Json& item : json.at("variants")) {
      SweepVariant& variant = plan.variants.emplace_back();
      item.at("name").get_to(variant.name);
      item.at("stages").get_to(variant.stages);
      item.at("flows").get_to(variant.flows);
      ReadStoredConfig(item.at("config").get<std::string>(), path, variant.config);
    }
    for (const Json& item : json.at("tasks"))
      plan.tasks.push_back(
          {item.at("shared_flows").get<bool>(), item.at("runs").get<std::vector<std::string>>()});
  } catch (const Json::exception& error) {
    throw Error("expected a sweep's plan as JSON, found something else in '", path, "': ", error.what());
  }
  return plan;
}

}  // namespace links
