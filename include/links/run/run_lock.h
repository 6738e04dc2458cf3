#pragma once

#include <memory>
#include <string>

namespace links {

/// Keeps other processes, on this machine or another that shares the file system, from working in a folder
/// for as long as it or a copy of it lives: a lease, the file `lock`, which names process and host and is
/// renewed while the process lives. It needs nothing of the file system but links, names that change at once,
/// and times. A process that finds another in its place (it was suspended for longer than the lease) stops
/// itself.
class RunLock {
 public:
  RunLock() = default;  ///< of nothing
  /// Takes the lease. One whose process on this machine has ended is taken over at once, one of another
  /// machine when it was not renewed for LINKS_LEASE_SECONDS (60 by default), which is waited for. Throws
  /// UsageError naming who holds it.
  explicit RunLock(const std::string& folder);

 private:
  class Lease;
  std::shared_ptr<const Lease> lease_;
};

/// Who works in a folder, by its lock.
struct LockHolder {
  std::string name;    ///< "process 12 on node1"; "" = nobody
  bool alive = false;  ///< else it has ended without a word
};
LockHolder HolderOf(const std::string& folder);

}  // namespace links
