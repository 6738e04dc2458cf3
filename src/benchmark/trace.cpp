#include "trace.h"

#include <torch/csrc/autograd/profiler_kineto.h>
#include <torch/types.h>

#include <set>

#include "links/benchmark/stopwatch.h"

namespace links {

void WriteTrace(const std::string& path, torch::Device device, int runs, const std::function<void()>& work) {
  namespace profiler = torch::profiler::impl;
  std::set<profiler::ActivityType> activities = {profiler::ActivityType::CPU};
  if (device.is_cuda()) activities.insert(profiler::ActivityType::CUDA);
  const profiler::ProfilerConfig config(profiler::ProfilerState::KINETO);
  torch::autograd::profiler::prepareProfiler(config, activities);
  torch::autograd::profiler::enableProfiler(config, activities);
  for (int run = 0; run < runs; ++run) work();
  Synchronise(device);
  torch::autograd::profiler::disableProfiler()->save(path);
}

}  // namespace links
