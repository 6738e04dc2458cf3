#include "links/run/checkpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <torch/script.h>
#include <torch/torch.h>

#include <csignal>
#include <cstdio>

#include "support/temporary_folder.h"
#include "links/core/atomic_file.h"
#include "support/stored_tensors.h"

namespace links {
namespace {

using testing::AllOf;
using testing::HasSubstr;

const CheckpointHeader kHeader = {"lifters", {3, 7, true}, {812.5, 611.25}, "seed: 1\n# é\n"};

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
  std::string path_ = folder_ / "lifters.pt";
};

TEST_F(CheckpointTest, GivesBackWhatItWasGiven) {
  Write(path_);
  const NamedTensors stored = Example(), read = ZerosLike(stored);
  for (const CheckpointHeader& header : {ReadCheckpointHeader(path_), ReadCheckpoint(path_, read)}) {
    EXPECT_EQ(header.stage, kHeader.stage);
    EXPECT_EQ(header.position.epoch, 3);
    EXPECT_EQ(header.position.step, 7);
    EXPECT_TRUE(header.position.finished);
    EXPECT_EQ(header.normalisation.head_root_px, 812.5);
    EXPECT_EQ(header.normalisation.mm_per_unit, 611.25);
    EXPECT_EQ(header.config, kHeader.config);
  }
  for (size_t i = 0; i < stored.size(); ++i)
    EXPECT_TRUE(read[i].second.equal(stored[i].second)) << stored[i].first;
}

TEST_F(CheckpointTest, OpensAsATorchScriptModule) {
  Write(path_);
  const auto tensors = test::StoredTensors(path_);
  ASSERT_EQ(tensors.size(), Example().size());
  for (const auto& [name, tensor] : Example()) EXPECT_TRUE(tensors.at(name).equal(tensor)) << name;
  EXPECT_EQ(torch::jit::load(path_).attr("epoch").toInt(), 3);
}

TEST_F(CheckpointTest, OpensInPython) {
  const char* chosen = std::getenv("LINKS_PYTHON");
  const std::string python = chosen ? chosen : "python3";
  if (std::system((python + " -c 'import torch' >/dev/null 2>&1").c_str()) != 0) {
    GTEST_SKIP() << python << " has no torch; LINKS_PYTHON can name another interpreter";
  }
  Write(path_);
  const std::string script =
      folder_.Write("read.py",
                    "import sys, torch\n"
                    "module = torch.jit.load(sys.argv[1])\n"
                    "print(module.stage, module.epoch)\n"
                    "for name, tensor in sorted(module.state_dict().items()):\n"
                    "  print(name, list(tensor.shape), tensor.double().sum().item())\n");
  FILE* pipe = ::popen((python + " '" + script + "' '" + path_ + "'").c_str(), "r");
  ASSERT_NE(pipe, nullptr);
  std::string output;
  for (int letter; (letter = std::fgetc(pipe)) != EOF;) output += static_cast<char>(letter);
  ASSERT_EQ(::pclose(pipe), 0);
  EXPECT_THAT(output, AllOf(HasSubstr("lifters 3\n"), HasSubstr("generator [200] 19900.0\n"),
                            HasSubstr("networks.legs.weight [3, 4]"), HasSubstr("optimizer.step [] 5.0\n"),
                            HasSubstr("networks.torso.blocks.0.weight [2, 2]")));
}

TEST_F(CheckpointTest, CutShortAnywhereIsOneSentence) {
  Write(path_);
  const std::string whole = ReadFile(path_);
  std::vector<size_t> lengths = {0, 1, 4, 30, whole.size() - 1, whole.size() - 22, whole.size() - 100};
  for (size_t length = 64; length < whole.size(); length += whole.size() / 60) lengths.push_back(length);
  for (size_t length : lengths) {
    folder_.Write("lifters.pt", whole.substr(0, length));
    EXPECT_THAT(Complaint(path_), AllOf(HasSubstr("cut short or of another kind"), HasSubstr(path_)))
        << length;
    EXPECT_THROW(ReadCheckpointHeader(path_), Error) << length;
  }
}

TEST_F(CheckpointTest, ADamagedByteIsAnErrorOrNothing) {
  Write(path_);
  const std::string whole = ReadFile(path_);
  for (size_t position = 0; position < whole.size(); position += 1 + whole.size() / 400) {
    std::string damaged = whole;
    damaged[position] = static_cast<char>(damaged[position] ^ 0x55);
    folder_.Write("lifters.pt", damaged);
    // MessageOf lets any exception but Error through.
    EXPECT_NO_THROW(Complaint(path_)) << "byte " << position;
  }
}

TEST_F(CheckpointTest, RejectsWhatIsNoCheckpoint) {
  EXPECT_THAT(Complaint(folder_ / "none.pt"), HasSubstr("no such file"));
  EXPECT_THAT(Complaint(folder_ / "."), HasSubstr("no such file"));
  EXPECT_THAT(Complaint(folder_.Write("text.pt", "hello world")), HasSubstr("another kind"));
  torch::save(torch::ones(3), folder_ / "tensor.pt");
  EXPECT_NE(Complaint(folder_ / "tensor.pt"), "");
  torch::serialize::OutputArchive other;
  other.write("format", c10::IValue("links-checkpoint"));
  other.write("version", c10::IValue(2));
  other.save_to(folder_ / "version.pt");
  EXPECT_THAT(Complaint(folder_ / "version.pt"), AllOf(HasSubstr("version 1"), HasSubstr("version 2")));
}

TEST_F(CheckpointTest, NamesAMissingTensorAndAWrongShape) {
  Write(path_);
  EXPECT_THAT(Complaint(path_, {{"networks.legs.scale", torch::zeros({3})}}),
              AllOf(HasSubstr("'networks.legs.scale'"), HasSubstr("found none")));
  EXPECT_THAT(Complaint(path_, {{"networks.full.weight", torch::zeros({3})}}), HasSubstr("'networks.full'"));
  EXPECT_THAT(Complaint(path_, {{"networks.legs.weight", torch::zeros({4, 3})}}),
              AllOf(HasSubstr("'networks.legs.weight'"), HasSubstr("[4, 3]"), HasSubstr("[3, 4]")));
  EXPECT_THAT(Complaint(path_, {{"networks.legs", torch::zeros({3})}}), HasSubstr("'networks.legs'"));
  EXPECT_THAT(Complaint(path_, {{"generator.state", torch::zeros({3})}}), HasSubstr("'generator'"));
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
  EXPECT_THAT(MessageOf([&] { Write(folder_ / "gone/lifters.pt"); }), HasSubstr("gone/lifters.pt"));
}

}  // namespace
}  // namespace links
