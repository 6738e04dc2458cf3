#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "numpy_file.h"

namespace links {

/// A pickle of dictionaries, lists, text, numbers and numpy's arrays. Nothing is run: any other global name
/// is an Error.
NumpyValue ReadPickle(std::string_view bytes, const std::string& where);

/// Numbers as numpy stores them: type "<f4", "<i8", ...; columns: Fortran's order.
NumpyValue NumbersOf(const std::string& type, const std::vector<size_t>& shape, bool columns,
                     std::string_view data, const std::string& where);

}  // namespace links
