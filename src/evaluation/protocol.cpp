#include "links/evaluation/protocol.h"

#include <algorithm>
#include <array>
#include <set>

#include "links/core/error.h"
#include "links/data/human36m_names.h"

namespace links {
namespace {

// The scene of a test sequence of MPI-INF-3DHP.
std::string Scene(const std::string& sequence) {
  if (sequence == "TS1" || sequence == "TS2") return "green screen";
  if (sequence == "TS3" || sequence == "TS4") return "studio";
  if (sequence == "TS5" || sequence == "TS6") return "outdoor";
  throw Error("expected the subjects TS1 to TS6 for the scenes of protocol mpi-inf-3dhp, found '", sequence,
              "'");
}

std::string Names(const std::vector<std::string>& values) {
  std::string names;
  for (const std::string& value : std::set<std::string>(values.begin(), values.end())) {
    names += (names.empty() ? "" : ", ") + value;
  }
  return names.empty() ? "not named" : names;
}

void NeedNames(const std::string& protocol, const char* column, const std::vector<std::string>& values) {
  if (values.empty())
    throw Error("expected pose files with /", column, " for protocol ", protocol, ", found none");
}

}  // namespace

Protocol::Protocol(const std::string& name) : name_(name) {
  const std::vector<std::string> names = Names();
  if (std::find(names.begin(), names.end(), name) == names.end()) {
    throw UsageError("expected a protocol none, h36m, mpi-inf-3dhp or cmu, found '", name, "'");
  }
}

std::vector<std::string> Protocol::Names() {
  return {"none", "h36m", "mpi-inf-3dhp", "cmu"};
}

PoseSelection Protocol::Select(PoseSelection selection) const {
  if (!selection.subjects.empty()) return selection;
  if (name_ == "h36m") selection.subjects = {"S9", "S11"};
  if (name_ == "mpi-inf-3dhp") selection.subjects = {"TS1", "TS2", "TS3", "TS4", "TS5", "TS6"};
  return selection;
}

std::vector<Grouping> Protocol::Groupings(const PoseData& poses) const {
  if (name_ == "none") {
    if (poses.action.empty()) return {};
    return {{"action", poses.action, true}};
  }
  NeedNames(name_, "subject", poses.subject);
  if (name_ == "cmu") return {{"subject", poses.subject, true}};
  NeedNames(name_, "action", poses.action);
  if (name_ == "h36m") return {{"action", poses.action, true}};
  std::vector<std::string> scenes(poses.subject.size());
  std::transform(poses.subject.begin(), poses.subject.end(), scenes.begin(), Scene);
  return {{"sequence", poses.subject}, {"activity", poses.action}, {"scene", std::move(scenes)}};
}

Report::Notes Protocol::Notes(const PoseData& poses) const {
  Report::Notes notes = {{"protocol", name_}, {"subjects", links::Names(poses.subject)}};
  if (name_ == "mpi-inf-3dhp") {
    notes.emplace_back(
        "PCK and AUC",
        "official: root centred, unscaled, 14 joints, < 150 mm, 31 thresholds 0:5:150 (pck_14, auc_14); "
        "the paper's: norm scaled, 17 joints (n_pck, n_auc)");
  }
  if (name_ == "h36m") {
    std::vector<std::string> missing;
    const std::set<std::string> found(poses.action.begin(), poses.action.end());
    for (std::string_view action : kHuman36mActions) {
      if (!found.contains(std::string(action))) missing.emplace_back(action);
    }
    if (!missing.empty()) notes.emplace_back("actions missing", links::Names(missing));
  }
  if (name_ == "h36m" || name_ == "cmu") {
    notes.emplace_back("averaging",
                       name_ == "h36m"
                           ? "over frames (all), and over actions with equal weights (mean of action)"
                           : "over frames (all), and over subjects with equal weights (mean of subject)");
  }
  return notes;
}

}  // namespace links
