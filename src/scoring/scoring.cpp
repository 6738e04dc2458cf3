#include "links/scoring/scoring.h"

#include <utility>

#include "links/core/error.h"
#include "links/core/text.h"
#include "links/core/version.h"
#include "links/data/missing_joints.h"
#include "links/dataset/normalisation.h"
#include "links/metrics/protocol.h"
#include "links/run/run_directory.h"
#include "score_run.h"

namespace links {
namespace {

Report ScorePredictions(const ScoringRequest& request, const PoseData& poses, const GroundTruth& truth) {
  const PoseData predicted = ReadPoseFile(
      request.predictions, Protocol(request.protocol).Select(request.selection), Joints3d::kPrediction);
  if (predicted.size() != poses.size()) {
    throw Error("expected as many predictions as poses, ", poses.size(), ", found ", predicted.size(),
                " in '", request.predictions, "'");
  }
  Report report;
  report.settings = {{"predictions", request.predictions}};
  report.results = truth.Score(RootCentredJoints(predicted), "predictions", "none", "none", {AllJoints()});
  return report;
}

}  // namespace

Report Score(const ScoringRequest& request) {
  const Protocol protocol(request.protocol);
  PoseData poses = ReadPoseFiles(request.data, protocol.Select(request.selection));
  if (!request.run.empty()) DropIncomplete(poses, "poses to evaluate");
  const GroundTruth truth(poses, protocol.Groupings(poses));
  Report report =
      request.run.empty() ? ScorePredictions(request, poses, truth) : ScoreRun(request, poses, truth);
  report.protocol = protocol.name();
  report.poses = poses.size();
  for (auto& note : protocol.Notes(poses)) report.settings.push_back(std::move(note));
  if (request.selection.stride > 1) {
    report.settings.emplace_back("stride", Concat("every ", request.selection.stride, ". pose"));
  }
  report.settings.emplace_back("data", Join(request.data, ", "));
  report.software = {{"links", Version()}, {"libtorch", LibTorchVersion()}};
  return report;
}

}  // namespace links
