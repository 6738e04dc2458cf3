#include "text_file.h"

#include <zlib.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <vector>

#include "links/core/error.h"

namespace links {
namespace {

constexpr size_t kChunkBytes = size_t{1} << 16;

/// The text of a gzip file, which may have several members.
class Unpacked : public std::streambuf {
 public:
  Unpacked(std::ifstream file, std::string path)
      : file_(std::move(file)), path_(std::move(path)), packed_(kChunkBytes), text_(kChunkBytes) {
    if (inflateInit2(&state_, 15 + 16) != Z_OK) throw Error(path_, ": expected memory for zlib, found none");
  }
  ~Unpacked() override { inflateEnd(&state_); }

 protected:
  int_type underflow() override {
    state_.next_out = reinterpret_cast<Bytef*>(text_.data());
    state_.avail_out = static_cast<uInt>(text_.size());
    while (state_.avail_out == text_.size()) {
      if (state_.avail_in == 0 && !Read()) {
        if (member_) throw Error(path_, ": expected a whole gzip file, found its end too early");
        return traits_type::eof();
      }
      if (!member_ && inflateReset(&state_) != Z_OK) Damaged();
      member_ = true;
      const int result = inflate(&state_, Z_NO_FLUSH);
      if (result == Z_STREAM_END) {
        member_ = false;
      } else if (result != Z_OK && result != Z_BUF_ERROR) {
        Damaged();
      }
    }
    setg(text_.data(), text_.data(), text_.data() + (text_.size() - state_.avail_out));
    return traits_type::to_int_type(*gptr());
  }

 private:
  [[noreturn]] void Damaged() const { throw Error(path_, ": expected a gzip file, found a damaged one"); }

  bool Read() {
    file_.read(packed_.data(), static_cast<std::streamsize>(packed_.size()));
    state_.next_in = reinterpret_cast<Bytef*>(packed_.data());
    state_.avail_in = static_cast<uInt>(file_.gcount());
    return state_.avail_in > 0;
  }

  std::ifstream file_;
  std::string path_;
  std::vector<char> packed_, text_;
  z_stream state_{};
  bool member_ = false;  // inside one
};

class UnpackedStream : public std::istream {
 public:
  UnpackedStream(std::ifstream file, const std::string& path)
      : std::istream(nullptr), buffer_(std::move(file), path) {
    rdbuf(&buffer_);
    exceptions(badbit);  // an Error of the buffer goes through
  }

 private:
  Unpacked buffer_;
};

/// UTF-16 with its mark, or its zero bytes around the first letters.
bool IsUtf16(const unsigned char* bytes, size_t size) {
  if (size < 2) return false;
  if ((bytes[0] == 0xFF && bytes[1] == 0xFE) || (bytes[0] == 0xFE && bytes[1] == 0xFF)) return true;
  if (size < 4) return false;
  return (bytes[0] != 0 && bytes[1] == 0 && bytes[2] != 0 && bytes[3] == 0) ||
         (bytes[0] == 0 && bytes[1] != 0 && bytes[2] == 0 && bytes[3] != 0);
}

}  // namespace

std::string FileStem(const std::string& path) {
  std::filesystem::path name = std::filesystem::path(path).filename();
  if (name.extension() == ".gz") name = name.stem();
  return name.stem().string();
}

std::unique_ptr<std::istream> OpenText(const std::string& path) {
  if (std::filesystem::is_directory(path)) throw Error(path, ": expected a file, found a folder");
  // A pipe that nobody writes to would be waited for without end, and no file is read only once.
  if (std::filesystem::exists(path) && !std::filesystem::is_regular_file(path))
    throw Error(path, ": expected a plain file, found a device, a pipe or a socket (links lift reads JSON ",
                "lines from standard input with --input -)");
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  unsigned char begin[4] = {};
  if (file) file.read(reinterpret_cast<char*>(begin), sizeof begin);
  const auto count = static_cast<size_t>(file.gcount());
  if (count == 0 && !file.eof())
    throw Error("cannot read '", path, "': ", std::strerror(errno ? errno : EIO));
  file.clear();
  file.seekg(0);
  if (count >= 2 && begin[0] == 0x1F && begin[1] == 0x8B) {
    return std::make_unique<UnpackedStream>(std::move(file), path);
  }
  if (IsUtf16(begin, count)) {
    throw Error(path,
                ": expected text in UTF-8, found UTF-16 (save it as UTF-8, or iconv -f UTF-16 -t UTF-8)");
  }
  return std::make_unique<std::ifstream>(std::move(file));
}

}  // namespace links
