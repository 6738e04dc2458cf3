#include "mat5_check.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <vector>

#include "links/core/error.h"

namespace links {
namespace {

constexpr uint64_t kHeaderBytes = 128;
constexpr uint32_t kMatrix = 14, kCompressed = 15;  // element types
constexpr int kMostNested = 16;
// Numbers compress two or three times. More than this is fine in a small array and an attack in a large one.
constexpr uint64_t kMostRatio = 100, kSmallBytes = uint64_t{64} << 20;

/// Bytes in order, from the file or out of a compressed element.
class Source {
 public:
  virtual ~Source() = default;
  virtual void Read(void* bytes, uint64_t count) = 0;
  virtual void Skip(uint64_t count) = 0;
};

[[noreturn]] void Fail(const std::string& path, uint64_t at, const std::string& what) {
  throw Error(path, ": expected a whole MAT file, found ", what, " in the variable at byte ", at);
}

class FileSource : public Source {
 public:
  explicit FileSource(const std::string& path) : in_(path, std::ios::binary) {}
  void Read(void* bytes, uint64_t count) override {
    in_.read(static_cast<char*>(bytes), static_cast<std::streamsize>(count));
    if (!in_) throw Error("the end of the file");
  }
  void Skip(uint64_t count) override { in_.seekg(static_cast<std::streamoff>(count), std::ios::cur); }

 private:
  std::ifstream in_;
};

class InflatedSource : public Source {
 public:
  InflatedSource(Source& packed, uint64_t bytes) : packed_(packed), left_(bytes) {
    if (inflateInit(&stream_) != Z_OK) throw Error("no memory to decompress");
  }
  ~InflatedSource() override { inflateEnd(&stream_); }

  void Read(void* bytes, uint64_t count) override {
    if (Inflate(static_cast<Bytef*>(bytes), count) < count) throw Error("the end of the compressed data");
  }

  void Skip(uint64_t count) override {
    std::array<Bytef, 1 << 16> scratch;
    for (uint64_t part = 0; count > 0; count -= part) {
      part = std::min<uint64_t>(count, scratch.size());
      Read(scratch.data(), part);
    }
  }

  /// Nothing may be left; zlib compares its checksum here.
  void Finish() {
    Bytef more = 0;
    if (Inflate(&more, 1) != 0) throw Error("more compressed data than the variable has");
    if (!ended_) throw Error("no end of the compressed data");
  }

 private:
  /// -> bytes written, fewer than asked for only at the end.
  uint64_t Inflate(Bytef* bytes, uint64_t count) {
    stream_.next_out = bytes;
    stream_.avail_out = static_cast<uInt>(count);
    while (stream_.avail_out > 0 && !ended_) {
      if (stream_.avail_in == 0) {
        const uint64_t part = std::min<uint64_t>(left_, input_.size());
        if (part == 0) break;
        packed_.Read(input_.data(), part);
        left_ -= part;
        stream_.next_in = input_.data();
        stream_.avail_in = static_cast<uInt>(part);
      }
      const int result = inflate(&stream_, Z_NO_FLUSH);
      ended_ = result == Z_STREAM_END;
      if (!ended_ && result != Z_OK) throw Error("damaged compressed data");
      if (stream_.total_out > kSmallBytes && stream_.total_out / kMostRatio > stream_.total_in)
        throw Error("compressed data that inflate to more than 100 times their size");
    }
    return count - stream_.avail_out;
  }

