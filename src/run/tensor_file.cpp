#include "links/run/tensor_file.h"

#include <torch/types.h>
#include <torch/utils.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "links/core/error.h"

namespace links {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

static_assert(std::endian::native == std::endian::little, "tensors are written as they lie in memory");

constexpr size_t kLengthBytes = 8;
constexpr size_t kMostHeaderBytes = size_t{16} << 20;
constexpr int64_t kMostDimensions = 64;
constexpr size_t kCrcDigits = 8;
// How every header begins: eight digits follow, the CRC-32 of all that comes after them.
constexpr std::string_view kHeaderStart = R"({"__metadata__":{"header_crc32":")";
constexpr const char* kMetadata = "__metadata__";
constexpr const char* kHeaderCrc = "header_crc32";
constexpr const char* kTensorCrc = "crc32:";  // and the tensor's name

struct DataType {
  std::string_view name;
  torch::ScalarType type;
};

constexpr std::array kTypes = {DataType{"F64", torch::kFloat64}, DataType{"F32", torch::kFloat32},
                               DataType{"F16", torch::kFloat16}, DataType{"BF16", torch::kBFloat16},
                               DataType{"I64", torch::kInt64},   DataType{"I32", torch::kInt32},
                               DataType{"I16", torch::kInt16},   DataType{"I8", torch::kInt8},
                               DataType{"U8", torch::kUInt8},    DataType{"BOOL", torch::kBool}};

std::string_view TypeName(torch::ScalarType type) {
  for (const DataType& known : kTypes) {
    if (known.type == type) return known.name;
  }
  return c10::toString(type);
}

std::string Crc32(const void* data, size_t size) {
  const auto value = static_cast<uint32_t>(::crc32_z(0, static_cast<const Bytef*>(data), size));
  std::string digits(kCrcDigits, '0');
  for (size_t i = 0; i < kCrcDigits; ++i) digits[i] = "0123456789abcdef"[(value >> (28 - 4 * i)) & 15];
  return digits;
}

std::string_view BytesOf(const torch::Tensor& tensor) {
  return {static_cast<const char*>(tensor.const_data_ptr()), tensor.nbytes()};
}

// The header as in the file, with its length before it; `tensors` are contiguous and on the CPU.
std::string HeaderOf(const std::string& path, const NamedTexts& texts, const NamedTensors& tensors) {
  ordered_json header, metadata = {{kHeaderCrc, std::string(kCrcDigits, '0')}};
  for (const auto& [name, text] : texts) metadata[name] = text;
  for (const auto& [name, tensor] : tensors)
    metadata[kTensorCrc + name] = Crc32(tensor.const_data_ptr(), tensor.nbytes());
  header[kMetadata] = metadata;
  size_t begin = 0;
  for (const auto& [name, tensor] : tensors) {
    if (header.contains(name)) throw Error("expected one tensor '", name, "' for '", path, "', found two");
    header[name] = {{"dtype", TypeName(tensor.scalar_type())},
                    {"shape", tensor.sizes().vec()},
                    {"data_offsets", {begin, begin + tensor.nbytes()}}};
    begin += tensor.nbytes();
  }
  // A path in a configuration need not be UTF-8.
  std::string text = header.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
  text.append((kLengthBytes - text.size() % kLengthBytes) % kLengthBytes, ' ');
  if (text.size() > kMostHeaderBytes) {
    throw Error("expected a header of at most ", kMostHeaderBytes >> 20, " MiB for '", path, "', found ",
                text.size(), " bytes");
  }
  const size_t checked = kHeaderStart.size() + kCrcDigits;
  text.replace(kHeaderStart.size(), kCrcDigits, Crc32(text.data() + checked, text.size() - checked));
  std::string length(kLengthBytes, '\0');
  for (size_t i = 0; i < kLengthBytes; ++i) length[i] = static_cast<char>(text.size() >> (8 * i));
  return length + text;
}

