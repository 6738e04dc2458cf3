#include "links/figures/overlay.h"

#include <gmock/gmock.h>

#include "links/video/program.h"
#include "links/video/video.h"
#include "picture.h"
#include "support/temporary_folder.h"

namespace links {
namespace {

using testing::HasSubstr;

constexpr int kWide = 320, kHigh = 240;

/// Joints on a grid 40 pixels apart, in the plane of the root so that guessed ones project there too.
LiftedPerson Person() {
  LiftedPerson person;
  person.scale_px = 240;
  person.root_px = {160, 120};
  for (int j = 0; j < kJoints; ++j) {
    const int column = j % 6, row = j / 6;
    const double x = 40 + 40 * column, y = 60 + 60 * row;
    person.px[2 * j] = static_cast<float>(x);
    person.px[2 * j + 1] = static_cast<float>(y);
    person.joints[3 * j] = (x - 160) / 240;
    person.joints[3 * j + 1] = (y - 120) / 240;
  }
  person.states[kLWrist] = JointState::kGuessed;
  person.px[2 * kLWrist] = person.px[2 * kLWrist + 1] = 0;
  return person;
}

std::string BlackPpm(int width = kWide, int height = kHigh) {
  return Concat("P6\n", width, " ", height, "\n255\n", std::string(size_t{3} * width * height, '\0'));
}

class OverlayTest : public testing::Test {
 protected:
  void SetUp() override {
    if (FindProgram("ffmpeg").empty()) GTEST_SKIP() << "no ffmpeg: apt-get install ffmpeg";
    for (const char* name : {"pictures/00.ppm", "pictures/01.ppm", "pictures/02.ppm"})
      folder_.Write(name, BlackPpm());
  }

  static void Fill(Overlay& overlay) {
    for (const int64_t index : {0, 1, 2, 3}) {
      LiftedFrame frame{std::to_string(index), index, {}};
      if (index != 1) frame.people.push_back(Person());
      overlay.Add(frame);
    }
  }

  /// Of the middle frame of three and of the first: the colour at a joint, "" where black.
  static std::string Colour(const Picture& picture, int joint) {
    const int x = 40 + 40 * (joint % 6), y = 60 + 60 * (joint / 6);
    const size_t at = size_t{3} * (static_cast<size_t>(y) * kWide + static_cast<size_t>(x));
    const auto byte = [&](size_t k) { return static_cast<unsigned char>(picture.rgb[at + k]); };
    if (byte(0) > 200 && byte(1) > 200 && byte(2) > 200) return "white";
    if (byte(0) > 150 && byte(2) < 60) return "left";
    if (byte(2) > 120 && byte(0) < 60) return "right";
    return byte(0) + byte(1) + byte(2) > 90 ? "middle" : "";
  }

  static void ExpectDrawn(const Video& video) {
    std::vector<size_t> found;
    video.ForEach({{0, "frame_000000"}, {1, "frame_000001"}, {2, "frame_000002"}},
                  [&](size_t frame, const Picture& picture) {
                    found.push_back(frame);
                    ASSERT_EQ(picture.width, kWide);
                    const bool drawn = frame != 1;
                    EXPECT_EQ(Colour(picture, kLElbow), drawn ? "left" : "");
                    EXPECT_EQ(Colour(picture, kRAnkle), drawn ? "right" : "");
                    EXPECT_EQ(Colour(picture, kSpine), drawn ? "middle" : "");
                    EXPECT_EQ(Colour(picture, kLWrist), drawn ? "white" : "") << "guessed joints are hollow";
                  });
    EXPECT_EQ(found, (std::vector<size_t>{0, 1, 2}));
  }

  TemporaryFolder folder_;
};

TEST_F(OverlayTest, OntoTheFoldersPictures) {
  Overlay overlay(folder_ / "drawn", 30);
  Fill(overlay);
  overlay.Draw(Video(folder_ / "pictures", 0));
  EXPECT_EQ(PngSize(ReadBytes(folder_ / "drawn/frame_000002.png")), (Size{kWide, kHigh}));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "drawn/frame_000003.png"));
  ExpectDrawn(Video(folder_ / "drawn", 0));
  EXPECT_THAT(MessageOf([&] { Overlay(folder_ / "drawn", 30); }), HasSubstr("not there yet"));
}

TEST_F(OverlayTest, OntoAVideo) {
  Overlay overlay(folder_ / "drawn.mp4", 30);
  Fill(overlay);
  overlay.Draw(Video(folder_ / "pictures", 0));
  ExpectDrawn(Video(folder_ / "drawn.mp4", 0));
}

TEST_F(OverlayTest, AFailureLeavesNothing) {
  folder_.Write("pictures/02.ppm", BlackPpm(64, 48));
  const std::string video = folder_.Write("drawn.mp4", "earlier");
  Overlay two_sizes(video, 30);
  Fill(two_sizes);
  EXPECT_THAT(MessageOf([&] { two_sizes.Draw(Video(folder_ / "pictures", 0)); }), HasSubstr("one size"));
  EXPECT_EQ(ReadBytes(video), "earlier");
  Overlay others(folder_ / "drawn", 30);
  others.Add({"100", 100, {Person()}});
  EXPECT_THAT(MessageOf([&] { others.Draw(Video(folder_ / "pictures", 0)); }), HasSubstr("found none"));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_ / ""), {}), 2);
  EXPECT_THAT(MessageOf([&] { Overlay(folder_ / "a.avi", 30); }), HasSubstr(".mp4"));
  EXPECT_THAT(MessageOf([&] { Overlay(folder_ / "no/where", 30); }), HasSubstr("does not exist"));
}

}  // namespace
}  // namespace links
