#include "links/core/tensor_header.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "links/core/error.h"
#include "links/core/little_endian.h"

namespace links {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr size_t kLengthBytes = 8;
constexpr size_t kMostHeaderBytes = size_t{16} << 20;
constexpr int64_t kMostDimensions = 64;
constexpr size_t kCrcDigits = 8;
// How every header begins: eight digits follow, the CRC-32 of all that comes after them.
constexpr std::string_view kHeaderStart = R"({"__metadata__":{"header_crc32":")";
constexpr const char* kMetadata = "__metadata__";
constexpr const char* kHeaderCrc = "header_crc32";
constexpr const char* kTensorCrc = "crc32:";  // and the tensor's name

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
size_t ByteCount(const std::vector<int64_t>& shape, int64_t number_bytes) {
  int64_t count = number_bytes;
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

StoredTensor ReadTensor(const json& value, size_t data, size_t data_size) {
  if (value.size() != 3) throw Error("other keys than dtype, shape and data_offsets");
  StoredTensor tensor;
  tensor.type = value.at("dtype").get<std::string>();
  const auto& types = StoredTypes();
  const auto known = std::ranges::find(types, std::string_view(tensor.type), &StoredType::name);
  if (known == types.end()) throw Error("the unknown type '", tensor.type, "'");
  const auto& shape = value.at("shape").get_ref<const json::array_t&>();
  if (shape.size() > kMostDimensions) throw Error(shape.size(), " dimensions");
  for (const json& size : shape) tensor.shape.push_back(static_cast<int64_t>(Natural(size)));
  const auto& offsets = value.at("data_offsets").get_ref<const json::array_t&>();
  if (offsets.size() != 2) throw Error(offsets.size(), " data_offsets");
  const size_t begin = Natural(offsets[0]), end = Natural(offsets[1]);
  if (begin > end || end > data_size) throw Error("data_offsets beyond the file's end");
  if (end - begin != ByteCount(tensor.shape, known->bytes)) throw Error("another size than its shape has");
  tensor.begin = data + begin;
  tensor.end = data + end;
  return tensor;
}

// Tensors must lie one after the other from `data` to the file's end.
void CheckPlaces(const std::map<std::string, StoredTensor>& tensors, size_t data, size_t file_size) {
  std::vector<std::pair<size_t, size_t>> parts;
  for (const auto& [name, tensor] : tensors) parts.emplace_back(tensor.begin, tensor.end);
  std::ranges::sort(parts);
  size_t covered = data;
  for (const auto& [begin, end] : parts) {
    if (begin != covered) throw Error("tensors that overlap or leave a gap");
    covered = end;
  }
  if (covered != file_size)
    throw Error("tensors of ", covered - data, " bytes where ", file_size - data, " are");
}

TensorHeader Parse(const std::string& text, size_t file_size) {
  const json parsed = ParseStrictly(text);
  TensorHeader header;
  for (const auto& [name, value] : parsed.at(kMetadata).get_ref<const json::object_t&>())
    header.texts[name] = value.get<std::string>();
  const size_t data = kLengthBytes + text.size();
  for (const auto& [name, value] : parsed.items()) {
    if (name == kMetadata) continue;
    try {
      StoredTensor tensor = ReadTensor(value, data, file_size - data);
      const auto crc = header.texts.find(kTensorCrc + name);
      if (crc == header.texts.end()) throw Error("no CRC-32");
      tensor.crc = crc->second;
      header.tensors.emplace(name, std::move(tensor));
    } catch (const Error& error) {
      throw Error("a tensor '", name, "' of ", error.what());
    }
  }
  CheckPlaces(header.tensors, data, file_size);
  return header;
}

}  // namespace

const std::vector<StoredType>& StoredTypes() {
  static const std::vector<StoredType> types = {{"F64", 8}, {"F32", 4}, {"F16", 2}, {"BF16", 2}, {"I64", 8},
                                                {"I32", 4}, {"I16", 2}, {"I8", 1},  {"U8", 1},   {"BOOL", 1}};
  return types;
}

std::string Crc32(const void* data, size_t size) {
  const auto value = static_cast<uint32_t>(::crc32_z(0, static_cast<const Bytef*>(data), size));
  std::string digits(kCrcDigits, '0');
  for (size_t i = 0; i < kCrcDigits; ++i) digits[i] = "0123456789abcdef"[(value >> (28 - 4 * i)) & 15];
  return digits;
}

std::string WriteTensorHeader(const std::vector<std::pair<std::string, std::string>>& texts,
                              const std::vector<std::pair<std::string, StoredTensor>>& tensors,
                              const std::string& path) {
  ordered_json header, metadata = {{kHeaderCrc, std::string(kCrcDigits, '0')}};
  for (const auto& [name, text] : texts) metadata[name] = text;
  for (const auto& [name, tensor] : tensors) metadata[kTensorCrc + name] = tensor.crc;
  header[kMetadata] = metadata;
  for (const auto& [name, tensor] : tensors) {
    if (header.contains(name)) throw Error("expected one tensor '", name, "' for '", path, "', found two");
    header[name] = {
        {"dtype", tensor.type}, {"shape", tensor.shape}, {"data_offsets", {tensor.begin, tensor.end}}};
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
  return LittleEndian(text.size(), kLengthBytes) + text;
}

TensorHeader ReadTensorHeader(const PlainFile& file, const std::string& path) {
  const auto damaged = [&](const auto&... found) {
    return Error("expected a file of tensors written by this program in '", path, "', found ", found...);
  };
  std::array<unsigned char, kLengthBytes> begin{};
  const size_t there = file.Read(0, begin.data(), begin.size());
  if (there >= 4 && std::equal(begin.begin(), begin.begin() + 4, "PK\x03\x04")) {
    throw damaged("one of an earlier version, which holds TorchScript and is not opened");
  }
  if (there < begin.size()) throw damaged("one that is cut short or of another kind");
  uint64_t length = 0;
  for (size_t i = 0; i < kLengthBytes; ++i) length |= uint64_t{begin[i]} << (8 * i);
  const size_t checked = kHeaderStart.size() + kCrcDigits;
  if (length > kMostHeaderBytes || length > file.size() - kLengthBytes || length < checked)
    throw damaged("one that is cut short or of another kind");
  std::string text(length, '\0');
  if (file.Read(kLengthBytes, text.data(), length) != length || !text.starts_with(kHeaderStart))
    throw damaged("one that is cut short or of another kind");
  if (text.substr(kHeaderStart.size(), kCrcDigits) != Crc32(text.data() + checked, length - checked))
    throw damaged("a header that is not as it was written (its CRC-32 is another)");
  try {
    return Parse(text, file.size());
  } catch (const json::exception&) {
    throw damaged("a header that is no JSON of this layout");
  } catch (const Error& error) {
    throw damaged("a header with ", error.what());
  }
}

}  // namespace links
