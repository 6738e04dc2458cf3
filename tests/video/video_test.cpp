#include "links/video/video.h"

#include <gmock/gmock.h>

#include <cstdlib>

#include "links/core/atomic_file.h"
#include "links/video/program.h"
#include "support/temporary_folder.h"

namespace links {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

TEST(Program, TakesWordsAsTheyAreAndGivesWhatItSays) {
  Program echo({FindProgram("printf"), "%s|", "two words", "$HOME; `ls` \"x\"", ""});
  EXPECT_EQ(echo.ReadAll(), "two words|$HOME; `ls` \"x\"||");
  echo.Finish();
  Program cat({FindProgram("cat")});
  cat.Write("through");
  cat.Finish();
}

TEST(Program, SaysWhatWentWrong) {
  Program fails({FindProgram("sh"), "-c", "echo first >&2; echo the reason >&2; exit 3"});
  EXPECT_THAT(MessageOf([&] { fails.Finish(); }), testing::EndsWith("sh' failed: the reason"));
  Program absent({"/no/such/program"});
  EXPECT_THAT(MessageOf([&] { absent.Finish(); }), HasSubstr("failed"));
  // More than fits into the pipe, to a program that has ended.
  Program deaf({FindProgram("true")});
  EXPECT_THAT(MessageOf([&] {
                for (int i = 0; i < 100; ++i) deaf.Write(std::string(100000, 'x'));
              }),
              HasSubstr("failed: it said nothing"));
  EXPECT_EQ(FindProgram("no-such-program-anywhere"), "");
}

/// Pictures that are told apart by their colour; without ffmpeg there is nothing to test.
class VideoTest : public testing::Test {
 protected:
  void SetUp() override {
    if (FindProgram("ffmpeg").empty()) GTEST_SKIP() << "no ffmpeg: apt-get install ffmpeg";
  }

  static Picture Plain(int width, int height, int red) {
    Picture picture{width, height, std::string(size_t{3} * width * height, '\0')};
    for (size_t i = 0; i < picture.rgb.size(); i += 3) picture.rgb[i] = static_cast<char>(red);
    return picture;
  }
  static std::string Ppm(const Picture& picture) {
    return Concat("P6\n", picture.width, " ", picture.height, "\n255\n", picture.rgb);
  }
  static int Red(const Picture& picture) {
    return static_cast<unsigned char>(picture.rgb[3 * (picture.rgb.size() / 6)]);
  }
  std::string MakeVideo(int count) const {
    VideoWriter writer(folder_ / "a.mp4", "a.mp4", 25);
    for (int i = 0; i < count; ++i) writer.Write(Plain(64, 48, 40 + 15 * i));
    writer.Finish();
    return folder_ / "a.mp4";
  }
  static std::vector<FrameName> Frames(const std::vector<int64_t>& numbers) {
    std::vector<FrameName> frames;
    for (const int64_t number : numbers) frames.push_back({number, std::to_string(number)});
    return frames;
  }

