#include <algorithm>
#include <filesystem>
#include <functional>
#include <set>

#include "../config/yaml_file.h"
#include "links/config/config.h"
#include "links/core/nearest.h"
#include "links/core/share.h"
#include "links/core/text.h"
#include "links/metrics/protocol.h"
#include "links/sweep/sweep.h"
#include "links/training/stages.h"

namespace links {
namespace {

namespace fs = std::filesystem;

/// A value of one key in a run: files that it adds, or an option that it sets.
struct AxisValue {
  std::vector<std::string> files, overrides;
  std::string name;  // of the run's folder
};

/// The runs of one entry of `runs`: every combination of the values of its keys.
struct Grid {
  std::vector<std::string> recipes;  // empty = all
  std::vector<std::vector<AxisValue>> axes;
};

// The shipped file `name` of a folder of configs, or the YAML file itself, relative to `folder`.
std::string FileNamed(const std::string& name, const std::string& kind, const fs::path& folder) {
  if (NamesYamlFile(name)) return (folder / name).lexically_normal().string();
  std::string path = SharePath("configs/" + kind + "/" + name + ".yaml");
  if (fs::exists(path)) return path;
  std::vector<std::string> names;
  for (const std::string& file : ShippedYamlFiles("configs/" + kind, kind))
    names.push_back(fs::path(file).stem().string());
  throw UsageError("expected a YAML file or one of configs/", kind, " (", Join(names, ", "), "), found '",
                   name, "'", DidYouMean(name, names));
}

AxisValue FileChoice(const std::string& name, const std::string& kind, const fs::path& folder) {
  const std::string path = FileNamed(name, kind, folder);
  return {{path}, {}, fs::path(path).stem().string()};
}

/// Reads a sweep's YAML file into what of the request is not given on the command line.
class SweepFile {
 public:
  explicit SweepFile(const std::string& path) : path_(path), file_(path, "a sweep") {}

  std::vector<Grid> Read(SweepRequest& request) const {
    const YAML::Node root = file_.Load();
    file_.CheckKeys(root, {"table", "protocol", "config", "recipe", "size", "data_set", "stages", "runs"},
                    "key of a sweep");
    if (root["table"] && request.table == 0) {
      const double number = file_.Number(root["table"]);
      request.table = static_cast<int>(number);
      if (number != request.table || number < 1 || number > 4)
        file_.Fail(root["table"], "expected a table from 1 to 4");
    }
    const auto text = [&](const char* key, std::string& value) {
      if (root[key] && value.empty()) value = file_.Text(root[key], key);
    };
    text("protocol", request.protocol);
    text("size", request.size);
    text("data_set", request.data_set);
    if (root["recipe"] && request.recipes.empty()) request.recipes = Texts(root["recipe"]);
    if (root["stages"] && request.stages.empty()) request.stages = Texts(root["stages"]);
    std::vector<std::string> configs;
    for (const std::string& name : Texts(root["config"]))
      configs.push_back((Folder() / name).lexically_normal().string());
    request.configs.insert(request.configs.begin(), configs.begin(), configs.end());
    std::vector<Grid> grids;
    const YAML::Node runs = file_.Required(root, "runs");
    if (!runs.IsSequence() || runs.size() == 0)
      file_.Fail(runs, "expected a list of grids, each a map of keys and values");
    for (const YAML::Node& grid : runs) grids.push_back(ReadGrid(grid));
    return grids;
  }

 private:
  fs::path Folder() const { return fs::path(path_).parent_path(); }

  Grid ReadGrid(const YAML::Node& node) const {
    if (!node.IsMap()) file_.Fail(node, "expected a grid: variant, recipe or options, each with its values");
    Grid grid;
    for (const auto& entry : node) {
      const std::string key = file_.Text(entry.first, "a key");
      if (key == "recipe") {
        grid.recipes = Texts(entry.second);
        continue;
      }
      std::vector<AxisValue>& axis = grid.axes.emplace_back();
      if (key == "variant") {
        for (const std::string& name : Texts(entry.second))
          axis.push_back(FileChoice(name, "variants", Folder()));
        continue;
      }
      for (const YAML::Node& value : Values(entry.second)) {
        YAML::Emitter emitter;
        emitter << YAML::Flow << value;
        const std::string assignment = key + "=" + emitter.c_str();
        std::string name = assignment;
        std::ranges::replace_if(
            name,
            [](unsigned char c) {
              return std::isalnum(c) == 0 &&
                     std::string("._-+=").find(static_cast<char>(c)) == std::string::npos;
            },
            '_');
        axis.push_back({{}, {assignment}, name});
      }
    }
    return grid;
  }

  static std::vector<YAML::Node> Values(const YAML::Node& node) {
    if (!node.IsSequence()) return {node};
    return {node.begin(), node.end()};
  }
  std::vector<std::string> Texts(const YAML::Node& node) const {
    std::vector<std::string> texts;
    if (!node) return texts;
    for (const YAML::Node& value : Values(node)) texts.push_back(file_.Text(value, "a name"));
    return texts;
  }

