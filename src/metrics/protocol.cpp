#include "links/metrics/protocol.h"

#include <algorithm>
#include <set>
#include <utility>

#include "links/core/error.h"
#include "links/core/text.h"
#include "links/data/human36m_names.h"

namespace links {

struct ProtocolRow {
  std::string name;
  std::string title;                  // of the data set, in tables
  int paper_table;                    // of the paper on it; 0 = none
  std::string help;                   // in a few words, for the option's line
  std::vector<std::string> subjects;  // those taken by default; none: all
  std::vector<Grouping> (*groupings)(const ProtocolRow&, const PoseData&);
  Report::Notes (*notes)(const PoseData&);
};

namespace {

// The scene of a test sequence of MPI-INF-3DHP.
std::string Scene(const std::string& sequence) {
  if (sequence == "TS1" || sequence == "TS2") return "green screen";
  if (sequence == "TS3" || sequence == "TS4") return "studio";
  if (sequence == "TS5" || sequence == "TS6") return "outdoor";
  throw Error("expected the subjects TS1 to TS6 for the scenes of protocol mpi-inf-3dhp, found '", sequence,
              "'");
}

std::string Distinct(const std::vector<std::string>& values) {
  const std::set<std::string> names(values.begin(), values.end());
  return names.empty() ? "not named" : Join({names.begin(), names.end()}, ", ");
}

const std::vector<std::string>& Needed(const ProtocolRow& protocol, const char* column,
                                       const std::vector<std::string>& values) {
  if (values.empty())
    throw Error("expected pose files with /", column, " for protocol ", protocol.name, ", found none");
  return values;
}

const std::vector<std::string>& Subjects(const ProtocolRow& protocol, const PoseData& poses) {
  return Needed(protocol, "subject", poses.subject);
}

const std::vector<std::string>& Actions(const ProtocolRow& protocol, const PoseData& poses) {
  return Needed(protocol, "action", poses.action);
}

std::vector<Grouping> GroupAnyPoses(const ProtocolRow&, const PoseData& poses) {
  if (poses.action.empty()) return {};
  return {{"action", poses.action, true}};
}

std::vector<Grouping> GroupHuman36m(const ProtocolRow& protocol, const PoseData& poses) {
  Subjects(protocol, poses);
  return {{"action", Actions(protocol, poses), true}};
}

std::vector<Grouping> GroupMpiInf3dhp(const ProtocolRow& protocol, const PoseData& poses) {
  const std::vector<std::string>& sequences = Subjects(protocol, poses);
  const std::vector<std::string>& activities = Actions(protocol, poses);
  std::vector<std::string> scenes(sequences.size());
  std::transform(sequences.begin(), sequences.end(), scenes.begin(), Scene);
  return {{"sequence", sequences}, {"activity", activities}, {"scene", std::move(scenes)}};
}

std::vector<Grouping> GroupCmu(const ProtocolRow& protocol, const PoseData& poses) {
  return {{"subject", Subjects(protocol, poses), true}};
}

Report::Notes NoteNothing(const PoseData&) {
  return {};
}

Report::Notes NoteHuman36m(const PoseData& poses) {
  Report::Notes notes;
  std::vector<std::string> missing;
  const std::set<std::string> found(poses.action.begin(), poses.action.end());
  for (std::string_view action : kHuman36mActions) {
    if (!found.contains(std::string(action))) missing.emplace_back(action);
  }
  if (!missing.empty()) notes.emplace_back("actions missing", Distinct(missing));
  notes.emplace_back("averaging", "over frames (all), and over actions with equal weights (mean of action)");
  return notes;
}

Report::Notes NoteMpiInf3dhp(const PoseData&) {
  return {{"PCK and AUC",
           "official: root centred, unscaled, 14 joints, < 150 mm, 31 thresholds 0:5:150 (pck_14, auc_14); "
           "the paper's: norm scaled, 17 joints (n_pck, n_auc)"}};
}

Report::Notes NoteCmu(const PoseData&) {
  return {{"averaging", "over frames (all), and over subjects with equal weights (mean of subject)"}};
}

// A data set's protocol is a row here.
const std::vector<ProtocolRow>& Rows() {
  static const std::vector<ProtocolRow> rows = {
      {"none", "other data", 0, "", {}, GroupAnyPoses, NoteNothing},
      {"h36m",
       "Human3.6M",
       1,
       "S9 and S11, mean over the 15 actions",
       {"S9", "S11"},
       GroupHuman36m,
       NoteHuman36m},
      {"mpi-inf-3dhp",
       "MPI-INF-3DHP",
       2,
       "TS1 to TS6, per sequence, activity and scene",
       {"TS1", "TS2", "TS3", "TS4", "TS5", "TS6"},
       GroupMpiInf3dhp,
       NoteMpiInf3dhp},
      {"cmu", "CMU", 0, "per subject", {}, GroupCmu, NoteCmu},
  };
  return rows;
}

const ProtocolRow& RowOf(const std::string& name) {
  std::string names;
  for (const ProtocolRow& row : Rows()) {
    if (row.name == name) return row;
    const char* separator = &row == &Rows().back() ? " or " : ", ";
    names += (names.empty() ? "" : separator) + row.name;
  }
  throw UsageError("expected a protocol ", names, ", found '", name, "'");
}

}  // namespace

Protocol::Protocol(const std::string& name) : row_(&RowOf(name)) {}

std::vector<std::string> Protocol::Names() {
  std::vector<std::string> names;
  for (const ProtocolRow& row : Rows()) names.push_back(row.name);
  return names;
}

std::string Protocol::Help() {
  std::vector<std::string> rows;
  for (const ProtocolRow& row : Rows())
    rows.push_back(row.name + (row.help.empty() ? "" : " (" + row.help + ")"));
  // What splits by a data set's names comes before the one without.
  std::rotate(rows.begin(), rows.begin() + 1, rows.end());  // of ranges Clang 14 knows none
  return Join(rows, ", ");
}

std::string Protocol::Title(const std::string& name) {
  return RowOf(name).title;
}

int Protocol::PaperTable(const std::string& name) {
  return RowOf(name).paper_table;
}

const std::string& Protocol::name() const {
  return row_->name;
}

PoseSelection Protocol::Select(PoseSelection selection) const {
  if (selection.subjects.empty()) selection.subjects = row_->subjects;
  return selection;
}

std::vector<Grouping> Protocol::Groupings(const PoseData& poses) const {
  return row_->groupings(*row_, poses);
}

Report::Notes Protocol::Notes(const PoseData& poses) const {
  Report::Notes notes = {{"protocol", row_->name}, {"subjects", Distinct(poses.subject)}};
  for (auto& note : row_->notes(poses)) notes.push_back(std::move(note));
  return notes;
}

}  // namespace links
