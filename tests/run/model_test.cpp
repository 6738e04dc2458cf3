#include "links/run/model.h"

#include <gmock/gmock.h>
#include <torch/types.h>

#include <cstdlib>
#include <filesystem>

#include "links/core/atomic_file.h"
#include "links/run/checkpoint.h"
#include "links/run/trained_run.h"
#include "support/temporary_folder.h"
#include "support/tiny_networks.h"
#include "support/tiny_run.h"

namespace links {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::SizeIs;

/// A run whose lifters are finished and whose flows are not, with weights of every size.
class ModelTest : public test::TinyRunTest {
 protected:
  ModelTest() : run_(folder_ / "some/run"), config_(test::TinyConfig()) {
    config_.data.training = {folder_.Write("secret/place/poses.h5", "")};
    config_.lifters.network.width = 40;  // above kHalvedNumbers
    std::filesystem::create_directories(folder_ / "some");
    lock_.emplace(run_.Prepare(config_, false, "cpu"));
    Networks networks(config_, torch::kCPU);
    torch::manual_seed(1);
    NamedTensors state = StateOf(networks.Select({kLifters}));
    for (const auto& [name, tensor] : state) {
      if (tensor.is_floating_point()) torch::Tensor(tensor).add_(0.1 * torch::rand_like(tensor));
    }
    state.emplace_back("optimizer.step", torch::ones({3000}));
    WriteCheckpoint(run_.CheckpointPath("lifters"), {"lifters", {kLifters}, {2, 0, true}, {800, 600}, "x"},
                    state);
    WriteCheckpoint(run_.CheckpointPath("full_flow"),
                    {"full_flow", {kFullFlow}, {1, 2, false}, {800, 600}, "x"},
                    StateOf(networks.Select({kFullFlow})));
    folder_.Write("some/run/metrics.jsonl", "{\"stage\":\"lifters\"}\n");
    folder_.Write("some/run/log.txt", "secret/place");
  }

  static torch::Tensor Lift(const std::string& folder) {
    TrainedRun run = LoadRun(RunDirectory(folder), torch::kCPU, {kLifters});
    return run.networks.lifters->LiftPose(LegsTorso(), test::RandomKeypoints(50));
  }

  RunDirectory run_;
  RunConfig config_;
  std::optional<RunLock> lock_;
};

TEST_F(ModelTest, KeepsTheFinishedNetworksInHalfPrecision) {
  const std::string model = folder_ / "model";
  PackModel(run_, model, StoredPrecision::kHalf);
  EXPECT_THAT(RunDirectory(model).StoredStages(), testing::ElementsAre("lifters"))
      << "the flow is not finished";
  const TensorFile own(run_.CheckpointPath("lifters")), packed(RunDirectory(model).CheckpointPath("lifters"));
  int halved = 0;
  for (const std::string& name : own.TensorNames()) {
    if (name == "optimizer.step") continue;
    const torch::Tensor a = own.Read(name), b = packed.Read(name);
    if (a.scalar_type() == torch::kFloat32 && a.numel() >= kHalvedNumbers) {
      ++halved;
      EXPECT_EQ(b.scalar_type(), torch::kFloat16) << name;
      EXPECT_TRUE(b.equal(a.to(torch::kFloat16))) << name;
    } else {
      EXPECT_TRUE(b.scalar_type() == a.scalar_type() && b.equal(a)) << name;
    }
  }
  EXPECT_GT(halved, 0);
  EXPECT_EQ(packed.TensorNames().size() + 1, own.TensorNames().size()) << "no optimiser";
  // What is lifted is that of the rounded weights: near the run's own, not the same.
  EXPECT_TRUE(Lift(model).allclose(Lift(run_.path()), 0, 5e-3));
  EXPECT_FALSE(Lift(model).equal(Lift(run_.path())));
  const CheckpointHeader header = ReadCheckpointHeader(packed.path());
  EXPECT_EQ(header.normalisation.head_root_px, 800);
  EXPECT_EQ(header.config, ReadFile(model + "/config.yaml"));
  EXPECT_EQ(ReadFile(model + "/metrics.jsonl"), ReadFile(run_.path() + "/metrics.jsonl"));
}

TEST_F(ModelTest, FullPrecisionLiftsTheSameToTheLastBit) {
  PackModel(run_, folder_ / "model", StoredPrecision::kFull);
  EXPECT_TRUE(Lift(folder_ / "model").equal(Lift(run_.path())));
}

TEST_F(ModelTest, SaysNothingOfWhereTheDataLay) {
  PackModel(run_, folder_ / "model", StoredPrecision::kHalf);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_ / "model")) {
    if (!entry.is_regular_file()) continue;
    EXPECT_THAT(ReadFile(entry.path().string()), testing::Not(HasSubstr("secret"))) << entry.path();
  }
  EXPECT_THAT(ReadFile(folder_ / "model/config.yaml"), HasSubstr("training: [poses.h5]"));
  EXPECT_EQ(RunDirectory(folder_ / "model").Key(), run_.Key()) << "the data are known by their content";
}

