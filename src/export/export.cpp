#include "links/export/export.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <map>

#include "lifter_graph.h"
#include "links/core/atomic_file.h"
#include "links/core/error.h"
#include "links/core/log.h"
#include "links/core/text.h"
#include "links/core/version.h"
#include "links/lifted/lifted_pose.h"

namespace links {
namespace {

struct NetworkRow {
  const char* name;
  ExportedNetwork network;
  void (*add)(Graph&, TrainedRun&, const ExportOptions&);
};

constexpr NetworkRow kNetworks[] = {
    {"lifter", ExportedNetwork::kLifter, AddLifter},
    {"completion", ExportedNetwork::kCompletion, AddCompletion},
    {"flow", ExportedNetwork::kFlow, AddFlow},
    {"flow-inverse", ExportedNetwork::kFlowInverse, AddFlowInverse},
};

const NetworkRow& RowOf(ExportedNetwork network) {
  return *std::ranges::find(kNetworks, network, &NetworkRow::network);
}

constexpr std::pair<const char*, ExportFormat> kFormats[] = {{"onnx", ExportFormat::kOnnx},
                                                             {"torchscript", ExportFormat::kTorchScript}};

bool IsFlow(ExportedNetwork network) {
  return network == ExportedNetwork::kFlow || network == ExportedNetwork::kFlowInverse;
}

void CheckTrained(const TrainedRun& run, const ExportOptions& options) {
  if (options.network == ExportedNetwork::kCompletion) CheckCompletion(run);
  if (!IsFlow(options.network)) {
    if (!run.has_lifters) throw Error("expected a run whose stage lifters is trained, found none");
    return;
  }
  const auto& segments = run.networks.flows->segments();
  const bool full = options.segment == Segment::kFull;
  const bool has =
      full ? run.has_flows
           : run.has_segment_flows && std::ranges::find(segments, options.segment) != segments.end();
  if (!has)
    throw Error("expected a trained flow of the segment ", SegmentName(options.segment), ", found none");
}

std::map<std::string, std::string> Texts(const TrainedRun& run, const ExportOptions& options) {
  std::vector<std::string> joints, states;
  for (const std::string_view name : kJointNames) joints.emplace_back(name);
  for (const JointState state : {JointState::kLifted, JointState::kRay, JointState::kGuessed})
    states.push_back(Concat(static_cast<int>(state), " ", JointStateName(state)));
  states.push_back(Concat(kNoPose, " no pose"));
  std::map<std::string, std::string> texts = {{"links", Version()},
                                              {"network", RowOf(options.network).name},
                                              {"joint_names", Join(joints, ", ")},
                                              {"head_root_px", Concat(run.normalisation.head_root_px)},
                                              {"mm_per_unit", Concat(run.normalisation.mm_per_unit)},
                                              {"min_confidence", Concat(options.min_confidence)},
                                              {"scale", options.training_scale ? "training" : "person"}};
  if (const std::string joints_of_run = NameOf(run.normalisation.joints); !joints_of_run.empty())
    texts["joints"] = joints_of_run;
  if (IsFlow(options.network)) {
    texts["segment"] = SegmentName(options.segment);
  } else {
    texts["states"] = Join(states, ", ");
  }
  return texts;
}

}  // namespace

bool CanExportOnnx() {
  return HasOnnx();
}

std::vector<std::string> ExportedNetworkNames() {
  std::vector<std::string> names;
  for (const NetworkRow& row : kNetworks) names.emplace_back(row.name);
  return names;
}

std::vector<std::string> ExportFormatNames() {
  std::vector<std::string> names;
  for (const auto& [name, format] : kFormats) names.emplace_back(name);
  return names;
}

ExportedNetwork ParseExportedNetwork(const std::string& name) {
  for (const NetworkRow& row : kNetworks) {
    if (name == row.name) return row.network;
  }
  throw UsageError("expected what to export, ", Join(ExportedNetworkNames(), ", "), ", found '", name, "'");
}

ExportFormat ParseExportFormat(const std::string& name) {
  for (const auto& [known, format] : kFormats) {
    if (name == known) return format;
  }
  throw UsageError("expected a format ", Join(ExportFormatNames(), " or "), ", found '", name, "'");
}

std::set<std::string> NetworksToExport(const ExportOptions& options) {
  std::set<std::string> names;
  if (IsFlow(options.network)) {
    names = {kFullFlow, kSegmentFlows};
  } else {
    names = {kLifters};
  }
  names.insert(kCompletion);  // it knows the bones
  return names;
}

void ExportNetwork(TrainedRun& run, const ExportOptions& options, const std::string& path) {
  const torch::NoGradGuard no_grad;
  CheckTrained(run, options);
  if (run.config.precision == Precision::kBf16 && !IsFlow(options.network)) {
    LogWarning("the run computes in bf16; what is exported computes in float32, as closely as that is");
  }
  const auto graph = options.format == ExportFormat::kOnnx ? MakeOnnxGraph() : MakeTorchScriptGraph();
  RowOf(options.network).add(*graph, run, options);
  WriteFileAtomically(path, graph->Bytes(Texts(run, options)));
}

}  // namespace links
