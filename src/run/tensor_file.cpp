#include "links/run/tensor_file.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <array>
#include <bit>

#include "links/core/error.h"

namespace links {
namespace {

static_assert(std::endian::native == std::endian::little, "tensors are written as they lie in memory");

struct DataType {
  std::string_view name;
  torch::ScalarType type;
};

constexpr std::array kTypes = {DataType{"F64", torch::kFloat64}, DataType{"F32", torch::kFloat32},
                               DataType{"F16", torch::kFloat16}, DataType{"BF16", torch::kBFloat16},
                               DataType{"I64", torch::kInt64},   DataType{"I32", torch::kInt32},
                               DataType{"I16", torch::kInt16},   DataType{"I8", torch::kInt8},
                               DataType{"U8", torch::kUInt8},    DataType{"BOOL", torch::kBool}};

std::string TypeName(torch::ScalarType type) {
  const auto known = std::ranges::find(kTypes, type, &DataType::type);
  return std::string(known == kTypes.end() ? c10::toString(type) : known->name);
}

// Of one of StoredTypes.
torch::ScalarType TypeOf(const StoredTensor& stored) {
  return std::ranges::find(kTypes, std::string_view(stored.type), &DataType::name)->type;
}

// Whether numbers of the one type are numbers of the other.
bool Widens(torch::ScalarType stored, torch::ScalarType target) {
  return target == torch::kFloat32 && (stored == torch::kFloat16 || stored == torch::kBFloat16);
}

std::string_view BytesOf(const torch::Tensor& tensor) {
  return {static_cast<const char*>(tensor.const_data_ptr()), tensor.nbytes()};
}

}  // namespace

void WriteTensorFile(const std::string& path, const NamedTexts& texts, const NamedTensors& tensors) {
  NamedTensors plain;
  for (const auto& [name, tensor] : tensors) {
    const at::ScalarType type = tensor.scalar_type();
    if (std::ranges::none_of(kTypes, [&](auto& known) { return known.type == type; }))
      throw Error("expected '", name, "' of a known type for '", path, "', found ", type);
    plain.emplace_back(name, tensor.detach().cpu().contiguous());
  }
  // The widest first, so that all are aligned.
  std::ranges::stable_sort(plain, std::ranges::greater(),
                           [](const auto& named) { return named.second.element_size(); });
  std::vector<std::pair<std::string, StoredTensor>> stored;
  size_t begin = 0;
  for (const auto& [name, tensor] : plain) {
    stored.emplace_back(
        name, StoredTensor{TypeName(tensor.scalar_type()), tensor.sizes().vec(), begin,
                           begin + tensor.nbytes(), Crc32(tensor.const_data_ptr(), tensor.nbytes())});
    begin += tensor.nbytes();
  }
  const std::string header = WriteTensorHeader(texts, stored, path);
  std::vector<std::string_view> parts = {header};
  for (const auto& [name, tensor] : plain) parts.push_back(BytesOf(tensor));
  WriteFileAtomically(path, parts);
}

TensorFile::TensorFile(const std::string& path)
    : path_(path), file_(path), header_(ReadTensorHeader(file_, path)) {}

const std::string& TensorFile::Text(const std::string& name) const {
  const auto found = header_.texts.find(name);
  if (found == header_.texts.end()) throw Error("expected '", name, "' in '", path_, "', found none");
  return found->second;
}

std::string TensorFile::TextOr(const std::string& name, const std::string& otherwise) const {
  const auto found = header_.texts.find(name);
  return found == header_.texts.end() ? otherwise : found->second;
}

std::vector<std::string> TensorFile::TensorNames() const {
  std::vector<std::string> names;
  for (const auto& [name, stored] : header_.tensors) names.push_back(name);
  std::ranges::stable_sort(names, {}, [&](const std::string& name) { return header_.tensors.at(name).end; });
  return names;
}

const StoredTensor& TensorFile::Find(const std::string& name) const {
  const auto found = header_.tensors.find(name);
  if (found == header_.tensors.end())
    throw Error("expected a tensor '", name, "' in '", path_, "', found none");
  return found->second;
}

torch::Tensor TensorFile::Read(const std::string& name) const {
  const StoredTensor& stored = Find(name);
  torch::Tensor tensor = torch::empty(stored.shape, TypeOf(stored));
  const size_t size = stored.end - stored.begin;
  auto* bytes = static_cast<unsigned char*>(tensor.mutable_data_ptr());
  if (file_.Read(stored.begin, bytes, size) != size)
    throw Error("expected '", name, "' whole in '", path_, "', found the file cut short");
  if (const std::string crc = Crc32(bytes, size); crc != stored.crc) {
    throw Error("expected '", name, "' in '", path_, "' as it was written, found it damaged (CRC-32 ", crc,
                ", not ", stored.crc, ")");
  }
  // Any other byte in a bool is undefined behaviour.
  if (tensor.scalar_type() == torch::kBool &&
      std::any_of(bytes, bytes + size, [](unsigned char b) { return b > 1; }))
    throw Error("expected 0 or 1 in '", name, "' in '", path_, "', found another number");
  return tensor;
}

void TensorFile::Fill(const NamedTensors& tensors) const {
  for (const auto& [name, target] : tensors) {
    const StoredTensor& stored = Find(name);
    if (target.sizes() != stored.shape) {
      throw Error("expected '", name, "' of shape ", target.sizes(), " in '", path_, "', found ",
                  torch::IntArrayRef(stored.shape));
    }
    if (target.scalar_type() != TypeOf(stored) && !Widens(TypeOf(stored), target.scalar_type())) {
      throw Error("expected '", name, "' of type ", TypeName(target.scalar_type()), " in '", path_,
                  "', found ", stored.type);
    }
  }
  const torch::NoGradGuard no_grad;
  for (const auto& [name, target] : tensors) {
    const torch::Tensor read = Read(name);
    if (read.scalar_type() != target.scalar_type() && !read.isfinite().all().item<bool>())
      throw Error("expected finite numbers in '", name, "' in '", path_, "', found others");
    torch::Tensor(target).copy_(read);
  }
}

}  // namespace links
