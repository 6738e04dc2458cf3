#include "links/run/run_lock.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <sstream>
#include <thread>

#include "links/core/atomic_file.h"
#include "links/core/error.h"
#include "links/core/log.h"

namespace links {
namespace {

namespace fs = std::filesystem;
using Seconds = std::chrono::duration<double>;

Seconds LeaseTime() {
  const char* text = std::getenv("LINKS_LEASE_SECONDS");
  const double seconds = text == nullptr ? 60 : std::atof(text);
  if (!(seconds >= 0.1 && seconds <= 86400))
    throw UsageError("expected LINKS_LEASE_SECONDS from 0.1 to 86400, found '", text, "'");
  return Seconds(seconds);
}

// When a process of this machine was started, in the kernel's ticks; "" = there is none. A number is given
// anew, but not with the same start.
std::string StartOf(const std::string& process) {
  std::string stat;
  try {
    stat = ReadFile("/proc/" + process + "/stat");
  } catch (const Error&) {
    return "";
  }
  std::istringstream fields(stat.substr(stat.rfind(')') + 1));
  std::string field, state;
  fields >> state;
  for (int i = 0; i < 19; ++i) fields >> field;  // the 22nd of proc(5)
  return state == "Z" || state == "X" ? "" : field;
}

std::string ThisHost() {
  std::array<char, 256> host{};
  ::gethostname(host.data(), host.size() - 1);
  return host.data();
}

// The boot, the process numbers that are told apart in it, and the name.
std::string ThisMachine() {
  std::error_code none;
  std::string boot;
  try {
    boot = ReadFile("/proc/sys/kernel/random/boot_id");
  } catch (const Error&) {
  }
  return boot.substr(0, boot.find('\n')) + "/" + fs::read_symlink("/proc/self/ns/pid", none).string() + "/" +
         ThisHost();
}

/// A lease as its file tells it.
struct LeaseText {
  std::string process, host, machine, start, serial;  // machine: ThisMachine

  static LeaseText Mine() {
    static std::atomic<int> count = 0;
    const std::string process = std::to_string(::getpid());
    return {process, ThisHost(), ThisMachine(), StartOf(process), std::to_string(count++)};
  }
  static LeaseText Read(const std::string& path) {
    LeaseText text;
    std::string word;
    std::istringstream lines(ReadFile(path));
    lines >> word >> text.process >> word >> text.host >> text.machine >> text.start >> text.serial;
    return text;
  }
  std::string Name() const {
    return process.empty() ? "another process" : Concat("process ", process, " on ", host);
  }
  std::string Text() const { return Concat(Name(), "\n", machine, "\n", start, "\n", serial, "\n"); }
  bool operator==(const LeaseText&) const = default;
};

// A lease that may be given back at any moment.
std::optional<LeaseText> Found(const std::string& path) {
  try {
    return LeaseText::Read(path);
  } catch (const Error&) {
    return std::nullopt;
  }
}

// The time of a file as the file system's own clock has it; opening it asks a server anew.
double TimeOf(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat status {};
  if (file < 0 || ::fstat(file, &status) != 0) {
    if (file >= 0) ::close(file);
    return -1;
  }
  ::close(file);
  return static_cast<double>(status.st_mtim.tv_sec) + 1e-9 * static_cast<double>(status.st_mtim.tv_nsec);
}

// A file of its own beside the lock, with this text.
std::string WriteBeside(const std::string& path, const LeaseText& text) {
  std::string own = Concat(path, ".", text.host, ".", text.process, ".", text.serial, ".partial");
  WriteFileAtomically(own, text.Text());
  return own;
}

// Gives the file `own` the name `path`, which nobody may have; else false, with errno.
bool Take(const std::string& own, const std::string& path) {
  if (::link(own.c_str(), path.c_str()) == 0) return true;
  if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS) return false;
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);  // without hard links
  if (file < 0) return false;
  ::close(file);
  return ::rename(own.c_str(), path.c_str()) == 0;
}

bool IsHere(const LeaseText& text) {
  return text.machine == ThisMachine();
}

bool HasEnded(const LeaseText& text) {
  return IsHere(text) && (text.start.empty() || StartOf(text.process) != text.start);
}

}  // namespace

