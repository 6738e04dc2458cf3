#include "links/report/evaluation_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "example_evaluation.h"
#include "support/temporary_folder.h"

namespace links {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;

json Example() {
  return ExampleEvaluation("aa", 3, {ExampleResult("legs_torso", 10), ExampleResult("full", 30)});
}

TEST(EvaluationFile, ReadsARunDirectoryOrAFile) {
  const TemporaryFolder folder;
  json example = Example();
  example["results"][1]["pck_14"] = nullptr;
  const std::string path = folder.Write("run/evaluation.json", example.dump());
  for (const std::string& given : {folder / "run", path}) {
    const EvaluationFile file = ReadEvaluation(given);
    EXPECT_EQ(file.path, path);
    EXPECT_EQ(file.protocol, "cmu");
    EXPECT_EQ(file.run.value().name, "run aa");
    EXPECT_EQ(file.run.value().seed, 3);
    EXPECT_EQ(file.run.value().key, "aa");
    EXPECT_EQ(file.poses, 100);
    EXPECT_EQ(file.Setting("normalisation"), "812.5 px, from the training set");
    EXPECT_EQ(file.Setting("nothing", "otherwise"), "otherwise");
    ASSERT_EQ(file.results.size(), 2u);
    ASSERT_NE(file.Find({"full"}), nullptr);
    EXPECT_EQ(file.Find({"full"})->mpjpe, 30);
    EXPECT_EQ(file.Find({"full"})->pa_mpjpe_reflection, 34);
    EXPECT_EQ(file.Find({"full"})->auc_14, 41);
    EXPECT_TRUE(IsAbsent(file.Find({"full"})->pck_14));
    EXPECT_EQ(file.Find({"full", "left_arm", "o3d"}), nullptr);
  }
}

TEST(EvaluationFile, TakesOnlyWhatIsOverAllPoses) {
  const TemporaryFolder folder;
  json example = Example(), walking = ExampleResult("legs_torso", 90);
  walking["grouping"] = "action";
  walking["group"] = "all";
  example["results"].push_back(walking);
  walking["group"] = "mean";
  example["results"].push_back(walking);
  const EvaluationFile file = ReadEvaluation(folder.Write("e.json", example.dump()));
  EXPECT_EQ(file.results.size(), 2u);
  EXPECT_EQ(file.Find({"legs_torso"})->mpjpe, 10);
}

TEST(EvaluationFile, PredictionsNeedNoRunAndNamesStayOnOneLine) {
  const TemporaryFolder folder;
  json example = Example();
  example["run"] = nullptr;
  example["settings"]["predictions"] = "their\nposes.h5";
  const EvaluationFile file = ReadEvaluation(folder.Write("e.json", example.dump()));
  EXPECT_FALSE(file.run.has_value());
  EXPECT_EQ(file.Setting("predictions"), "their poses.h5");
}

TEST(EvaluationFile, SaysWhatMakesAFileThatIsMissing) {
  const TemporaryFolder folder;
  folder.Write("run/config.yaml", "");
  EXPECT_THAT(
      MessageOf([&] { ReadEvaluation(folder / "run"); }),
      AllOf(HasSubstr("run/evaluation.json"), HasSubstr("`links evaluate --run " + (folder / "run"))));
  EXPECT_THAT(MessageOf([&] { ReadEvaluation(folder / "absent"); }),
              AllOf(HasSubstr("absent"), HasSubstr("found nothing")));
}

TEST(EvaluationFile, NamesFileAndKeyOfEveryMistake) {
  const TemporaryFolder folder;
  const auto message = [&](const std::string& text) {
    const std::string path = folder.Write("e.json", text);
    std::string said = MessageOf([&] { ReadEvaluation(path); });
    EXPECT_THAT(said, HasSubstr(path)) << text.substr(0, 80);
    EXPECT_EQ(said.find('\n'), std::string::npos) << said;
    return said;
  };
  const auto with = [&](const char* pointer, const json& value) {
    json example = Example();
    example[json::json_pointer(pointer)] = value;
    return message(example.dump());
  };
  for (const char* text : {"", "{", "\xff\xfe", "NaN", "{\"format\": 1e999}", "no JSON\nat all"}) {
    EXPECT_THAT(message(text), HasSubstr("expected JSON")) << text;
  }
  EXPECT_THAT(message("[]"), HasSubstr("expected a JSON object"));
  EXPECT_THAT(message(std::string(100000, '[')), HasSubstr("expected JSON"));
  EXPECT_THAT(with("/format", "links-report"), HasSubstr("expected the format 'links-evaluation'"));
  EXPECT_THAT(with("/version", 2), HasSubstr("found version 2"));
  EXPECT_THAT(with("/protocol", "h37m"), AllOf(HasSubstr("'protocol'"), HasSubstr("h37m")));
  EXPECT_THAT(with("/run", 5), HasSubstr("'run'"));
  EXPECT_THAT(with("/run/seed", 1.5), HasSubstr("'run.seed'"));
  EXPECT_THAT(with("/run/seed", 18446744073709551615u), HasSubstr("'run.seed'"));
  EXPECT_THAT(with("/run/name", 1), HasSubstr("'run.name'"));
  EXPECT_THAT(with("/poses", -1), HasSubstr("'poses'"));
  EXPECT_THAT(with("/settings", "x"), HasSubstr("'settings'"));
  EXPECT_THAT(with("/settings/normalisation", 5), HasSubstr("'settings.normalisation'"));
  EXPECT_THAT(with("/results", "x"), HasSubstr("'results'"));
  EXPECT_THAT(with("/results/1", 7), HasSubstr("'results[1]'"));
  EXPECT_THAT(with("/results/1/filler", 7), HasSubstr("'results[1].filler'"));
  EXPECT_THAT(with("/results/1/rejected", "no"), HasSubstr("'results[1].rejected'"));
  for (const json& value : {json("33.8"), json(-1), json(1e300), json(true), json::array()}) {
    EXPECT_THAT(with("/results/1/pa_mpjpe", value), HasSubstr("'results[1].pa_mpjpe'")) << value;
  }
  EXPECT_THAT(with("/results/1/composition", "legs_torso"),
              HasSubstr("found 'legs_torso', 'none', 'none', 'all' again"));
  for (const char* key : {"format", "version", "protocol", "run", "poses", "settings", "results"}) {
    json example = Example();
    example.erase(key);
    EXPECT_THAT(message(example.dump()), HasSubstr("the key '" + std::string(key) + "'"));
  }
  for (const char* key : {"composition", "scenario", "filler", "joints", "grouping", "group", "poses",
                          "rejected", "n_mpjpe_lsq", "auc_14"}) {
    json example = Example();
    example["results"][0].erase(key);
    EXPECT_THAT(message(example.dump()), HasSubstr("'results[0]." + std::string(key) + "'"));
  }
}

}  // namespace
}  // namespace links