  TemporaryFolder folder_;
};

TEST_F(VideoTest, FramesAreFoundByTheirNumber) {
  const std::string path = MakeVideo(10);
  const auto reds = [&](int64_t first, const std::vector<int64_t>& numbers) {
    std::vector<std::pair<size_t, int>> found;
    Video(path, first).ForEach(Frames(numbers), [&](size_t frame, const Picture& picture) {
      EXPECT_EQ(picture.width, 64);
      EXPECT_EQ(picture.height, 48);
      found.emplace_back(frame, (Red(picture) - 40 + 7) / 15);
    });
    return found;
  };
  using Found = std::vector<std::pair<size_t, int>>;
  EXPECT_EQ(reds(0, {0, 1, 2}), (Found{{0, 0}, {1, 1}, {2, 2}}));
  EXPECT_EQ(reds(0, {3, 6, 9, 12}), (Found{{0, 3}, {1, 6}, {2, 9}}));
  EXPECT_EQ(reds(1, {1, 4}), (Found{{0, 0}, {1, 3}}));
  EXPECT_EQ(reds(5, {2, 3, 6}), (Found{{2, 1}}));  // what comes before the video has no picture
}

TEST_F(VideoTest, JpegsAreSmallAndFewEnough) {
  const Video video(MakeVideo(10), 0);
  const auto all = video.Jpegs(Frames({0, 1, 2, 3, 4, 5, 6, 7, 8, 9}), 32, 1'000'000);
  ASSERT_EQ(all.size(), 10u);
  for (size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(all[i].frame, i);
    EXPECT_EQ(all[i].width, 64);
    EXPECT_EQ(all[i].height, 48);
    EXPECT_THAT(all[i].bytes, StartsWith("\xff\xd8\xff"));
  }
  const auto some = video.Jpegs(Frames({0, 1, 2, 3, 4, 5, 6, 7, 8, 9}), 32, 4 * all[0].bytes.size());
  EXPECT_LE(some.size(), 4u);
  EXPECT_GE(some.size(), 3u);
  EXPECT_EQ(some[0].frame, 0u);
  EXPECT_THAT(MessageOf([&] {
                video.Jpegs(Frames({100, 101}), 32, 1000);
              }),
              HasSubstr("expected a picture for one of the frames 100 to 101"));
}

TEST_F(VideoTest, PicturesOfAFolderGoByNameThenByNumber) {
  folder_.Write("pictures/cam 'a'; x_07.ppm", Ppm(Plain(20, 10, 100)));
  folder_.Write("pictures/%08d.ppm", Ppm(Plain(30, 10, 150)));
  folder_.Write("pictures/-i_9.ppm", Ppm(Plain(10, 30, 200)));
  folder_.Write("pictures/notes.txt", "left alone");
  const Video video(folder_ / "pictures", 0);
  const std::vector<FrameName> frames = {{7, "7"}, {1, "nowhere"}, {3, "%08d.jpg"}, {4, "/else/where/-i_9"}};
  std::vector<std::pair<size_t, int>> found;
  video.ForEach(frames,
                [&](size_t frame, const Picture& picture) { found.emplace_back(frame, Red(picture)); });
  EXPECT_EQ(found, (std::vector<std::pair<size_t, int>>{{0, 100}, {2, 150}, {3, 200}}));
  const auto jpegs = video.Jpegs(frames, 640, 1'000'000);
  ASSERT_EQ(jpegs.size(), 3u);
  EXPECT_EQ(jpegs[2].width, 10);
  EXPECT_EQ(jpegs[2].height, 30);
}

TEST_F(VideoTest, WhatCannotBeReadIsASentence) {
  EXPECT_THAT(MessageOf([&] { Video(folder_ / "none.mp4", 0); }), HasSubstr("No such file"));
  std::filesystem::create_directories(folder_ / "empty");
  EXPECT_THAT(MessageOf([&] { Video(folder_ / "empty", 0); }), HasSubstr("expected pictures"));
  const Video text(folder_.Write("text.mp4", "no video"), 0);
  EXPECT_THAT(MessageOf([&] { text.Jpegs(Frames({0}), 32, 1000); }), HasSubstr("ffmpeg' failed: "));
  EXPECT_THAT(MessageOf([&] { text.ForEach(Frames({0}), [](size_t, const Picture&) {}); }),
              HasSubstr("ffmpeg' failed: "));
  // A playlist leads to no other place.
  const Video list(folder_.Write("list.m3u8", "#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n"), 0);
  EXPECT_THAT(MessageOf([&] { list.Jpegs(Frames({0}), 32, 1000); }), HasSubstr("ffmpeg' failed: "));
  VideoWriter writer(folder_ / "two.mp4", "two.mp4", 25);
  writer.Write(Plain(64, 48, 10));
  EXPECT_THAT(MessageOf([&] { writer.Write(Plain(32, 48, 10)); }), HasSubstr("pictures of one size"));
  VideoWriter nothing(folder_ / "no.mp4", "no.mp4", 25);
  EXPECT_THAT(MessageOf([&] { nothing.Finish(); }), HasSubstr("found none"));
}

TEST(Video, WithoutFfmpegOneSentenceSaysHowToGetIt) {
  const std::string path = std::getenv("PATH");
  ::setenv("PATH", "/nowhere", 1);
  EXPECT_THAT(MessageOf([] { Video("a.mp4", 0); }), HasSubstr("apt-get install ffmpeg"));
  ::setenv("PATH", path.c_str(), 1);
}

}  // namespace
}  // namespace links
