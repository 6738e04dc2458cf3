#include "links/metrics/result.h"

#include <array>
#include <nlohmann/json.hpp>
#include <string_view>

#include "links/core/text.h"

namespace links {
namespace {

using Json = nlohmann::ordered_json;

// The text columns of a result, in the order of the files.
struct TextField {
  std::string_view name;
  std::string Result::*value;
};
constexpr std::array<TextField, 6> kTextFields = {{{"composition", &Result::composition},
                                                   {"scenario", &Result::scenario},
                                                   {"filler", &Result::filler},
                                                   {"joints", &Result::joints},
                                                   {"grouping", &Result::grouping},
                                                   {"group", &Result::group}}};

Json Number(double metric) {
  return IsAbsent(metric) ? Json(nullptr) : Json(metric);
}

Json Object(const Report::Notes& notes) {
  Json object = Json::object();
  for (const auto& [key, value] : notes) object[key] = value;
  return object;
}

Json Object(const Result& result) {
  Json object;
  for (const TextField& field : kTextFields) object[field.name] = result.*field.value;
  object["poses"] = result.metrics.poses;
  object["rejected"] = result.metrics.rejected;
  for (const MetricField& field : kMetricFields) object[field.name] = Number(result.metrics.*field.value);
  if (!result.per_joint) return object;
  for (const JointMeansField& field : kJointMeansFields) {
    Json& errors = object["per_joint"][field.name];
    for (const double error : *result.per_joint.*field.value) errors.push_back(Number(error));
  }
  return object;
}

}  // namespace

std::string ReportJson(const Report& report) {
  Json json;
  json["format"] = "links-evaluation";
  json["version"] = 1;
  json["protocol"] = report.protocol;
  json["run"] = report.run
                    ? Json{{"name", report.run->name}, {"seed", report.run->seed}, {"key", report.run->key}}
                    : Json(nullptr);
  json["poses"] = report.poses;
  json["settings"] = Object(report.settings);
  json["software"] = Object(report.software);
  json["results"] = Json::array();
  for (const Result& result : report.results) json["results"].push_back(Object(result));
  // Names come from files: bytes that are not UTF-8 are replaced.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

std::string ReportCsv(const Report& report) {
  std::string csv;
  for (const TextField& field : kTextFields) csv.append(field.name) += ',';
  csv += "poses,rejected";
  for (const MetricField& field : kMetricFields) (csv += ',').append(field.name);
  csv += '\n';
  for (const Result& result : report.results) {
    for (const TextField& field : kTextFields) csv += CsvField(result.*field.value) + ',';
    csv += std::to_string(result.metrics.poses) + ',' + std::to_string(result.metrics.rejected);
    for (const MetricField& field : kMetricFields) {
      const double metric = result.metrics.*field.value;
      csv += ',' + (IsAbsent(metric) ? "" : Json(metric).dump());
    }
    csv += '\n';
  }
  return csv;
}

}  // namespace links
