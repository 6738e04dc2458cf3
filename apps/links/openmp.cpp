#include <unistd.h>

#include <array>
#include <string_view>
#include <vector>

namespace {

// OpenMP's threads spin for milliseconds at the end of a loop before they sleep. As soon as anything else
// runs on the machine, a training step then waits for a thread that does not run: 20 to 70 times slower was
// seen. OpenMP takes its settings from the environment while it is loaded, so the program starts itself once
// more with a short spin before any library is initialised. What the user has set stays.
constexpr char kShortSpin[] = "GOMP_SPINCOUNT=1000";

bool Sets(std::string_view entry, std::string_view name) {
  return entry.size() > name.size() && entry.substr(0, name.size()) == name && entry[name.size()] == '=';
}

void SpinBriefly(int, char** argv, char** environment) {
  std::vector<char*> with_spin;
  for (char** entry = environment; *entry; ++entry) {
    if (Sets(*entry, "GOMP_SPINCOUNT") || Sets(*entry, "OMP_WAIT_POLICY")) return;
    with_spin.push_back(*entry);
  }
  with_spin.push_back(const_cast<char*>(kShortSpin));
  with_spin.push_back(nullptr);
  std::array<char, 4096> path{};
  if (readlink("/proc/self/exe", path.data(), path.size() - 1) > 0)
    execve(path.data(), argv, with_spin.data());
  // Where that is not possible the program goes on as it is.
}

[[gnu::section(".preinit_array"), gnu::used]] void (*const spin_briefly)(int, char**, char**) = SpinBriefly;

}  // namespace
