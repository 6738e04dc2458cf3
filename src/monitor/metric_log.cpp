#include "links/monitor/metric_log.h"

#include <ctime>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "links/core/atomic_file.h"
#include "links/core/error.h"
#include "links/core/flat_settings.h"

namespace links {
namespace {

using Json = nlohmann::ordered_json;

std::string MetricsPath(const std::string& directory) {
  return (std::filesystem::path(directory) / "metrics.jsonl").string();
}

std::string UtcNow() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

// Makes the folder and drops a torn last line, so that what is appended starts a line of its own.
std::string PrepareDirectory(const std::string& directory) {
  std::error_code failure;
  std::filesystem::create_directories(directory, failure);
  if (failure) throw Error("expected to make the folder '", directory, "', found: ", failure.message());
  MetricLog::Rewind(directory, [](const std::string&, int64_t) { return true; });
  return MetricsPath(directory);
}

}  // namespace

MetricLog::MetricLog(const std::string& directory)
    : path_(PrepareDirectory(directory)),
      file_(path_, std::ios::app),
      tensorboard_((std::filesystem::path(directory) / "tensorboard").string()) {
  if (!file_) throw Error("expected to append metrics to '", path_, "', found that it cannot be opened");
}

void MetricLog::Write(const std::string& stage, int64_t step, int64_t epoch,
                      const std::vector<std::pair<std::string, double>>& values) {
  Json line = {{"stage", stage}, {"epoch", epoch}, {"step", step}, {"time", UtcNow()}};
  std::vector<std::pair<std::string, double>> scalars;
  for (const auto& [name, value] : values) {
    if (line.contains(name))
      throw Error("expected distinct metric names in stage '", stage, "', found '", name, "' twice");
    line[name] = value;  // the library writes NaN and the infinities as null
    scalars.emplace_back(Concat(stage, "/", name), value);
  }
  file_ << line.dump() + "\n" << std::flush;
  if (!file_) throw Error("expected to append metrics to '", path_, "', found that writing failed");
  SyncFile(path_);  // before the checkpoint that says that the epoch is done
  tensorboard_.AddScalars(step, scalars);
}

void MetricLog::WritePoses(const std::string& stage, int64_t step, const std::string& png) {
  tensorboard_.AddPicture(step, stage + "/poses", png);
}

void MetricLog::WriteConfiguration(const std::string& yaml) {
  tensorboard_.AddText("configuration", "```\n" + yaml + "```");
  tensorboard_.AddHyperparameters(FlatSettings(yaml),
                                  {"lifters/legs_torso/pa_mpjpe", "lifters/legs_torso/n_mpjpe"});
}

void MetricLog::Rewind(const std::string& directory,
                       const std::function<bool(const std::string& stage, int64_t epoch)>& keep) {
  const std::string path = MetricsPath(directory);
  if (!std::filesystem::exists(path)) return;
  const std::string before = ReadFile(path);
  std::string after;
  int64_t number = 1;
  for (size_t start = 0; start < before.size(); ++number) {
    const size_t end = before.find('\n', start);
    if (end == std::string::npos) break;  // torn
    const std::string line = before.substr(start, end + 1 - start);
    start = end + 1;
    try {
      const Json json = Json::parse(line);
      if (keep(json.at("stage").get<std::string>(), json.at("epoch").get<int64_t>())) after += line;
    } catch (const Json::exception&) {
      throw Error("expected a JSON object with 'stage' and 'epoch' in ", path, " line ", number, ", found '",
                  line.substr(0, std::min<size_t>(line.size() - 1, 60)), "'");
    }
  }
  if (after != before) WriteFileAtomically(path, after);
}

}  // namespace links
