#include "links/run/checkpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <csignal>
#include <cstdio>
#include <limits>
#include <sstream>

#include "links/core/atomic_file.h"
#include "links/run/networks.h"
#include "support/temporary_folder.h"

namespace links {
namespace {

using testing::AllOf;
using testing::HasSubstr;

const CheckpointHeader kHeader = {"lifters",
                                  {"segments", "full"},
                                  {3, 7, true},
                                  {812.5, 611.25, ScaleOf::kDataset, {}, JointDefinition::kDetector},
                                  "seed: 1\n# é\n"};

NamedTensors Example() {
  torch::manual_seed(1);
  return {{"networks.legs.weight", torch::randn({3, 4})},
          {"networks.legs.bias", torch::randn({3})},
          {"networks.torso.blocks.0.weight", torch::randn({2, 2}, torch::kFloat64)},
          {"optimizer.step", torch::scalar_tensor(5.0)},
          {"generator", torch::arange(200, torch::kUInt8)}};
}

NamedTensors ZerosLike(const NamedTensors& tensors) {
  NamedTensors zeros;
  for (const auto& [name, tensor] : tensors) zeros.emplace_back(name, torch::zeros_like(tensor));
  return zeros;
}

class CheckpointTest : public testing::Test {
 protected:
  void Write(const std::string& path) const { WriteCheckpoint(path, kHeader, Example()); }
  std::string Complaint(const std::string& path, const NamedTensors& tensors = ZerosLike(Example())) const {
    return MessageOf([&] { ReadCheckpoint(path, tensors); });
  }

