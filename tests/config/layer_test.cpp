#include <sys/stat.h>

#include <filesystem>

#include "sample_options.h"

namespace links {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

/// A fresh folder with a sub-folder "sub".
class ConfigFiles : public testing::Test {
 protected:
  void SetUp() override {
    const std::string name = testing::UnitTest::GetInstance()->current_test_info()->name();
    folder_ = fs::path(testing::TempDir()) / ("links_config_" + name);
    fs::remove_all(folder_);
    fs::create_directories(folder_ / "sub");
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string Path(const std::string& name) const { return (folder_ / name).string(); }
  SampleOptions ReadFile(const std::string& name, const std::vector<std::string>& overrides = {}) const {
    SampleOptions options;
    ReadConfig(Path(name), overrides, options);
    return options;
  }
  std::string MistakesInFile(const std::string& name, const std::vector<std::string>& overrides = {}) const {
    return MessageOf([&] { ReadFile(name, overrides); });
  }

  fs::path folder_;
};

TEST_F(ConfigFiles, AFileOverridesTheChainItStartsFrom) {
  WriteFile(Path("c.yaml"),
            "seed: 1\nrate: 0.1\nsubjects: [S6, S7, S8]\nflow: {blocks: 2, coupling: {width: 3}}");
  WriteFile(Path("sub/b.yaml"), "base: ../c.yaml\nseed: 2\nflow: {coupling: {clamp: 4}}");
  WriteFile(Path("a.yaml"), "seed: 3\nsubjects: [S9]\nbase: sub/b.yaml");
  const SampleOptions options = ReadFile("a.yaml");
  EXPECT_EQ(options.seed, 3);
  EXPECT_EQ(options.rate, 0.1);
  EXPECT_THAT(options.subjects, ElementsAre("S9")) << "lists are replaced, not merged";
  EXPECT_EQ(options.flow, (SampleFlow{{3, 4}, 2}));
}

TEST_F(ConfigFiles, MistakesOfAllLayersAreReportedInTheOrderOfReading) {
  WriteFile(Path("b.yaml"), "\nseed: x");
  WriteFile(Path("a.yaml"), "base: b.yaml\nrate: 3\nseed: 1");
  EXPECT_EQ(MistakesInFile("a.yaml", {"flow.blocks=0"}),
            Path("b.yaml") + ":2: seed: expected a 64-bit integer, found 'x'\n" + Path("a.yaml") +
                ":2: rate: expected a number in [0, 1], found '3'\n"
                "--set flow.blocks=0: expected an integer in [1, 64], found '0'");
}

TEST_F(ConfigFiles, EachOfSeveralFilesGoesOverThoseBefore) {
  WriteFile(Path("base.yaml"), "seed: 1\nrate: 0.1");
  WriteFile(Path("a.yaml"), "base: base.yaml\nseed: 2\nflow: {blocks: 2}");
  WriteFile(Path("b.yaml"), "flow: {coupling: {width: 3}}\nrate: 0.2");
  SampleOptions options;
  ReadConfig(std::vector<std::string>{Path("a.yaml"), Path("b.yaml")}, {"seed=5"}, options);
  EXPECT_EQ(options.seed, 5);
  EXPECT_EQ(options.rate, 0.2);
  EXPECT_EQ(options.flow.blocks, 2);
  EXPECT_EQ(options.flow.coupling.width, 3);
  WriteFile(Path("bad.yaml"), "seed: x");
  EXPECT_THAT(MessageOf([&] {
                ReadConfig(std::vector<std::string>{Path("bad.yaml"), Path("absent.yaml")}, {}, options);
              }),
              testing::AllOf(testing::HasSubstr("bad.yaml:1"), testing::HasSubstr("absent.yaml")));
}

TEST_F(ConfigFiles, ACycleOfBasesIsASentence) {
  WriteFile(Path("a.yaml"), "seed: 1\nbase: sub/b.yaml");
  WriteFile(Path("sub/b.yaml"), "base: ./../a.yaml");
  EXPECT_EQ(MistakesInFile("a.yaml"),
            Path("sub/b.yaml") +
                ":1: base: expected a file that does not itself start from this one, found './../a.yaml'");
  WriteFile(Path("self.yaml"), "base: self.yaml");
  EXPECT_THAT(MistakesInFile("self.yaml"), HasSubstr("does not itself start from this one"));
}

TEST_F(ConfigFiles, AMissingOrUnreadableFileIsASentence) {
  EXPECT_EQ(MistakesInFile("none.yaml"),
            "expected a configuration file, found none at '" + Path("none.yaml") + "'");
  EXPECT_EQ(MistakesInFile("sub"), "expected a configuration file, found the folder '" + Path("sub") + "'");
  ASSERT_EQ(::mkfifo(Path("pipe.yaml").c_str(), 0600), 0);
  EXPECT_EQ(MistakesInFile("pipe.yaml"),
            "expected a configuration file, found the pipe or device '" + Path("pipe.yaml") + "'");
  WriteFile(Path("large.yaml"), std::string((1 << 20) + 1, '#'));
  EXPECT_THAT(MistakesInFile("large.yaml"), HasSubstr("larger than 1 MiB"));
  WriteFile(Path("a.yaml"), "rate: 2\nbase: none.yaml");
  EXPECT_EQ(MistakesInFile("a.yaml"),
            Path("a.yaml") + ":2: base: expected a configuration file, found none at '" + Path("none.yaml") +
                "'\n" + Path("a.yaml") + ":1: rate: expected a number in [0, 1], found '2'");
  for (const char* base : {"base:", "base: []", "base: ''"}) {
    WriteFile(Path("a.yaml"), base);
    EXPECT_THAT(MistakesInFile("a.yaml"), HasSubstr(":1: base: expected a configuration file, found"))
        << base;
  }
}

TEST_F(ConfigFiles, NamesOfFilesAreRelativeToTheYamlThatGivesThem) {
  WriteFile(Path("poses.h5"), "");
  WriteFile(Path("sub/more.h5"), "");
  WriteFile(Path("sub/b.yaml"), "data: ../poses.h5\nfiles: [more.h5, ./../poses.h5]");
  WriteFile(Path("a.yaml"), "base: sub/b.yaml");
  const SampleOptions options = ReadFile("a.yaml");
  EXPECT_EQ(options.data, Path("poses.h5"));
  EXPECT_THAT(options.files, ElementsAre(Path("sub/more.h5"), Path("poses.h5")));

  SampleOptions stored;
  ReadConfigText(WriteConfig(options), "elsewhere/config.yaml", {}, stored);
  EXPECT_EQ(stored, options) << "a resolved configuration works from anywhere";

  const std::string relative = fs::relative(Path("sub/more.h5")).string();
  EXPECT_EQ(ReadFile("a.yaml", {"data=" + relative}).data, Path("sub/more.h5"))
      << "in an override, relative to the working directory";
  EXPECT_EQ(ReadFile("a.yaml", {"data="}).data, "");
}

TEST_F(ConfigFiles, OnlyTheFileThatIsUsedMustExist) {
  WriteFile(Path("poses.h5"), "");
  WriteFile(Path("b.yaml"), "data: yours.h5");
  WriteFile(Path("a.yaml"), "base: b.yaml\ndata: poses.h5\nfiles: [poses.h5, gone.h5, sub, '']");
  EXPECT_EQ(MistakesInFile("a.yaml"),
            Path("a.yaml") + ":3: files[1]: expected an existing file, found none at '" + Path("gone.h5") +
                "'\n" + Path("a.yaml") + ":3: files[2]: expected a file, found the folder '" + Path("sub") +
                "'\n" + Path("a.yaml") + ":3: files[3]: expected an existing file, found none at ''");
  EXPECT_THAT(MistakesInFile("b.yaml"), HasSubstr("b.yaml:1: data: expected an existing file"));
}

TEST_F(ConfigFiles, AStoredConfigurationMayNameFilesThatAreGone) {
  SampleOptions options;
  const std::string text = "data: " + Path("gone.h5");
  EXPECT_THROW(ReadConfigText(text, "config.yaml", {}, options), UsageError);
  ReadStoredConfig(text, "config.yaml", options);
  EXPECT_EQ(options.data, Path("gone.h5"));
  EXPECT_THROW(ReadStoredConfig("rate: 2", "config.yaml", options), UsageError);
}

TEST(Overrides, WinOverTheTextAndOverEarlierOnes) {
  const SampleOptions options = Read(
      "seed: 1\nflow: {blocks: 3}", {"seed=2", "seed=5", "flow.coupling.width=7", "subjects=[S1, S9]",
                                     "weights=[]", "title=a=b", "flow={coupling: {clamp: 3}}", "device=cpu"});
  EXPECT_EQ(options.seed, 5);
  EXPECT_EQ(options.flow, (SampleFlow{{7, 3}, 3}));
  EXPECT_THAT(options.subjects, ElementsAre("S1", "S9"));
  EXPECT_TRUE(options.weights.empty());
  EXPECT_EQ(options.title, "a=b");
  EXPECT_EQ(options.device, SampleDevice::kCpu);
  EXPECT_EQ(Read("title: x", {"title="}).title, "");
}

TEST(Overrides, PassTheSameChecks) {
  EXPECT_EQ(MistakesIn("rate: 2", {"flow.coupling.width=0", "flow.blokcs=3", "nothing", "=3", "seed..x=1",
                                   "seed=", "weights=[1, x]", "flow=3", "title=[", "flow={blocks: x}"}),
            "--set nothing: expected key=value with a dotted key\n"
            "--set =3: expected key=value with a dotted key\n"
            "--set seed..x=1: expected key=value with a dotted key\n"
            "--set title=[: expected YAML, found a syntax error (end of sequence flow not found)\n"
            "a.yaml:1: rate: expected a number in [0, 1], found '2'\n"
            "--set flow.coupling.width=0: expected an integer in [1, 8192], found '0'\n"
            "--set flow.blokcs=3: flow: unknown key 'blokcs' (did you mean 'blocks'?)\n"
            "--set seed=: expected a 64-bit integer, found text ''\n"
            "--set weights=[1, x]: weights[1]: expected a number in [0, inf), found 'x'\n"
            "--set flow=3: expected a map of options, found '3'\n"
            "--set flow={blocks: x}: flow.blocks: expected an integer in [1, 64], found 'x'");
  EXPECT_THAT(MistakesIn("", {"base=other.yaml"}), HasSubstr("--set base=other.yaml: unknown key 'base'"));
}

}  // namespace
}  // namespace links
