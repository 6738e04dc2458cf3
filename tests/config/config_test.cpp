#include "links/config/config.h"

#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <sstream>

#include "sample_options.h"

namespace links {
namespace {

using testing::HasSubstr;

/// Random options that a configuration may hold, extreme and awkward values included.
class RandomOptions {
 public:
  explicit RandomOptions(uint64_t seed) : random_(seed) {}

  SampleOptions operator()() {
    SampleOptions options;
    options.seed = static_cast<int64_t>(random_());
    options.rate = std::uniform_real_distribution<double>(0, 1)(random_);
    options.fast = random_() % 2 == 0;
    options.title = Text();
    options.device = random_() % 2 == 0 ? SampleDevice::kCpu : SampleDevice::kAuto;
    options.flow.coupling.width = static_cast<int64_t>(1 + random_() % 8192);
    options.flow.coupling.clamp = std::uniform_real_distribution<double>(0.1, 10)(random_);
    options.flow.blocks = static_cast<int64_t>(1 + random_() % 64);
    options.shift = Number();
    options.subjects.clear();
    options.weights.clear();
    for (uint64_t i = random_() % 4; i > 0; --i) options.subjects.push_back(Text());
    for (uint64_t i = random_() % 4; i > 0; --i) options.weights.push_back(std::abs(Number()));
    options.segments.assign(random_() % 3, SamplePart::kTorso);
    return options;
  }

 private:
  double Number() {
    while (true) {
      const double number = std::bit_cast<double>(random_());
      if (std::isfinite(number)) return number;
    }
  }
  std::string Text() {
    static const std::vector<std::string> kPieces = {
        "a",  "B",  "7",    "null", "~",      "true",   "-",
        "- ", ": ", ":",    " #",   "#",      "'",      "\"",
        "\\", "\n", "\r\n", "\t",   "\x01",   "\x7f",   "{",
        "}",  "[",  "]",    ",",    "&",      "*",      "!",
        "|",  ">",  "%",    "@",    "`",      "?",      " ",
        "ä",  "関", "😀",    ".5",   "\u0085", "\u2028", std::string(1, '\0')};
    std::string text;
    for (uint64_t i = random_() % 6; i > 0; --i) text += kPieces[random_() % kPieces.size()];
    return text;
  }

  std::mt19937_64 random_;
};

TEST(WriteConfig, WritesEveryOptionOnce) {
  SampleOptions options;
  options.title = "yes";
  options.rate = 0.1;
  EXPECT_EQ(WriteConfig(options),
            "seed: 0\n"
            "rate: 0.1\n"
            "fast: true\n"
            "title: \"yes\"\n"
            "device: auto\n"
            "data: \"\"\n"
            "flow:\n"
            "  coupling:\n"
            "    width: 1024\n"
            "    clamp: 2\n"
            "  blocks: 8\n"
            "subjects: [S1, S5]\n"
            "segments: [legs]\n"
            "files: []\n"
            "weights: [1, 0.5]\n"
            "shift: 0\n");
}

TEST(WriteConfig, IsReadBackExactly) {
  RandomOptions random(20240607);
  for (int i = 0; i < 3000; ++i) {
    const SampleOptions options = random();
    const std::string text = WriteConfig(options);
    ASSERT_EQ(Read(text), options) << text;
  }
}

TEST(WriteConfig, KeepsExtremeNumbers) {
  using Limits = std::numeric_limits<double>;
  for (const double number : {Limits::max(), Limits::lowest(), Limits::min(), Limits::denorm_min(),
                              Limits::epsilon(), 0.1, 1.0 / 3, 1e23, -0.0, 5e-324, 9007199254740993.0}) {
    SampleOptions options;
    options.shift = number;
    EXPECT_EQ(std::bit_cast<uint64_t>(Read(WriteConfig(options)).shift), std::bit_cast<uint64_t>(number))
        << number;
  }
}

TEST(WriteConfig, RefusesWhatItCouldNotReadBack) {
  SampleOptions options;
  options.flow.coupling.clamp = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT([&] { WriteConfig(options); },
              testing::ThrowsMessage<Error>("expected a finite number as flow.coupling.clamp, found nan"));
  options = {};
  options.subjects = {"S1", "\xff"};
  EXPECT_THAT([&] { WriteConfig(options); },
              testing::ThrowsMessage<Error>("expected UTF-8 text as subjects, found '\\xFF'"));
}

TEST(DescribeConfig, GivesEveryOptionInTheOrderOfDeclaration) {
  std::ostringstream seen;
  for (const OptionDescription& option : DescribeConfig<SampleOptions>()) {
    seen << option.key << "; " << option.type << "; " << option.default_value << "; " << option.range << "; "
         << option.help << "\n";
  }
  EXPECT_EQ(seen.str(),
            "seed; integer; 0; ; of everything random\n"
            "rate; number; 1e-04; [0, 1]; learning rate\n"
            "fast; boolean; true; ; skip checks\n"
            "title; text; \"\"; ; of the run\n"
            "device; choice; auto; auto | cpu | cuda; where to compute\n"
            "data; file; \"\"; ; poses\n"
            "flow.coupling.width; integer; 1024; [1, 8192]; hidden units\n"
            "flow.coupling.clamp; number; 2; [0.1, 10]; bound on |log scale|, nats\n"
            "flow.blocks; integer; 8; [1, 64]; coupling blocks\n"
            "subjects; list of text; [S1, S5]; ; whose poses\n"
            "segments; list of choices; [legs]; legs | torso; parts of the body\n"
            "files; list of files; []; ; more poses\n"
            "weights; list of numbers; [1, 0.5]; [0, inf); of the losses\n"
            "shift; number; 0; ; of everything\n");
}

TEST(OptionTable, AlignsItsColumns) {
  const std::string wide(60, 'w');
  EXPECT_EQ(OptionTable({{"a", "integer", "1", "[1, 2]", "first"}, {"bc.d", "choice", wide, "", "second"}}),
            "KEY   TYPE     DEFAULT                                   RANGE   HELP\n"
            "a     integer  1                                         [1, 2]  first\n"
            "bc.d  choice   " +
                wide + "          second\n");
}

}  // namespace
}  // namespace links
