#include "links/core/text.h"

#include <gtest/gtest.h>

namespace links {
namespace {

TEST(TextWidth, CountsCharactersNotBytes) {
  EXPECT_EQ(TextWidth(""), 0u);
  EXPECT_EQ(TextWidth("left* + right"), 13u);
  EXPECT_EQ(TextWidth("33.8 ± 0.4†"), 11u);
}

TEST(Printable, NothingMovesTheCursor) {
  EXPECT_EQ(Printable("33.8 ± 0.4† 日本 \U0001F600\tok\n"), "33.8 ± 0.4† 日本 \U0001F600\tok\n");
  EXPECT_EQ(Printable("\x1b]0;title\x07\x1b[2J"), "\\x1b]0;title\\x07\\x1b[2J");
  EXPECT_EQ(Printable("a\rb\x7f\x08"), "a\\x0db\\x7f\\x08");
  EXPECT_EQ(Printable("\xc2\x9b"
                      "31m\x9b\xff\xc0\x9b\xe2\x82"),
            "\\x9b31m\\x9b\\xff\\xc0\\x9b\\xe2\\x82");
  EXPECT_EQ(Printable("S1\u202e1S\u2066"), "S1\\u202e1S\\u2066");
  EXPECT_EQ(Printable("two\nlines", false), "two\\nlines");
  EXPECT_EQ(Printable(Printable("\x1b")), "\\x1b");
}

TEST(CsvField, QuotesOnlyWhatMustBe) {
  EXPECT_EQ(CsvField("legs + torso"), "legs + torso");
  EXPECT_EQ(CsvField(""), "");
  EXPECT_EQ(CsvField("legs, \"all\""), "\"legs, \"\"all\"\"\"");
  EXPECT_EQ(CsvField("two\nlines"), "\"two\nlines\"");
}

}  // namespace
}  // namespace links
