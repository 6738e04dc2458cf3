#include "links/core/version.h"

namespace links {

std::string Version() {
  return LINKS_VERSION;
}

}  // namespace links
