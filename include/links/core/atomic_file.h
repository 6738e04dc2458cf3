#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace links {

/// Writes `bytes` beside `path`, syncs them to the disk and renames: a crash or a full disk at any moment
/// leaves either the old file or the new one. A symbolic link stays, the file that it names is written, there
/// or not. What is no plain file (a device, a pipe, /dev/stdout) is written as it is and cannot be whole or
/// not at all; a named pipe waits until someone reads it. Throws Error naming the file and the system's
/// reason.
void WriteFileAtomically(const std::string& path, std::string_view bytes);

/// The same for several parts, one after the other.
void WriteFileAtomically(const std::string& path, const std::vector<std::string_view>& parts);

/// The same for what writes by file name itself: `write(temporary_path)` makes the file, or adds to what is
/// there when `path` is no plain file.
void WriteFileAtomically(const std::string& path, const std::function<void(const std::string&)>& write);

/// Several files that take their names together. Until Commit() each has another name beside its own; when
/// the object goes without it, or one file cannot take its name, what stood there before stays.
class StagedFiles {
 public:
  /// list: the name, without a folder, of the file that stands beside them while several take their names,
  /// one after the other: where it stands after a crash some are new and some are not, and
  /// FinishStagedFiles gives the rest their names. "" = none.
  explicit StagedFiles(std::string list = "");
  ~StagedFiles();
  StagedFiles(const StagedFiles&) = delete;
  StagedFiles& operator=(const StagedFiles&) = delete;

  /// The name under which to write what becomes `path`; what is no plain file is written as it is and has
  /// its own name. Throws UsageError for the name of an earlier one.
  std::string Add(const std::string& path);

  /// Syncs the files to the disk and renames them. Throws Error naming the file and the system's reason.
  void Commit();

 private:
  struct Staged;
  std::string list_;
  std::vector<std::unique_ptr<Staged>> files_;
};

/// Ends what a killed process had begun in the folders of these paths, where the list of this name stands
/// there. -> how many files took their names only now. Throws Error.
size_t FinishStagedFiles(const std::vector<std::string>& paths, const std::string& list);

/// Throws Error unless a file can be made at `path`, or the one that is there replaced: to be called before
/// long work.
void CheckWritable(const std::string& path);

/// Waits until what was written to a file is on the disk. Throws Error.
void SyncFile(const std::string& path);

/// A plain file open for reading. Anything else is refused and never waited for.
class PlainFile {
 public:
  /// Throws Error naming the file and the system's reason.
  explicit PlainFile(const std::string& path);
  ~PlainFile();
  PlainFile(const PlainFile&) = delete;
  PlainFile& operator=(const PlainFile&) = delete;

  size_t size() const { return size_; }
  /// As many of `count` bytes from `offset` as there are.
  size_t Read(size_t offset, void* data, size_t count) const;

 private:
  std::string path_;
  int descriptor_;
  size_t size_ = 0;
};

/// The whole of a plain file; a pipe that nobody writes to would be waited for without end. Throws Error
/// naming the file and the system's reason.
std::string ReadFile(const std::string& path);

}  // namespace links