// JSON of no more depth than a header has and without two keys of one name; an exception otherwise.
json ParseStrictly(const std::string& text) {
  constexpr int kMostDepth = 3;
  std::vector<std::set<std::string>> keys;
  return json::parse(text, [&](int depth, json::parse_event_t event, const json& parsed) {
    using Event = json::parse_event_t;
    if ((event == Event::object_start || event == Event::array_start) && depth >= kMostDepth)
      throw Error("lists or objects within each other");
    if (event == Event::object_start) keys.emplace_back();
    if (event == Event::object_end) keys.pop_back();
    if (event == Event::key && !keys.back().insert(parsed.get<std::string>()).second)
      throw Error("'", parsed.get<std::string>(), "' twice");
    return true;
  });
}

// The bytes of a tensor; throws when they are more than can be counted.
size_t ByteCount(const std::vector<int64_t>& shape, torch::ScalarType type) {
  auto count = static_cast<int64_t>(c10::elementSize(type));
  bool empty = false;
  for (const int64_t size : shape) {
    empty = empty || size == 0;
    // Sizes beside a 0 too: LibTorch multiplies them for its strides.
    if (size > 0 && __builtin_mul_overflow(count, size, &count)) throw Error("a shape of too many numbers");
  }
  return empty ? 0 : static_cast<size_t>(count);
}

size_t Natural(const json& value) {
  if (!value.is_number_unsigned()) throw Error(value.dump(), " where a whole number of 0 or more belongs");
  const auto number = value.get<uint64_t>();
  if (number > static_cast<uint64_t>(std::numeric_limits<int64_t>::max()))
    throw Error(number, ", which is too large");
  return number;
}

}  // namespace

void WriteTensorFile(const std::string& path, const NamedTexts& texts, const NamedTensors& tensors) {
  NamedTensors plain;
  for (const auto& [name, tensor] : tensors) {
    if (std::ranges::none_of(kTypes, [&](auto& known) { return known.type == tensor.scalar_type(); }))
      throw Error("expected '", name, "' of a known type for '", path, "', found ", tensor.scalar_type());
    plain.emplace_back(name, tensor.detach().cpu().contiguous());
  }
  // The widest first, so that all are aligned.
  std::ranges::stable_sort(plain, std::ranges::greater(),
                           [](const auto& named) { return named.second.element_size(); });
  const std::string header = HeaderOf(path, texts, plain);
  std::vector<std::string_view> parts = {header};
  for (const auto& [name, tensor] : plain) parts.push_back(BytesOf(tensor));
  WriteFileAtomically(path, parts);
}

TensorFile::TensorFile(const std::string& path) : path_(path), file_(path) {
  const auto damaged = [&](const auto&... found) {
    throw Error("expected a file of tensors written by this program in '", path, "', found ", found...);
  };
  std::array<unsigned char, kLengthBytes> begin{};
  const size_t there = file_.Read(0, begin.data(), begin.size());
  if (there >= 4 && std::equal(begin.begin(), begin.begin() + 4, "PK\x03\x04")) {
    damaged("one of an earlier version, which holds TorchScript and is not opened");
  }
  if (there < begin.size()) damaged("one that is cut short or of another kind");
  uint64_t length = 0;
  for (size_t i = 0; i < kLengthBytes; ++i) length |= uint64_t{begin[i]} << (8 * i);
  const size_t checked = kHeaderStart.size() + kCrcDigits;
  if (length > kMostHeaderBytes || length > file_.size() - kLengthBytes || length < checked)
    damaged("one that is cut short or of another kind");
  std::string text(length, '\0');
  if (file_.Read(kLengthBytes, text.data(), length) != length || !text.starts_with(kHeaderStart))
    damaged("one that is cut short or of another kind");
  if (text.substr(kHeaderStart.size(), kCrcDigits) != Crc32(text.data() + checked, length - checked))
    damaged("a header that is not as it was written (its CRC-32 is another)");
  try {
    ReadHeader(text);
  } catch (const json::exception&) {
    damaged("a header that is no JSON of this layout");
  } catch (const Error& error) {
    damaged("a header with ", error.what());
  }
}

