#pragma once

#include <string>
#include <vector>

#include "links/data/pose_file.h"
#include "links/metrics/result.h"

namespace links {

/// A split of the poses for tables: each pose belongs to one group.
struct Grouping {
  std::string name;                ///< "action", "sequence", "activity", "scene" or "subject"
  std::vector<std::string> group;  ///< (N)
  bool mean = false;               ///< also give the mean over the groups, each with the same weight
};

struct ProtocolRow;

/// How a data set is scored by those who report on it (docs/evaluation.md): whose poses, and how
/// the figures are split and averaged. Every variant of every metric is measured in any case.
///   none             all subjects, per action
///   h36m             Human3.6M: S9 and S11, per action and the mean over the 15 actions
///   mpi-inf-3dhp     TS1 to TS6, per sequence, activity and scene
///   cmu              all subjects, per subject and the mean over them
class Protocol {
 public:
  /// Throws UsageError for another name.
  explicit Protocol(const std::string& name);
  static std::vector<std::string> Names();
  /// All of them for the help of an option: "h36m (S9 and S11, ...), ..., none".
  static std::string Help();

  /// What tables call the protocol's data set; throws UsageError for another name.
  static std::string Title(const std::string& name);
  /// The number of the paper's table of lifting on it; 0 = none.
  static int PaperTable(const std::string& name);

  const std::string& name() const;

  /// The selection with the protocol's subjects where it names none.
  PoseSelection Select(PoseSelection selection) const;

  /// How the poses are split. Throws Error when the file lacks the names that the protocol splits by.
  std::vector<Grouping> Groupings(const PoseData& poses) const;

  /// What of the protocol a reader of the figures must know, and where the poses fall short of it.
  Report::Notes Notes(const PoseData& poses) const;

 private:
  const ProtocolRow* row_;
};

}  // namespace links
