#include "links/report/paper_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "support/temporary_folder.h"

namespace links {
namespace {

using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// PA (reflection allowed) = value, N (norm scale) = value + 10; PCK = value, larger is better.
std::pair<ResultKey, Metrics> Scored(const ResultKey& key, double value) {
  Metrics metrics;
  metrics.poses = 100;
  metrics.pa_mpjpe_reflection = value;
  metrics.pa_mpjpe = value + 5;
  metrics.n_mpjpe = value + 10;
  metrics.n_pck = value;
  return {key, metrics};
}

EvaluationFile Evaluated(const std::string& name, const std::string& protocol,
                         std::vector<std::pair<ResultKey, Metrics>> results, int64_t seed = 1) {
  EvaluationFile file;
  file.path = name + "/evaluation.json";
  file.protocol = protocol;
  file.run = EvaluationFile::Run{name, seed, name};
  file.poses = 100;
  file.results = std::move(results);
  return file;
}

PublishedRow Published(int table, const std::string& method, const std::string& supervision, double value) {
  PublishedRow row;
  row.table = table;
  row.method = method;
  row.supervision = supervision;
  row.protocol = table == 2 ? "mpi-inf-3dhp" : "h36m";
  row.source = "a paper";
  row.metrics = Scored({}, value).second;
  return row;
}

// "method mean" of the rows that are marked in a column.
std::vector<std::string> Best(const PaperTable& table, size_t column = 0) {
  std::vector<std::string> best;
  for (const TableRow& row : table.rows) {
    if (row.cells[column].best) best.push_back(Concat(row.method, ' ', row.cells[column].value.mean));
  }
  return best;
}

std::vector<std::string> Sections(const PaperTable& table) {
  std::vector<std::string> sections;
  for (const TableRow& row : table.rows) {
    if (sections.empty() || sections.back() != row.section) sections.push_back(row.section);
  }
  return sections;
}

std::vector<std::string> Lifters(const PaperTable& table) {
  std::vector<std::string> lifters;
  for (const TableRow& row : table.rows) lifters.push_back(row.lifters);
  return lifters;
}

TEST(PaperTable, BestIsAmongUnsupervisedRowsOfOneDataSet) {
  EvaluationFile ceiling = Evaluated("ceiling", "h36m", {Scored({"legs_torso"}, 20)});
  ceiling.settings = {{"supervision", "supervised"}};
  EvaluationFile theirs = Evaluated("theirs", "h36m", {Scored({"predictions"}, 10)});
  theirs.run.reset();
  const PaperTable table = MakePaperTable(
      1,
      GroupRuns({Evaluated("ours", "h36m", {Scored({"legs_torso"}, 32)}), ceiling, theirs,
                 Evaluated("here", "cmu", {Scored({"legs_torso"}, 50)}),
                 Evaluated("there", "cmu", {Scored({"legs_torso"}, 55)}),
                 Evaluated("alone", "none", {Scored({"legs_torso"}, 5)})}),
      {Published(1, "with 3D", "supervised", 27), Published(1, "weak", "weak", 30),
       Published(1, "LInKs", "unsupervised", 33.8), Published(2, "elsewhere", "unsupervised", 1)});
  EXPECT_THAT(Best(table), ElementsAre("ours: ours 32", "ours: here 50"));
  EXPECT_THAT(Sections(table), ElementsAre("Human3.6M", "CMU, 100 poses", "other data, 100 poses"));
  EXPECT_EQ(table.rows.size(), 9u);
}

TEST(PaperTable, OtherPosesAreAContestOfTheirOwn) {
  EvaluationFile more = Evaluated("more", "cmu", {Scored({"legs_torso"}, 60)});
  more.poses = 200;
  const PaperTable table =
      MakePaperTable(1,
                     GroupRuns({Evaluated("a", "cmu", {Scored({"legs_torso"}, 50)}),
                                Evaluated("b", "cmu", {Scored({"legs_torso"}, 51)}), more}),
                     {});
  EXPECT_THAT(Best(table), ElementsAre("ours: a 50"));
  EXPECT_THAT(Sections(table), ElementsAre("CMU, 100 poses", "CMU, 200 poses"));
}

TEST(PaperTable, FiguresThatPrintTheSameShareTheMark) {
  const PaperTable table = MakePaperTable(
      1, GroupRuns({Evaluated("ours", "h36m", {Scored({"legs_torso"}, 33.84)})}),
      {Published(1, "LInKs", "unsupervised", 33.8), Published(1, "ElePose", "unsupervised", 33.9)});
  EXPECT_THAT(Best(table), ElementsAre("LInKs 33.8", "ours: ours 33.84"));
}

TEST(PaperTable, MoreIsBetterForPck) {
  const PaperTable table =
      MakePaperTable(2, GroupRuns({Evaluated("ours", "mpi-inf-3dhp", {Scored({"legs_torso"}, 87)})}),
                     {Published(2, "LInKs", "unsupervised", 86.3)});
  ASSERT_EQ(table.columns[1].key, "n_pck");
  EXPECT_THAT(Best(table, 0), ElementsAre("LInKs 86.3"));
  EXPECT_THAT(Best(table, 1), ElementsAre("ours: ours 87"));
}

TEST(PaperTable, TableFourListsEveryLifterAndTheFlatPoseOnce) {
  const auto results = [](double value) {
    return std::vector{Scored({"legs_torso"}, value),     Scored({"left_core"}, value + 1),
                       Scored({"right_core"}, value + 2), Scored({"mean"}, 1),
                       Scored({"full"}, value + 3),       Scored({"flat"}, 2)};
  };
  EvaluationFile again = Evaluated("a", "cmu", results(60), 2);
  const PaperTable table = MakePaperTable(
      4, GroupRuns({Evaluated("a", "cmu", results(50)), again, Evaluated("b", "cmu", results(70))}), {});
  EXPECT_THAT(Lifters(table),
              ElementsAre("legs + torso", "left* + right", "right* + left", "mean of the poses (reference)",
                          "full pose", "flat, all depths 0 (reference)", "legs + torso", "left* + right",
                          "right* + left", "mean of the poses (reference)", "full pose"));
  EXPECT_THAT(Best(table), ElementsAre("ours: a 55"));
  EXPECT_THAT(table.rows[0].seeds, ElementsAre(1, 2));
  EXPECT_NEAR(table.rows[0].cells[0].value.deviation, 10 / std::sqrt(2.0), 1e-12);
  EXPECT_TRUE(table.rows[5].reference);
  EXPECT_TRUE(table.rows[5].seeds.empty());
  EXPECT_TRUE(IsAbsent(table.rows[5].cells[0].value.deviation));
  const PaperTable full = MakePaperTable(4, GroupRuns({Evaluated("a", "cmu", results(50))}), {}, "full");
  EXPECT_THAT(Lifters(full), ElementsAre("full pose"));
}

TEST(PaperTable, TablesOneToThreeTakeOneCompositionARun) {
  const std::vector<RunGroup> groups = GroupRuns(
      {Evaluated("a", "h36m", {Scored({"flat"}, 1), Scored({"full"}, 30), Scored({"legs_torso"}, 40)}),
       Evaluated("b", "h36m", {Scored({"flat"}, 1), Scored({"full"}, 31)})});
  EXPECT_THAT(Lifters(MakePaperTable(1, groups, {})), ElementsAre("legs + torso", "full pose"));
  EXPECT_THAT(Lifters(MakePaperTable(1, groups, {}, "full")), ElementsAre("full pose", "full pose"));
  const PaperTable one = MakePaperTable(1, groups, {}, "legs_torso");
  EXPECT_THAT(Lifters(one), ElementsAre("legs + torso"));
  EXPECT_THAT(one.notes, Contains(HasSubstr("Left out, for it has nothing for this table: 'b'")));
}

TEST(PaperTable, OcclusionSetsFillersOfAScenarioTogether) {
  const auto occluded = [](const std::string& filler, double value) {
    return std::vector{Scored({"legs_torso", "left_arm", filler}, value),
                       Scored({"legs_torso", "left_arm", filler, "visible"}, value - 1),
                       Scored({"legs_torso", "left_arm", filler, "occluded"}, value + 1)};
  };
  std::vector<std::pair<ResultKey, Metrics>> results = {Scored({"legs_torso"}, 20)};
  for (const auto& [filler, value] : {std::pair{"mask", 58.0}, {"o3d", 60.0}, {"o2d", 70.0}}) {
    for (const auto& result : occluded(filler, value)) results.push_back(result);
  }
  results.push_back(Scored({"legs_torso", "hidden_head", "mask"}, 1));
  PublishedRow published = Published(3, "LInKs", "unsupervised", 52.1);
  published.scenario = "left_arm";
  published.filler = "o3d";
  PublishedRow random = Published(3, "OCR-Pose", "unsupervised", 54.8);
  random.scenario = "random_0_3";
  const PaperTable table =
      MakePaperTable(3, GroupRuns({Evaluated("ours", "cmu", results)}), {published, random});
  EXPECT_THAT(Sections(table), ElementsAre("left arm", "0 to 3 random joints, U(0, 3)", "hidden head"));
  std::vector<std::string> fillers;
  for (const TableRow& row : table.rows) fillers.push_back(row.filler);
  EXPECT_THAT(fillers, ElementsAre("O_3D", "O_2D", "O_3D", "mask", "", "mask"));
  EXPECT_THAT(Best(table), ElementsAre("ours: ours 58"));
  const TableRow& o2d = table.rows[1];
  EXPECT_EQ(o2d.data_set, "CMU");
  for (size_t c = 0; c < table.columns.size(); ++c) {
    const std::string& key = table.columns[c].key;
    const double expected = key == "n_mpjpe"            ? 80
                            : key == "pa_mpjpe"         ? 75
                            : key.ends_with("visible")  ? 69
                            : key.ends_with("occluded") ? 71
                                                        : 70;
    EXPECT_EQ(o2d.cells[c].value.mean, expected) << key;
    EXPECT_EQ(IsAbsent(table.rows[0].cells[c].value.mean), table.columns[c].joints != "all") << key;
  }
}

TEST(PaperTable, EveryShippedRowIsInItsTable) {
  const std::vector<PublishedRow> published = ReadPublished(PublishedPath());
  const std::vector<RunGroup> groups = GroupRuns({Evaluated(
      "ours", "cmu", {Scored({"legs_torso"}, 50), Scored({"legs_torso", "left_arm", "o3d"}, 50)})});
  size_t total = 0;
  for (int number = 1; number <= 4; ++number) {
    for (const TableRow& row : MakePaperTable(number, groups, published).rows) {
      if (!row.published) continue;
      ++total;
      EXPECT_TRUE(std::ranges::any_of(row.cells, [](const TableCell& c) { return !IsAbsent(c.value.mean); }))
          << number << ' ' << row.method;
    }
  }
  EXPECT_EQ(total, published.size());
}

TEST(PaperTable, NotesNameVariantsSourcesPosesSeedsAndNormalisation) {
  PublishedRow cited = Published(1, "Martinez", "supervised", 37.1);
  cited.unknown_variant = {"n_mpjpe"};
  EvaluationFile ours = Evaluated("ours", "h36m", {Scored({"legs_torso"}, 40)}, 7);
  ours.settings = {{"normalisation", "812.5 px, from the training set"}};
  ours.results[0].second.rejected = 4;
  const PaperTable table = MakePaperTable(1, GroupRuns({ours}), {cited});
  EXPECT_THAT(table.notes, Contains(HasSubstr("Published, a paper: Martinez.")));
  EXPECT_THAT(table.notes, Contains(HasSubstr("†")));
  EXPECT_THAT(
      table.notes,
      Contains("Ours, 'ours': Human3.6M (protocol h36m), 100 poses, seed 7; 2D normalisation: 812.5 px, from "
               "the training set; up to 4 degenerate poses left out of a figure."));
  EXPECT_FALSE(table.rows[0].cells[1].variant_known);
  EXPECT_THAT(MakePaperTable(1, GroupRuns({ours}), {}).notes, Each(Not(HasSubstr("†"))));
}

TEST(PaperTable, SaysWhenThereIsNothingForATable) {
  const std::vector<RunGroup> groups = GroupRuns({Evaluated("ours", "cmu", {Scored({"legs_torso"}, 50)})});
  EXPECT_THAT(MessageOf([&] { MakePaperTable(3, groups, {}); }), HasSubstr("for table 3, found none"));
  EXPECT_THAT(MessageOf([&] { MakePaperTable(1, groups, {}, "full"); }), HasSubstr("'full'"));
  EXPECT_THAT(MessageOf([&] { MakePaperTable(4, GroupRuns({Evaluated("empty", "cmu", {})}), {}); }),
              HasSubstr("table 4"));
}

TEST(ChooseTables, TakesWhatTheEvaluationsHold) {
  const auto lifted = [](const std::string& protocol) {
    return Evaluated(protocol, protocol, {Scored({"full"}, 1)});
  };
  const EvaluationFile filled =
      Evaluated("filled", "cmu", {Scored({"full"}, 1), Scored({"full", "left_arm", "o2d"}, 1)});
  EXPECT_THAT(ChooseTables(GroupRuns({lifted("cmu")})), ElementsAre(4));
  EXPECT_THAT(ChooseTables(GroupRuns({filled})), ElementsAre(3));
  EXPECT_THAT(ChooseTables(GroupRuns({filled, lifted("mpi-inf-3dhp"), lifted("h36m")})),
              ElementsAre(1, 2, 3));
}

}  // namespace
}  // namespace links
