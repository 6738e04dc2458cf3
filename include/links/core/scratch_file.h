#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <type_traits>
#include <vector>

namespace links {

/// A temporary file without a name, gone when it is closed. Throws Error with the purpose and the system's
/// reason.
class ScratchFile {
 public:
  /// purpose: what fails with it, "sort people by their images".
  explicit ScratchFile(std::string purpose);
  ~ScratchFile() { std::fclose(file_); }
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;

  int64_t End() const { return end_; }

  /// Where the next bytes are read or written: also between reading and writing.
  void Seek(int64_t offset);

  void Write(const void* bytes, size_t count);
  void Read(void* bytes, size_t count);

  /// A string or vector with its length before it.
  template <class Values>
  void WriteList(const Values& values) {
    static_assert(std::is_trivially_copyable_v<typename Values::value_type>);
    const size_t length = values.size();
    Write(&length, sizeof length);
    Write(values.data(), length * sizeof(values[0]));
  }
  template <class Values>
  void ReadList(Values& values) {
    size_t length = 0;
    Read(&length, sizeof length);
    values.resize(length);
    Read(values.data(), length * sizeof(values[0]));
  }

 private:
  [[noreturn]] void Fail() const;

  std::string purpose_;
  std::FILE* file_;
  int64_t end_ = 0, at_ = 0;
};

}  // namespace links
