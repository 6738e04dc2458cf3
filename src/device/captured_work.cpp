#include "links/device/captured_work.h"

#include <torch/cuda.h>

#ifdef LINKS_CUDA
#include <ATen/Context.h>
#include <ATen/core/CachingHostAllocator.h>
#include <ATen/cuda/CUDAEvent.h>
#include <ATen/cuda/CUDAGeneratorImpl.h>
#include <ATen/cuda/CUDAGraph.h>
#include <ATen/ops/from_blob.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>

#include <algorithm>
#include <map>
#include <mutex>

#include "links/core/error.h"
#include "links/core/log.h"
#include "links/device/device.h"
#endif

namespace links {

#ifdef LINKS_CUDA

namespace {

// Runs before the capture: they allocate what stays, choose algorithms and fill caches.
constexpr int kRunsBefore = 3;

// LibTorch 2.11 leaves its allocators in the capture where ending it fails (pytorch/pytorch#180395). Where
// it was ended these throw, and the graph gives its memory back itself.
void EndAllocations(c10::DeviceIndex device, const c10::MempoolId_t& pool) {
  try {
    c10::cuda::CUDACachingAllocator::endAllocateToPool(device, pool);
    c10::cuda::CUDACachingAllocator::releasePool(device, pool);
  } catch (const std::exception&) {
  }
  try {
    at::getHostAllocator(at::kCUDA)->end_allocate_to_pool(pool);
    at::getHostAllocator(at::kCUDA)->release_pool(pool);
  } catch (const std::exception&) {
  }
}

// What is queued on `later` from here on starts when `earlier` has done what is queued there now.
void Follow(const c10::cuda::CUDAStream& earlier, const c10::cuda::CUDAStream& later) {
  at::cuda::CUDAEvent event;
  event.record(earlier);
  event.block(later);
}

// A graph cannot be captured on the default stream. One other stream a device for all of the process: cuBLAS
// keeps a workspace for each stream that it has seen, to the end.
c10::cuda::CUDAStream CaptureStream(torch::Device device) {
  static std::mutex mutex;
  static std::map<c10::DeviceIndex, c10::cuda::CUDAStream> streams;
  const std::lock_guard lock(mutex);
  const c10::DeviceIndex index = WithIndex(device).index();
  auto found = streams.find(index);
  if (found == streams.end())
    found = streams.emplace(index, c10::cuda::getStreamFromPool(false, index)).first;
  return found->second;
}

/// A generator that a graph draws from. LibTorch would write its seed and offset to the device before every
/// replay, two kernels each. Here the graph ends by moving the offset on, and they are written only where the
/// host has changed them.
class Drawn {
 public:
  /// Within the capture, after its last draw.
  explicit Drawn(at::Generator generator) : generator_(std::move(generator)) {
    const at::PhiloxCudaState state = generator_.get<at::CUDAGeneratorImpl>()->philox_cuda_state(0);
    increment_ = state.offset_intragraph_;
    if (increment_ == 0) return;
    at::for_blob(state.offset_.ptr, {1})
        .options(torch::TensorOptions(torch::kInt64).device(generator_.device()))
        .target_device(generator_.device())
        .make_tensor()
        .add_(static_cast<int64_t>(increment_));
  }

  /// Whether the device holds what the host does.
  bool Current() const {
    return increment_ == 0 ||
           (known_ && seed_ == generator_.current_seed() && offset_ == generator_.get_offset());
  }
  /// A replay without LibTorch's own bookkeeping has drawn.
  void MoveOn() {
    if (increment_ > 0) generator_.set_offset(generator_.get_offset() + increment_);
  }
  /// After a replay.
  void Remember() {
    known_ = true;
    seed_ = generator_.current_seed();
    offset_ = generator_.get_offset();
  }

