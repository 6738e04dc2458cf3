#pragma once

namespace links {

/// From here on SIGINT and SIGTERM ask the program to stop at its next convenient moment; a second one ends
/// it.
void CatchStopSignals();
bool StopRequested();

}  // namespace links
