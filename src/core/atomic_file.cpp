#include "links/core/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
#include <filesystem>
#include <map>
#include <set>
#include <sstream>
#include <utility>

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
  explicit Temporary(std::string name) : path(std::move(name)) {}
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;
  ~Temporary() {
    if (!kept) ::unlink(path.c_str());
  }
};

struct Descriptor {
  int number;
  ~Descriptor() {
    if (number >= 0) ::close(number);
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

// Where writing to a path goes.
struct Target {
  std::string path;
  bool plain = true;  // or nothing yet
};

Target Resolve(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode))
    return {path, false};
  namespace fs = std::filesystem;
  constexpr int kMostLinks = 40;  // Linux's own limit
  fs::path target = path;
  std::error_code failure;
  for (int links = 0; fs::is_symlink(fs::symlink_status(target, failure)); ++links) {
    if (links == kMostLinks) Fail("write", path, ELOOP);
    // What an open descriptor links to (/dev/stdout is one) has perhaps no name any more.
    if (fs::canonical(target.parent_path().empty() ? "." : target.parent_path(), failure)
            .string()
            .starts_with("/proc/")) {
      return {path, false};
    }
    const fs::path next = fs::read_symlink(target, failure);
    if (failure) Fail("write", path, failure.value());
    target = target.parent_path() / next;
  }
  return {target.string(), true};
}

std::string FolderOf(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

std::string TemporaryName(const std::string& path, const std::string& process, const char* what = "") {
  return Concat(path, ".", process, what, ".partial");
}

std::string TemporaryName(const std::string& path) {
  return TemporaryName(path, std::to_string(::getpid()));
}

constexpr const char* kBefore = ".before";

void WriteParts(int file, const std::string& path, const std::vector<std::string_view>& parts) {
  for (std::string_view left : parts) {
    while (!left.empty()) {
      const ssize_t count = ::write(file, left.data(), left.size());
      if (count < 0 && errno != EINTR) Fail("write", path, errno);
      if (count > 0) left.remove_prefix(static_cast<size_t>(count));
    }
  }
}

/// Makes the file `name` or adds to it; `path` is what it is for.
void WriteBytes(const std::string& name, const std::string& path,
                const std::vector<std::string_view>& parts) {
  Descriptor file{::open(name.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644)};
  if (file.number < 0) Fail("write", path, errno);
  WriteParts(file.number, path, parts);
  if (::close(std::exchange(file.number, -1)) != 0) Fail("write", path, errno);
}

/// A file renamed to its place; goes back to what was there unless it is kept.
class Renamed {
 public:
  /// The last of several needs no way back: nothing after it can fail.
  Renamed(const std::string& from, const std::string& to, bool last)
      : path_(to), before_(TemporaryName(to, std::to_string(::getpid()), kBefore)), kept_(last) {
    if (!last) {
      ::unlink(before_.c_str());
      linked_ = ::link(path_.c_str(), before_.c_str()) == 0;
      // Without the way back (no hard links on this disk) the new file stays rather than none.
      kept_ = !linked_ && errno != ENOENT;
    }
    if (::rename(from.c_str(), path_.c_str()) == 0) return;
    const int reason = errno;
    if (linked_) ::unlink(before_.c_str());
    Fail("write", path_, reason);
  }
  ~Renamed() {
    if (kept_ && linked_) ::unlink(before_.c_str());
    if (!kept_ && linked_) ::rename(before_.c_str(), path_.c_str());
    if (!kept_ && !linked_) ::unlink(path_.c_str());
  }
  Renamed(const Renamed&) = delete;
  Renamed& operator=(const Renamed&) = delete;

  void Keep() { kept_ = true; }

 private:
  std::string path_, before_;  // before_: where the earlier file is kept
  bool linked_ = false, kept_;
};

/// The files of one folder that take their names now, for who comes after a process that was killed: its
/// number, then their names, a '/' after each.
class StandingList {
 public:
  StandingList(const std::string& path, const std::set<std::string>& names) : path_(path) {
    std::string text = Concat(::getpid(), "/");
    for (const std::string& name : names) text += name + "/";
    Temporary temporary{TemporaryName(path_)};
    ::unlink(temporary.path.c_str());
    WriteBytes(temporary.path, path_, {text});
    Sync(temporary.path, O_RDONLY);
    if (::rename(temporary.path.c_str(), path_.c_str()) != 0) Fail("write", path_, errno);
    temporary.kept = true;
    Sync(FolderOf(path_), O_RDONLY | O_DIRECTORY);
  }
  ~StandingList() { ::unlink(path_.c_str()); }
  StandingList(const StandingList&) = delete;
  StandingList& operator=(const StandingList&) = delete;

 private:
  std::string path_;
};

/// Renames what the list names and a killed process has not. -> how many.
size_t FinishList(const std::string& list) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(list, ignored)) return 0;
  std::istringstream text(ReadFile(list));
  std::string process, name;
  std::getline(text, process, '/');
  const bool ours =
      !process.empty() && std::ranges::all_of(process, [](char c) { return c >= '0' && c <= '9'; });
  if (!ours) throw Error(list, ": expected names of files that a killed process left, found something else");
  size_t finished = 0;
  while (std::getline(text, name, '/')) {
    const Target target = Resolve(FolderOf(list) + "/" + name);
    if (!target.plain) continue;
    const std::string temporary = TemporaryName(target.path, process);
    if (::access(temporary.c_str(), F_OK) == 0) {  // else it has its name
      if (::rename(temporary.c_str(), target.path.c_str()) != 0) Fail("write", target.path, errno);
      ++finished;
    }
    ::unlink(TemporaryName(target.path, process, kBefore).c_str());
    Sync(FolderOf(target.path), O_RDONLY | O_DIRECTORY);
  }
  ::unlink(list.c_str());
  return finished;
}

}  // namespace