 private:
  at::Generator generator_;
  uint64_t increment_ = 0;  // what a replay draws
  bool known_ = false;
  uint64_t seed_ = 0, offset_ = 0;  // on the device
};

}  // namespace

struct CapturedWork::Recording {
  Recording(torch::Device device, std::vector<at::Generator> drawn_from)
      : stream(CaptureStream(device)), generators(std::move(drawn_from)) {}

  // False when it failed; the device is then as it was before.
  bool Record(const std::function<void()>& work) {
    auto made = std::make_unique<at::cuda::CUDAGraph>();
    torch::cuda::synchronize(stream.device_index());
    // What the runs before have left is given back: during the capture it could not be.
    c10::cuda::CUDACachingAllocator::emptyCache();
    const c10::MempoolId_t pool = at::cuda::graph_pool_handle();
    std::vector<at::Generator> all = generators, before;
    all.push_back(at::globalContext().defaultGenerator(stream.device()));
    for (const at::Generator& generator : all) before.push_back(generator.clone());
    try {
      // The default one is registered by itself.
      for (const at::Generator& generator : generators) made->register_generator_state(generator);
      // Other threads may allocate meanwhile (staged batches).
      made->capture_begin(pool, cudaStreamCaptureModeThreadLocal);
      work();
      for (const at::Generator& generator : all) drawn.emplace_back(generator);
      made->capture_end();
    } catch (const std::exception& error) {
      const std::string text = error.what();  // its first line says what, the others from where
      LogWarning(Concat("the training step could not be captured as a CUDA graph and runs eagerly: ",
                        text.substr(0, text.find('\n'))));
      try {
        made->capture_end();
      } catch (const std::exception&) {  // the capture is lost already
      }
      cudaGetLastError();
      drawn.clear();
      EndAllocations(stream.device_index(), pool);
      // They would go on as if they were being captured.
      for (size_t i = 0; i < all.size(); ++i) all[i].graphsafe_set_state(before[i]);
      return false;
    }
    graph = std::move(made);
    return true;
  }

  void Replay() {
    if (std::ranges::all_of(drawn, &Drawn::Current)) {
      C10_CUDA_CHECK(cudaGraphLaunch(graph->raw_cuda_graph_exec(), stream));
      for (Drawn& generator : drawn) generator.MoveOn();
    } else {
      graph->replay();
    }
    for (Drawn& generator : drawn) generator.Remember();
  }

  c10::cuda::CUDAStream stream;
  std::vector<at::Generator> generators;
  std::vector<Drawn> drawn;  // of the graph
  std::unique_ptr<at::cuda::CUDAGraph> graph;
  int runs = 0;
  bool failed = false;
};

CapturedWork::CapturedWork(std::function<void()> work, torch::Device device, bool record,
                           std::vector<at::Generator> generators)
    : work_(std::move(work)),
      recording_(record && device.is_cuda() ? std::make_unique<Recording>(device, std::move(generators))
                                            : nullptr) {}

void CapturedWork::Run() {
  if (recording_ == nullptr) return work_();
  const c10::cuda::CUDAStream outside = c10::cuda::getCurrentCUDAStream(recording_->stream.device_index());
  Follow(outside, recording_->stream);
  {
    const c10::cuda::CUDAStreamGuard guard(recording_->stream);
    if (!recording_->graph && !recording_->failed && recording_->runs++ >= kRunsBefore)
      recording_->failed = !recording_->Record(work_);
    if (recording_->graph) {
      recording_->Replay();
    } else {
      work_();
    }
  }
  Follow(recording_->stream, outside);
}

bool CapturedWork::captured() const {
  return recording_ != nullptr && recording_->graph != nullptr;
}

#else

struct CapturedWork::Recording {};

// NOLINTNEXTLINE(performance-unnecessary-value-param): declared for GPUs, where it is moved
CapturedWork::CapturedWork(std::function<void()> work, torch::Device, bool, std::vector<at::Generator>)
    : work_(std::move(work)) {}

void CapturedWork::Run() {
  work_();
}

bool CapturedWork::captured() const {
  return false;
}

#endif

CapturedWork::~CapturedWork() = default;

}  // namespace links