  Source& packed_;
  uint64_t left_;
  bool ended_ = false;
  z_stream stream_{};
  std::array<Bytef, 1 << 16> input_{};
};

struct Tag {
  uint32_t type = 0, bytes = 0;
  bool small = false;  // the data are in the tag itself
  std::array<unsigned char, 4> data{};
};

Tag ReadTag(Source& source) {
  std::array<uint32_t, 2> words{};
  source.Read(words.data(), 8);
  Tag tag{words[0], words[1]};
  if ((words[0] >> 16) != 0) {
    tag = {words[0] & 0xFFFF, words[0] >> 16, true};
    std::memcpy(tag.data.data(), &words[1], 4);
    if (tag.bytes > 4) throw Error("a damaged element");
  }
  return tag;
}

/// Bytes of a number as stored; 0 for what is not numeric.
uint64_t NumberBytes(uint32_t type) {
  switch (type) {
    case 1:
    case 2:
      return 1;
    case 3:
    case 4:
      return 2;
    case 5:
    case 6:
    case 7:
      return 4;
    case 9:
    case 12:
    case 13:
      return 8;
    default:
      return 0;
  }
}

/// The data of a short element (array flags or shape), as 32-bit integers.
std::vector<uint32_t> ReadWords(Source& source, const Tag& tag) {
  if (tag.bytes > 256 || tag.bytes % 4 != 0) throw Error("a damaged array header");
  std::vector<uint32_t> words(tag.bytes / 4);
  if (tag.small) {
    std::memcpy(words.data(), tag.data.data(), tag.bytes);
  } else {
    source.Read(words.data(), tag.bytes);
    source.Skip((8 - tag.bytes % 8) % 8);
  }
  return words;
}

/// The elements of an array: flags, shape, name, then its numbers or the arrays that it holds.
void CheckMatrix(Source& source, uint64_t left, int nested) {
  if (nested > kMostNested) throw Error("arrays nested too deeply");
  const uint64_t bytes = left;
  bool numeric = false, holds_elements = false;  // a byte or more in the file for each element
  double numbers = 1;
  for (int element = 0; left > 0; ++element) {
    if (left < 8) throw Error("a damaged element");
    const Tag tag = ReadTag(source);
    left -= 8;
    if (!tag.small && tag.bytes > left) throw Error("an element longer than its array");
    const uint64_t padded = tag.small ? 0 : std::min<uint64_t>((uint64_t{tag.bytes} + 7) / 8 * 8, left);
    left -= padded;
    if (element == 0) {
      const std::vector<uint32_t> flags = ReadWords(source, tag);
      const uint32_t kind = flags.empty() ? 0 : flags[0] & 0xFF;
      numeric = kind >= 6 && kind <= 15;
      holds_elements = kind == 1 || kind == 4;
    } else if (element == 1 && (numeric || holds_elements)) {
      for (const uint32_t length : ReadWords(source, tag)) numbers *= length;
      if (holds_elements && numbers > static_cast<double>(bytes))
        throw Error("an array of more cells or letters than it has bytes");
    } else if (tag.type == kMatrix && !tag.small) {
      CheckMatrix(source, tag.bytes, nested + 1);
      source.Skip(padded - tag.bytes);
    } else {
      const bool holds_numbers = numeric && element >= 3;
      if (holds_numbers && numbers * static_cast<double>(NumberBytes(tag.type)) != tag.bytes)
        throw Error("an array whose numbers do not fill its shape");
      source.Skip(padded);
    }
  }
}

void CheckVariable(Source& file, const Tag& tag) {
  if (tag.type == kMatrix) {
    CheckMatrix(file, tag.bytes, 0);
  } else if (tag.type == kCompressed) {
    InflatedSource inflated(file, tag.bytes);
    const Tag inner = ReadTag(inflated);
    if (inner.type != kMatrix || inner.small) throw Error("damaged compressed data");
    CheckMatrix(inflated, inner.bytes, 0);
    inflated.Finish();
  } else {
    throw Error("an unknown element");
  }
}

}  // namespace

void CheckMat5(const std::string& path) {
  std::ifstream size(path, std::ios::binary | std::ios::ate);
  const auto end = static_cast<uint64_t>(size.tellg());
  for (uint64_t at = kHeaderBytes; at < end;) {
    try {
      FileSource file(path);
      file.Skip(at);
      const Tag tag = ReadTag(file);
      if (tag.small) throw Error("a damaged element");
      if (tag.bytes > end - at - 8) throw Error("the end of the file");
      CheckVariable(file, tag);
      at += 8 + uint64_t{tag.bytes};
    } catch (const Error& error) {
      Fail(path, at, error.what());
    }
  }
}

}  // namespace links
