#include "links/run/run_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "links/core/atomic_file.h"
#include "links/core/error.h"
#include "links/core/log.h"

namespace links {
namespace {

std::string ThisProcess() {
  std::array<char, 256> host{};
  ::gethostname(host.data(), host.size() - 1);
  return Concat("process ", ::getpid(), " on ", host.data());
}

// The holder has emptied the file and not yet written into it: it has no name.
std::string Holder(const std::string& path) {
  const std::string text = ReadFile(path);
  return text.empty() ? "another process" : text.substr(0, text.find('\n'));
}

}  // namespace

RunLock::RunLock(const std::string& folder) {
  const std::string path = folder + "/lock";
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (file < 0) throw Error("cannot write '", path, "': ", std::strerror(errno));
  file_ = std::shared_ptr<const int>(new int(file), [](const int* held) {
    ::close(*held);
    delete held;
  });
  if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
    const int reason = errno;
    if (reason == EWOULDBLOCK) {
      throw UsageError("expected a run that nobody else trains, found '", folder, "' held by ", Holder(path));
    }
    LogWarning(Concat("cannot lock '", path, "': ", std::strerror(reason),
                      "; no other process must train into this folder"));
    return;
  }
  const std::string text = ThisProcess() + "\n";
  const bool written = ::ftruncate(file, 0) == 0 &&
                       ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  if (!written) throw Error("cannot write '", path, "': ", std::strerror(errno));
}

}  // namespace links
