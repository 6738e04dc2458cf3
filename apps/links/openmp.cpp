#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "commands.h"
#include "links/core/error.h"

namespace links {
namespace {

// OpenMP's threads spin at the end of a loop before they sleep; docs/performance.md has what each costs.
// OpenMP takes its settings from the environment while it is loaded, so the program sets them and starts
// itself once more before any library is initialised. What the user has told OpenMP stays.
struct Spin {
  const char *name, *setting;
};
constexpr std::array kSpins = {Spin{"long", "GOMP_SPINCOUNT=20000"}, Spin{"short", "GOMP_SPINCOUNT=1000"}};
constexpr std::string_view kOff = "off";  // OpenMP's own default

// No library is initialised when this is called first: nothing but the program's own memory.
std::string_view ValueOf(char** environment, std::string_view name) {
  for (char** entry = environment; *entry; ++entry) {
    const std::string_view text = *entry;
    if (text.size() > name.size() && text.substr(0, name.size()) == name && text[name.size()] == '=')
      return text.substr(name.size() + 1);
  }
  return {};
}

void SetSpin(int, char** argv, char** environment) {
  if (!ValueOf(environment, "GOMP_SPINCOUNT").empty() || !ValueOf(environment, "OMP_WAIT_POLICY").empty())
    return;
  const std::string_view wanted = ValueOf(environment, "LINKS_SPIN");
  const char* setting = nullptr;
  for (const Spin& spin : kSpins) {
    if (wanted == spin.name) setting = spin.setting;
  }
  if (wanted.empty()) setting = kSpins.front().setting;
  if (!setting) return;
  std::vector<char*> with_spin;
  for (char** entry = environment; *entry; ++entry) with_spin.push_back(*entry);
  with_spin.push_back(const_cast<char*>(setting));
  with_spin.push_back(nullptr);
  std::array<char, 4096> path{};
  if (readlink("/proc/self/exe", path.data(), path.size() - 1) > 0)
    execve(path.data(), argv, with_spin.data());
  // Where that is not possible the program goes on as it is; `links info` tells.
}

[[gnu::section(".preinit_array"), gnu::used]] void (*const set_spin)(int, char**, char**) = SetSpin;

}  // namespace

void CheckSpin() {
  const std::string_view wanted = ValueOf(environ, "LINKS_SPIN");
  if (wanted.empty() || wanted == kOff) return;
  for (const Spin& spin : kSpins) {
    if (wanted == spin.name) return;
  }
  throw UsageError("expected LINKS_SPIN to be long, short or off, found '", wanted, "'");
}

std::string SpinInForce() {
  for (const char* name : {"GOMP_SPINCOUNT", "OMP_WAIT_POLICY"}) {
    const std::string_view value = ValueOf(environ, name);
    if (!value.empty()) return Concat(name, "=", value);
  }
  return "OpenMP's default";
}

}  // namespace links
