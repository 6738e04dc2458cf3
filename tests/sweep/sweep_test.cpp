#include "links/sweep/sweep.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <thread>

#include "links/config/config.h"
#include "links/core/flat_settings.h"
#include "links/run/checkpoint.h"
#include "links/sweep/sweep_status.h"
#include "links/sweep/sweep_task.h"
#include "support/stored_tensors.h"
#include "support/tiny_run.h"

namespace links {
namespace {

using namespace test;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

std::string Setting(const RunConfig& config, const std::string& name) {
  for (const auto& [found, value] : FlatSettings(WriteConfig(config))) {
    if (found == name) return value;
  }
  return "none";
}

class SweepTest : public TinyRunTest {
 protected:
  SweepTest() {
    WritePoseFile(folder_ / "poses.h5", Synthesize({.poses = 50, .seed = 4}));
    RunConfig config = TinyConfig();
    config.data.training = config.data.validation = {folder_ / "poses.h5"};
    config.data.validation_poses = 10;
    folder_.Write("base.yaml", WriteConfig(config));
    folder_.Write("bone.yaml", "lifters: {loss: {bone: 0}}\n");
    folder_.Write("single.yaml", "lifters: {sampled: false}\n");
    folder_.Write("deep.yaml", "flows: {network: {blocks: 3}}\n");
  }

