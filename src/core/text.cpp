#include "links/core/text.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <utility>

namespace links {
namespace {

/// Bytes of the UTF-8 character that the text begins with, and its code; 0 bytes when it is none.
std::pair<size_t, uint32_t> FirstCharacter(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const size_t bytes = lead < 0x80   ? 1
                       : lead < 0xC2 ? 0
                       : lead < 0xE0 ? 2
                       : lead < 0xF0 ? 3
                       : lead < 0xF5 ? 4
                                     : 0;
  if (bytes > text.size()) return {0, lead};
  uint32_t code = bytes == 1 ? lead : lead & (0x7F >> bytes);
  for (size_t i = 1; i < bytes; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xC0) != 0x80) return {0, lead};
    code = code << 6 | (next & 0x3F);
  }
  constexpr uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  return {code < kLeast[bytes] ? 0 : bytes, code};
}

bool Moves(uint32_t code) {
  return code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0x200E || code == 0x200F ||
         (code >= 0x2028 && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
}

}  // namespace

size_t TextWidth(std::string_view text) {
  // Every byte but those that continue another.
  return std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
}

std::string Printable(std::string_view text, bool lines) {
  std::string printable;
  while (!text.empty()) {
    const auto [bytes, code] = FirstCharacter(text);
    char escape[8] = "";
    if (bytes == 0) {
      std::snprintf(escape, sizeof escape, "\\x%02x", static_cast<unsigned char>(text[0]));
    } else if (code == '\n' || code == '\t') {
      if (code == '\n' && !lines) std::snprintf(escape, sizeof escape, "\\n");
    } else if (Moves(code)) {
      std::snprintf(escape, sizeof escape, code < 0x100 ? "\\x%02x" : "\\u%04x", code);
    }
    const size_t taken = std::max<size_t>(bytes, 1);
    printable += *escape != '\0' ? std::string_view(escape) : text.substr(0, taken);
    text.remove_prefix(taken);
  }
  return printable;
}

std::string CsvField(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + '"';
}

std::string Join(const std::vector<std::string>& texts, const std::string& separator) {
  std::string joined;
  for (size_t i = 0; i < texts.size(); ++i) joined += (i > 0 ? separator : "") + texts[i];
  return joined;
}

}  // namespace links
