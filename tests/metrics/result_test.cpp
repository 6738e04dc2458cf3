#include "links/metrics/result.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

namespace links {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

// Every metric different: base + 1, base + 2, ... in the order of kMetricFields.
Metrics Numbered(double base) {
  Metrics m;
  m.poses = 100;
  for (const MetricField& field : kMetricFields) m.*field.value = base += 1;
  return m;
}

Report Example() {
  Report report;
  report.poses = 100;
  report.settings = {{"normalisation", "812.5 px, from the training set"}};
  report.software = {{"links", "0.1.0"}};
  report.results = {{"legs_torso", "none", "none", "all", "all", "all", Numbered(100)},
                    {"legs_torso", "none", "none", "all", "action", "Walking", Numbered(200)},
                    {"legs_torso", "none", "none", "all", "action", "Sitting", Numbered(300)},
                    {"legs_torso", "none", "none", "all", "action", "mean", Numbered(250)},
                    {"flat", "none", "none", "all", "all", "all", Numbered(400)},
                    {"legs_torso", "left_arm", "o3d", "all", "all", "all", Numbered(500)},
                    {"legs_torso", "left_arm", "o2d", "all", "all", "all", Numbered(600)},
                    {"legs_torso", "left_arm", "o3d", "occluded", "all", "all", Numbered(700)},
                    {"legs_torso", "left_arm", "o2d", "occluded", "all", "all", Numbered(800)}};
  return report;
}

std::vector<std::string> Lines(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

// The words of the first line after `heading` that starts with `label`.
std::vector<std::string> Row(const std::string& table, const std::string& heading, const std::string& label) {
  std::istringstream after(table.substr(table.find(heading)));
  for (std::string line; std::getline(after, line);) {
    if (!line.starts_with(label + ' ')) continue;
    std::istringstream words(line.substr(label.size()));
    return {std::istream_iterator<std::string>(words), {}};
  }
  return {};
}

TEST(ReportJson, HoldsTheContract) {
  const Report report = Example();
  const json parsed = json::parse(ReportJson(report));
  EXPECT_EQ(parsed["poses"], 100);
  EXPECT_EQ(parsed["settings"]["normalisation"], "812.5 px, from the training set");
  EXPECT_EQ(parsed["software"]["links"], "0.1.0");
  ASSERT_EQ(parsed["results"].size(), report.results.size());
  const json& last = parsed["results"].back();
  EXPECT_EQ(last["composition"], "legs_torso");
  EXPECT_EQ(last["scenario"], "left_arm");
  EXPECT_EQ(last["filler"], "o2d");
  EXPECT_EQ(last["joints"], "occluded");
  EXPECT_EQ(last["grouping"], "all");
  EXPECT_EQ(last["group"], "all");
  EXPECT_EQ(last["poses"], 100);
  EXPECT_EQ(last["rejected"], 0);
  const Metrics& m = report.results.back().metrics;
  EXPECT_EQ(last["mpjpe"], m.mpjpe);
  EXPECT_EQ(last["n_mpjpe"], m.n_mpjpe);
  EXPECT_EQ(last["n_mpjpe_lsq"], m.n_mpjpe_lsq);
  EXPECT_EQ(last["pa_mpjpe"], m.pa_mpjpe);
  EXPECT_EQ(last["pa_mpjpe_reflection"], m.pa_mpjpe_reflection);
  EXPECT_EQ(last["n_pck"], m.n_pck);
  EXPECT_EQ(last["n_auc"], m.n_auc);
  EXPECT_EQ(last["n_auc_150"], m.n_auc_150);
  EXPECT_EQ(last["n_pck_14"], m.n_pck_14);
  EXPECT_EQ(last["n_auc_14"], m.n_auc_14);
  EXPECT_EQ(last["pck_14"], m.pck_14);
  EXPECT_EQ(last["auc_14"], m.auc_14);
}

TEST(ReportJson, AbsentMetricsAreNullAndKeepTheirKey) {
  Report report;
  report.results = {{"predictions", "none", "none", "all", "action", "Eating", {}}};
  report.results[0].metrics.rejected = 3;
  const json result = json::parse(ReportJson(report))["results"][0];
  EXPECT_EQ(result["rejected"], 3);
  for (const MetricField& field : kMetricFields) {
    ASSERT_TRUE(result.contains(field.name)) << field.name;
    EXPECT_TRUE(result[std::string(field.name)].is_null()) << field.name;
  }
}

TEST(ReportJson, AnEmptyReportIsStillWhole) {
  const json parsed = json::parse(ReportJson({}));
  EXPECT_EQ(parsed["poses"], 0);
  EXPECT_TRUE(parsed["results"].is_array());
  EXPECT_TRUE(parsed["settings"].is_object());
  EXPECT_TRUE(parsed["software"].is_object());
}

TEST(ReportJson, SurvivesAnyName) {
  Report report;
  report.results = {{"full", "none", "none", "all", "action", "Sit\"ting\n\xff", {}}};
  EXPECT_EQ(json::parse(ReportJson(report))["results"][0]["group"], "Sit\"ting\n\xEF\xBF\xBD");
}

TEST(ReportCsv, HasALineAResult) {
  const Report report = Example();
  const auto lines = Lines(ReportCsv(report));
  ASSERT_EQ(lines.size(), 1 + report.results.size());
  EXPECT_EQ(
      lines[0],
      "composition,scenario,filler,joints,grouping,group,poses,rejected,mpjpe,n_mpjpe,n_mpjpe_lsq,pa_mpjpe,"
      "pa_mpjpe_reflection,n_pck,n_auc,n_auc_150,n_pck_14,n_auc_14,pck_14,auc_14");
  EXPECT_EQ(
      lines[1],
      "legs_torso,none,none,all,all,all,100,0,101.0,102.0,103.0,104.0,105.0,106.0,107.0,108.0,109.0,110.0,"
      "111.0,112.0");
}

TEST(ReportCsv, QuotesTextAndLeavesAbsentMetricsEmpty) {
  Report report;
  report.results = {{"full", "none", "none", "all", "action", "Sit, \"low\"", {}}};
  EXPECT_THAT(ReportCsv(report),
              HasSubstr("full,none,none,all,action,\"Sit, \"\"low\"\"\",0,0,,,,,,,,,,,,\n"));
  report.results[0].group = "two\nlines";
  EXPECT_THAT(ReportCsv(report), HasSubstr(",\"two\nlines\",0,0,"));
}

TEST(ReportTable, NamesEveryVariantAndSetting) {
  const std::string table = ReportTable(Example());
  for (const char* text :
       {"PA-MPJPE (reflection allowed)", "N-MPJPE (norm scale)", "PA-MPJPE (no reflection)",
        "N-MPJPE (least squares)", "normalisation: 812.5 px, from the training set", "100 poses"})
    EXPECT_THAT(table, HasSubstr(text));
}

TEST(ReportTable, PutsThePapersVariantsFirst) {
  const std::string table = ReportTable(Example());
  // N, PA reflection, N norm, PA, N least squares, MPJPE, N-PCK, N-AUC, N-PCK 14, N-AUC 14, PCK 14, AUC 14.
  EXPECT_THAT(Row(table, "Lifting", "legs_torso"),
              testing::ElementsAre("100", "105.0", "102.0", "104.0", "103.0", "101.0", "106.0", "107.0",
                                   "109.0", "110.0", "111.0", "112.0"));
  EXPECT_THAT(Row(table, "Lifting", "flat"), testing::Contains("405.0"));
}

TEST(ReportTable, ListsActionsAndTheirMean) {
  const std::string table = ReportTable(Example());
  const std::string paper = "Per action, the paper's", field = "Per action, the field's";
  EXPECT_THAT(Row(table, paper, "Walking"), testing::ElementsAre("205.0", "202.0"));
  EXPECT_THAT(Row(table, paper, "mean of action"), testing::ElementsAre("255.0", "252.0"));
  EXPECT_THAT(Row(table, field, "Sitting"), testing::ElementsAre("304.0", "303.0"));
}

TEST(ReportTable, SetsTheFillersSideBySide) {
  const std::string table = ReportTable(Example());
  // All joints, then occluded ones: PA O_2D, PA O_3D, N O_2D, N O_3D.
  EXPECT_THAT(Row(table, "Occlusion, legs_torso, the paper's", "left_arm"),
              testing::ElementsAre("605.0", "505.0", "602.0", "502.0", "805.0", "705.0", "802.0", "702.0"));
  EXPECT_THAT(Row(table, "Occlusion, legs_torso, the field's", "left_arm"),
              testing::ElementsAre("604.0", "504.0", "603.0", "503.0", "804.0", "704.0", "803.0", "703.0"));
}

TEST(ReportTable, ShowsRejectedPosesOnlyWhenThereAreSome) {
  Report report = Example();
  EXPECT_THAT(ReportTable(report), Not(HasSubstr("ejected")));
  report.results[0].metrics.rejected = 7;
  EXPECT_THAT(Row(ReportTable(report), "Lifting", "legs_torso"), testing::Contains("7"));
  report.results[5].metrics.rejected = 9;
  EXPECT_THAT(ReportTable(report), HasSubstr("up to 9 poses"));
}

TEST(ReportTable, AbsentMetricsAreDashes) {
  Report report;
  report.results = {{"flat", "none", "none", "all", "all", "all", {}},
                    {"flat", "none", "none", "all", "action", "mean", {}}};
  const std::string table = ReportTable(report);
  EXPECT_THAT(table, Not(HasSubstr("nan")));
  EXPECT_THAT(Row(table, "Per action", "mean of action"), testing::ElementsAre("-", "-"));
}

}  // namespace
}  // namespace links
