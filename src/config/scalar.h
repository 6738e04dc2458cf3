#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "links/config/visitor.h"

namespace links {

/// The whole text as a decimal number, or nothing: overflow, underflow, NaN and infinity are nothing as well.
std::optional<int64_t> ParseInteger(const std::string& text);
std::optional<double> ParseNumber(const std::string& text);

/// The shortest text that reads back as the same number.
std::string FormatNumber(double number);

/// "[1, 8192]", "[0, inf)", or "" when nothing is excluded.
std::string FormatRange(const Range& range);

/// The value as YAML on one line. `key` is named when it cannot be written: not finite, not UTF-8.
std::string FormatValue(const ConfigField::Value& value, const std::string& key);

/// Where valid UTF-8 without control characters (except tab and line ends) stops, or npos.
size_t FindNonText(const std::string& text);

/// The text in quotes, shortened and on one line, for messages.
std::string Quoted(const std::string& text, size_t longest = 80);
/// The same for the name of a file, which is shown whole.
inline std::string QuotedPath(const std::string& path) {
  return Quoted(path, 4096);
}

}  // namespace links
