#include "links/core/scratch_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "links/core/error.h"

namespace links {

ScratchFile::ScratchFile(std::string purpose) : purpose_(std::move(purpose)), file_(std::tmpfile()) {
  if (file_ == nullptr) Fail();
}

void ScratchFile::Fail() const {
  throw Error("cannot ", purpose_, " in a temporary file: ", std::strerror(errno ? errno : EIO));
}

void ScratchFile::Seek(int64_t offset) {
  if (::fseeko(file_, offset, SEEK_SET) != 0) Fail();
  at_ = offset;
}

void ScratchFile::Write(const void* bytes, size_t count) {
  if (count > 0 && std::fwrite(bytes, 1, count, file_) != count) Fail();
  at_ += static_cast<int64_t>(count);
  end_ = std::max(end_, at_);
}

void ScratchFile::Read(void* bytes, size_t count) {
  if (count > 0 && std::fread(bytes, 1, count, file_) != count) Fail();
  at_ += static_cast<int64_t>(count);
}

}  // namespace links
