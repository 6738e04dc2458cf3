#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/script.h>

#include <filesystem>

#include "links/core/atomic_file.h"
#include "links/run/checkpoint.h"
#include "links/run/run_directory.h"
#include "links/run/trained_run.h"
#include "links/synthetic/synthetic.h"
#include "support/temporary_folder.h"

namespace links {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

// A module whose code runs without end as soon as LibTorch's importer opens it.
void WriteEndless(const std::string& path) {
  torch::jit::Module module("Endless");
  module.define(
      "def __getstate__(self) -> int:\n"
      "  return 1\n"
      "def __setstate__(self, state: int) -> None:\n"
      "  count = 0\n"
      "  while state == 1:\n"
      "    count += 1\n");
  module.save(path);
}

TEST(NoCode, ATorchScriptFileIsRefusedAndNotOpened) {
  const TemporaryFolder folder;
  const RunDirectory directory(folder / "run");
  RunConfig config;
  WritePoseFile(folder / "poses.h5", Synthesize({.poses = 20}));
  config.data.training = {folder / "poses.h5"};
  config.flows.network.width = config.lifters.network.width = config.occlusion.network.width = 8;
  config.completion.network.width = config.completion.network.root_width = 8;
  directory.Prepare(config, false, "cpu");
  const std::string path = directory.CheckpointPath("lifters");
  WriteEndless(path);
  ASSERT_TRUE(ReadFile(path).starts_with("PK"));
  const torch::Tensor target = torch::zeros({3});
  for (const auto& open : std::vector<std::function<void()>>{[&] { ReadCheckpointHeader(path); },
                                                             [&] {
                                                               ReadCheckpoint(path, {{"a", target}});
                                                             },
                                                             [&] { LoadRun(directory, torch::kCPU); }}) {
    EXPECT_THAT(MessageOf(open),
                AllOf(HasSubstr(path), HasSubstr("earlier version"), HasSubstr("TorchScript")));
  }
  // Under the name that earlier versions gave it.
  fs::rename(path, fs::path(path).replace_extension(".pt"));
  for (const auto& open : std::vector<std::function<void()>>{[&] { directory.StoredStages(); },
                                                             [&] { LoadRun(directory, torch::kCPU); }}) {
    EXPECT_THAT(MessageOf(open),
                AllOf(HasSubstr(directory.path()), HasSubstr("'lifters.pt'"), HasSubstr("TorchScript")));
  }
}

TEST(NoCode, NothingInTheProgramOpensTorchScript) {
  int files = 0;
  for (const char* folder : {"src", "apps", "include"}) {
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(LINKS_SOURCE_DIR) / folder)) {
      const std::string extension = entry.path().extension().string();
      if (extension != ".cpp" && extension != ".h" && extension != ".cu") continue;
      ++files;
      const std::string text = ReadFile(entry.path().string());
      const bool writes = entry.path().filename() == "torch_script.cpp";  // `links export`
      std::vector<const char*> words = {"InputArchive", "torch::load",       "pickle_load", "unpickle",
                                        "jit::load",    "jit/serialization", "load_from"};
      if (!writes) words.insert(words.end(), {"jit::", "torch/script.h", "torch/csrc/jit"});
      for (const char* word : words) {
        EXPECT_EQ(text.find(word), std::string::npos) << word << " in " << entry.path();
      }
    }
  }
  EXPECT_GT(files, 100);
}

}  // namespace
}  // namespace links