/// A lease that is held, and what renews all of the process.
class RunLock::Lease {
 public:
  Lease(std::string path, LeaseText text) : path_(std::move(path)), text_(std::move(text)) {
    Renewal& renewal = TheRenewal();
    const std::scoped_lock lock(renewal.mutex);
    renewal.leases[path_] = this;
    renewal.changed.notify_one();
    if (renewal.process == ::getpid()) return;
    renewal.process = ::getpid();  // a fork has no threads but its own
    std::thread([&renewal] { renewal.Run(); }).detach();
  }
  ~Lease() {
    {
      const std::scoped_lock lock(TheRenewal().mutex);
      TheRenewal().leases.erase(path_);
    }
    try {
      if (IsMine()) fs::remove(path_);
    } catch (const std::exception&) {  // the folder is gone
    }
  }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

 private:
  struct Renewal {
    std::mutex mutex;
    std::condition_variable changed;
    std::map<std::string, const Lease*> leases;
    pid_t process = 0;

    [[noreturn]] void Run() {
      std::unique_lock lock(mutex);
      for (;; changed.wait_for(lock, LeaseTime() / 6)) {
        for (const auto& [path, lease] : leases) lease->Renew();
      }
    }
  };
  static Renewal& TheRenewal() {
    static auto* renewal = new Renewal;  // never destroyed: its thread goes with the process
    return *renewal;
  }

  bool IsMine() const { return LeaseText::Read(path_) == text_; }
  void Renew() const {
    try {
      if (IsMine()) {
        ::utimensat(AT_FDCWD, path_.c_str(), nullptr, 0);
      } else {
        LogError(Concat("expected '", path_, "' to be held by this process, found it taken over: it stops"));
        ::kill(::getpid(), SIGTERM);
      }
    } catch (const Error&) {  // a server that does not answer may do so the next time
    }
  }

  std::string path_;
  LeaseText text_;
};

RunLock::RunLock(const std::string& folder) {
  const std::string path = folder + "/lock";
  const Seconds lease_time = LeaseTime();
  const LeaseText mine = LeaseText::Mine();
  std::string own = WriteBeside(path, mine);
  const auto refuse = [&](const LeaseText& holder) {
    fs::remove(own);
    throw UsageError("expected a folder that no other process works in, found '", folder, "' held by ",
                     holder.Name());
  };
  double first_time = 0;
  while (!Take(own, path)) {
    if (errno == ENOENT) {  // who holds it has tidied up
      own = WriteBeside(path, mine);
      continue;
    }
    if (errno != EEXIST) throw Error("cannot write '", path, "': ", std::strerror(errno));
    const std::optional<LeaseText> found = Found(path);
    if (!found) {
      if (fs::exists(path)) LeaseText::Read(path);  // not to be read by this user, and says so
      continue;
    }
    const LeaseText& holder = *found;
    if (!HasEnded(holder)) {
      if (IsHere(holder)) refuse(holder);
      const double time = TimeOf(path);
      if (first_time != 0 && time > first_time) refuse(holder);
      ::utimensat(AT_FDCWD, own.c_str(), nullptr, 0);
      if (TimeOf(own) - time < lease_time.count()) {
        if (first_time == 0)
          LogInfo(Concat("'", folder, "' is held by ", holder.Name(), ": waiting whether it is alive"));
        first_time = time;
        std::this_thread::sleep_for(lease_time / 20);
        continue;
      }
    }
    // Nobody else takes it over unless in the moment between these two lines; then the last one has it.
    if (Found(path) != found) continue;
    fs::rename(WriteBeside(path, mine), path);
    std::this_thread::sleep_for(IsHere(holder) ? Seconds(0.05) : lease_time / 60);
    if (const auto now = Found(path); now != mine) refuse(now.value_or(LeaseText()));
    LogInfo(Concat("'", folder, "' was left by ", holder.Name(), " and is taken over"));
    break;
  }
  for (const auto& entry : fs::directory_iterator(folder)) {
    const fs::path& left = entry.path();
    if (left.extension() == ".partial" && left.filename().string().starts_with("lock.")) fs::remove(left);
  }
  lease_ = std::make_shared<const Lease>(path, mine);
}

LockHolder HolderOf(const std::string& folder) {
  const std::string path = folder + "/lock";
  try {
    const LeaseText holder = LeaseText::Read(path);
    if (IsHere(holder)) return {holder.Name(), !HasEnded(holder)};
    const auto age = fs::file_time_type::clock::now() - fs::last_write_time(path);
    return {holder.Name(), age < 2 * LeaseTime()};
  } catch (const std::exception&) {
    return {};
  }
}

}  // namespace links
