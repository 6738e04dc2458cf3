#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <string_view>
#include <vector>

namespace {

// OpenMP's threads spin at the end of a loop before they sleep. With its default of milliseconds a training
// step waits for a thread that does not run as soon as anything else uses the machine: 20 to 70 times slower
// was seen. With next to none every small loop pays for waking a thread: twice as slow for the flows. So:
// some 50 us on a machine that is idle when the program starts, none on a busy one. OpenMP takes its settings
// from the environment while it is loaded, so the program starts itself once more before any library is
// initialised. What the user has set stays.
constexpr char kLongSpin[] = "GOMP_SPINCOUNT=20000", kShortSpin[] = "GOMP_SPINCOUNT=1000";

// Runnable threads of the whole machine, this one among them; 0 when that cannot be known. No library is
// initialised yet: system calls alone.
int RunningThreads() {
  std::array<char, 128> text{};
  const int file = open("/proc/loadavg", O_RDONLY);
  if (file < 0) return 0;
  const ssize_t size = read(file, text.data(), text.size() - 1);
  close(file);
  int running = 0;
  return size > 0 && std::sscanf(text.data(), "%*s %*s %*s %d/", &running) == 1 ? running : 0;
}

// Whether others keep more than a quarter of the cores busy, in each of a few looks: many a thread runs for a
// moment.
bool IsBusy() {
  constexpr int kLooks = 8;
  constexpr timespec kPause = {0, 500'000};
  for (int look = 0; look < kLooks; ++look) {
    const int running = RunningThreads();
    if (running > 0 && 4L * (running - 1) <= sysconf(_SC_NPROCESSORS_ONLN)) return false;
    nanosleep(&kPause, nullptr);
  }
  return true;
}

bool Sets(std::string_view entry, std::string_view name) {
  return entry.size() > name.size() && entry.substr(0, name.size()) == name && entry[name.size()] == '=';
}

void SetSpin(int, char** argv, char** environment) {
  std::vector<char*> with_spin;
  for (char** entry = environment; *entry; ++entry) {
    if (Sets(*entry, "GOMP_SPINCOUNT") || Sets(*entry, "OMP_WAIT_POLICY")) return;
    with_spin.push_back(*entry);
  }
  with_spin.push_back(const_cast<char*>(IsBusy() ? kShortSpin : kLongSpin));
  with_spin.push_back(nullptr);
  std::array<char, 4096> path{};
  if (readlink("/proc/self/exe", path.data(), path.size() - 1) > 0)
    execve(path.data(), argv, with_spin.data());
  // Where that is not possible the program goes on as it is.
}

[[gnu::section(".preinit_array"), gnu::used]] void (*const set_spin)(int, char**, char**) = SetSpin;

}  // namespace