TEST_F(ModelTest, WeightsTooLargeForHalfPrecisionStay) {
  NamedTensors state;
  const TensorFile file(run_.CheckpointPath("lifters"));
  for (const std::string& name : file.TensorNames()) state.emplace_back(name, file.Read(name));
  std::string large;
  for (auto& [name, tensor] : state) {
    if (tensor.numel() < kHalvedNumbers || !name.starts_with("networks.")) continue;
    tensor.view({-1})[7] = 1e6;
    large = name;
    break;
  }
  CheckpointHeader header = ReadCheckpointHeader(file.path());
  WriteCheckpoint(run_.CheckpointPath("lifters"), header, state);
  PackModel(run_, folder_ / "model", StoredPrecision::kHalf);
  const TensorFile packed(RunDirectory(folder_ / "model").CheckpointPath("lifters"));
  EXPECT_EQ(packed.Read(large).scalar_type(), torch::kFloat32);
}

TEST_F(ModelTest, RefusesFoldersWithSomethingAndStagesThatAreNotFinished) {
  folder_.Write("full/file", "");
  EXPECT_THAT(MessageOf([&] { PackModel(run_, folder_ / "full", StoredPrecision::kHalf); }),
              HasSubstr("with something in it"));
  EXPECT_THAT(MessageOf([&] { PackModel(run_, folder_ / "model", StoredPrecision::kHalf, {"full_flow"}); }),
              AllOf(HasSubstr("a finished stage"), HasSubstr("(lifters)"), HasSubstr("'full_flow'")));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "model"));
  EXPECT_THAT(MessageOf([&] {
                PackModel(RunDirectory(folder_ / "none"), folder_ / "model", StoredPrecision::kHalf);
              }),
              HasSubstr("expected a run directory"));
}

TEST_F(ModelTest, ShippedOnesAreFoundByTheirNames) {
  const std::string before = std::getenv("LINKS_SHARE") ? std::getenv("LINKS_SHARE") : "";
  ::setenv("LINKS_SHARE", (folder_ / "share").c_str(), 1);
  EXPECT_THAT(ShippedModels(), SizeIs(0));
  EXPECT_THAT(MessageOf([] { FindRun(""); }), AllOf(HasSubstr("expected --run"), HasSubstr("models/cmu")));
  EXPECT_EQ(FindRun("models/cmu"), "models/cmu") << "for who opens it to refuse";

  std::filesystem::create_directories(folder_ / "share/models");
  PackModel(run_, folder_ / "share/models/cmu", StoredPrecision::kHalf);
  PackModel(run_, folder_ / "share/models/other", StoredPrecision::kFull);
  folder_.Write("share/models/README.md", "");
  folder_.Write("share/models/cmu/README.md", "# A title\n\nLifts people\nin images. More of it.\n");
  EXPECT_EQ(FindRun(""), folder_ / "share/models/cmu");
  for (const char* name : {"other", "models/other"}) EXPECT_EQ(FindRun(name), folder_ / "share/models/other");
  EXPECT_EQ(FindRun(folder_ / "some/run"), folder_ / "some/run");
  EXPECT_EQ(FindRun("no/such"), "no/such");
  const std::vector<ShippedModel> models = ShippedModels();
  ASSERT_THAT(models, SizeIs(2));
  EXPECT_EQ(models[0].name, "cmu");
  EXPECT_EQ(models[0].about, "Lifts people in images");
  EXPECT_EQ(models[1].about, "");
  EXPECT_GT(models[1].bytes, models[0].bytes) << "half precision is smaller";
  EXPECT_GT(models[0].bytes, 5000u);
  if (before.empty()) {
    ::unsetenv("LINKS_SHARE");
  } else {
    ::setenv("LINKS_SHARE", before.c_str(), 1);
  }
}

}  // namespace
}  // namespace links
