#include "links/core/text.h"

#include <gtest/gtest.h>

namespace links {
namespace {

TEST(TextWidth, CountsCharactersNotBytes) {
  EXPECT_EQ(TextWidth(""), 0u);
  EXPECT_EQ(TextWidth("left* + right"), 13u);
  EXPECT_EQ(TextWidth("33.8 ± 0.4†"), 11u);
}

TEST(CsvField, QuotesOnlyWhatMustBe) {
  EXPECT_EQ(CsvField("legs + torso"), "legs + torso");
  EXPECT_EQ(CsvField(""), "");
  EXPECT_EQ(CsvField("legs, \"all\""), "\"legs, \"\"all\"\"\"");
  EXPECT_EQ(CsvField("two\nlines"), "\"two\nlines\"");
}

}  // namespace
}  // namespace links