  TemporaryFolder folder_;
  std::string path_ = folder_ / "lifters.safetensors";
};

TEST_F(CheckpointTest, GivesBackWhatItWasGiven) {
  Write(path_);
  const NamedTensors stored = Example(), read = ZerosLike(stored);
  for (const CheckpointHeader& header : {ReadCheckpointHeader(path_), ReadCheckpoint(path_, read)}) {
    EXPECT_EQ(header.stage, kHeader.stage);
    EXPECT_EQ(header.networks, kHeader.networks);
    EXPECT_EQ(header.position.epoch, 3);
    EXPECT_EQ(header.position.step, 7);
    EXPECT_TRUE(header.position.finished);
    EXPECT_EQ(header.normalisation.head_root_px, 812.5);
    EXPECT_EQ(header.normalisation.joints, JointDefinition::kDetector);
    EXPECT_EQ(header.normalisation.mm_per_unit, 611.25);
    EXPECT_EQ(header.config, kHeader.config);
  }
  for (size_t i = 0; i < stored.size(); ++i)
    EXPECT_TRUE(read[i].second.equal(stored[i].second)) << stored[i].first;
}

/// The Python of the document, which takes the path from `path`; the first `blocks` pieces of it.
std::string DocumentedPython(int blocks) {
  const std::string document = ReadFile(std::string(LINKS_SOURCE_DIR) + "/docs/checkpoint.md");
  const std::string fence = "```python\n";
  std::string lines;
  size_t at = 0;
  for (int block = 0; block < blocks; ++block) {
    const size_t begin = document.find(fence, at) + fence.size();
    at = document.find("```", begin);
    lines += document.substr(begin, at - begin);
  }
  return lines;
}

constexpr const char* kPython = "/usr/bin/python3";

bool HasNumpy() {
  return std::system((std::string(kPython) + " -c 'import numpy' >/dev/null 2>&1").c_str()) == 0;
}

/// What the script prints when it is given the path.
std::string RunPython(const std::string& script, const std::string& path) {
  FILE* pipe = ::popen((std::string(kPython) + " '" + script + "' '" + path + "'").c_str(), "r");
  if (pipe == nullptr) return "";
  std::string output;
  for (int letter; (letter = std::fgetc(pipe)) != EOF;) output += static_cast<char>(letter);
  EXPECT_EQ(::pclose(pipe), 0);
  return output;
}

TEST_F(CheckpointTest, OpensInPythonAsDocumented) {
  if (!HasNumpy()) GTEST_SKIP() << kPython << " has no numpy";
  Write(path_);
  const std::string script = folder_.Write(
      "read.py", "import sys\npath = sys.argv[1]\n" + DocumentedPython(1) +
                     "\nprint(texts['stage'], texts['epoch'])\n"
                     "for name, tensor in sorted(tensors.items()):\n"
                     "  print(name, list(tensor.shape), tensor.dtype, float(tensor.astype(float).sum()))\n");
  EXPECT_THAT(
      RunPython(script, path_),
      AllOf(HasSubstr("lifters 3\n"), HasSubstr("generator [200] uint8 19900.0\n"),
            HasSubstr("networks.legs.weight [3, 4] float32"), HasSubstr("optimizer.step [] float32 5.0\n"),
            HasSubstr("networks.torso.blocks.0.weight [2, 2] float64")));
}

TEST_F(CheckpointTest, ALifterIsComputedByHandAsDocumented) {
  if (!HasNumpy()) GTEST_SKIP() << kPython << " has no numpy";
  const torch::NoGradGuard no_grad;
  torch::manual_seed(2);
  const std::vector<Segment> segments = {Segment::kLegs, Segment::kTorso, Segment::kFull};
  PoseLifters lifters(segments, LifterOptions{.width = 8, .blocks_per_branch = 2, .standardise = true},
                      /*include_root=*/true);
  const torch::Tensor keypoints = .05 * torch::randn({5, kJoints, 2});
  lifters->FitStandardisation(.1 * torch::randn({50, kJoints, 2}));
  WriteCheckpoint(path_, kHeader, StateOf({{kLifters, lifters->stack().ptr()}}));
  std::string script = "import sys\npath = sys.argv[1]\n" + DocumentedPython(2) +
                       "\nfor s in range(3):\n  for depth in depths(np.array([";
  const torch::Tensor flat = keypoints.flatten();
  for (int64_t i = 0; i < flat.numel(); ++i) script += std::to_string(flat[i].item<double>()) + ", ";
  script += "]).reshape(-1, 17, 2), s).ravel():\n    print(depth)\n";
  std::istringstream printed(RunPython(folder_.Write("lift.py", script), path_));
  const torch::Tensor expected = lifters->Depths(keypoints).flatten();
  EXPECT_GT(expected.abs().max().item<double>(), .1);
  for (int64_t i = 0; i < expected.numel(); ++i) {
    double depth = std::numeric_limits<double>::quiet_NaN();
    printed >> depth;
    EXPECT_NEAR(depth, expected[i].item<double>(), 2e-4) << i;  // six digits of the keypoints were written
  }
}

TEST_F(CheckpointTest, CutShortAnywhereIsOneSentence) {
  Write(path_);
  const std::string whole = ReadFile(path_);
  for (size_t length = 0; length < whole.size(); ++length) {
    folder_.Write("lifters.safetensors", whole.substr(0, length));
    EXPECT_THAT(Complaint(path_), HasSubstr(path_)) << length;
    EXPECT_THROW(ReadCheckpointHeader(path_), Error) << length;
  }
}

TEST_F(CheckpointTest, ADamagedByteIsAnError) {
  Write(path_);
  const std::string whole = ReadFile(path_);
  for (size_t position = 0; position < whole.size(); ++position) {
    std::string damaged = whole;
    damaged[position] = static_cast<char>(damaged[position] ^ 0x20);
    folder_.Write("lifters.safetensors", damaged);
    EXPECT_THAT(Complaint(path_), HasSubstr(path_)) << "byte " << position;
  }
}

TEST_F(CheckpointTest, TheHeaderIsReadWithoutTheTensors) {
  Write(path_);
  std::string damaged = ReadFile(path_);
  damaged.back() = static_cast<char>(damaged.back() ^ 1);
  folder_.Write("lifters.safetensors", damaged);
  EXPECT_EQ(ReadCheckpointHeader(path_).stage, "lifters");
  EXPECT_THAT(Complaint(path_), HasSubstr("'generator'"));
}

TEST_F(CheckpointTest, NumbersComeBackToTheLastBit) {
  CheckpointHeader header = kHeader;
  header.position = {std::numeric_limits<int64_t>::max(), 0, false};
  header.normalisation = {0.1 + 0.2, std::numeric_limits<double>::denorm_min()};
  WriteCheckpoint(path_, header, {});
  const CheckpointHeader read = ReadCheckpointHeader(path_);
  EXPECT_EQ(read.position.epoch, header.position.epoch);
  EXPECT_FALSE(read.position.finished);
  EXPECT_EQ(read.normalisation.head_root_px, header.normalisation.head_root_px);
  EXPECT_EQ(read.normalisation.mm_per_unit, header.normalisation.mm_per_unit);
}

TEST_F(CheckpointTest, RejectsWhatIsNoCheckpoint) {
  EXPECT_THAT(Complaint(folder_ / "none"), HasSubstr("No such file"));
  EXPECT_THAT(Complaint(folder_ / "."), HasSubstr("Is a directory"));
  EXPECT_THAT(Complaint(folder_.Write("text", "hello world")), HasSubstr("another kind"));
  const NamedTexts texts = {{"format", "links-checkpoint"},
                            {"version", "2"},
                            {"stage", "lifters"},
                            {"networks", "[\"a\"]"},
                            {"epoch", "3"},
                            {"step", "0"},
                            {"finished", "true"},
                            {"head_root_px", "1.5"},
                            {"mm_per_unit", "2"},
                            {"config", ""}};
  const auto changed = [&](const std::string& name, const std::string& text) {
    NamedTexts others = texts;
    for (auto& [key, value] : others) {
      if (key == name) value = text;
    }
    WriteTensorFile(path_, others, {});
    return Complaint(path_, {});
  };
  EXPECT_EQ(changed("", ""), "");
  EXPECT_THAT(changed("version", "3"), AllOf(HasSubstr("version 2"), HasSubstr("version 3")));
  EXPECT_THAT(changed("format", "other"), HasSubstr("found 'other'"));
  for (const char* name : {"epoch", "step", "head_root_px", "mm_per_unit", "finished", "networks"}) {
    for (const char* text : {"", "x", "1x", "{}", "[1]"})
      EXPECT_THAT(changed(name, text), AllOf(HasSubstr(name), HasSubstr(path_))) << text;
  }
  EXPECT_THAT(changed("epoch", "-1"), HasSubstr("'epoch'"));
  EXPECT_THAT(changed("step", "99999999999999999999"), HasSubstr("'step'"));
  WriteTensorFile(path_, {}, {});
  EXPECT_THAT(Complaint(path_, {}), AllOf(HasSubstr("'format'"), HasSubstr("found none")));
}

TEST_F(CheckpointTest, NamesAMissingTensorAndAWrongShape) {
  Write(path_);
  EXPECT_THAT(Complaint(path_, {{"networks.legs.scale", torch::zeros({3})}}),
              AllOf(HasSubstr("'networks.legs.scale'"), HasSubstr("found none")));
  EXPECT_THAT(Complaint(path_, {{"networks.full.weight", torch::zeros({3})}}),
              HasSubstr("'networks.full.weight'"));
  EXPECT_THAT(Complaint(path_, {{"networks.legs.weight", torch::zeros({4, 3})}}),
              AllOf(HasSubstr("'networks.legs.weight'"), HasSubstr("[4, 3]"), HasSubstr("[3, 4]")));
  EXPECT_THAT(Complaint(path_, {{"networks.legs", torch::zeros({3})}}), HasSubstr("'networks.legs'"));
  EXPECT_THAT(Complaint(path_, {{"generator.state", torch::zeros({3})}}), HasSubstr("'generator.state'"));
}

TEST_F(CheckpointTest, AFailedWriteLeavesTheOldFile) {
  Write(path_);
  const std::string before = ReadFile(path_);
  // As on a full disk: no file may grow beyond 1000 bytes.
  rlimit old;
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &old), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small = {1000, old.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &small);
  const std::string message = MessageOf([&] { Write(path_); });
  ::setrlimit(RLIMIT_FSIZE, &old);
  std::signal(SIGXFSZ, handler);
  EXPECT_THAT(message, HasSubstr(path_));
  EXPECT_EQ(ReadFile(path_), before);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_ / ""), {}), 1)
      << "no partial file stays";
}

TEST_F(CheckpointTest, AFolderThatIsGoneIsOneSentence) {
  EXPECT_THAT(MessageOf([&] { Write(folder_ / "gone/lifters.safetensors"); }),
              HasSubstr("gone/lifters.safetensors"));
}

}  // namespace
}  // namespace links
