#include "links/report/paper_table.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "links/core/error.h"
#include "links/metrics/protocol.h"
#include "names.h"
#include "table_notes.h"

namespace links {
namespace {

const TableColumn kPaReflection = {"pa_mpjpe_reflection", "PA-MPJPE\n(reflection allowed)",
                                   &Metrics::pa_mpjpe_reflection};
const TableColumn kPa = {"pa_mpjpe", "PA-MPJPE\n(no reflection)", &Metrics::pa_mpjpe};
const TableColumn kNorm = {"n_mpjpe", "N-MPJPE\n(norm scale)", &Metrics::n_mpjpe};
const TableColumn kLeastSquares = {"n_mpjpe_lsq", "N-MPJPE\n(least squares)", &Metrics::n_mpjpe_lsq};

std::vector<TableColumn> Columns(int number) {
  if (number == 2) {
    return {kPaReflection,
            {"n_pck", "N-PCK\n(17 joints)", &Metrics::n_pck, "all", false},
            {"n_auc", "N-AUC\n(31 thresholds)", &Metrics::n_auc, "all", false},
            {"n_auc_150", "N-AUC\n(150 thresholds)", &Metrics::n_auc_150, "all", false},
            kPa,
            {"pck_14", "PCK\n(official 14)", &Metrics::pck_14, "all", false},
            {"auc_14", "AUC\n(official 14)", &Metrics::auc_14, "all", false}};
  }
  if (number == 3) {
    const auto over = [](const TableColumn& column, const std::string& joints) {
      return TableColumn{column.key + '_' + joints, joints + " " + column.title, column.metric, joints};
    };
    return {kPaReflection, kNorm, kPa, over(kPaReflection, "visible"), over(kPaReflection, "occluded")};
  }
  return {kPaReflection, kNorm, kPa, kLeastSquares};
}

std::string Title(int number) {
  switch (number) {
    case 1:
      return "Table 1: lifting (published: Human3.6M)";
    case 2:
      return "Table 2: lifting (published: MPI-INF-3DHP)";
    case 3:
      return "Table 3: occlusion (published: Human3.6M)";
    default:
      return "Table 4: lifters (published: Human3.6M)";
  }
}

TableRow Row(const PublishedRow& published, const std::vector<TableColumn>& columns) {
  TableRow row;
  row.data_set = Protocol::Title(published.protocol);
  row.section = published.table == 3 ? ScenarioTitle(published.scenario) : row.data_set;
  row.contest = row.section + '/' + row.data_set;
  row.method = published.method;
  row.lifters = published.lifters;
  row.filler = FillerTitle(published.filler);
  row.supervision = published.supervision;
  row.source = published.source;
  row.published = true;
  for (const TableColumn& column : columns) {
    TableCell cell;
    if (column.joints == "all") cell.value.mean = published.metrics.*column.metric;
    cell.variant_known =
        std::ranges::find(published.unknown_variant, column.key) == published.unknown_variant.end();
    row.cells.push_back(cell);
  }
  return row;
}

// Poses of another number are other poses, but for the data sets of the paper, which go together as there.
std::string DataSection(const EvaluationFile& file) {
  const std::string title = Protocol::Title(file.protocol);
  return Protocol::PaperTable(file.protocol) > 0 ? title : Concat(title, ", ", file.poses, " poses");
}

TableRow Row(const RunGroup& group, const ResultKey& key, const std::vector<TableColumn>& columns) {
  TableRow row;
  row.data_set = Protocol::Title(group.first().protocol);
  row.section = key.scenario == "none" ? DataSection(group.first()) : ScenarioTitle(key.scenario);
  row.contest = row.section + '/' + DataSection(group.first());
  row.method = "ours: " + group.Name();
  row.lifters = CompositionTitle(key.composition);
  row.filler = FillerTitle(key.filler);
  row.supervision = group.first().Setting("supervision", group.first().run ? "unsupervised" : "");
  row.poses = group.first().poses;
  row.seeds = group.Seeds();
  row.reference = key.composition == "mean" || key.composition == "flat";
  for (const EvaluationFile& file : group.evaluations) {
    row.source += (row.source.empty() ? "" : ", ") + file.path;
  }
  for (const TableColumn& column : columns) {
    ResultKey joints = key;
    joints.joints = column.joints;
    row.cells.push_back({group.Over(joints, column.metric)});
  }
  return row;
}

/// Collects the rows of ours.
class OurRows {
 public:
  OurRows(PaperTable& table, const std::string& composition) : table_(table), composition_(composition) {}

  void AddLifting(const RunGroup& group) {
    const std::string composition = group.Choose("none", "none", composition_);
    if (!composition.empty()) Add(group, {composition});
  }

