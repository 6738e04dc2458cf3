#include "links/device/failure.h"

#include <c10/util/Exception.h>

namespace links {

std::string ReasonOf(const std::exception& error) {
  const auto* of_torch = dynamic_cast<const c10::Error*>(&error);
  return of_torch != nullptr ? of_torch->what_without_backtrace() : error.what();
}

}  // namespace links
