#include "links/monitor/metric_history.h"

#include <cmath>
#include <ctime>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>

#include "links/core/atomic_file.h"
#include "links/core/error.h"

namespace links {
namespace {

using Json = nlohmann::ordered_json;

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

double Seconds(const std::string& time) {
  std::tm parts{};
  const char* end = strptime(time.c_str(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  if (!end || *end) throw Error("expected a time like 2026-01-31T12:00:00Z");
  return static_cast<double>(timegm(&parts));
}

MetricLine ReadLine(const std::string& text) {
  const Json json = Json::parse(text);
  MetricLine line;
  json.at("stage").get_to(line.stage);
  json.at("epoch").get_to(line.epoch);
  json.at("step").get_to(line.step);
  line.seconds = Seconds(json.at("time").get<std::string>());
  for (const auto& [name, value] : json.items()) {
    if (name == "stage" || name == "epoch" || name == "step" || name == "time") continue;
    if (!value.is_null() && !value.is_number()) throw Error("expected numbers");
    line.values.emplace_back(name, value.is_null() ? kNone : value.get<double>());
  }
  return line;
}

}  // namespace

double MetricLine::Value(const std::string& name) const {
  for (const auto& [key, value] : values) {
    if (key == name) return value;
  }
  return kNone;
}

std::vector<MetricLine> ReadMetrics(const std::string& directory) {
  const std::string path = (std::filesystem::path(directory) / "metrics.jsonl").string();
  const std::string text = ReadFile(path);
  std::vector<MetricLine> lines;
  int64_t number = 1;
  for (size_t start = 0; start < text.size(); ++number) {
    const size_t end = text.find('\n', start);
    if (end == std::string::npos) break;  // being written
    const std::string line = text.substr(start, end - start);
    start = end + 1;
    try {
      lines.push_back(ReadLine(line));
    } catch (const std::exception&) {
      throw Error("expected a JSON object with 'stage', 'epoch', 'step', 'time' and numbers in ", path,
                  " line ", number, ", found '", line.substr(0, 60), "'");
    }
  }
  return lines;
}

History HistoryOf(const std::vector<MetricLine>& lines, const std::string& stage, const std::string& name,
                  HistoryAxis axis) {
  History history;
  double first = kNone;
  for (const MetricLine& line : lines) {
    if (line.stage != stage) continue;
    if (std::isnan(first)) first = line.seconds;
    const double value = line.Value(name);
    if (!std::isfinite(value)) continue;
    history.x.push_back(axis == HistoryAxis::kSteps    ? static_cast<double>(line.step)
                        : axis == HistoryAxis::kEpochs ? static_cast<double>(line.epoch)
                                                       : (line.seconds - first) / 60);
    history.y.push_back(value);
  }
  return history;
}

}  // namespace links
