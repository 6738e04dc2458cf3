#include "links/core/terminal.h"

#include <sys/ioctl.h>

namespace links {

size_t TerminalColumns(int file, size_t least, size_t otherwise) {
  winsize size{};
  const bool known = ::ioctl(file, TIOCGWINSZ, &size) == 0 && size.ws_col >= least;
  return known ? size.ws_col : otherwise;
}

}  // namespace links
