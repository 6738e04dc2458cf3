#include "links/report/evaluation_file.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "links/core/atomic_file.h"
#include "links/core/error.h"
#include "links/core/text.h"
#include "links/metrics/protocol.h"
#include "names.h"

namespace links {
namespace {

using Json = nlohmann::ordered_json;

constexpr double kLargest = 1e100;  // what is squared stays finite

/// Takes values out of JSON; every mistake is an Error that names the file and the key.
class JsonReader {
 public:
  explicit JsonReader(const std::string& path) : path_(path) {}

  Json Load() const {
    Json json;
    try {
      json = Json::parse(ReadFile(path_));
    } catch (const Json::exception& error) {
      throw Error(path_, ": expected JSON, found a mistake (", Reason(error.what()), ")");
    }
    if (!json.is_object()) throw Error(path_, ": expected a JSON object, found ", json.type_name());
    return json;
  }

  const Json& Required(const Json& object, const std::string& where, const std::string& key) const {
    const auto found = object.find(key);
    if (found == object.end()) throw Error(path_, ": expected the key '", where, key, "', found none");
    return *found;
  }

  std::string Text(const Json& object, const std::string& where, const std::string& key) const {
    const Json& value = Required(object, where, key);
    if (!value.is_string()) Fail(where + key, "text", value);
    return OneLine(value.get<std::string>());
  }

  int64_t Integer(const Json& object, const std::string& where, const std::string& key, int64_t low) const {
    const Json& value = Required(object, where, key);
    const bool fits =
        !value.is_number_unsigned() || value.get<uint64_t>() <= uint64_t{std::numeric_limits<int64_t>::max()};
    if (!value.is_number_integer() || !fits || value.get<int64_t>() < low) {
      Fail(where + key, low == 0 ? "a whole number that is not negative" : "a whole number", value);
    }
    return value.get<int64_t>();
  }

  double Metric(const Json& object, const std::string& where, const std::string& key) const {
    const Json& value = Required(object, where, key);
    if (value.is_null()) return kAbsent;
    const double number = value.is_number() ? value.get<double>() : kAbsent;
    if (!(number >= 0 && number <= kLargest))
      Fail(where + key, "null or a number that is not negative", value);
    return number;
  }

  [[noreturn]] void Fail(const std::string& key, const std::string& expected, const Json& found) const {
    std::string text = found.dump();
    if (text.size() > 60) text = text.substr(0, 60) + "...";
    throw Error(path_, ": expected ", expected, " for '", key, "', found ", text);
  }

 private:
  // The library's sentence without its own name and number: "[json...] parse error at line 1, column 2: ...".
  static std::string Reason(const std::string& message) {
    const size_t end = message.find("] ");
    return OneLine(end == std::string::npos ? message : message.substr(end + 2));
  }

  // Names become cells of tables.
  static std::string OneLine(std::string text) {
    std::ranges::replace_if(
        text, [](unsigned char c) { return c < 0x20 || c == 0x7F; }, ' ');
    return text;
  }

