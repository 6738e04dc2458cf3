#pragma once

#include <ATen/core/Generator.h>
#include <torch/types.h>

#include <functional>
#include <memory>
#include <vector>

namespace links {

/// Work of static shapes on the device, done again and again. On a GPU it runs eagerly a few times to warm
/// up, is then captured as a CUDA graph, and from there on replayed by one launch. The work must not
/// synchronise with the host nor depend on values, and every tensor that outlives a run is allocated before
/// the capture. Where the capture fails, and on a CPU, it stays eager; a failure is logged once.
class CapturedWork {
 public:
  /// record: false = never capture. generators: of the device, beside its default one, that the work draws
  /// from, and no other captured work.
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
