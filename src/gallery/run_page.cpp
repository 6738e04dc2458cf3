#include "links/gallery/run_page.h"

#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "links/core/atomic_file.h"
#include "links/core/error.h"
#include "links/core/flat_settings.h"
#include "links/core/html.h"
#include "links/core/text_table.h"
#include "links/core/version.h"
#include "links/device/host_copy.h"
#include "links/evaluation/validation.h"
#include "links/lifted/viewer.h"
#include "links/metrics/result.h"
#include "links/report/table_writer.h"
#include "page_files.h"

namespace links {
namespace {

using Json = nlohmann::ordered_json;

constexpr double kStillFalling = 0.01;  // of the error, over the last tenth of the epochs
constexpr double kMirrored = 1.25;      // error without reflection over that with
constexpr double kOverfitNats = 3;      // held-out likelihood lost since its best
constexpr size_t kCurvePoints = 400;    // of a curve on the page

Json Number(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

Json Rounded(double value) {
  return std::isfinite(value) ? Json(std::round(value * 1e4) / 1e4) : Json(nullptr);
}

Json KeyJson(const ResultKey& key) {
  return {{"composition", key.composition},
          {"scenario", key.scenario},
          {"filler", key.filler},
          {"joints", key.joints}};
}

Json MetricsJson(const Metrics& metrics) {
  Json json = {{"poses", metrics.poses}, {"rejected", metrics.rejected}};
  for (const MetricField& field : kMetricFields) json[field.name] = Number(metrics.*field.value);
  return json;
}

Json CurvesJson(const std::vector<MetricLine>& lines) {
  Json panels = Json::array();
  for (const CurveSet& set : CurveSetsOf(lines)) {
    Json curves = Json::array();
    for (const auto& [metric, name] : set.metrics) {
      const History history = HistoryOf(lines, set.stage, metric, HistoryAxis::kSteps);
      if (history.x.empty()) continue;
      Json x = Json::array(), y = Json::array();
      const size_t step = (history.x.size() + kCurvePoints - 1) / kCurvePoints;
      for (size_t i = 0; i < history.x.size(); i += step) {
        x.push_back(history.x[i]);
        y.push_back(Rounded(history.y[i]));
      }
      curves.push_back({{"name", name}, {"x", x}, {"y", y}});
    }
    if (!curves.empty())
      panels.push_back(
          {{"title", set.title}, {"x_label", "steps"}, {"y_label", set.y_label}, {"curves", curves}});
  }
  return panels;
}

Json RunJson(const PageRun& run, const std::string& paper_config) {
  const EvaluationFile& evaluation = run.evaluation;
  Json json = {{"name", run.name},
               {"path", evaluation.path},
               {"key", evaluation.run ? evaluation.run->key : evaluation.path},
               {"seed", evaluation.run ? Json(evaluation.run->seed) : Json(nullptr)},
               {"protocol", evaluation.protocol},
               {"poses", evaluation.poses}};
  json["settings"] = Json::object();
  for (const auto& [name, value] : evaluation.settings) json["settings"][name] = value;
  json["suspicions"] = Suspicions(run);
  json["differences"] = Json::array();
  if (!run.config.empty()) {
    for (const auto& difference : Differences(run.config, paper_config))
      json["differences"].push_back(difference);
  }
  json["curves"] = CurvesJson(run.metrics);
  json["results"] = Json::array();
  for (const auto& [key, metrics] : evaluation.results) {
    Json row = KeyJson(key);
    row.update(MetricsJson(metrics));
    if (const JointMeans* joints = evaluation.FindJoints(key); joints && key.joints == "all") {
      for (const JointMeansField& field : kJointMeansFields) {
        Json& list = row["per_joint"][field.name];
        for (const double error : joints->*field.value) list.push_back(Number(error));
      }
    }
    json["results"].push_back(std::move(row));
  }
  // Of groups what lifting without occlusion gives.
  json["groups"] = Json::array();
  for (const GroupResult& group : evaluation.groups) {
    if (group.key.scenario != "none" || group.key.joints != "all") continue;
    json["groups"].push_back({{"composition", group.key.composition},
                              {"grouping", group.grouping},
                              {"group", group.group},
                              {"poses", group.metrics.poses},
                              {"pa_mpjpe", Number(group.metrics.pa_mpjpe)},
                              {"pa_mpjpe_reflection", Number(group.metrics.pa_mpjpe_reflection)},
                              {"n_mpjpe", Number(group.metrics.n_mpjpe)}});
  }
  return json;
}

/// Numbers of the page as bytes: 16 bits each, in steps that the header states.
class Bytes {
 public:
  Json Add(const float* values, size_t count) {
    double most = 0;
    for (size_t i = 0; i < count; ++i) {
      if (std::isfinite(values[i])) most = std::max(most, std::abs(static_cast<double>(values[i])));
    }
    const double step = most > 0 ? most / 32767 : 1;
    Json entry = {{"offset", bytes_.size()}, {"length", count}, {"step", step}};
    for (size_t i = 0; i < count; ++i) {
      const double steps = std::isfinite(values[i]) ? std::round(values[i] / step) : 0;
      const auto number = static_cast<int16_t>(std::clamp(steps, -32767.0, 32767.0));
      bytes_ += static_cast<char>(number & 0xFF);
      bytes_ += static_cast<char>(static_cast<uint16_t>(number) >> 8);
    }
    return entry;
  }
  Json Add(const torch::Tensor& tensor) {
    const std::vector<float> values = Floats(tensor);
    return Add(values.data(), values.size());
  }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

// A list of names and for each pose the place of its own.
Json Named(const std::vector<std::string>& names) {
  Json distinct = Json::array(), of_pose = Json::array();
  std::map<std::string, size_t> places;
  for (const std::string& name : names) {
    const auto [found, is_new] = places.emplace(name, places.size());
    if (is_new) distinct.push_back(name);
    of_pose.push_back(found->second);
  }
  return {{"names", distinct}, {"of_pose", of_pose}};
}

Json Rounded(const std::vector<double>& values) {
  Json list = Json::array();
  for (const double value : values)
    list.push_back(std::isfinite(value) ? Json(std::round(value * 10) / 10) : Json(nullptr));
  return list;
}

Json BrowserJson(const PageContents& contents, Bytes& bytes) {
  const PoseData& data = contents.data;
  if (data.size() == 0 || contents.poses.empty()) return nullptr;
  Json json = {{"poses", data.size()}, {"lifting", contents.lifting}};
  for (const auto& [name, values] :
       {std::pair<const char*, const std::vector<std::string>*>{"subject", &data.subject},
        {"action", &data.action},
        {"camera", &data.camera}}) {
    if (!values->empty()) json["filters"][name] = Named(*values);
  }
  if (!data.frame.empty()) json["frame"] = data.frame;
  json["truth"] = bytes.Add(RootCentredJoints(data));
  // From the root, so that the step is small.
  std::vector<float> keypoints = data.keypoints_2d;
  for (size_t i = 0; i < keypoints.size(); ++i) {
    const size_t pose = i / (2 * kJoints);
    keypoints[i] -= data.keypoints_2d[pose * 2 * kJoints + i % 2];
  }
  json["keypoints"] = bytes.Add(keypoints.data(), keypoints.size());
  for (const PagePoses& poses : contents.poses) {
    Json run = {{"name", poses.run},
                {"joints", bytes.Add(poses.joints)},
                {"pa_mpjpe", Rounded(poses.scores.pa_mpjpe)},
                {"n_mpjpe", Rounded(poses.scores.n_mpjpe)}};
    if (poses.nats.defined()) {
      const torch::Tensor nats = poses.nats.to(torch::kFloat64).contiguous();
      run["nats"] =
          Rounded(std::vector<double>(nats.data_ptr<double>(), nats.data_ptr<double>() + nats.numel()));
    }
    json["runs"].push_back(std::move(run));
  }
  return json;
}

Json SamplesJson(const std::vector<float>& samples) {
  Json list = Json::array();
  for (const float value : samples) list.push_back(std::round(value * 10) / 10);
  return list;
}

}  // namespace

std::vector<std::array<std::string, 3>> Differences(const std::string& config, const std::string& reference) {
  const auto own = FlatSettings(config), there_all = FlatSettings(reference);
  const std::map<std::string, std::string> other(there_all.begin(), there_all.end());
  std::vector<std::array<std::string, 3>> differences;
  for (const auto& [name, value] : own) {
    // Where it computed and on what data is said elsewhere.
    if (name == "name" || name == "recipe" || name == "output" || name == "device" || name == "threads" ||
        name == "seed" || name == "checkpoint_seconds" || name == "cuda_graph" || name == "data.training" ||
        name == "data.validation" || name == "data.placement")
      continue;
    const auto found = other.find(name);
    const std::string there = found == other.end() ? "" : found->second;
    if (value != there) differences.push_back({name, value, there});
  }
  return differences;
}

std::vector<std::string> Suspicions(const PageRun& run) {
  std::vector<std::string> found;
  std::map<std::string, std::vector<const MetricLine*>> stages;
  for (const MetricLine& line : run.metrics) stages[line.stage].push_back(&line);
  for (const auto& [stage, lines] : stages) {
    if (const std::string mirrored = MirroredDepth(lines.back()->values); !mirrored.empty())
      found.push_back(mirrored);
    for (const auto& [name, last] : lines.back()->values) {
      double best = INFINITY;
      for (const MetricLine* line : lines) {
        const double value = line->Value(name);
        if (std::isfinite(value)) best = std::min(best, value);
      }
      if (name.ends_with("/nll_held_out") && last > best + kOverfitNats) {
        found.push_back(Concat("The held-out likelihood of ", name.substr(0, name.find('/')), " is ",
                               Fixed(last - best, 1),
                               " nats worse than at its best: the flow fits the training "
                               "poses alone."));
      }
      if (stage != "lifters" || name != "legs_torso/pa_mpjpe") continue;
      const size_t back = std::max<size_t>(lines.size() / 10, 1);
      if (lines.size() <= back) continue;
      const double before = lines[lines.size() - 1 - back]->Value(name);
      if (before - last > kStillFalling * last) {
        found.push_back(Concat("Not converged: PA-MPJPE of legs + torso fell from ", Fixed(before, 1), " to ",
                               Fixed(last, 1), " mm over the last ", back, " of ", lines.size(), " epochs."));
      }
    }
  }
  const Metrics* flat = run.evaluation.Find({"flat"});
  for (const auto& [key, metrics] : run.evaluation.results) {
    if (key.scenario != "none" || key.composition == "flat") continue;
    if (metrics.rejected > 0) {
      found.push_back(Concat(metrics.rejected, " of ", metrics.poses + metrics.rejected, " poses of ",
                             key.composition, " are degenerate or not finite: no error counts them."));
    }
    if (metrics.pa_mpjpe > kMirrored * metrics.pa_mpjpe_reflection) {
      found.push_back(Concat("Poses of ", key.composition, " may be mirrored in depth: PA-MPJPE is ",
                             Fixed(metrics.pa_mpjpe, 1), " mm without and ",
                             Fixed(metrics.pa_mpjpe_reflection, 1), " mm with reflection."));
    }
    if (flat && metrics.pa_mpjpe >= flat->pa_mpjpe) {
      found.push_back(Concat("Poses of ", key.composition, " are no better than flat ones: PA-MPJPE ",
                             Fixed(metrics.pa_mpjpe, 1), " and ", Fixed(flat->pa_mpjpe, 1), " mm."));
    }
  }
  return found;
}

void WriteRunPage(const std::string& path, const PageContents& contents) {
  if (contents.runs.empty()) throw Error("expected a run for the page '", path, "', found none");
  Bytes bytes;
  Json page = {{"format", "links-run-page"}, {"version", 1}, {"title", contents.title}, {"links", Version()}};
  for (const auto name : kJointNames) page["joints"].push_back(name);
  for (const Bone& bone : kBoneList) page["bones"].push_back({bone.parent, bone.child});
  page["by_azimuth"] = kByAzimuth;
  page["by_likelihood"] = kByLikelihood;
  page["notes"] = contents.notes;
  for (const PageRun& run : contents.runs) page["runs"].push_back(RunJson(run, contents.paper_config));
  page["tables"] = Json::parse(TablesJson(contents.tables))["tables"];
  page["random"] = SamplesJson(contents.random_samples);
  page["ours"] = SamplesJson(contents.our_samples);
  page["browser"] = BrowserJson(contents, bytes);
  const std::map<std::string_view, std::string> parts = {
      {"css", std::string(kRunPageCss)},
      {"viewer", std::string(kViewerJs)},
      {"js", std::string(kRunPageJs)},
      {"page", JsonForHtml(page.dump(-1, ' ', true, Json::error_handler_t::replace))},
      {"data", Base64(bytes.bytes())}};
  std::string text;
  for (const std::string_view part : FillPage(kRunPageHtml, parts)) text += part;
  WriteFileAtomically(path, text);
}

}  // namespace links
