#pragma once

#include <string>
#include <vector>

#include "links/report/published.h"
#include "links/report/run_group.h"

namespace links {

/// One metric over some joints; the title names its variant.
struct TableColumn {
  std::string key;    ///< the metric's, with _visible or _occluded
  std::string title;  ///< two lines
  double Metrics::*metric;
  std::string joints = "all";
  bool lower_is_better = true;
};

struct TableCell {
  Statistic value;
  bool best = false;
  bool variant_known = true;
};

/// A published figure or a group of our runs. Text is "" where there is nothing to say.
struct TableRow {
  std::string section;  ///< the data set; in table 3 the scenario
  std::string contest;  ///< rows that share it compete for the best
  std::string method, lifters, filler, supervision, data_set;
  int64_t poses = -1;          ///< −1: not known
  std::vector<int64_t> seeds;  ///< of our runs
  bool published = false;
  bool reference = false;  ///< neither a lifter nor in the contest for the best
  std::string source;      ///< the paper's table, or the files of the evaluations
  std::vector<TableCell> cells;
};

/// One of the paper's tables: the published rows and ours, the rows of a section in succession.
struct PaperTable {
  int number = 0;  ///< 0: the per-action table
  std::string title;
  std::vector<TableColumn> columns;
  std::vector<TableRow> rows;
  std::vector<std::string> notes;  ///< a sentence each
};

/// The tables that these evaluations have something for: 1 with the protocol h36m, 2 with mpi-inf-3dhp, 3
/// with a filler; 4 when none of these.
std::vector<int> ChooseTables(const std::vector<RunGroup>& groups);

/// The field's per-action table in one metric of kMetricFields: a row a run (of this composition, with "" of
/// the first as in tables 1 to 3), a column an action, then their mean where the protocol gives it, and
/// the mean over poses. Of evaluations without actions the groups that they have, sequences or subjects.
/// Throws Error when the evaluations have no groups, or are of several groupings.
PaperTable MakeActionTable(const std::string& metric, const std::vector<RunGroup>& groups,
                           const std::string& composition = "");

/// `number`: 1 Human3.6M, 2 MPI-INF-3DHP, 3 occlusion, 4 lifters. `composition` limits ours to this one; with
/// "" tables 1 to 3 take the first that a run has of legs_torso, left_core, right_core, full, predictions,
/// and table 4 takes all. The best of a column is looked for among the unsupervised rows of one data set, in
/// table 3 of one scenario, as printed; rows share it, and a row alone is not marked. Throws Error when the
/// evaluations have nothing for the table.
PaperTable MakePaperTable(int number, const std::vector<RunGroup>& groups,
                          const std::vector<PublishedRow>& published, const std::string& composition = "");

}  // namespace links
