#pragma once

#include <ATen/core/Generator.h>
#include <torch/types.h>

#include <functional>
#include <memory>
#include <vector>

namespace links {

/// Work of fixed shapes on the device, done again and again. On a GPU it runs as it is a few times, is then
/// recorded as a CUDA graph, and from there on one call launches all of it. The work must not need the host:
/// no tensor is read, nothing depends on values; every tensor that outlives a run has its place before the
/// recording. Where recording fails, and on a CPU, it goes on as it is; a failure is told once in the log.
class CapturedWork {
 public:
  /// record: false = never record. generators: of the device, beside its default one, that the work draws
  /// from.
  CapturedWork(std::function<void()> work, torch::Device device, bool record,
               std::vector<at::Generator> generators = {});
  ~CapturedWork();

  void Run();
  bool captured() const;

 private:
  struct Recording;
  std::function<void()> work_;
  std::unique_ptr<Recording> recording_;  // null where nothing is recorded
};

}  // namespace links
