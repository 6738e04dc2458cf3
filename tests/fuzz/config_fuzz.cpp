// Configurations: YAML text, and an override in its first line.
#include "fuzz.h"
#include "links/config/config.h"
#include "links/data/pose_file.h"

namespace links::fuzz {
namespace {

/// Every kind of field.
struct Options {
  int64_t seed = 1;
  double rate = 1e-4;
  bool fast = true;
  std::string title, device = "auto", data;
  std::vector<std::string> files, segments;
  std::vector<double> weights;
  PoseSelection selection;

  template <class V>
  void Fields(V& v) {
    v("seed", seed, Range{0, 100}, "a number");
    v("rate", rate, Range{0, 1}, "a number");
    v("fast", fast, "yes or no");
    v("title", title, "a text");
    v("device", device, Choice{{"auto", "cpu"}}, "a choice");
    v("data", data, ExistingFile{}, "a file");
    v("files", files, ExistingFile{}, "files");
    v("segments", segments, Choice{{"legs", "torso"}}, "choices");
    v("weights", weights, Range{0}, "numbers");
    v("selection", selection, "more options");
  }
};

void Read(std::string text) {
  std::vector<std::string> overrides;
  if (text.starts_with("--set ")) {
    const size_t end = std::min(text.find('\n'), text.size());
    overrides.push_back(text.substr(6, end - 6));
    text.erase(0, end);
  }
  Options options;
  ReadConfigText(text, "/nowhere/input.yaml", overrides, options);
  Expect(options.seed >= 0 && options.seed <= 100 && options.rate >= 0 && options.rate <= 1,
         "a number out of range");
  const std::string written = WriteConfig(options);
  Options again;
  ReadStoredConfig(written, "/nowhere/again.yaml", again);
  Expect(WriteConfig(again) == written, "a configuration that does not read back");
}

}  // namespace
}  // namespace links::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  links::fuzz::Try([&] { links::fuzz::Read({reinterpret_cast<const char*>(data), size}); });
  return 0;
}
