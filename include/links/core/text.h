#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace links {

/// The characters of UTF-8 text.
size_t TextWidth(std::string_view text);

/// `text` as a field of CSV, quoted as in RFC 4180 where it must be.
std::string CsvField(const std::string& text);

/// Texts joined by `separator`.
std::string Join(const std::vector<std::string>& texts, const std::string& separator);

}  // namespace links
