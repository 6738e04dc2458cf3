#pragma once

#include <hdf5.h>

#include <memory>
#include <string>

#include "hdf5_handle.h"

namespace links::hdf5 {

/// A new file that HDF5 writes and never sees fail: of a full disk it recovers so badly that the program
/// crashes when it ends. From the first byte that the system refuses on everything stays in memory, until
/// Check says so.
class Output {
 public:
  /// `name` stands for the file in messages. Throws Error unless a plain file can be made at `path`.
  Output(const std::string& path, const std::string& name);
  /// One that is in memory alone.
  explicit Output(const std::string& name);
  ~Output();

  /// The file as HDF5 sees it, closed before this is destroyed. Throws Error.
  Handle Create(const Handle& access) const;

  /// Throws Error with the system's reason once something was not written.
  void Check() const;

  /// What was written. Throws Error.
  std::string Bytes() const;

 private:
  struct State;
  std::string name_;
  std::unique_ptr<State> state_;
};

}  // namespace links::hdf5
