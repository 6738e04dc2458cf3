#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace links {

/// The characters of UTF-8 text.
size_t TextWidth(std::string_view text);

/// `text` as a field of CSV, quoted as in RFC 4180 where it must be.
std::string CsvField(const std::string& text);

}  // namespace links
