#include "links/report/published.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "support/temporary_folder.h"

namespace links {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

const char* kRow = R"(rows:
  - table: 1
    method: LInKs
    supervision: unsupervised
    data: h36m
    pa_mpjpe_reflection: 33.8
    unknown_variant: [pa_mpjpe_reflection]
    source: a paper
)";

TEST(Published, ReadsARow) {
  const TemporaryFolder folder;
  const std::vector<PublishedRow> rows = ReadPublished(folder.Write("p.yaml", kRow));
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].table, 1);
  EXPECT_EQ(rows[0].method, "LInKs");
  EXPECT_EQ(rows[0].protocol, "h36m");
  EXPECT_EQ(rows[0].source, "a paper");
  EXPECT_EQ(rows[0].scenario, "none");
  EXPECT_EQ(rows[0].metrics.pa_mpjpe_reflection, 33.8);
  EXPECT_TRUE(IsAbsent(rows[0].metrics.n_mpjpe));
  EXPECT_THAT(rows[0].unknown_variant, ElementsAre("pa_mpjpe_reflection"));
}

TEST(Published, NamesFileAndLineOfEveryMistake) {
  const TemporaryFolder folder;
  const auto message = [&](const std::string& from, const std::string& to) {
    std::string text = kRow;
    text.replace(text.find(from), from.size(), to);
    const std::string path = folder.Write("p.yaml", text);
    std::string said = MessageOf([&] { ReadPublished(path); });
    EXPECT_THAT(said, HasSubstr(path + ":")) << to;
    return said;
  };
  EXPECT_THAT(message("rows:", "row:"), AllOf(HasSubstr(".yaml:1"), HasSubstr("did you mean 'rows'?")));
  EXPECT_THAT(message("table: 1", "table: 5"), AllOf(HasSubstr(".yaml:2"), HasSubstr("found '5'")));
  EXPECT_THAT(message("LInKs", "[LInKs]"), AllOf(HasSubstr(".yaml:3"), HasSubstr("name of a method")));
  EXPECT_THAT(message("unsupervised", "unsupervize"), AllOf(HasSubstr(".yaml:4"), HasSubstr("did you mean")));
  EXPECT_THAT(message("h36m", "cmu"), HasSubstr(".yaml:5"));
  EXPECT_THAT(message("33.8", "low"), AllOf(HasSubstr(".yaml:6"), HasSubstr("number")));
  EXPECT_THAT(message("33.8", ".nan"), HasSubstr(".yaml:6"));
  EXPECT_THAT(message("33.8", "-33.8"), HasSubstr(".yaml:6"));
  EXPECT_THAT(message("pa_mpjpe_reflection: 33.8", "pa_mpjpe_reflected: 33.8"),
              AllOf(HasSubstr(".yaml:6"), HasSubstr("did you mean 'pa_mpjpe_reflection'?")));
  EXPECT_THAT(message("    pa_mpjpe_reflection: 33.8\n", ""), HasSubstr("found none"));
  EXPECT_THAT(message("[pa_mpjpe_reflection]", "[n_mpjpe]"), HasSubstr(".yaml:7"));
  EXPECT_THAT(message("source: a paper", "scenario: left_arm"), HasSubstr("'source' is missing"));
  EXPECT_THAT(message("source: a paper", "source: a paper\n    filler: o3d"), HasSubstr(".yaml:9"));
  EXPECT_THAT(message("table: 1", "table: 3"), HasSubstr("'scenario' is missing"));
  EXPECT_THAT(message("rows:", "rows: [\n"), HasSubstr("expected YAML"));
  EXPECT_THAT(MessageOf([&] { ReadPublished(folder / "absent.yaml"); }), HasSubstr("absent.yaml"));
}

/// A row as the paper prints it: PA-MPJPE, then N-MPJPE, or N-PCK and AUC; −1 where it prints none.
struct Printed {
  int table;
  std::string method, detail;  // the lifters, or scenario and filler
  double first, second, third = -1;
};

double FirstOf(double metric, double other) {
  return IsAbsent(metric) ? (IsAbsent(other) ? -1 : other) : metric;
}

