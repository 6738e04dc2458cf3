#include "links/inference/lift_stream.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "links/core/atomic_file.h"
#include "links/core/log.h"
#include "links/core/random.h"
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
  EXPECT_EQ(AnswerLines(in, out, options, estimator, nullptr,
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

TEST(LiftStream, AMotionlessPersonIsMotionlessSmoothedOrNot) {
  const PoseData poses = test::SyntheticPoses();
  DetectionOptions options;
  options.map = "h36m17";
  for (const bool smooth : {false, true}) {
    std::string text;
    for (int i = 0; i < 70; ++i) text += Line(poses, 3) + "\n";
    std::istringstream in(text);
    std::ostringstream out;
    PoseEstimator estimator(test::TinyTrainedRun(), {.height_mm = 1700});
    StreamSmoother smoother(6, 30);
    std::vector<LiftedPerson> people;
    AnswerLines(in, out, options, estimator, smooth ? &smoother : nullptr,
                [&](const LiftedFrame& frame) { people.push_back(frame.people[0]); });
    ASSERT_EQ(people.size(), 70u);
    for (const LiftedPerson& person : people) {
      EXPECT_LT(test::Apart(person, people[0]), 1e-6);
      EXPECT_NEAR(person.scale_px, people[0].scale_px, 1e-9);
      EXPECT_NEAR(person.mm_per_unit, people[0].mm_per_unit, 1e-3);
      EXPECT_EQ(person.px, people[0].px);
    }
  }
}

TEST(StreamSmoother, SeenJointsStayOnTheirRaysAndShakeLess) {
  const PoseData poses = test::SyntheticPoses();
  const auto lift = [&](bool smooth) {
    PoseEstimator estimator(test::TinyTrainedRun(), {});
    StreamSmoother smoother(2, 30);
    Random random(1);
    std::vector<LiftedPerson> people;
    for (int i = 0; i < 60; ++i) {
      DetectedPerson person =
          test::Person(poses, 3, i % 9 < 4 ? std::vector<int>{kLWrist, kHip} : std::vector<int>{}, "a");
      for (int k = 0; k < 2 * kJoints; ++k) {
        if (person.seen[k / 2]) person.px[k] += static_cast<float>(random.Normal(0, 3));
      }
      DetectedFrame frame = test::Frame(i, {person});
      if (smooth) smoother.SmoothKeypoints(frame);
      LiftedFrame lifted = estimator.Estimate({frame})[0];
      if (smooth) smoother.SmoothPoses(lifted);
      people.push_back(lifted.people[0]);
    }
    return people;
  };
  const auto shake = [](const std::vector<LiftedPerson>& people) {
    double sum = 0;
    for (size_t i = 20; i < people.size(); ++i) sum += test::Apart(people[i], people[i - 1]);
    return sum;
  };
  const std::vector<LiftedPerson> rough = lift(false), smooth = lift(true);
  EXPECT_LT(shake(smooth), .6 * shake(rough));
  for (const LiftedPerson& person : smooth) test::ExpectOnRays(person);
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
