#pragma once

#include "links/core/error.h"

namespace links {

/// From here on SIGINT, SIGTERM, SIGUSR1 (of a batch system, before its time limit) and, unless it is
/// ignored, SIGHUP ask the program to stop at its next convenient moment; a second SIGINT or SIGTERM ends it.
void CatchStopSignals();
bool StopRequested();

/// A signal has stopped what can go on from where it stands. The program exits with code 75.
class Stopped : public Error {
 public:
  using Error::Error;
};

}  // namespace links
