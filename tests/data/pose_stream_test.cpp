#include "links/data/pose_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "links/core/atomic_file.h"
#include "links/core/error.h"
#include "links/synthetic/synthetic.h"
#include "support/temporary_folder.h"

namespace links {
namespace {

using testing::HasSubstr;

// Poses [begin, end) of some.
PoseData Part(const PoseData& all, int64_t begin, int64_t end) {
  const auto cut = [&](const auto& values, int64_t width) {
    using Values = std::decay_t<decltype(values)>;
    return values.empty() ? Values() : Values(values.begin() + begin * width, values.begin() + end * width);
  };
  PoseData part;
  part.keypoints_2d = cut(all.keypoints_2d, 34);
  part.joints_3d = cut(all.joints_3d, 51);
  part.confidence = cut(all.confidence, 17);
  part.subject = cut(all.subject, 1);
  part.action = cut(all.action, 1);
  part.camera = cut(all.camera, 1);
  part.frame = cut(all.frame, 1);
  return part;
}

class PoseStreamTest : public testing::Test {
 protected:
  std::string Complaint(const std::function<void(PoseStream&)>& produce) const {
    return MessageOf([&] { StreamPoseFile(path_, "source", "licence", produce); });
  }

  TemporaryFolder folder_;
  std::string path_ = folder_ / "poses.h5";
  PoseData poses_ = Synthesize({.poses = 9000, .seed = 2});
};

TEST_F(PoseStreamTest, PiecesOfAnySizeMakeTheFileOfTheWhole) {
  StreamPoseFile(path_, "source", "licence", [&](PoseStream& stream) {
    const int64_t cuts[] = {0, 1, 5, 5, 4096, 8193, poses_.size()};
    for (size_t i = 1; i < std::size(cuts); ++i) {
      stream.Append(Part(poses_, cuts[i - 1], cuts[i]), "piece");
      EXPECT_EQ(stream.size(), cuts[i]);
    }
  });
  const PoseData read = ReadPoseFile(path_);
  EXPECT_EQ(read.keypoints_2d, poses_.keypoints_2d);
  EXPECT_EQ(read.joints_3d, poses_.joints_3d);
  EXPECT_EQ(read.subject, poses_.subject);
  EXPECT_EQ(read.action, poses_.action);
  EXPECT_EQ(read.camera, poses_.camera);
  EXPECT_EQ(read.frame, poses_.frame);
  EXPECT_EQ(read.confidence, poses_.confidence);
  EXPECT_EQ(read.source, "source");
  EXPECT_EQ(read.licence, "licence");
}

TEST_F(PoseStreamTest, WhatThePosesLackTheFileLacks) {
  PoseData bare = Part(poses_, 0, 10);
  bare.joints_3d.clear();
  bare.subject.clear();
  StreamPoseFile(path_, "", "", [&](PoseStream& stream) { stream.Append(bare, "piece"); });
  const PoseData read = ReadPoseFile(path_);
  EXPECT_TRUE(read.joints_3d.empty());
  EXPECT_TRUE(read.subject.empty());
  EXPECT_EQ(read.action, bare.action);
}

TEST_F(PoseStreamTest, AFailureLeavesTheEarlierFile) {
  WritePoseFile(path_, Part(poses_, 0, 7));
  EXPECT_THAT(Complaint([&](PoseStream& stream) {
                stream.Append(poses_, "piece");
                throw Error("the disk fell down");
              }),
              HasSubstr("the disk fell down"));
  EXPECT_EQ(ReadPoseFile(path_).size(), 7);
  int files = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder_ / "")) ++files;
  EXPECT_EQ(files, 1);
}

