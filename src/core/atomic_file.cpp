#include "links/core/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
#include <filesystem>
#include <optional>
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
struct Renamed {
  std::string path, before;  // before: where the earlier file is kept; "" = it is not
  bool replaced = false, kept = false;

  Renamed(const std::string& from, const std::string& to)
      : path(to), before(TemporaryName(to, std::to_string(::getpid()), kBefore)) {
    ::unlink(before.c_str());
    if (::link(path.c_str(), before.c_str()) != 0) {
      replaced = errno != ENOENT;  // a file system without hard links
      before.clear();
    }
    if (::rename(from.c_str(), path.c_str()) == 0) return;
    const int reason = errno;
    if (!before.empty()) ::unlink(before.c_str());
    Fail("write", path, reason);
  }
  ~Renamed() {
    if (kept && !before.empty()) ::unlink(before.c_str());
    if (!kept && !before.empty()) ::rename(before.c_str(), path.c_str());
    if (!kept && before.empty() && !replaced) ::unlink(path.c_str());
  }
  Renamed(const Renamed&) = delete;
  Renamed& operator=(const Renamed&) = delete;
};

/// The files that take their names now, for who comes after a process that was killed: its number and their
/// names, which are in the folder of the list; no name has a '/'.
std::string NameList(const std::vector<std::string>& paths) {
  std::string text = Concat(::getpid(), "/");
  for (const std::string& path : paths) text += std::filesystem::path(path).filename().string() + "/";
  return text;
}

/// A list that stands while it lives.
struct StandingList {
  std::string path;

  StandingList(const std::string& at, const std::string& text) : path(at) {
    Temporary temporary{TemporaryName(path)};
    ::unlink(temporary.path.c_str());
    WriteBytes(temporary.path, path, {text});
    Sync(temporary.path, O_RDONLY);
    if (::rename(temporary.path.c_str(), path.c_str()) != 0) Fail("write", path, errno);
    temporary.kept = true;
    Sync(FolderOf(path), O_RDONLY | O_DIRECTORY);
  }
  ~StandingList() { ::unlink(path.c_str()); }
  StandingList(const StandingList&) = delete;
  StandingList& operator=(const StandingList&) = delete;
};

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

void WriteFilesAtomically(const std::vector<std::string>& paths, const std::string& list,
                          const std::function<std::string(size_t)>& bytes) {
  std::vector<Target> targets;
  for (const std::string& path : paths) {
    CheckWritable(path);
    if (FolderOf(path) != FolderOf(list))
      throw Error(path, ": expected a file in the folder of '", list, "'");
    targets.push_back(Resolve(path));
  }
  std::deque<Temporary> temporaries;
  for (size_t i = 0; i < paths.size(); ++i) {
    const std::string text = bytes(i);
    if (!targets[i].plain) {
      WriteBytes(targets[i].path, paths[i], {text});
      continue;
    }
    const Temporary& temporary = temporaries.emplace_back(TemporaryName(targets[i].path));
    ::unlink(temporary.path.c_str());
    WriteBytes(temporary.path, paths[i], {text});
    Sync(temporary.path, O_RDONLY);
  }
  std::optional<StandingList> standing;  // one name is taken at once
  if (temporaries.size() > 1) standing.emplace(list, NameList(paths));
  std::deque<Renamed> renamed;
  size_t next = 0;
  std::set<std::string> folders;
  for (const Target& target : targets) {
    if (!target.plain) continue;
    renamed.emplace_back(temporaries[next].path, target.path);
    temporaries[next++].kept = true;
    folders.insert(FolderOf(target.path));
  }
  for (const std::string& folder : folders) Sync(folder, O_RDONLY | O_DIRECTORY);
  for (Renamed& file : renamed) file.kept = true;
}

size_t FinishWritingFiles(const std::string& list) {
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

void WriteFileAtomically(const std::string& path, const std::function<void(const std::string&)>& write) {
  const Target target = Resolve(path);
  if (!target.plain) return write(target.path);
  Temporary temporary{TemporaryName(target.path)};
  ::unlink(temporary.path.c_str());  // a killed process of the same number may have left one
  write(temporary.path);
  Sync(temporary.path, O_RDONLY);
  if (::rename(temporary.path.c_str(), target.path.c_str()) != 0) Fail("write", path, errno);
  temporary.kept = true;
  Sync(FolderOf(target.path), O_RDONLY | O_DIRECTORY);
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
