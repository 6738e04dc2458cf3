#include "links/core/text_table.h"

#include <gtest/gtest.h>

namespace links {
namespace {

TEST(TextTable, SetsTheFirstColumnsLeftAndTheOthersRight) {
  TextTable table({"name", "kind", "N"}, 2);
  table.AddRow({"a", "long kind", "7"});
  table.AddRow({"longer", "b", "1234"});
  EXPECT_EQ(table.Text(),
            "name    kind          N\n"
            "-----------------------\n"
            "a       long kind     7\n"
            "longer  b          1234\n");
}

TEST(TextTable, CellsHoldNoControlCharacters) {
  TextTable table({"name", "N"}, 1);
  table.AddRow({"a\x1b[2J\nb", "7"});
  EXPECT_EQ(table.Rows(), "a\\x1b[2J\\nb  7\n");
}

TEST(TextTable, TitlesOfTwoLinesAreSetAtTheBottom) {
  TextTable table({"name", "PA\n(field)", "N"});
  table.AddRow({"a", "33.8 ± 0.4", ""});
  EXPECT_EQ(table.Text(),
            "              PA\n"
            "name     (field)  N\n"
            "-------------------\n"
            "a     33.8 ± 0.4\n");
}

TEST(TextTable, LinesBetweenTheRowsAreNotLinedUp) {
  TextTable table({"a", "b"});
  table.AddLine("[a section that is wider than the table]");
  table.AddRow({"1", "2"});
  EXPECT_EQ(table.Rows(), "[a section that is wider than the table]\n1  2\n");
  EXPECT_EQ(table.Rule(), "----\n");
}

TEST(TextTable, AFrameStandsAroundTheCells) {
  TextTable table({"a", "b"}, 1, {"| ", " | ", " |", 3});
  table.AddRow({"x", "1234"});
  EXPECT_EQ(table.Titles() + table.Rows(), "| a   |    b |\n| x   | 1234 |\n");
}

TEST(TextTable, MakesRoomForRowsThatArePrintedAlone) {
  TextTable table({"name", "ms"});
  table.Reserve({"", "123.4"});
  EXPECT_EQ(table.Titles(), "name     ms\n");
  EXPECT_EQ(table.Line({"a", "1.5"}), "a       1.5\n");
  EXPECT_EQ(table.Line({"too wide", "1.5"}), "too wide    1.5\n");
}

}  // namespace
}  // namespace links
