#include "links/core/atomic_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "links/core/error.h"

namespace links {
namespace {

[[noreturn]] void Fail(const std::string& doing, const std::string& path, int reason) {
  throw Error("cannot ", doing, " '", path, "': ", std::strerror(reason));
}

// Removes the temporary file unless it was renamed.
struct Temporary {
  std::string path;
  bool kept = false;
  ~Temporary() {
    if (!kept) ::unlink(path.c_str());
  }
};

void Sync(const std::string& path, int flags) {
  const int file = ::open(path.c_str(), flags);
  if (file < 0) Fail("open", path, errno);
  const int result = ::fsync(file);
  const int reason = errno;
  ::close(file);
  if (result != 0) Fail("write", path, reason);
}

}  // namespace

void WriteFileAtomically(const std::string& path, const std::function<void(const std::string&)>& write) {
  Temporary temporary{Concat(path, ".", ::getpid(), ".partial")};
  write(temporary.path);
  Sync(temporary.path, O_RDONLY);
  if (::rename(temporary.path.c_str(), path.c_str()) != 0) Fail("write", path, errno);
  temporary.kept = true;
  const std::string folder = std::filesystem::path(path).parent_path().string();
  Sync(folder.empty() ? "." : folder, O_RDONLY | O_DIRECTORY);
}

void WriteFileAtomically(const std::string& path, std::string_view bytes) {
  WriteFileAtomically(path, [&](const std::string& temporary) {
    const int file = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (file < 0) Fail("write", path, errno);
    size_t done = 0;
    while (done < bytes.size()) {
      const ssize_t count = ::write(file, bytes.data() + done, bytes.size() - done);
      if (count < 0 && errno != EINTR) {
        const int reason = errno;
        ::close(file);
        Fail("write", path, reason);
      }
      if (count > 0) done += static_cast<size_t>(count);
    }
    if (::close(file) != 0) Fail("write", path, errno);
  });
}

std::string ReadFile(const std::string& path) {
  errno = 0;
  if (std::filesystem::is_directory(path)) Fail("read", path, EISDIR);
  std::ifstream file(path, std::ios::binary);
  if (!file) Fail("read", path, errno ? errno : EIO);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  if (file.bad()) Fail("read", path, EIO);
  return std::move(bytes).str();
}

}  // namespace links