  std::string path_;
  YamlFile file_;
};

// Stages that the configuration does not allow are left out, unless they are asked for.
std::vector<std::string> StagesFor(const RunConfig& config, const std::vector<std::string>& asked) {
  if (!asked.empty()) return asked;
  std::vector<std::string> names;
  for (const StageKind& stage : Stages()) {
    try {
      if (stage.check) stage.check(config);
      if (std::ranges::count(names, stage.group) == 0) names.push_back(stage.group);
    } catch (const UsageError&) {
    }
  }
  return names;
}

// The texts as a list in YAML.
std::string FlowList(const std::vector<std::string>& texts) {
  YAML::Emitter emitter;
  emitter << YAML::Flow << YAML::BeginSeq;
  for (const std::string& text : texts)
    emitter << YAML::SingleQuoted << fs::absolute(text).lexically_normal().string();
  emitter << YAML::EndSeq;
  return emitter.c_str();
}

}  // namespace

SweepPlan DescribeSweep(const SweepRequest& asked) {
  SweepRequest request = asked;
  std::vector<Grid> grids;
  if (!request.file.empty()) grids = SweepFile(FileNamed(request.file, "sweeps", "")).Read(request);
  if (!request.variants.empty()) {
    std::vector<AxisValue>& axis = grids.emplace_back().axes.emplace_back();
    for (const std::string& variant : request.variants) axis.push_back(FileChoice(variant, "variants", ""));
  }
  if (grids.empty()) grids.emplace_back();
  if (!request.train.empty()) request.overrides.push_back("data.training=" + FlowList(request.train));
  if (!request.test.empty()) request.overrides.push_back("data.validation=" + FlowList(request.test));

  SweepPlan plan;
  plan.table = request.table;
  plan.device = request.device.empty() ? "auto" : request.device;
  plan.protocol = !request.protocol.empty()   ? request.protocol
                  : !request.data_set.empty() ? request.data_set
                                              : "none";
  Protocol{plan.protocol};
  if (!request.size.empty() && request.size != "paper" && request.size != "reduced")
    throw UsageError("expected the size reduced or paper, found '", request.size, "'");
  std::set<std::string> names;
  const auto add = [&](const AxisValue& run) {
    SweepVariant variant{run.name, {}, "", {}};
    if (!names.insert(run.name).second)
      throw UsageError("expected runs with folders of their own, found two for '", run.name, "'");
    std::vector<std::string> overrides = run.overrides;
    overrides.insert(overrides.end(), request.overrides.begin(), request.overrides.end());
    ReadConfig(run.files, overrides, variant.config);
    for (const std::string& option : run.overrides)
      variant.config.name += (variant.config.name.empty() ? "" : ", ") + option;
    if (variant.config.name.empty()) variant.config.name = run.name;
    const RunConfig defaults;
    variant.config.seed = defaults.seed;
    variant.config.output = defaults.output;
    variant.config.device = defaults.device;
    variant.config.threads = defaults.threads;
    variant.config.Check();
    if (variant.config.data.training.empty())
      throw UsageError("expected pose files to train on (--train), found none");
    variant.stages = StagesFor(variant.config, request.stages);
    if (plan.test.empty()) plan.test = variant.config.data.validation;
    plan.variants.push_back(variant);
  };
  // Every combination of the axes from one on.
  std::function<void(const Grid&, size_t, const AxisValue&)> combine = [&](const Grid& grid, size_t axis,
                                                                           const AxisValue& so_far) {
    if (axis == grid.axes.size()) return add(so_far);
    for (const AxisValue& choice : grid.axes[axis]) {
      AxisValue run = so_far;
      run.files.insert(run.files.end(), choice.files.begin(), choice.files.end());
      run.overrides.insert(run.overrides.end(), choice.overrides.begin(), choice.overrides.end());
      run.name += (run.name.empty() ? "" : "/") + choice.name;
      combine(grid, axis + 1, run);
    }
  };
  std::vector<std::string> recipes = request.recipes;
  if (recipes.empty()) recipes.emplace_back();
  for (const std::string& recipe : recipes) {
    AxisValue base{request.configs, {}, ""};
    if (!recipe.empty()) {
      const bool reduced = request.size == "reduced" && !NamesYamlFile(recipe);
      base.files.push_back(FileNamed(reduced ? recipe + "_reduced" : recipe, "recipes", ""));
      base.name = fs::path(recipe).stem().string();
    }
    if (!request.data_set.empty()) base.files.push_back(FileNamed(request.data_set, "datasets", ""));
    for (const Grid& grid : grids) {
      if (grid.recipes.empty() || std::ranges::count(grid.recipes, recipe) > 0) combine(grid, 0, base);
    }
  }
  if (plan.test.empty()) throw UsageError("expected pose files to evaluate on (--test), found none");
  return plan;
}

}  // namespace links
