#include "links/report/table_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "links/core/text.h"

namespace links {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr double kMean = 33.456789012345, kDeviation = 0.4321;

// A published row of which one variant is not known, and the best: ours, with awkward characters.
PaperTable Example(int number = 1) {
  PaperTable table;
  table.number = number;
  table.title = "Table 1: lifting";
  table.columns = {{"pa_mpjpe_reflection", "PA-MPJPE\n(reflection allowed)", &Metrics::pa_mpjpe_reflection},
                   {"n_mpjpe", "N-MPJPE\n(norm scale)", &Metrics::n_mpjpe}};
  TableRow published;
  published.section = published.data_set = "Human3.6M";
  published.method = "LInKs";
  published.supervision = "unsupervised";
  published.published = true;
  published.source = "a paper";
  published.cells = {{{33.8, kAbsent}}, {{61.6, kAbsent}, false, false}};
  TableRow ours = published;
  ours.section = "other data, 100 poses";
  ours.data_set = "other data";
  ours.method = R"(ours: 50 % a_b* | "x", \y)";
  ours.published = false;
  ours.poses = 100;
  ours.seeds = {1, 2, 3};
  ours.cells = {{{kMean, kDeviation}, true}, {}};
  table.rows = {published, ours};
  table.notes = {"± is the deviation."};
  return table;
}

std::vector<std::string> Lines(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::string LineWith(const std::string& text, const std::string& part) {
  for (const std::string& line : Lines(text)) {
    if (line.find(part) != std::string::npos) return line;
  }
  return "";
}

// The fields of a line of CSV without line breaks in fields.
std::vector<std::string> CsvFields(const std::string& line) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"' && quoted && i + 1 < line.size() && line[i + 1] == '"') {
      fields.back() += line[i++];
    } else if (line[i] == '"') {
      quoted = !quoted;
    } else if (line[i] == ',' && !quoted) {
      fields.emplace_back();
    } else {
      fields.back() += line[i];
    }
  }
  return fields;
}

TEST(TablesText, LinesUpAndMarksTheBestWithAStar) {
  const std::string text = TablesText({Example()});
  EXPECT_THAT(text, HasSubstr("[Human3.6M]\n"));
  EXPECT_THAT(text, HasSubstr("\n[other data, 100 poses]\n"));
  EXPECT_THAT(text, HasSubstr("± is the deviation.\n"));
  const std::string published = LineWith(text, "LInKs"), ours = LineWith(text, "ours:");
  EXPECT_THAT(published, HasSubstr("33.8 "));
  EXPECT_THAT(published, HasSubstr("61.6†"));
  EXPECT_THAT(ours, HasSubstr("33.5 ± 0.4*"));
  EXPECT_THAT(ours, HasSubstr("100"));
  EXPECT_EQ(TextWidth(published.substr(0, published.find("Human3.6M"))),
            TextWidth(ours.substr(0, ours.find("other data"))));
  EXPECT_THAT(text, Not(HasSubstr("lifters")));  // no row has any
  EXPECT_THAT(TablesText({Example(), Example()}), HasSubstr(text + '\n' + text));
}

TEST(TablesMarkdown, IsAGitHubTableWithTheBestInBold) {
  const std::string text = TablesMarkdown({Example()});
  std::vector<std::string> rows;
  for (const std::string& line : Lines(text)) {
    if (line.starts_with('|')) rows.push_back(line);
  }
  ASSERT_EQ(rows.size(), 6u);  // titles, rule, two sections of one row
  for (const std::string& row : rows) {
    size_t bars = 0;
    for (size_t i = 0; i < row.size(); ++i) bars += row[i] == '|' && (i == 0 || row[i - 1] != '\\');
    EXPECT_EQ(bars, 8u) << row;
    EXPECT_EQ(TextWidth(row), TextWidth(rows[0])) << row;
  }
  EXPECT_THAT(rows[1], testing::MatchesRegex("[|]( -+:? [|])+"));
  EXPECT_THAT(rows[3], HasSubstr("61.6†"));
  EXPECT_THAT(rows[5], HasSubstr("**33.5 ± 0.4**"));
  EXPECT_THAT(rows[5], HasSubstr(R"(50 % a\_b\* \| "x", \\y)"));
}

