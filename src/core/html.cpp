#include "links/core/html.h"

#include <cstdint>

namespace links {

std::string JsonForHtml(std::string_view json) {
  std::string text;
  for (const char letter : json) {
    if (letter == '<') {
      text += "\\u003c";
    } else {
      text += letter;
    }
  }
  return text;
}

std::string Base64(std::string_view bytes) {
  constexpr char kLetters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const size_t count = bytes.size() - i < 3 ? bytes.size() - i : 3;
    uint32_t value = 0;
    for (size_t k = 0; k < 3; ++k) value = value << 8 | (k < count ? static_cast<uint8_t>(bytes[i + k]) : 0u);
    for (size_t k = 0; k < 4; ++k) text += k <= count ? kLetters[value >> (18 - 6 * k) & 63] : '=';
  }
  return text;
}

std::vector<std::string_view> FillPage(std::string_view page,
                                       const std::map<std::string_view, std::string>& parts) {
  std::vector<std::string_view> text;
  for (size_t open = 0; (open = page.find("{{")) != std::string_view::npos;) {
    const size_t close = page.find("}}", open);
    text.push_back(page.substr(0, open));
    text.push_back(parts.at(page.substr(open + 2, close - open - 2)));
    page.remove_prefix(close + 2);
  }
  text.push_back(page);
  return text;
}

}  // namespace links