/// What a process says and returns that writes the poses with files of at most `limit` bytes, and ends as the
/// program does.
std::pair<std::string, int> WriteAndEnd(const std::string& path, const PoseData& poses, rlim_t limit) {
  int ends[2];
  EXPECT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(ends[1], STDERR_FILENO);
    const rlimit small{limit, limit};
    setrlimit(RLIMIT_FSIZE, &small);
    std::signal(SIGXFSZ, SIG_IGN);
    try {
      StreamPoseFile(path, "source", "licence", [&](PoseStream& stream) {
        for (int64_t begin = 0; begin < poses.size(); begin += 1000)
          stream.Append(Part(poses, begin, std::min(poses.size(), begin + 1000)), "piece");
      });
    } catch (const Error& error) {
      std::cerr << error.what();
      std::exit(1);
    }
    std::exit(0);
  }
  ::close(ends[1]);
  std::string said;
  char piece[4096];
  for (ssize_t count = 0; (count = ::read(ends[0], piece, sizeof piece)) > 0;)
    said.append(piece, static_cast<size_t>(count));
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  return {said, WIFEXITED(status) ? WEXITSTATUS(status) : -1};
}

TEST_F(PoseStreamTest, AFullDiskIsOneSentenceWheneverItIsMet) {
  WritePoseFile(path_, Part(poses_, 0, 7));
  const auto sentence = testing::StrEq("cannot write '" + path_ + "': File too large");
  for (const rlim_t limit : {0, 50, 100, 3000, 10'000, 100'000, 500'000, 1'000'000, 2'500'000})
    EXPECT_THAT(WriteAndEnd(path_, poses_, limit), testing::Pair(sentence, 1)) << limit;
  EXPECT_EQ(ReadPoseFile(path_).size(), 7);
  int files = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder_ / "")) ++files;
  EXPECT_EQ(files, 1);
  EXPECT_THAT(WriteAndEnd(path_, poses_, 100'000'000), testing::Pair("", 0));
  EXPECT_EQ(ReadPoseFile(path_).size(), poses_.size());
}

TEST_F(PoseStreamTest, AFlippedBitIsNoticed) {
  StreamPoseFile(path_, "source", "", [&](PoseStream& stream) { stream.Append(poses_, "piece"); });
  std::string bytes = ReadFile(path_);
  const auto* value = reinterpret_cast<const char*>(&poses_.joints_3d[51 * 5000]);
  const size_t at = bytes.find(std::string(value, 51 * sizeof(float)));
  ASSERT_NE(at, std::string::npos);
  bytes[at + 70] = static_cast<char>(bytes[at + 70] ^ 1);
  WriteFileAtomically(path_, bytes);
  EXPECT_THAT(MessageOf([&] { ReadPoseFile(path_); }),
              testing::AllOf(HasSubstr("/joints_3d"), HasSubstr("damaged data in the rows")));
}

TEST_F(PoseStreamTest, RefusesPiecesThatDoNotFit) {
  EXPECT_THAT(Complaint([](PoseStream&) {}), HasSubstr("found none"));
  PoseData without = Part(poses_, 0, 3);
  without.joints_3d.clear();
  EXPECT_THAT(Complaint([&](PoseStream& stream) {
                stream.Append(Part(poses_, 0, 3), "first");
                stream.Append(without, "second");
              }),
              testing::AllOf(HasSubstr("second"), HasSubstr("/joints_3d")));
  EXPECT_THAT(Complaint([&](PoseStream& stream) {
                stream.Append(without, "first");
                stream.Append(Part(poses_, 0, 3), "second");
              }),
              testing::AllOf(HasSubstr("second"), HasSubstr("absent")));
  PoseData named = Part(poses_, 0, 3);
  named.action[1] = std::string(65, 'a');
  EXPECT_THAT(Complaint([&](PoseStream& stream) { stream.Append(named, "clip"); }), HasSubstr("64 bytes"));
  PoseData bad = Part(poses_, 0, 3);
  bad.keypoints_2d[40] = NAN;
  EXPECT_THAT(Complaint([&](PoseStream& stream) { stream.Append(bad, "clip"); }),
              testing::AllOf(HasSubstr("clip"), HasSubstr("row 1")));
  EXPECT_FALSE(std::filesystem::exists(path_));
  path_ = folder_ / "absent/poses.h5";
  EXPECT_THAT(Complaint([&](PoseStream& stream) { stream.Append(poses_, "clip"); }),
              HasSubstr("does not exist"));
}

}  // namespace
}  // namespace links