TEST(TablesTex, IsAWholeTabularWithEscapedText) {
  const std::string tex = TablesTex({Example()});
  EXPECT_THAT(tex, HasSubstr("\\usepackage{booktabs}"));
  EXPECT_THAT(tex, HasSubstr("\\begin{tabular}{lllllrr}\n\\toprule\n"));
  EXPECT_THAT(tex, HasSubstr("\\end{tabular}\n"));
  EXPECT_THAT(tex, HasSubstr("\\shortstack[r]{PA-MPJPE \\\\ (reflection allowed)}"));
  EXPECT_THAT(LineWith(tex, "LInKs"),
              "LInKs & unsupervised & Human3.6M & -- & -- & 33.8 & 61.6$^\\dagger$ \\\\");
  EXPECT_THAT(LineWith(tex, "ours:"),
              R"(ours: 50 \% a\_b{*} \textbar{} "x", \textbackslash{}y & unsupervised & )"
              R"(other data & 100 & 3 & \textbf{33.5 $\pm$ 0.4} & -- \\)");
  EXPECT_THAT(tex, HasSubstr("$\\pm$ is the deviation."));
  int depth = 0;
  for (size_t i = 0; i < tex.size(); ++i) {
    if (tex[i] == '\\') {
      ++i;
    } else {
      depth += tex[i] == '{' ? 1 : tex[i] == '}' ? -1 : 0;
    }
    ASSERT_GE(depth, 0);
  }
  EXPECT_EQ(depth, 0);
}

TEST(TablesCsv, HasOneHeaderAndUnroundedFigures) {
  PaperTable second = Example(2);
  second.columns[1].key = "n_pck";
  const std::vector<std::string> lines = Lines(TablesCsv({Example(), second}));
  ASSERT_EQ(lines.size(), 5u);
  const std::vector<std::string> header = CsvFields(lines[0]);
  const auto field = [&](size_t line, const std::string& name) {
    const std::vector<std::string> fields = CsvFields(lines[line]);
    EXPECT_EQ(fields.size(), header.size());
    return fields.at(std::ranges::find(header, name) - header.begin());
  };
  EXPECT_EQ(field(1, "method"), "LInKs");
  EXPECT_EQ(field(1, "published"), "true");
  EXPECT_EQ(field(1, "unknown_variant"), "n_mpjpe");
  EXPECT_EQ(field(1, "poses"), "");
  EXPECT_EQ(field(1, "n_mpjpe"), "61.6");
  EXPECT_EQ(field(1, "n_mpjpe_deviation"), "");
  EXPECT_EQ(field(2, "table"), "1");
  EXPECT_EQ(field(2, "method"), R"(ours: 50 % a_b* | "x", \y)");
  EXPECT_EQ(field(2, "section"), "other data, 100 poses");
  EXPECT_EQ(field(2, "seeds"), "1 2 3");
  EXPECT_EQ(std::stod(field(2, "pa_mpjpe_reflection")), kMean);
  EXPECT_EQ(std::stod(field(2, "pa_mpjpe_reflection_deviation")), kDeviation);
  EXPECT_EQ(field(2, "n_mpjpe"), "");
  EXPECT_EQ(field(3, "table"), "2");
  EXPECT_EQ(field(3, "n_pck"), "61.6");
  EXPECT_EQ(field(3, "n_mpjpe"), "");
}

TEST(TablesJson, HoldsEverythingUnrounded) {
  const json parsed = json::parse(TablesJson({Example()}));
  EXPECT_EQ(parsed["format"], "links-report");
  EXPECT_EQ(parsed["version"], 1);
  const json& table = parsed["tables"].at(0);
  EXPECT_EQ(table["table"], 1);
  EXPECT_EQ(table["columns"][0]["key"], "pa_mpjpe_reflection");
  EXPECT_EQ(table["columns"][0]["title"], "PA-MPJPE (reflection allowed)");
  EXPECT_EQ(table["columns"][0]["lower_is_better"], true);
  EXPECT_EQ(table["notes"], json({"± is the deviation."}));
  const json& published = table["rows"].at(0);
  EXPECT_EQ(published["published"], true);
  EXPECT_EQ(published["source"], "a paper");
  EXPECT_TRUE(published["poses"].is_null());
  EXPECT_TRUE(published["lifters"].is_null());
  EXPECT_EQ(published["values"]["n_mpjpe"]["variant_known"], false);
  EXPECT_EQ(published["values"]["n_mpjpe"]["best"], false);
  const json& ours = table["rows"].at(1);
  EXPECT_EQ(ours["poses"], 100);
  EXPECT_EQ(ours["seeds"], json({1, 2, 3}));
  EXPECT_EQ(ours["values"]["pa_mpjpe_reflection"]["mean"], kMean);
  EXPECT_EQ(ours["values"]["pa_mpjpe_reflection"]["deviation"], kDeviation);
  EXPECT_EQ(ours["values"]["pa_mpjpe_reflection"]["best"], true);
  EXPECT_TRUE(ours["values"]["n_mpjpe"]["mean"].is_null());
}

}  // namespace
}  // namespace links