  // Every lifter; the flat pose once a data set.
  void AddLifters(const RunGroup& group) {
    for (const std::string& composition : group.Compositions("none", "none")) {
      if (!composition_.empty() && composition != composition_) continue;
      if (composition != "flat") {
        Add(group, {composition});
      } else if (flat_.insert(DataSection(group.first()) + Concat(group.first().poses)).second) {
        Add(RunGroup{{group.first()}}, {composition});
        TableRow& row = table_.rows.back();
        row.seeds.clear();
        row.supervision.clear();
        row.method = "ours";
      }
    }
  }

  // A row a scenario and filler, O_2D before O_3D as in the paper, then any other.
  void AddOcclusion(const RunGroup& group) {
    std::vector<std::pair<std::string, std::string>> cells;
    for (const auto& [key, metrics] : group.first().results) {
      const std::pair<std::string, std::string> cell = {key.scenario, key.filler};
      if (key.scenario != "none" && std::ranges::find(cells, cell) == cells.end()) cells.push_back(cell);
    }
    std::ranges::stable_sort(cells, {}, [](const auto& cell) {
      return cell.second == "o2d" ? 0 : cell.second == "o3d" ? 1 : 2;
    });
    for (const auto& [scenario, filler] : cells) {
      const std::string composition = group.Choose(scenario, filler, composition_);
      if (!composition.empty()) Add(group, {composition, scenario, filler});
    }
  }

 private:
  void Add(const RunGroup& group, const ResultKey& key) {
    table_.rows.push_back(Row(group, key, table_.columns));
  }

  PaperTable& table_;
  std::string composition_;
  std::set<std::string> flat_;
};

// Rows of a section in succession, sections in order of appearance.
void GatherSections(std::vector<TableRow>& rows) {
  std::vector<std::string> order;
  for (const TableRow& row : rows) {
    if (std::ranges::find(order, row.section) == order.end()) order.push_back(row.section);
  }
  std::ranges::stable_sort(rows, {},
                           [&](const TableRow& row) { return std::ranges::find(order, row.section); });
}

// Figures as printed: with one decimal.
double Printed(double value) {
  return std::round(value * 10);
}

void MarkBest(PaperTable& table) {
  const auto competes = [](const TableRow& row, size_t c) {
    return row.supervision == "unsupervised" && !row.reference && !IsAbsent(row.cells[c].value.mean);
  };
  for (TableRow& row : table.rows) {
    for (size_t c = 0; c < table.columns.size(); ++c) {
      if (!competes(row, c)) continue;
      const double sign = table.columns[c].lower_is_better ? 1 : -1;
      const double own = sign * Printed(row.cells[c].value.mean);
      bool best = true;
      int rivals = 0;
      for (const TableRow& other : table.rows) {
        if (&other == &row || other.contest != row.contest) continue;
        if (!competes(other, c)) continue;
        ++rivals;
        best = best && own <= sign * Printed(other.cells[c].value.mean);
      }
      row.cells[c].best = best && rivals > 0;
    }
  }
}

std::string NothingFor(int number, const std::string& composition) {
  const std::string what = number == 3 ? "results with something occluded" : "results of lifters";
  return Concat("expected ", what, composition.empty() ? "" : " of the composition '" + composition + "'",
                " for table ", number, ", found none in the given evaluations");
}

}  // namespace

std::vector<int> ChooseTables(const std::vector<RunGroup>& groups) {
  const auto any = [&](const auto& holds) { return std::ranges::any_of(groups, holds); };
  std::vector<int> tables;
  for (const std::string& name : Protocol::Names()) {
    const bool given = any([&](const RunGroup& group) { return group.first().protocol == name; });
    if (given && Protocol::PaperTable(name) > 0) tables.push_back(Protocol::PaperTable(name));
  }
  if (any([](const RunGroup& group) {
        return std::ranges::any_of(group.first().results,
                                   [](const auto& result) { return result.first.filler != "none"; });
      })) {
    tables.push_back(3);
  }
  if (tables.empty()) tables.push_back(4);
  return tables;
}

PaperTable MakePaperTable(int number, const std::vector<RunGroup>& groups,
                          const std::vector<PublishedRow>& published, const std::string& composition) {
  PaperTable table;
  table.number = number;
  table.title = Title(number);
  table.columns = Columns(number);
  for (const PublishedRow& row : published) {
    if (row.table == number) table.rows.push_back(Row(row, table.columns));
  }
  OurRows ours(table, composition);
  std::vector<const RunGroup*> shown;
  for (const RunGroup& group : groups) {
    const size_t before = table.rows.size();
    if (number == 3) {
      ours.AddOcclusion(group);
    } else if (number == 4) {
      ours.AddLifters(group);
    } else {
      ours.AddLifting(group);
    }
    if (table.rows.size() > before) {
      shown.push_back(&group);
    } else {
      table.notes.push_back("Left out, for it has nothing for this table: '" + group.Name() + "'.");
    }
  }
  if (shown.empty()) throw Error(NothingFor(number, composition));
  GatherSections(table.rows);
  MarkBest(table);
  AddNotes(table, shown);
  return table;
}

}  // namespace links