  SweepRequest Request(const std::vector<std::string>& variants, const std::string& seeds) const {
    SweepRequest request;
    request.output = folder_ / "sweep";
    request.device = "cpu";
    request.configs = {folder_ / "base.yaml"};
    for (const std::string& variant : variants) request.variants.push_back(folder_ / variant);
    request.seeds = seeds;
    request.threads = 1;
    request.stages = {"flows", "lifters"};
    return request;
  }
  SweepPlan Written(const SweepRequest& request) const {
    SweepPlan plan = PlanSweep(request);
    std::filesystem::create_directories(request.output);
    WriteSweepPlan(plan, request.output);
    return plan;
  }
  // The runs of each task; those of shared flows end with a '+'.
  static std::vector<std::string> Tasks(const SweepPlan& plan) {
    std::vector<std::string> tasks;
    for (const SweepTask& task : plan.tasks) {
      std::string& runs = tasks.emplace_back();
      for (const std::string& run : task.runs) runs += (runs.empty() ? "" : " ") + run;
      if (task.shared_flows) runs += "+";
    }
    return tasks;
  }
  static std::vector<std::string> Names(const SweepPlan& plan) {
    std::vector<std::string> names;
    for (const SweepVariant& variant : plan.variants) names.push_back(variant.name);
    return names;
  }
};

TEST_F(SweepTest, HasARunForEveryVariantAndSeed) {
  EXPECT_THAT(PlanSweep(Request({}, "2")).Runs(), ElementsAre("seed1", "seed2"));
  const SweepPlan plan = PlanSweep(Request({"bone.yaml", "deep.yaml"}, "4-5"));
  EXPECT_THAT(plan.Runs(), ElementsAre("bone/seed4", "bone/seed5", "deep/seed4", "deep/seed5"));
  const PlannedRun run = plan.Run("out", "bone/seed5");
  EXPECT_EQ(run.config.seed, 5);
  EXPECT_EQ(Setting(run.config, "lifters.loss.bone"), "0");
  EXPECT_EQ(run.directory.path(), "out/bone/seed5");
  EXPECT_EQ(run.config.output, "out/bone/seed5");
}

TEST_F(SweepTest, SeedsAreANumberOrARange) {
  EXPECT_THAT(PlanSweep(Request({}, "0-0")).Runs(), ElementsAre("seed0"));
  for (const char* wrong : {"", "0", "-1", "3-2", "a", "1-", "-", "1-2-3", "1 2", "1-1001", "99999999999"})
    EXPECT_THAT(MessageOf([&] { PlanSweep(Request({}, wrong)); }), HasSubstr(Concat("'", wrong, "'")))
        << wrong;
}

TEST_F(SweepTest, FlowsThatVariantsShareAreTrainedOnceAndBefore) {
  const SweepPlan plan = PlanSweep(Request({"deep.yaml", "bone.yaml", "single.yaml"}, "2"));
  EXPECT_THAT(Tasks(plan), ElementsAre("bone/seed1 bone/seed2+", "deep/seed1 deep/seed2",
                                       "bone/seed1 bone/seed2", "single/seed1 single/seed2"));
  EXPECT_EQ(plan.Run("out", "single/seed2").config.flows.from, "out/bone/seed2");
  EXPECT_EQ(plan.Run("out", "bone/seed2").config.flows.from, "");
  SweepRequest elsewhere = Request({"bone.yaml", "single.yaml"}, "2");
  elsewhere.overrides = {"flows.from=flows/seed{seed}"};
  const SweepPlan taken = PlanSweep(elsewhere);
  EXPECT_THAT(Tasks(taken), SizeIs(2));
  EXPECT_EQ(taken.Run("out", "bone/seed2").config.flows.from, "flows/seed2");
}

TEST_F(SweepTest, RunsAreSharedOutEvenlyAmongTheJobs) {
  SweepRequest request = Request({}, "5");
  EXPECT_THAT(Tasks(PlanSweep(request)), ElementsAre("seed1 seed2 seed3 seed4 seed5"));
  request.jobs = 2;
  EXPECT_THAT(Tasks(PlanSweep(request)), ElementsAre("seed1 seed2", "seed3 seed4 seed5"));
  request.together = 2;
  EXPECT_THAT(Tasks(PlanSweep(request)), ElementsAre("seed1", "seed2 seed3", "seed4 seed5"));
  // Weights of losses may differ, but none may be 0 in some alone.
  folder_.Write("a.yaml", "lifters: {loss: {bone: 1}}\n");
  folder_.Write("b.yaml", "lifters: {loss: {bone: 2}}\n");
  EXPECT_THAT(Tasks(PlanSweep(Request({"a.yaml", "bone.yaml", "b.yaml"}, "1"))),
              ElementsAre("a/seed1+", "a/seed1 b/seed1", "bone/seed1"));
}

TEST_F(SweepTest, GrowsAndKeepsWhatIsPlanned) {
  const std::vector<std::string> before = Tasks(Written(Request({"bone.yaml"}, "2")));
  const SweepPlan more = Written(Request({"bone.yaml", "single.yaml"}, "3"));
  EXPECT_THAT(Tasks(more), ElementsAre(before[0], "bone/seed1 bone/seed2 bone/seed3+", "bone/seed3",
                                       "single/seed1 single/seed2 single/seed3"));
  EXPECT_EQ(Tasks(PlanSweep(Request({"single.yaml"}, "1"))), Tasks(more));
  EXPECT_EQ(Tasks(ReadSweepPlan(folder_ / "sweep")), Tasks(more));
  folder_.Write("bone.yaml", "lifters: {loss: {bone: 3}}\n");
  EXPECT_THAT(MessageOf([&] { PlanSweep(Request({"bone.yaml"}, "2")); }),
              AllOf(HasSubstr("bone"), HasSubstr("bone: 3"), HasSubstr("sweep.json")));
  SweepRequest other = Request({"single.yaml"}, "1");
  other.protocol = "cmu";
  EXPECT_THAT(MessageOf([&] { PlanSweep(other); }), HasSubstr("protocol"));
  folder_.Write("sweep/sweep.json", "{\"format\": \"links-sweep\", \"version\": 1}");
  EXPECT_THAT(MessageOf([&] { ReadSweepPlan(folder_ / "sweep"); }), HasSubstr("sweep.json"));
  EXPECT_THAT(MessageOf([&] { ReadSweepPlan(folder_ / "elsewhere"); }), HasSubstr("elsewhere"));
}

TEST_F(SweepTest, AFileHasGridsAndLists) {
  folder_.Write("sweep.yaml",
                "config: base.yaml\n"
                "protocol: none\n"
                "runs:\n"
                "  - lifters.loss.bone: [1, 2.5]\n"
                "    lifters.groups: [[legs_torso], [full]]\n"
                "  - variant: [supervised, deep.yaml]\n"
                "  - {variant: deep.yaml, seed: 1, lifters.sampled: false}\n");
  SweepRequest request = Request({}, "1");
  request.configs.clear();
  request.file = folder_ / "sweep.yaml";
  SweepPlan plan = DescribeSweep(request);
  EXPECT_THAT(Names(plan), ElementsAre("lifters.loss.bone=1/lifters.groups=_legs_torso_",
                                       "lifters.loss.bone=1/lifters.groups=_full_",
                                       "lifters.loss.bone=2.5/lifters.groups=_legs_torso_",
                                       "lifters.loss.bone=2.5/lifters.groups=_full_", "supervised", "deep",
                                       "deep/seed=1/lifters.sampled=false"));
  EXPECT_EQ(Setting(plan.variants[3].config, "lifters.loss.bone"), "2.5");
  EXPECT_THAT(plan.variants[3].config.lifters.groups, ElementsAre("full"));
  EXPECT_EQ(plan.variants[3].config.name, "lifters.loss.bone=2.5, lifters.groups=[full]");
  EXPECT_EQ(plan.variants[4].config.name, "3D supervision");
  EXPECT_EQ(plan.variants[5].config.flows.network.blocks, 3);
  EXPECT_EQ(plan.variants[0].config.flows.network.width, 8);

  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"runs: []", "sweep.yaml:1"},
      {"config: base.yaml", "runs"},
      {"config: base.yaml\nruns:\n  - 3\n", "sweep.yaml:3"},
      {"config: base.yaml\nrun:\n  - {variant: deep.yaml}\n", "'run'"},
      {"config: base.yaml\ntable: 5\nruns: [{variant: deep.yaml}]\n", "sweep.yaml:2"},
      {"config: base.yaml\nruns: [{variant: supervized}]\n", "supervised"},
      {"config: base.yaml\nruns: [{lifters.los.bone: 1}]\n", "lifters.los"},
      {"config: base.yaml\nruns: [{variant: [deep.yaml, deep.yaml]}]\n", "two for 'deep'"}};
  for (const auto& [text, word] : wrong) {
    folder_.Write("sweep.yaml", text);
    EXPECT_THAT(MessageOf([&] { DescribeSweep(request); }), HasSubstr(word)) << text;
  }
}

