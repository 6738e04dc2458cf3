#include "numpy_file.h"

#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>

#include "links/core/atomic_file.h"
#include "links/core/error.h"
#include "pickle.h"

namespace links {
namespace {

constexpr size_t kMaxBytes = size_t{2} << 30;

/// Little-endian numbers out of bytes; every step is checked.
class Bytes {
 public:
  Bytes(std::string_view bytes, const std::string& origin) : bytes_(bytes), origin_(origin) {}

  uint64_t Number(size_t offset, size_t width) const {
    const std::string_view part = Part(offset, width);
    uint64_t value = 0;
    for (size_t i = 0; i < width; ++i) value |= uint64_t{static_cast<unsigned char>(part[i])} << (8 * i);
    return value;
  }
  std::string_view Part(size_t offset, size_t count) const {
    if (offset > bytes_.size() || count > bytes_.size() - offset) {
      throw Error(origin_, ": expected a whole .npz file, found a damaged one");
    }
    return bytes_.substr(offset, count);
  }
  size_t size() const { return bytes_.size(); }

 private:
  std::string_view bytes_;
  const std::string& origin_;
};

std::string Inflate(std::string_view packed, size_t size, const std::string& origin) {
  std::string text(size, '\0');
  z_stream state{};
  if (inflateInit2(&state, -15) != Z_OK) throw Error(origin, ": expected memory for zlib, found none");
  state.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  state.avail_in = static_cast<uInt>(packed.size());
  state.next_out = reinterpret_cast<Bytef*>(text.data());
  state.avail_out = static_cast<uInt>(text.size());
  const int result = inflate(&state, Z_FINISH);
  const bool whole = result == Z_STREAM_END && state.avail_out == 0;
  inflateEnd(&state);
  if (!whole) throw Error(origin, ": expected a whole .npz file, found a damaged one");
  return text;
}

/// Hands every entry of a zip file on with its name.
void ForEachEntry(std::string_view file, const std::string& path,
                  const std::function<void(const std::string&, const std::string&)>& take) {
  const Bytes bytes(file, path);
  const size_t end = file.rfind("PK\x05\x06");
  if (end == std::string_view::npos)
    throw Error(path, ": expected an .npz file, found one without a directory");
  const uint64_t count = bytes.Number(end + 10, 2);
  uint64_t at = bytes.Number(end + 16, 4);
  for (uint64_t i = 0; i < count; ++i) {
    if (bytes.Part(at, 4) != "PK\x01\x02")
      throw Error(path, ": expected a whole .npz file, found a damaged one");
    const uint64_t method = bytes.Number(at + 10, 2), packed = bytes.Number(at + 20, 4);
    const uint64_t size = bytes.Number(at + 24, 4), name = bytes.Number(at + 28, 2),
                   local = bytes.Number(at + 42, 4);
    const std::string entry(bytes.Part(at + 46, name));
    if (size > kMaxBytes || packed == 0xFFFFFFFF || size > 1100 * packed + 1024) {
      throw Error(path, ": expected entries of at most 2 GiB, found more in '", entry, "'");
    }
    const uint64_t begin = local + 30 + bytes.Number(local + 26, 2) + bytes.Number(local + 28, 2);
    const std::string_view data = bytes.Part(begin, packed);
    if (method != 0 && method != 8)
      throw Error(path, ": expected entries stored or deflated, found '", entry, "'");
    take(entry, method == 8 ? Inflate(data, size, path) : std::string(data));
    at += 46 + name + bytes.Number(at + 30, 2) + bytes.Number(at + 32, 2);
  }
}

/// The value of a key in the header of a .npy, up to the comma of its level.
std::string HeaderField(const std::string& header, const std::string& key, const std::string& where) {
  const size_t at = header.find("'" + key + "':");
  if (at == std::string::npos)
    throw Error(where, ": expected a numpy array, found a header without '", key, "'");
  const size_t begin = header.find_first_not_of(' ', at + key.size() + 3);
  if (begin == std::string::npos) throw Error(where, ": expected a numpy array, found a damaged one");
  const size_t end = header[begin] == '(' ? header.find(')', begin) + 1 : header.find_first_of(",}", begin);
  return header.substr(begin, end - begin);
}

NumpyValue ReadArray(const std::string& text, const std::string& where) {
  const Bytes bytes(text, where);
  if (bytes.Part(0, 6) != "\x93NUMPY") throw Error(where, ": expected a numpy array, found something else");
  const size_t length_bytes = text[6] == 1 ? 2 : 4;
  const size_t length = bytes.Number(8, length_bytes), begin = 8 + length_bytes + length;
  const std::string header(bytes.Part(8 + length_bytes, length));
  std::string type = HeaderField(header, "descr", where);
  type.erase(std::remove(type.begin(), type.end(), '\''), type.end());
  const bool columns = HeaderField(header, "fortran_order", where) == "True";
  std::vector<size_t> shape;
  const std::string sizes = HeaderField(header, "shape", where);
  for (size_t i = 1; i < sizes.size();) {
    size_t digits = 0;
    const char* from = sizes.data() + i;
    while (i + digits < sizes.size() && std::isdigit(static_cast<unsigned char>(sizes[i + digits]))) ++digits;
    if (digits > 0 && digits < 12) shape.push_back(std::stoul(std::string(from, digits)));
    i += digits + 1;
  }
  const std::string_view data = bytes.Part(begin, text.size() - begin);
  if (type == "|O" || type == "O") return ReadPickle(data, where);
  return NumbersOf(type, shape, columns, data, where);
}

}  // namespace

std::map<std::string, NumpyValue> ReadNumpyFile(const std::string& path) {
  const std::string file = ReadFile(path);
  std::map<std::string, NumpyValue> arrays;
  ForEachEntry(file, path, [&](const std::string& entry, const std::string& text) {
    const std::string name = entry.ends_with(".npy") ? entry.substr(0, entry.size() - 4) : entry;
    arrays[name] = ReadArray(text, Concat(path, ": ", name));
  });
  return arrays;
}

}  // namespace links