TEST(Published, TheShippedFileHasEveryRowOfThePapersTables) {
  const std::vector<PublishedRow> rows = ReadPublished(PublishedPath());
  const std::vector<Printed> expected = {
      {1, "Martinez et al. 2017", "", 37.1, 45.5},
      {1, "Cai et al. 2019", "", 40.2, 48.8},
      {1, "Pavllo et al. 2019", "", 27.2, 37.2},
      {1, "Wandt & Rosenhahn 2019", "", 38.2, 50.9},
      {1, "Drover et al. 2018", "", 38.2, -1},
      {1, "Yang et al. 2018", "", 37.7, 58.6},
      {1, "Tung et al. 2017", "", 79.0, -1},
      {1, "Chen et al. 2019", "", 58.0, -1},
      {1, "Yu et al. 2021", "", 42.0, 85.3},
      {1, "Wang et al.", "", 44.7, -1},
      {1, "ElePose", "", 36.7, 64.0},
      {1, "LInKs", "", 33.8, 61.6},
      {2, "Kundu et al.", "", 93.9, 84.6, 60.8},
      {2, "Wandt & Rosenhahn 2019", "", -1, 81.8, 54.8},
      {2, "Chen et al. 2019", "", -1, 71.1, 36.3},
      {2, "Yu et al. 2021", "", -1, 86.2, 51.7},
      {2, "ElePose", "", 54.0, 86.0, 50.1},
      {2, "LInKs", "", 49.7, 86.3, 54.0},
      {3, "LInKs", "left_arm o2d", 61.4, 85.7},
      {3, "LInKs", "left_arm o3d", 52.1, 78.1},
      {3, "LInKs", "left_leg o2d", 49.4, 76.0},
      {3, "LInKs", "left_leg o3d", 46.0, 73.2},
      {3, "LInKs", "right_arm o2d", 59.8, 84.5},
      {3, "LInKs", "right_arm o3d", 49.8, 75.7},
      {3, "LInKs", "right_leg o2d", 51.2, 75.4},
      {3, "LInKs", "right_leg o3d", 44.5, 71.6},
      {3, "LInKs", "left_arm_leg o2d", 70.7, 94.9},
      {3, "LInKs", "left_arm_leg o3d", 62.0, 86.0},
      {3, "LInKs", "right_arm_leg o2d", 71.9, 95.0},
      {3, "LInKs", "right_arm_leg o3d", 60.2, 83.7},
      {3, "LInKs", "both_legs o2d", 81.5, 117.0},
      {3, "LInKs", "both_legs o3d", 69.3, 99.8},
      {3, "LInKs", "full_torso o2d", 96.3, 136.0},
      {3, "LInKs", "full_torso o3d", 88.4, 122.0},
      {3, "OCR-Pose", "random_0_3 none", 54.8, -1},
      {4, "ElePose, recreated by Hardy & Kim", "full pose, no sampling", 36.5, 65.8},
      {4, "full-pose lifter", "full pose, sampling", 35.1, 65.2},
      {4, "LInKs", "left* + right", 33.4, 64.0},
      {4, "LInKs", "right* + left", 33.4, 64.3},
      {4, "LInKs", "legs + torso", 33.8, 61.6}};
  EXPECT_EQ(rows.size(), expected.size());
  for (const Printed& printed : expected) {
    const auto row = std::ranges::find_if(rows, [&](const PublishedRow& r) {
      const std::string detail = r.table == 3 ? r.scenario + ' ' + r.filler : r.lifters;
      return r.table == printed.table && r.method == printed.method && detail == printed.detail;
    });
    ASSERT_NE(row, rows.end()) << printed.table << ' ' << printed.method << ' ' << printed.detail;
    const Metrics& m = row->metrics;
    EXPECT_EQ(FirstOf(m.pa_mpjpe_reflection, m.pa_mpjpe), printed.first) << printed.method;
    EXPECT_EQ(FirstOf(m.n_mpjpe, m.n_pck), printed.second) << printed.method;
    EXPECT_EQ(FirstOf(m.n_auc, kAbsent), printed.third) << printed.method;
    EXPECT_EQ(row->protocol, printed.table == 2 ? "mpi-inf-3dhp" : "h36m");
    EXPECT_THAT(row->source, HasSubstr("Hardy & Kim, WACV 2024, table " + std::to_string(printed.table)));
  }
}

}  // namespace
}  // namespace links
