#include "links/run/settings.h"

#include "links/device/device.h"

namespace links {

void UseSettings(const RunConfig& config) {
  SetPrecision(config.precision);
  SetThreads(config.threads);
}

}  // namespace links