TEST_F(SweepTest, TheShippedSweepsHaveTheRunsOfTheTables) {
  SweepRequest request = Request({}, "1");
  request.configs.clear();
  request.stages.clear();
  request.train = request.test = {folder_ / "poses.h5"};
  request.file = "ablation";
  SweepPlan plan = DescribeSweep(request);
  EXPECT_EQ(plan.table, 4);
  EXPECT_EQ(plan.protocol, "cmu");
  EXPECT_THAT(plan.variants, SizeIs(21));
  EXPECT_EQ(plan.variants.front().name, "stable/elepose");
  EXPECT_EQ(plan.variants.back().name, "literal/legs_torso_sampled");
  EXPECT_THAT(plan.variants.back().stages, ElementsAre("flows", "lifters"));
  EXPECT_EQ(plan.variants.front().config.lifters.network.width, 128);
  request.file = "h36m";
  request.data_set = "cmu";
  plan = DescribeSweep(request);
  EXPECT_EQ(plan.table, 1);
  EXPECT_EQ(plan.protocol, "cmu");
  EXPECT_THAT(Names(plan), ElementsAre("stable/links", "stable/elepose"));
  EXPECT_EQ(plan.variants[0].config.lifters.network.width, 1024);
  EXPECT_THAT(plan.variants[0].stages, ElementsAre("flows", "lifters", "occlusion", "completion"));
  EXPECT_THAT(plan.variants[1].stages, ElementsAre("flows", "lifters"))
      << "no fillers for a full-pose lifter";
}

TEST_F(SweepTest, TasksTrainAndEvaluateWhatIsNotDone) {
  const std::string output = folder_ / "sweep";
  const SweepPlan plan = Written(Request({"bone.yaml", "single.yaml"}, "2"));
  ASSERT_THAT(plan.tasks, SizeIs(3));
  EXPECT_THAT(SweepStatus(plan, output), AllOf(HasSubstr("planned"), HasSubstr("4 planned")));
  EXPECT_EQ(RunTask(plan, output, 3), 2u) << "their flows are not there";
  EXPECT_THAT(FailuresOf(output, 3).at("single/seed2"), HasSubstr("bone/seed2"));
  EXPECT_THAT(SweepStatus(plan, output), HasSubstr("2 failed"));
  EXPECT_THROW(CheckAllDone(plan, output), Error);
  EXPECT_THROW(WriteSweepTable(plan, output), Error);
  for (const size_t task : {1, 2, 3}) EXPECT_EQ(RunTask(plan, output, task), 0u);
  EXPECT_THAT(FailuresOf(output, 3), IsEmpty());
  EXPECT_TRUE(SameTensors(folder_ / "sweep/bone/seed2/checkpoints/segment_flows.safetensors",
                          folder_ / "sweep/single/seed2/checkpoints/segment_flows.safetensors"));
  EXPECT_NO_THROW(CheckAllDone(plan, output));
  EXPECT_THAT(WriteSweepTable(plan, output), HasSubstr("legs + torso"));
  EXPECT_THAT(SweepStatus(plan, output), HasSubstr("4 done\n"));
  EXPECT_THROW(RunTask(plan, output, 4), UsageError);
}

TEST_F(SweepTest, AStoppedTaskGoesOnToTheSameCheckpoints) {
  const SweepPlan plan = Written(Request({}, "2"));
  ASSERT_EQ(RunTask(plan, folder_ / "whole", 1), 0u);
  // RunTask forgets signals of before: one that comes while it runs.
  int stops = 0;
  for (;; ++stops) {
    ASSERT_LT(stops, 200);
    std::thread signals([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(30 + 20 * stops));
      std::raise(SIGUSR1);
    });
    bool stopped = false;
    try {
      RunTask(plan, folder_ / "sweep", 1);
    } catch (const Stopped&) {
      stopped = true;
    }
    signals.join();
    if (!stopped) break;
  }
  EXPECT_GT(stops, 0);
  for (const char* stage : {"full_flow", "segment_flows", "lifters"}) {
    for (const char* seed : {"seed1", "seed2"}) {
      const std::string path = Concat("/", seed, "/checkpoints/", stage, ".safetensors");
      EXPECT_TRUE(SameTensors(folder_ / ("whole" + path), folder_ / ("sweep" + path))) << path;
    }
  }
}

}  // namespace
}  // namespace links
