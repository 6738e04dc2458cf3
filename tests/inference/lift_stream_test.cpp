#include "links/inference/lift_stream.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "links/core/atomic_file.h"
#include "links/core/log.h"
#include "links/inference/lift_summary.h"
#include "links/inference/lifted_figure.h"
#include "support/temporary_folder.h"
#include "tiny_estimator.h"

namespace links {
namespace {

using nlohmann::json;
using testing::HasSubstr;

std::string Line(const PoseData& poses, int64_t row) {
  json points = json::array();
  for (int j = 0; j < kJoints; ++j) {
    const float* at = &poses.keypoints_2d[2 * (kJoints * row + j)];
    points.push_back({at[0], at[1]});
  }
  return json{{"people", {{{"track", "7"}, {"keypoints", points}}}}}.dump();
}

TEST(LiftStream, EveryLineIsAnsweredBeforeTheNextIsRead) {
  const PoseData poses = test::SyntheticPoses();
  std::stringbuf answers;
  // Hands out a line at a time and notes how many answers there were by then.
  struct Pipe : std::streambuf {
    std::vector<std::string> lines;
    std::vector<int64_t> answered;
    std::stringbuf* answers = nullptr;
    size_t next = 0;
    int_type underflow() override {
      if (next == lines.size()) return traits_type::eof();
      const std::string text = answers->str();
      answered.push_back(std::count(text.begin(), text.end(), '\n'));
      std::string& line = lines[next++];
      setg(line.data(), line.data(), line.data() + line.size());
      return traits_type::to_int_type(line[0]);
    }
  } pipe;
  pipe.answers = &answers;
  pipe.lines = {Line(poses, 0) + "\n", "{\"people\": 5}\n",  Line(poses, 1) + "\n",
                "nonsense\n",          "{\"people\": []}\n", Line(poses, 2)};
  std::istream in(&pipe);
  std::ostream out(&answers);
  PoseEstimator estimator(test::TinyTrainedRun(), {});
  SetLogLevel(LogLevel::kError);
  std::vector<int64_t> taken;
  DetectionOptions options;
  options.map = "h36m17";
  EXPECT_EQ(AnswerLines(in, out, options, estimator,
                        [&](const LiftedFrame& frame) { taken.push_back(frame.index); }),
            2);
  SetLogLevel(LogLevel::kInfo);
  EXPECT_EQ(pipe.answered, (std::vector<int64_t>{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(taken, (std::vector<int64_t>{0, 1, 2, 3}));
  std::istringstream text(answers.str());
  std::vector<json> found;
  for (std::string line; std::getline(text, line);) found.push_back(json::parse(line));
  ASSERT_EQ(found.size(), 6u);
  EXPECT_EQ(found[0]["people"][0]["joints"].size(), 17u);
  EXPECT_THAT(found[1]["error"].get<std::string>(), HasSubstr("standard input:2"));
  EXPECT_THAT(found[3]["error"].get<std::string>(), HasSubstr("standard input:4"));
  EXPECT_TRUE(found[4]["people"].empty());
  EXPECT_EQ(found[5]["people"][0]["track"], "7");
}

TEST(LiftStream, FramesComeInOrderWhateverTheBatch) {
  const PoseData poses = test::SyntheticPoses();
  std::string text;
  for (int64_t row = 0; row < 23; ++row) text += Line(poses, row) + "\n";
  DetectionOptions options;
  options.map = "h36m17";
  std::vector<LiftedPerson> reference;
  for (const int64_t batch : {1, 4, 23, 256}) {
    std::istringstream in(text);
    const auto reader = ReadDetectionLines(in, "lines", options);
    PoseEstimator estimator(test::TinyTrainedRun(), {});
    int64_t next = 0;
    LiftFrames(*reader, estimator, batch, [&](const LiftedFrame& frame) {
      EXPECT_EQ(frame.index, next);
      if (batch == 1) reference.push_back(frame.people[0]);
      EXPECT_LT(test::Apart(frame.people[0], reference.at(next++)), 1e-5);
    });
    EXPECT_EQ(next, 23);
  }
}

TEST(LiftSummary, CountsWhatBecameOfPeople) {
  const PoseData poses = test::SyntheticPoses();
  PoseEstimator estimator(test::TinyTrainedRun(), {});
  LiftSummary summary;
  auto frames = test::FramesWithGaps(poses, 16);
  frames.push_back(test::Frame(16, {test::Person(poses, 0, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13})}));
  for (const LiftedFrame& frame : estimator.Estimate(frames)) summary.Add(frame);
  EXPECT_EQ(summary.frames(), 17);
  EXPECT_EQ(summary.people(), 17);
  EXPECT_EQ(summary.whole(), 2);
  EXPECT_EQ(summary.completed(), 14);
  EXPECT_EQ(summary.root_estimated(), 6);
  EXPECT_EQ(summary.unusable(), 1);
  EXPECT_THAT(summary.Text(), HasSubstr("unusable: 1 people, expected at least 4 joints seen, found 3"));
  EXPECT_THAT(summary.Text(), HasSubstr("scale from bones of the frame alone: 12 people"));
  EXPECT_THAT(summary.Text(), HasSubstr("bones of the frame alone, may be off by a factor: 4 people"));
}

TEST(LiftedFigure, DrawsSomePosesOfALongStream) {
  const TemporaryFolder folder;
  const PoseData poses = test::SyntheticPoses();
  PoseEstimator estimator(test::TinyTrainedRun(), {});
  LiftedFigure figure;
  EXPECT_THAT(MessageOf([&] { figure.Draw(folder / "none.svg"); }), HasSubstr("at least one pose"));
  for (const LiftedFrame& frame : estimator.Estimate(test::FramesWithGaps(poses, 300))) figure.Add(frame);
  figure.Draw(folder / "some.svg");
  EXPECT_GT(std::filesystem::file_size(folder / "some.svg"), 1000u);
}

TEST(LiftedFigure, DrawsTheFramesAskedForOrTheLeastPlausible) {
  const TemporaryFolder folder;
  LiftedFrame frame;
  frame.people.resize(2);
  const auto titles = [&](const FigureChoice& choice) {
    LiftedFigure figure(choice);
    for (frame.index = 0; frame.index < 12; ++frame.index) {
      for (int person = 0; person < 2; ++person) {
        frame.people[person].person = person;
        frame.people[person].plausibility = static_cast<double>((frame.index * 7 + person * 5) % 13);
      }
      frame.people[1].unusable = frame.index == 4 ? "not enough" : "";
      figure.Add(frame);
    }
    figure.Draw(folder / "some.svg");
    return ReadFile(folder / "some.svg").size();
  };
  // Two people in frames 2 and 3, one in frame 4: as large as five poses drawn by --worst but for the titles.
  const double asked = static_cast<double>(titles({"2-3,4", 0})),
               worst = static_cast<double>(titles({"", 5}));
  EXPECT_NEAR(asked / worst, 1, .2);
  EXPECT_LT(static_cast<double>(titles({"4", 0})), .5 * asked);
  EXPECT_THAT(MessageOf([&] { titles({"50", 0}); }), HasSubstr("in the frames to draw, found none"));
  EXPECT_THAT(MessageOf([] { LiftedFigure({"1", 1}); }), HasSubstr("found both"));
  EXPECT_THAT(MessageOf([] { LiftedFigure({"5-4", 0}); }), HasSubstr("'5-4'"));
  LiftedFigure unknown({"", 3});
  frame.people.resize(1);
  frame.people[0].plausibility = std::nan("");
  unknown.Add(frame);
  EXPECT_THAT(MessageOf([&] { unknown.Draw(folder / "some.svg"); }), HasSubstr("of known plausibility"));
}

}  // namespace
}  // namespace links
