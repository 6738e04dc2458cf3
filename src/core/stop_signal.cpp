#include "links/core/stop_signal.h"

#include <csignal>

namespace links {
namespace {

volatile std::sig_atomic_t stop_requested = 0;

// A batch system's warning may be followed by SIGTERM while the checkpoint is being written.
extern "C" void RequestStopSoon(int) {
  stop_requested = 1;
}

extern "C" void RequestStop(int) {
  stop_requested = 1;
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
}

}  // namespace

void CatchStopSignals() {
  stop_requested = 0;
  std::signal(SIGINT, RequestStop);
  std::signal(SIGTERM, RequestStop);
  std::signal(SIGUSR1, RequestStopSoon);
  if (std::signal(SIGHUP, RequestStopSoon) == SIG_IGN) std::signal(SIGHUP, SIG_IGN);  // nohup
}

bool StopRequested() {
  return stop_requested != 0;
}

}  // namespace links