void CheckWritable(const std::string& path) {
  const Target target = Resolve(path);
  if (!target.plain) return;
  std::error_code ignored;
  if (std::filesystem::is_directory(target.path, ignored))
    throw Error(path, ": expected the name of a file to write, found a folder");
  const std::string folder = FolderOf(target.path);
  if (!std::filesystem::is_directory(folder, ignored))
    throw Error(path, ": expected the folder '", folder, "' to write in, found that it does not exist");
  if (::access(folder.c_str(), W_OK | X_OK) != 0) Fail("write in", folder, errno);
}

struct StagedFiles::Staged {
  explicit Staged(Target where) : target(std::move(where)), temporary(TemporaryName(target.path)) {}
  Target target;
  Temporary temporary;
};

StagedFiles::StagedFiles(std::string list) : list_(std::move(list)) {}
StagedFiles::~StagedFiles() = default;

std::string StagedFiles::Add(const std::string& path) {
  auto staged = std::make_unique<Staged>(Resolve(path));
  const auto place = [](const Target& target) {
    std::error_code unknown;
    return std::filesystem::weakly_canonical(std::filesystem::absolute(target.path, unknown), unknown);
  };
  if (!staged->target.plain) {
    staged->temporary.kept = true;
    return files_.emplace_back(std::move(staged))->target.path;
  }
  for (const auto& earlier : files_) {
    if (earlier->target.plain && place(earlier->target) == place(staged->target))
      throw UsageError("expected every output under a name of its own, found '", path, "' twice");
  }
  ::unlink(staged->temporary.path.c_str());  // a killed process of the same number may have left one
  return files_.emplace_back(std::move(staged))->temporary.path;
}

void StagedFiles::Commit() {
  std::vector<Staged*> plain;
  std::map<std::string, std::set<std::string>> folders;  // and the names in them
  for (const auto& file : files_) {
    if (!file->target.plain) continue;
    Sync(file->temporary.path, O_RDONLY);
    folders[FolderOf(file->target.path)].insert(std::filesystem::path(file->target.path).filename().string());
    plain.push_back(file.get());
  }
  std::deque<StandingList> lists;
  if (plain.size() > 1 && !list_.empty()) {  // one name is taken at once
    for (const auto& [folder, names] : folders) lists.emplace_back(folder + "/" + list_, names);
  }
  std::deque<Renamed> renamed;
  for (Staged* file : plain) {
    renamed.emplace_back(file->temporary.path, file->target.path, file == plain.back());
    file->temporary.kept = true;
  }
  for (Renamed& file : renamed) file.Keep();
  for (const auto& [folder, names] : folders) Sync(folder, O_RDONLY | O_DIRECTORY);
  renamed.clear();
  files_.clear();
}

size_t FinishStagedFiles(const std::vector<std::string>& paths, const std::string& list) {
  std::set<std::string> folders;
  for (const std::string& path : paths) {
    const Target target = Resolve(path);
    if (target.plain) folders.insert(FolderOf(target.path));
  }
  size_t finished = 0;
  for (const std::string& folder : folders) finished += FinishList(Concat(folder, "/", list));
  return finished;
}

void WriteFileAtomically(const std::string& path, const std::function<void(const std::string&)>& write) {
  StagedFiles file;
  write(file.Add(path));
  file.Commit();
}

void WriteFileAtomically(const std::string& path, const std::vector<std::string_view>& parts) {
  WriteFileAtomically(path, [&](const std::string& name) { WriteBytes(name, path, parts); });
}

void WriteFileAtomically(const std::string& path, std::string_view bytes) {
  WriteFileAtomically(path, std::vector{bytes});
}

void SyncFile(const std::string& path) {
  Sync(path, O_RDONLY);
}

PlainFile::PlainFile(const std::string& path)
    // Without O_NONBLOCK opening a pipe waits for a writer.
    : path_(path), descriptor_(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)) {
  if (descriptor_ < 0) Fail("read", path, errno);
  Descriptor guard{descriptor_};
  struct stat status {};
  if (::fstat(descriptor_, &status) != 0) Fail("read", path, errno);
  if (S_ISDIR(status.st_mode)) Fail("read", path, EISDIR);
  if (!S_ISREG(status.st_mode))
    throw Error("expected a plain file '", path, "', found a device, a pipe or a socket");
  size_ = static_cast<size_t>(status.st_size);
  guard.number = -1;
}

PlainFile::~PlainFile() {
  ::close(descriptor_);
}

size_t PlainFile::Read(size_t offset, void* data, size_t count) const {
  size_t done = 0;
  while (done < count) {
    const ssize_t more = ::pread(descriptor_, static_cast<char*>(data) + done, count - done,
                                 static_cast<off_t>(offset + done));
    if (more == 0) break;
    if (more < 0 && errno != EINTR) Fail("read", path_, errno);
    if (more > 0) done += static_cast<size_t>(more);
  }
  return done;
}

std::string ReadFile(const std::string& path) {
  const PlainFile file(path);
  // To the end rather than to the size, which is 0 for the files of /proc.
  std::string bytes;
  std::vector<char> block(size_t{1} << 16);
  size_t count = 0;
  do {
    count = file.Read(bytes.size(), block.data(), block.size());
    bytes.append(block.data(), count);
  } while (count == block.size());
  return bytes;
}

}  // namespace links
