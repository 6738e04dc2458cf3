#pragma once

#include <memory>
#include <string>

namespace links {

/// Keeps other processes from training into a run folder for as long as it or a copy of it lives; the system
/// takes it back from a process that ends, however it ends.
class RunLock {
 public:
  RunLock() = default;  ///< of nothing
  /// Locks the file `lock` in the folder and writes host and process into it. Throws UsageError naming those
  /// that hold it already. A file system without locks is only warned of.
  explicit RunLock(const std::string& folder);

 private:
  std::shared_ptr<const int> file_;
};

}  // namespace links
