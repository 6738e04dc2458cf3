#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "example_evaluation.h"
#include "links/core/error.h"
#include "links/report/table_writer.h"
#include "support/temporary_folder.h"

namespace links {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

nlohmann::json Group(const std::string& grouping, const std::string& group, double base) {
  nlohmann::json result = ExampleResult("legs_torso", base);
  result["grouping"] = grouping;
  result["group"] = group;
  return result;
}

RunGroup Seeds(const TemporaryFolder& folder, int count) {
  std::vector<EvaluationFile> files;
  for (int seed = 1; seed <= count; ++seed) {
    const std::string name = "seed" + std::to_string(seed) + ".json";
    folder.Write(name, ExampleEvaluation(
                           "k", seed,
                           {ExampleResult("legs_torso", 50.0 + seed), Group("action", "Walk", 40.0 + seed),
                            Group("action", "Eat", 60.0 + 3 * seed), Group("action", "mean", 45.0 + seed),
                            Group("azimuth", "000..030", 1)})
                           .dump());
    files.push_back(ReadEvaluation(folder / name));
  }
  return GroupRuns(std::move(files)).front();
}

// pa_mpjpe_reflection is base + 4 in the examples.
TEST(ActionTable, HasAColumnAnActionThenTheirMeanAndAllPoses) {
  const TemporaryFolder folder;
  const PaperTable table = MakeActionTable("pa_mpjpe_reflection", {Seeds(folder, 2)});
  std::vector<std::string> titles;
  for (const TableColumn& column : table.columns) titles.push_back(column.title);
  EXPECT_THAT(titles, ElementsAre("Eat", "Walk", "mean of\nactions", "all\nposes"));
  ASSERT_EQ(table.rows.size(), 1u);
  const auto& cells = table.rows[0].cells;
  EXPECT_DOUBLE_EQ(cells[0].value.mean, 68.5);
  EXPECT_NEAR(cells[0].value.deviation, 3 / std::sqrt(2.0), 1e-9);
  EXPECT_DOUBLE_EQ(cells[1].value.mean, 45.5);
  EXPECT_DOUBLE_EQ(cells[2].value.mean, 50.5);
  EXPECT_DOUBLE_EQ(cells[3].value.mean, 55.5);
  EXPECT_THAT(TablesCsv({table}), HasSubstr("\nactions,"));
  EXPECT_THAT(TablesMarkdown({table}), HasSubstr("68.5"));
}

TEST(ActionTable, IsRefusedWithoutActions) {
  const TemporaryFolder folder;
  folder.Write("e.json", ExampleEvaluation("k", 1, {ExampleResult("legs_torso", 1)}).dump());
  const std::vector<RunGroup> groups = GroupRuns({ReadEvaluation(folder / "e.json")});
  EXPECT_THROW(MakeActionTable("pa_mpjpe", groups), Error);
  EXPECT_THROW(MakeActionTable("height", {Seeds(folder, 1)}), UsageError);
}

TEST(EvaluationFile, HasGroupsAndErrorsOfJoints) {
  const TemporaryFolder folder;
  nlohmann::json whole = ExampleResult("legs_torso", 1);
  for (const char* metric : {"n_mpjpe", "pa_mpjpe", "pa_mpjpe_reflection"}) {
    for (int joint = 0; joint < kJoints; ++joint) whole["per_joint"][metric].push_back(joint + 0.5);
  }
  folder.Write("e.json", ExampleEvaluation("k", 1, {whole, Group("subject", "S9", 7)}).dump());
  const EvaluationFile file = ReadEvaluation(folder / "e.json");
  ASSERT_NE(file.FindJoints({"legs_torso"}), nullptr);
  EXPECT_EQ(file.FindJoints({"legs_torso"})->pa_mpjpe[kLWrist], int{kLWrist} + 0.5);
  ASSERT_EQ(file.groups.size(), 1u);
  EXPECT_EQ(file.groups[0].metrics.mpjpe, 7);
  EXPECT_THAT(file.Groupings(), ElementsAre("subject"));
  whole["per_joint"]["pa_mpjpe"].erase(3);
  folder.Write("e.json", ExampleEvaluation("k", 1, {whole}).dump());
  EXPECT_THROW(ReadEvaluation(folder / "e.json"), Error);
}

}  // namespace
}  // namespace links
