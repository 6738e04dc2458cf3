#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace links {

/// The characters of UTF-8 text.
size_t TextWidth(std::string_view text);

/// `text` for a terminal: control characters, bytes that are not UTF-8 and marks that turn the direction of
/// writing, which may stand in the names of a file, as escapes (\x1b, \u202e). Ends of lines stay and, where
/// `lines` is false, become \n.
std::string Printable(std::string_view text, bool lines = true);

/// `text` as a field of CSV, quoted as in RFC 4180 where it must be.
std::string CsvField(const std::string& text);

/// Texts joined by `separator`.
std::string Join(const std::vector<std::string>& texts, const std::string& separator);

}  // namespace links
