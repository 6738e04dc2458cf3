#include "links/core/nearest.h"

#include <gtest/gtest.h>

namespace links {
namespace {

TEST(Nearest, FindsTheFewestEdits) {
  EXPECT_EQ(Nearest("widht", {"height", "width", "depth"}), "width");                // two substitutions
  EXPECT_EQ(Nearest("blocs", {"clocks", "blocks"}), "blocks");                       // one insertion
  EXPECT_EQ(Nearest("learning_rrate", {"learning_rate", "rate"}), "learning_rate");  // one deletion
  EXPECT_EQ(Nearest("seed", {"speed", "seed", "seeds"}), "seed");                    // itself
}

TEST(Nearest, TakesTheFirstOfEquallyNearOnes) {
  EXPECT_EQ(Nearest("legX", {"legA", "legB"}), "legA");
  EXPECT_EQ(Nearest("legX", {"legB", "legA"}), "legB");
}

TEST(Nearest, FindsNothingWhenNothingIsClose) {
  EXPECT_EQ(Nearest("zzzzzzzz", {"width", "clamp", "learning_rate"}), "");
  EXPECT_EQ(Nearest("width", {}), "");
  EXPECT_EQ(Nearest("", {"width"}), "");
}

TEST(DidYouMean, IsAppendedToASentence) {
  EXPECT_EQ(DidYouMean("widht", {"width", "clamp"}), " (did you mean 'width'?)");
  EXPECT_EQ(DidYouMean("zzzzzzzz", {"width", "clamp"}), "");
}

}  // namespace
}  // namespace links