void TensorFile::ReadHeader(const std::string& text) {
  const json header = ParseStrictly(text);
  for (const auto& [name, value] : header.at(kMetadata).get_ref<const json::object_t&>())
    texts_[name] = value.get<std::string>();
  const size_t data = kLengthBytes + text.size();
  const size_t data_size = file_.size() - data;
  for (const auto& [name, value] : header.items()) {
    if (name == kMetadata) continue;
    try {
      if (value.size() != 3) throw Error("other keys than dtype, shape and data_offsets");
      const std::string dtype = value.at("dtype").get<std::string>();
      const auto known = std::ranges::find(kTypes, std::string_view(dtype), &DataType::name);
      if (known == kTypes.end()) throw Error("the unknown type '", dtype, "'");
      Entry entry{known->type, {}, 0, 0, {}};
      const auto& shape = value.at("shape").get_ref<const json::array_t&>();
      if (shape.size() > kMostDimensions) throw Error(shape.size(), " dimensions");
      for (const json& size : shape) entry.shape.push_back(static_cast<int64_t>(Natural(size)));
      const auto& offsets = value.at("data_offsets").get_ref<const json::array_t&>();
      if (offsets.size() != 2) throw Error(offsets.size(), " data_offsets");
      const size_t begin = Natural(offsets[0]), end = Natural(offsets[1]);
      if (begin > end || end > data_size) throw Error("data_offsets beyond the file's end");
      if (end - begin != ByteCount(entry.shape, entry.type)) throw Error("another size than its shape has");
      const auto crc = texts_.find(kTensorCrc + name);
      if (crc == texts_.end()) throw Error("no CRC-32");
      entry.begin = data + begin;
      entry.end = data + end;
      entry.crc = crc->second;
      entries_.emplace(name, std::move(entry));
    } catch (const Error& error) {
      throw Error("a tensor '", name, "' of ", error.what());
    }
  }
  std::vector<std::pair<size_t, size_t>> parts;
  for (const auto& [name, entry] : entries_) parts.emplace_back(entry.begin, entry.end);
  std::ranges::sort(parts);
  size_t covered = data;
  for (const auto& [begin, end] : parts) {
    if (begin != covered) throw Error("tensors that overlap or leave a gap");
    covered = end;
  }
  if (covered != file_.size()) throw Error("tensors of ", covered - data, " bytes where ", data_size, " are");
}

const std::string& TensorFile::Text(const std::string& name) const {
  const auto found = texts_.find(name);
  if (found == texts_.end()) throw Error("expected '", name, "' in '", path_, "', found none");
  return found->second;
}

std::vector<std::string> TensorFile::TensorNames() const {
  std::vector<std::string> names;
  for (const auto& [name, entry] : entries_) names.push_back(name);
  return names;
}

const TensorFile::Entry& TensorFile::Find(const std::string& name) const {
  const auto found = entries_.find(name);
  if (found == entries_.end()) throw Error("expected a tensor '", name, "' in '", path_, "', found none");
  return found->second;
}

torch::Tensor TensorFile::Read(const std::string& name) const {
  const Entry& entry = Find(name);
  torch::Tensor tensor = torch::empty(entry.shape, entry.type);
  const size_t size = entry.end - entry.begin;
  auto* bytes = static_cast<unsigned char*>(tensor.mutable_data_ptr());
  if (file_.Read(entry.begin, bytes, size) != size)
    throw Error("expected '", name, "' whole in '", path_, "', found the file cut short");
  if (const std::string crc = Crc32(bytes, size); crc != entry.crc) {
    throw Error("expected '", name, "' in '", path_, "' as it was written, found it damaged (CRC-32 ", crc,
                ", not ", entry.crc, ")");
  }
  // Any other byte in a bool is undefined behaviour.
  if (entry.type == torch::kBool && std::any_of(bytes, bytes + size, [](unsigned char b) { return b > 1; }))
    throw Error("expected 0 or 1 in '", name, "' in '", path_, "', found another number");
  return tensor;
}

void TensorFile::Fill(const NamedTensors& tensors) const {
  for (const auto& [name, target] : tensors) {
    const Entry& entry = Find(name);
    if (target.sizes() != entry.shape) {
      throw Error("expected '", name, "' of shape ", target.sizes(), " in '", path_, "', found ",
                  torch::IntArrayRef(entry.shape));
    }
    if (target.scalar_type() != entry.type) {
      throw Error("expected '", name, "' of type ", TypeName(target.scalar_type()), " in '", path_,
                  "', found ", TypeName(entry.type));
    }
  }
  const torch::NoGradGuard no_grad;
  for (const auto& [name, target] : tensors) torch::Tensor(target).copy_(Read(name));
}

}  // namespace links