  std::string path_;
};

void CheckFormat(const JsonReader& reader, const Json& json, const std::string& path) {
  constexpr const char* kFormat = "links-evaluation";
  if (const std::string format = reader.Text(json, "", "format"); format != kFormat) {
    throw Error(path, ": expected the format '", kFormat, "', found '", format, "'");
  }
  if (const int64_t version = reader.Integer(json, "", "version", 0); version != 1) {
    throw Error(path, ": expected version 1 of the format, found version ", version);
  }
}

std::optional<EvaluationFile::Run> ReadRun(const JsonReader& reader, const Json& json) {
  const Json& run = reader.Required(json, "", "run");
  if (run.is_null()) return std::nullopt;
  if (!run.is_object()) reader.Fail("run", "an object or null", run);
  return EvaluationFile::Run{reader.Text(run, "run.", "name"),
                             reader.Integer(run, "run.", "seed", std::numeric_limits<int64_t>::min()),
                             reader.Text(run, "run.", "key")};
}

JointMeans ReadJoints(const JsonReader& reader, const Json& errors, const std::string& where) {
  if (!errors.is_object()) reader.Fail(where, "an object", errors);
  JointMeans means;
  for (const JointMeansField& field : kJointMeansFields) {
    const std::string name(field.name), key = Concat(where, ".", name);
    const Json& list = reader.Required(errors, key, name);
    if (!list.is_array() || list.size() != kJoints) reader.Fail(key, "17 numbers", list);
    for (size_t joint = 0; joint < kJoints; ++joint) {
      const double number = list[joint].is_null()     ? kAbsent
                            : list[joint].is_number() ? list[joint].get<double>()
                                                      : -1;
      if (!(IsAbsent(number) || (number >= 0 && number <= kLargest)))
        reader.Fail(key, "null or numbers that are not negative", list[joint]);
      (means.*field.value)[joint] = number;
    }
  }
  return means;
}

void ReadResults(const JsonReader& reader, const Json& results, EvaluationFile& file) {
  std::set<ResultKey> seen;
  for (size_t i = 0; i < results.size(); ++i) {
    const std::string where = Concat("results[", i, "].");
    if (!results[i].is_object()) reader.Fail(Concat("results[", i, "]"), "an object", results[i]);
    const auto text = [&](const char* key) { return reader.Text(results[i], where, key); };
    const ResultKey key = {text("composition"), text("scenario"), text("filler"), text("joints")};
    Metrics metrics;
    metrics.poses = reader.Integer(results[i], where, "poses", 0);
    metrics.rejected = reader.Integer(results[i], where, "rejected", 0);
    for (const MetricField& field : kMetricFields) {
      metrics.*field.value = reader.Metric(results[i], where, std::string(field.name));
    }
    const std::string grouping = text("grouping"), group = text("group");
    if (group != "all" || grouping != "all") {
      file.groups.push_back({key, grouping, group, metrics});
      continue;
    }
    if (!seen.insert(key).second) {
      throw Error(file.path, ": expected each result once, found '", key.composition, "', '", key.scenario,
                  "', '", key.filler, "', '", key.joints, "' again in 'results[", i, "]'");
    }
    file.results.emplace_back(key, metrics);
    const auto joints = results[i].find("per_joint");
    if (joints != results[i].end())
      file.joint_errors.emplace_back(key, ReadJoints(reader, *joints, where + "per_joint"));
  }
}

std::string FileOf(const std::string& run_or_file) {
  namespace fs = std::filesystem;
  std::error_code unknown;
  if (!fs::exists(run_or_file, unknown)) {
    throw Error("'", run_or_file,
                "': expected a run directory or the JSON file of an evaluation, found nothing");
  }
  if (!fs::is_directory(run_or_file, unknown)) return run_or_file;
  std::string file = (fs::path(run_or_file) / "evaluation.json").string();
  if (!fs::exists(file, unknown)) {
    throw Error("expected '", file, "', found none: `links evaluate --run ", run_or_file,
                " --data FILE... --output ", file, "` makes it");
  }
  return file;
}

}  // namespace

std::string EvaluationFile::Setting(const std::string& name, const std::string& otherwise) const {
  const auto found = std::ranges::find(settings, name, [](const auto& setting) { return setting.first; });
  return found == settings.end() ? otherwise : found->second;
}

const Metrics* EvaluationFile::Find(const ResultKey& key) const {
  const auto found = std::ranges::find(results, key, [](const auto& result) { return result.first; });
  return found == results.end() ? nullptr : &found->second;
}

const JointMeans* EvaluationFile::FindJoints(const ResultKey& key) const {
  const auto found = std::ranges::find(joint_errors, key, [](const auto& result) { return result.first; });
  return found == joint_errors.end() ? nullptr : &found->second;
}

std::vector<std::string> EvaluationFile::Groupings() const {
  std::vector<std::string> names;
  for (const GroupResult& result : groups) {
    if (std::ranges::find(names, result.grouping) == names.end()) names.push_back(result.grouping);
  }
  return names;
}

EvaluationFile ReadEvaluation(const std::string& run_or_file) {
  EvaluationFile file;
  file.path = FileOf(run_or_file);
  const JsonReader reader(file.path);
  const Json json = reader.Load();
  CheckFormat(reader, json, file.path);
  file.protocol = reader.Text(json, "", "protocol");
  const std::vector<std::string> known = Protocol::Names();
  if (std::ranges::find(known, file.protocol) == known.end())
    reader.Fail("protocol", "one of " + Join(known, ", "), file.protocol);
  file.run = ReadRun(reader, json);
  file.poses = reader.Integer(json, "", "poses", 0);
  const Json& settings = reader.Required(json, "", "settings");
  if (!settings.is_object()) reader.Fail("settings", "an object", settings);
  for (const auto& item : settings.items()) {
    file.settings.emplace_back(item.key(), reader.Text(settings, "settings.", item.key()));
  }
  const Json& results = reader.Required(json, "", "results");
  if (!results.is_array()) reader.Fail("results", "a list", results);
  ReadResults(reader, results, file);
  return file;
}

}  // namespace links
