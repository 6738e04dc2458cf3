#include "links/core/distribution.h"

#include <gmock/gmock.h>

#include <cmath>

#include "support/temporary_folder.h"

namespace links {
namespace {

using testing::AllOf;
using testing::HasSubstr;

struct Moments {
  double mean = 0, deviation = 0, low = 1e9, high = -1e9;
};

Moments Draw(const std::string& text, double least, double most) {
  const Distribution distribution = Distribution::Parse(text, "--x", least, most);
  Random random(11);
  constexpr int kDraws = 100'000;
  double sum = 0, squares = 0;
  Moments moments;
  for (int i = 0; i < kDraws; ++i) {
    const double number = distribution.Draw(random, least, most);
    sum += number;
    squares += number * number;
    moments.low = std::min(moments.low, number);
    moments.high = std::max(moments.high, number);
  }
  moments.mean = sum / kDraws;
  moments.deviation = std::sqrt(squares / kDraws - moments.mean * moments.mean);
  return moments;
}

TEST(Distribution, DrawsWhatItsTextSays) {
  const Moments uniform = Draw("2:5", 0, 10);
  EXPECT_GE(uniform.low, 2);
  EXPECT_LT(uniform.high, 5);
  EXPECT_NEAR(uniform.mean, 3.5, .02);
  EXPECT_NEAR(uniform.deviation, 3 / std::sqrt(12), .02);
  const Moments normal = Draw("-8+-10", -80, 80);
  EXPECT_NEAR(normal.mean, -8, .15);
  EXPECT_NEAR(normal.deviation, 10, .15);
  const Moments constant = Draw("1145", 0, 2000);
  EXPECT_EQ(constant.low, 1145);
  EXPECT_EQ(constant.high, 1145);
}

TEST(Distribution, StaysWithinItsLimits) {
  const Moments cut = Draw("0+-10", -5, 5);
  EXPECT_GE(cut.low, -5);
  EXPECT_LE(cut.high, 5);
  // A normal number cut this far inside is nearly uniform: 10 / sqrt(12) = 2.89.
  EXPECT_NEAR(cut.deviation, 2.85, .1);
}

TEST(Distribution, ConstantsTakeNothingFromTheSequence) {
  Random drawn(5), left_alone(5);
  Distribution::Always(3).Draw(drawn, 0, 10);
  EXPECT_EQ(drawn.Uniform(0, 1), left_alone.Uniform(0, 1));
}

TEST(Distribution, TextReadsBack) {
  for (const char* text : {"5", "2500:8000", "-8+-10", "0.5:1.25"})
    EXPECT_EQ(Distribution::Parse(text, "--x", -1e5, 1e5).Text(), text);
}

TEST(Distribution, SaysWhatIsWrong) {
  const auto complaint = [](const std::string& text) {
    return MessageOf([&] { Distribution::Parse(text, "--pitch", -80, 80); });
  };
  for (const char* text : {"", "x", "5:", ":5", "5+-", "5px", "nan", "inf", "1:2:3", "1+-2+-3"})
    EXPECT_THAT(complaint(text), AllOf(HasSubstr("--pitch: expected a number, MIN:MAX or MEAN+-SD"),
                                       HasSubstr("'" + std::string(text) + "'")));
  EXPECT_THAT(complaint("90"), HasSubstr("expected numbers from -80 to 80, found '90'"));
  EXPECT_THAT(complaint("-90:0"), HasSubstr("expected numbers from -80 to 80"));
  EXPECT_THAT(complaint("10:5"), HasSubstr("expected MIN not above MAX, found '10:5'"));
  EXPECT_THAT(complaint("5+--1"), HasSubstr("expected a standard deviation from 0 to 160"));
  EXPECT_THAT(complaint("5+-161"), HasSubstr("expected a standard deviation from 0 to 160"));
  EXPECT_EQ(complaint("5+-10"), "");
}

}  // namespace
}  // namespace links
