#include "links/lifted/lifted_writer.h"

#include <array>
#include <filesystem>

#include "lifted_output.h"
#include "links/core/error.h"
#include "links/core/log.h"

namespace links {
namespace {

struct Format {
  const char* extension;
  MakeOutput make;
};
constexpr std::array<Format, 9> kFormats = {{{".json", JsonOutput},
                                             {".jsonl", JsonLinesOutput},
                                             {".csv", CsvOutput},
                                             {".h5", PoseFileOutput},
                                             {".bvh", BvhOutput},
                                             {".trc", TrcOutput},
                                             {".c3d", C3dOutput},
                                             {".npz", NumpyOutput},
                                             {".html", PageOutput}}};

const Format& FormatOf(const std::string& path) {
  const std::string extension = std::filesystem::path(path).extension().string();
  std::string known;
  for (const Format& format : kFormats) {
    if (extension == format.extension) return format;
    known += Concat(known.empty() ? "" : &format == &kFormats.back() ? " or " : ", ", format.extension);
  }
  throw UsageError("expected a file name ending in ", known, ", found '", path, "'");
}

class EveryOutput : public LiftedWriter {
 public:
  explicit EveryOutput(std::vector<std::unique_ptr<LiftedOutput>>& outputs) : outputs_(outputs) {}
  void Write(const LiftedFrame& frame) override {
    for (const auto& output : outputs_) output->Write(frame);
  }

 private:
  std::vector<std::unique_ptr<LiftedOutput>>& outputs_;
};

}  // namespace

void CheckLiftedPath(const std::string& path) {
  FormatOf(path);
  CheckWritable(path);
}

std::vector<std::string> WriteLifted(const std::vector<std::string>& paths, const LiftedOptions& options,
                                     const std::function<void(LiftedWriter&)>& produce) {
  for (const std::string& path : paths) {
    CheckLiftedPath(path);
    if (options.upright && std::filesystem::path(path).extension() == ".h5")
      throw UsageError("expected the camera's axes for a pose file, found upright ones");
  }
  if (!(options.fps >= .01 && options.fps <= 1e4)) {
    throw UsageError("expected 0.01 to 10000 frames a second, found ", options.fps);
  }
  if (paths.empty()) throw UsageError("expected at least one file to write, found none");
  const std::string list = std::filesystem::path(paths.front()).filename().string() + ".unfinished";
  if (const size_t left = FinishStagedFiles(paths, list); left > 0) {
    LogWarning(Concat(paths.front(), ": ", left, left == 1 ? " file" : " files",
                      " of an earlier command that was killed took their place only now"));
  }
  StagedFiles files(list);
  std::vector<std::unique_ptr<LiftedOutput>> outputs;
  for (const std::string& path : paths) outputs.push_back(FormatOf(path).make({path, options, files}));
  EveryOutput every(outputs);
  produce(every);
  std::vector<std::string> written;
  for (const auto& output : outputs) {
    for (const std::string& file : output->Finish()) written.push_back(file);
  }
  files.Commit();
  return written;
}

}  // namespace links
