#include <algorithm>
#include <limits>

#include "sample_options.h"

namespace links {
namespace {

using testing::HasSubstr;

TEST(ReadConfigText, FillsEveryKindOfField) {
  const SampleOptions options = Read(R"(
seed: -9223372036854775808
rate: .5
fast: false
title: 3
device: cuda
flow:
  coupling: {width: 1, clamp: 1e+1}
  blocks: 64
subjects: [S9, '11', "a b"]
segments:
  - torso
  - legs
weights: [1, 1e-4, +2.5]
)");
  EXPECT_EQ(options.seed, std::numeric_limits<int64_t>::min());
  EXPECT_EQ(options.rate, 0.5);
  EXPECT_FALSE(options.fast);
  EXPECT_EQ(options.title, "3");
  EXPECT_EQ(options.device, SampleDevice::kCuda);
  EXPECT_EQ(options.flow.coupling, (SampleCoupling{1, 10}));
  EXPECT_EQ(options.flow.blocks, 64);
  EXPECT_THAT(options.subjects, testing::ElementsAre("S9", "11", "a b"));
  EXPECT_THAT(options.segments, testing::ElementsAre(SamplePart::kTorso, SamplePart::kLegs));
  EXPECT_THAT(options.weights, testing::ElementsAre(1, 1e-4, 2.5));
  EXPECT_EQ(options.shift, 0) << "what the text does not name keeps its default";
}

TEST(ReadConfigText, EmptyTextAndEmptySectionsMeanTheDefaults) {
  for (const char* text : {"", "# nothing\n", "---\n", "flow:\n", "flow: {coupling: }", "{}"}) {
    EXPECT_EQ(Read(text), SampleOptions()) << text;
  }
}

TEST(ReadConfigText, ReportsEveryMistakeAtOnceInTheOrderOfTheLines) {
  EXPECT_EQ(MistakesIn("seed: 3.5\n"
                       "sead: 1\n"
                       "rate: .nan\n"
                       "flow:\n"
                       "  blocks: 65\n"
                       "  coupling:\n"
                       "    widht: 3\n"
                       "    clamp: 0\n"
                       "fast: True\n"
                       "device: cud\n"
                       "subjects: S1\n"
                       "weights: [1,\n"
                       "  -1, x]\n"
                       "segments: [legs, arm]\n"
                       "seed: 4\n"
                       "title:\n"),
            "a.yaml:1: seed: expected a 64-bit integer, found '3.5'\n"
            "a.yaml:2: unknown key 'sead' (did you mean 'seed'?)\n"
            "a.yaml:3: rate: expected a number in [0, 1], found '.nan'\n"
            "a.yaml:5: flow.blocks: expected an integer in [1, 64], found '65'\n"
            "a.yaml:7: flow.coupling: unknown key 'widht' (did you mean 'width'?)\n"
            "a.yaml:8: flow.coupling.clamp: expected a number in [0.1, 10], found '0'\n"
            "a.yaml:9: fast: expected true or false, found 'True'\n"
            "a.yaml:10: device: expected one of auto | cpu | cuda, found 'cud' (did you mean 'cuda'?)\n"
            "a.yaml:11: subjects: expected a list, found 'S1'\n"
            "a.yaml:13: weights[1]: expected a number in [0, inf), found '-1'\n"
            "a.yaml:13: weights[2]: expected a number in [0, inf), found 'x'\n"
            "a.yaml:14: segments[1]: expected one of legs | torso, found 'arm'\n"
            "a.yaml:15: seed: expected each key once, found it in line 1 too\n"
            "a.yaml:16: title: expected text, found nothing");
}

TEST(ReadConfigText, RejectsWhatIsNotAnInteger) {
  for (const char* value : {"3.5", "1e3", "0x10", "1_000", "'3'", "!!str 3", "9223372036854775808", "x-", "",
                            "[3]", "{a: 3}", "true", "3 4", "+-3", "~"}) {
    EXPECT_THAT(MistakesIn(std::string("seed: ") + value),
                HasSubstr("a.yaml:1: seed: expected a 64-bit integer"))
        << value;
  }
}

TEST(ReadConfigText, RejectsWhatIsNotAFiniteNumber) {
  for (const char* value :
       {".nan", "nan", ".inf", "-.inf", "inf", "1e999", "1,5", "one", "'1'", "[1]", "0x1p3", "."}) {
    EXPECT_THAT(MistakesIn(std::string("shift: ") + value),
                HasSubstr("a.yaml:1: shift: expected a finite number"))
        << value;
  }
}

TEST(ReadConfigText, AcceptsTheEndsOfARangeAndNothingBeyond) {
  EXPECT_EQ(Read("flow: {blocks: 1}").flow.blocks, 1);
  EXPECT_EQ(Read("flow: {coupling: {clamp: 0.1}}").flow.coupling.clamp, 0.1);
  EXPECT_THAT(MistakesIn("flow: {blocks: 0}"), HasSubstr("expected an integer in [1, 64], found '0'"));
  EXPECT_THAT(MistakesIn("rate: 1.0000000000000002"), HasSubstr("expected a number in [0, 1]"));
}

TEST(ReadConfigText, RejectsADocumentOfTheWrongShape) {
  EXPECT_EQ(MistakesIn("- 1"), "a.yaml:1: expected a map of options, found a list");
  EXPECT_EQ(MistakesIn("\nfoo"), "a.yaml:2: expected a map of options, found 'foo'");
  EXPECT_EQ(MistakesIn("flow: [1]"), "a.yaml:1: flow: expected a map of options, found a list");
  EXPECT_EQ(MistakesIn("seed: 1\n? [a]\n: 2"), "a.yaml:2: expected the name of an option, found a list");
  for (const char* text : {"seed: 1\n---\nseed: 2", "\n,", "\n'a' b"}) {
    EXPECT_EQ(MistakesIn(text), "a.yaml:2: expected one YAML document, found more after its end") << text;
  }
}

TEST(ReadConfigText, TurnsASyntaxErrorIntoASentence) {
  for (const char* text : {"seed: 1\ntitle: [", "seed: 1\ntitle: a: b", "seed: 1\n\tfast: true", "seed: 1\n]",
                           "seed: 1\ntitle: *unknown", "seed: 1\ntitle: \"open"}) {
    EXPECT_THAT(MistakesIn(text),
                testing::MatchesRegex("a.yaml:[23]: expected YAML, found a syntax error [^\n]*"))
        << text;
  }
  EXPECT_EQ(MistakesIn("seed: 1\ntitle: \x04"), "a.yaml:2: expected UTF-8 text, found '\\x04'");
  EXPECT_EQ(MistakesIn("title: \xff"), "a.yaml:1: expected UTF-8 text, found '\\xFF'");
}

TEST(ReadConfigText, SurvivesDeepAndSelfContainingDocuments) {
  for (const std::string opening : {"[", "{a: ", "- ", "? ", "[{"}) {
    std::string text;
    while (text.size() < 100000) text += opening;
    EXPECT_THAT(MistakesIn(text), HasSubstr("nested too deeply")) << opening;
  }
  EXPECT_EQ(MistakesIn("flow: &a {blocks: *a}"),
            "a.yaml:1: flow.blocks: expected an integer in [1, 64], found a map");
  std::string laughs = "a0: &a0 [x]\n";
  for (int i = 0; i < 50; ++i) {
    const std::string previous = "*a" + std::to_string(i);
    laughs += Concat("a", i + 1, ": &a", i + 1, " [", previous, ", ", previous, ", ", previous, "]\n");
  }
  EXPECT_THAT(MistakesIn(laughs + "weights: *a50"),
              HasSubstr("weights[2]: expected a number in [0, inf), found a list"));
}

TEST(ReadConfigText, KeepsALongMessageReadable) {
  std::string text;
  for (int i = 0; i < 150; ++i) text += Concat("unknown", i, ": 1\n");
  const std::string message = MistakesIn(text);
  EXPECT_EQ(std::count(message.begin(), message.end(), '\n'), 100);
  EXPECT_THAT(message, testing::EndsWith("\nand 50 more mistakes"));
  EXPECT_LT(MistakesIn("seed: " + std::string(100000, 'x')).size(), 200u);
}

TEST(ReadConfigText, LeavesTheOptionsUnchangedOnFailure) {
  SampleOptions options;
  options.seed = 7;
  EXPECT_THROW(ReadConfigText("seed: 8\nrate: 2", "a.yaml", {}, options), UsageError);
  EXPECT_EQ(options.seed, 7);
}

}  // namespace
}  // namespace links
