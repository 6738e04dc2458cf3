#pragma once

#include <torch/types.h>

#include <string>
#include <utility>
#include <vector>

#include "links/core/atomic_file.h"
#include "links/core/tensor_header.h"

namespace links {

using NamedTensors = std::vector<std::pair<std::string, torch::Tensor>>;
using NamedTexts = std::vector<std::pair<std::string, std::string>>;

/// Writes texts and tensors to one file in the safetensors layout, atomically. The layout holds numbers and
/// texts only, so that opening a file runs nothing; checksums say of every byte that it is as it was written
/// (docs/checkpoint.md).
void WriteTensorFile(const std::string& path, const NamedTexts& texts, const NamedTensors& tensors);

/// Such a file open for reading. Nothing in it is trusted: every method throws Error in one sentence that
/// names the file, and the tensor where it is one's.
class TensorFile {
 public:
  /// Reads and checks the header, not the tensors.
  explicit TensorFile(const std::string& path);

  const std::string& path() const { return path_; }
  const std::string& Text(const std::string& name) const;
  /// The same, or `otherwise` where the file has none of that name.
  std::string TextOr(const std::string& name, const std::string& otherwise) const;
  /// In the order in which they lie.
  std::vector<std::string> TensorNames() const;
  /// A copy of a tensor, on the CPU.
  torch::Tensor Read(const std::string& name) const;
  /// Fills tensors of the same shapes and types in place: none of them before all are found to be there.
  /// Stored F16 and BF16 also fill float32, which holds each of their numbers; none of these may be infinite
  /// or NaN.
  void Fill(const NamedTensors& tensors) const;

 private:
  const StoredTensor& Find(const std::string& name) const;

  std::string path_;
  PlainFile file_;
  TensorHeader header_;
};

}  // namespace links
