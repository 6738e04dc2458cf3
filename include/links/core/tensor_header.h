#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "links/core/atomic_file.h"

namespace links {

/// A type of number in a tensor file, by its name in the safetensors layout.
struct StoredType {
  std::string_view name;
  int64_t bytes;
};

/// F64, F32, F16, BF16, I64, I32, I16, I8, U8 and BOOL.
const std::vector<StoredType>& StoredTypes();

/// A tensor as a header describes it.
struct StoredTensor {
  std::string type;  ///< one of StoredTypes
  std::vector<int64_t> shape;
  size_t begin = 0, end = 0;  ///< in the file
  std::string crc;            ///< as Crc32 gives it
};

/// What stands before the tensors of a file (docs/checkpoint.md).
struct TensorHeader {
  std::map<std::string, std::string> texts;
  std::map<std::string, StoredTensor> tensors;
};

/// CRC-32 (zlib's), eight hexadecimal digits.
std::string Crc32(const void* data, size_t size);

/// The header as in the file, its length before it. The tensors' places are counted from the end of the
/// header. Throws Error when it would be too long; `path` stands for the file in messages.
std::string WriteTensorHeader(const std::vector<std::pair<std::string, std::string>>& texts,
                              const std::vector<std::pair<std::string, StoredTensor>>& tensors,
                              const std::string& path);

/// Reads and checks a header against the file that it begins: its checksum, and that the tensors lie one
/// after the other to the file's end. Throws Error, one sentence that names the file.
TensorHeader ReadTensorHeader(const PlainFile& file, const std::string& path);

}  // namespace links
