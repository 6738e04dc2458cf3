#pragma once

#include <cstddef>

namespace links {

/// Columns of the terminal that `file` (a descriptor) is; `otherwise` where it is none, or says fewer than
/// `least`.
size_t TerminalColumns(int file, size_t least, size_t otherwise);

}  // namespace links
