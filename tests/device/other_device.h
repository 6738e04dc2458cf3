#pragma once

#include <ATen/EmptyTensor.h>
#include <ATen/detail/PrivateUse1HooksInterface.h>
#include <ATen/native/CPUFallback.h>
#include <ATen/ops/_reshape_alias_native.h>
#include <ATen/ops/as_strided_native.h>
#include <ATen/ops/unfold_native.h>
#include <ATen/ops/view_native.h>
#include <c10/core/CPUAllocator.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <torch/library.h>
#include <torch/types.h>

#include <mutex>
#include <set>
#include <string>

// A device beside the CPU on every machine, for what a GPU would show: tensors left on the host, values read
// there, paths that only other devices take. Its memory is the host's and its operations are the CPU's, on
// copies; it notes each one that reaches over to the host. A program that includes this has the device for
// good.

namespace links::test {

inline const torch::Device kOtherDevice(torch::kPrivateUse1, 0);

/// Operations that have moved numbers between the host and the other device, since it was cleared. A CUDA
/// graph can hold none of them.
class HostTraffic {
 public:
  static void Clear() {
    const std::lock_guard lock(Mutex());
    Names().clear();
  }
  static void Note(const std::string& name) {
    const std::lock_guard lock(Mutex());
    if (!ignored_) Names().insert(name);
  }
  static std::set<std::string> Found() {
    const std::lock_guard lock(Mutex());
    return Names();
  }

  /// The copies that an operation itself makes, while it lives.
  struct Ignored {
    Ignored() { ignored_ = true; }
    ~Ignored() { ignored_ = false; }
    Ignored(const Ignored&) = delete;
    Ignored& operator=(const Ignored&) = delete;
  };

 private:
  inline static thread_local bool ignored_ = false;

  static std::mutex& Mutex() {
    static std::mutex mutex;
    return mutex;
  }
  static std::set<std::string>& Names() {
    static std::set<std::string> names;
    return names;
  }
};

namespace other_device {

/// The host's memory under the device's name.
class Memory : public c10::Allocator {
 public:
  c10::DataPtr allocate(size_t bytes) override {
    c10::DataPtr data = c10::GetCPUAllocator()->allocate(bytes);
    data.unsafe_set_device(kOtherDevice);
    return data;
  }
  void copy_data(void* to, const void* from, size_t bytes) const override {
    default_copy_data(to, from, bytes);
  }
};

inline Memory* TheMemory() {
  static Memory memory;
  return &memory;
}

struct Guard : c10::impl::NoOpDeviceGuardImpl<torch::kPrivateUse1> {
  c10::Device exchangeDevice(c10::Device) const override { return kOtherDevice; }
  c10::Device getDevice() const override { return kOtherDevice; }
  c10::Stream getStream(c10::Device) const noexcept override {
    return c10::Stream(c10::Stream::DEFAULT, kOtherDevice);
  }
};

struct Hooks : at::PrivateUse1HooksInterface {
  bool isBuilt() const override { return true; }
  bool isAvailable() const override { return true; }
  bool hasPrimaryContext(c10::DeviceIndex) const override { return true; }
};

inline const bool kRegistered = [] {
  c10::register_privateuse1_backend("other");
  static Hooks hooks;
  at::RegisterPrivateUse1HooksInterface(&hooks);
  return true;
}();

inline const c10::DispatchKeySet kKeys(c10::DispatchKey::PrivateUse1);

inline at::Tensor Empty(at::IntArrayRef size, std::optional<at::ScalarType> type, std::optional<at::Layout>,
                        std::optional<at::Device>, std::optional<bool>,
                        std::optional<at::MemoryFormat> format) {
  return at::detail::empty_generic(size, TheMemory(), kKeys, c10::dtype_or_default(type), format);
}

inline at::Tensor EmptyStrided(at::IntArrayRef size, at::IntArrayRef stride,
                               std::optional<at::ScalarType> type, std::optional<at::Layout>,
                               std::optional<at::Device>, std::optional<bool>) {
  return at::detail::empty_strided_generic(size, stride, TheMemory(), kKeys, c10::dtype_or_default(type));
}

// The same memory as the CPU's.
inline at::Tensor OnHost(const at::Tensor& tensor) {
  if (tensor.is_cpu()) return tensor;
  return at::from_blob(tensor.mutable_data_ptr(), tensor.sizes(), tensor.strides(),
                       tensor.options().device(torch::kCPU));
}

inline at::Tensor Copy(const at::Tensor& from, const at::Tensor& to, bool) {
  if (from.device() != to.device()) HostTraffic::Note("copy");
  OnHost(to).copy_(OnHost(from));
  return to;
}

// The result of an operation goes to where it was asked for, in its final shape.
inline at::Tensor CopyResult(const at::Tensor& from, const at::Tensor& to) {
  if (from.sizes() != to.sizes()) {
    const at::Tensor resized = at::empty(from.sizes(), to.options());
    to.unsafeGetTensorImpl()->set_storage_keep_dtype(resized.storage());
    to.unsafeGetTensorImpl()->set_sizes_contiguous(from.sizes());
  }
  return Copy(from, to, false);
}

inline at::Scalar Value(const at::Tensor& tensor) {
  HostTraffic::Note("item");
  return OnHost(tensor).item();
}

inline bool Compatible(const at::Tensor&, const at::Tensor&) {
  return true;
}

// The host has to wait for the values that these return or that give their results a shape.
inline bool Waits(const std::string& name) {
  static const std::set<std::string> waiting = {"aten::equal", "aten::is_nonzero", "aten::masked_select",
                                                "aten::nonzero"};
  return waiting.contains(name);
}

inline bool IsOnHost(const at::Tensor& tensor) {
  return tensor.defined() && tensor.is_cpu() && !tensor.unsafeGetTensorImpl()->is_wrapped_number();
}

inline void Compute(const c10::OperatorHandle& operation, torch::jit::Stack* stack) {
  const std::string& name = operation.schema().name();
  bool noted = Waits(name);
  for (const c10::IValue& input : torch::jit::last(stack, operation.schema().arguments().size())) {
    if (input.isTensor()) noted |= IsOnHost(input.toTensor());
    if (input.isTensorList()) {
      for (const at::Tensor& tensor : input.toTensorVector()) noted |= IsOnHost(tensor);
    }
  }
  if (noted) HostTraffic::Note(name);
  const HostTraffic::Ignored copies;
  at::native::cpu_fallback(operation, stack);
}

}  // namespace other_device

C10_REGISTER_GUARD_IMPL(PrivateUse1, other_device::Guard)

TORCH_LIBRARY_IMPL(_, PrivateUse1, library) {
  library.fallback(torch::CppFunction::makeFromBoxedFunction<&other_device::Compute>());
}

TORCH_LIBRARY_IMPL(aten, PrivateUse1, library) {
  library.impl("empty.memory_format", other_device::Empty);
  library.impl("empty_strided", other_device::EmptyStrided);
  library.impl("as_strided", at::native::as_strided_tensorimpl);
  library.impl("unfold", at::native::unfold);
  library.impl("view", at::native::view);
  library.impl("_reshape_alias", at::native::_reshape_alias);
  library.impl("_copy_from", other_device::Copy);
  library.impl("_copy_from_and_resize", other_device::CopyResult);
  library.impl("_local_scalar_dense", other_device::Value);
  library.impl("_has_compatible_shallow_copy_type", other_device::Compatible);
}

}  // namespace links::test
