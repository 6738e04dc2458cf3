#pragma once

#include <ATen/Context.h>

namespace links {

/// While it lives, the library may make float32 products on a CPU with the processor's bfloat16 units, which
/// round the operands and sum in float32. Operands that are rounded before give the same product where there
/// are no such units or where they are not used. Not for two threads at once: it is a setting of the process.
class Bfloat16Units {
 public:
  explicit Bfloat16Units(bool use) : use_(use) {
    if (!use_) return;
    before_ = at::globalContext().float32Precision(kBackend, kOperation);
    at::globalContext().setFloat32Precision(kBackend, kOperation, at::Float32Precision::BF16);
  }
  ~Bfloat16Units() {
    if (use_) at::globalContext().setFloat32Precision(kBackend, kOperation, before_);
  }
  Bfloat16Units(const Bfloat16Units&) = delete;
  Bfloat16Units& operator=(const Bfloat16Units&) = delete;

 private:
  static constexpr at::Float32Backend kBackend = at::Float32Backend::MKLDNN;
  static constexpr at::Float32Op kOperation = at::Float32Op::MATMUL;
  bool use_;
  at::Float32Precision before_ = at::Float32Precision::NONE;
};

}  // namespace links
