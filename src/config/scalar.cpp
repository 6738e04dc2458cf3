#include "scalar.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <string_view>

#include "links/core/error.h"
#include "links/core/text.h"

namespace links {
namespace {

template <class Number>
std::optional<Number> Parse(std::string_view text) {
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// The length of the UTF-8 sequence that starts at `i`, or 0 when it is malformed.
size_t SequenceLength(const std::string& text, size_t i) {
  const auto byte = [&](size_t k) { return k < text.size() ? static_cast<unsigned char>(text[k]) : 0u; };
  const unsigned lead = byte(i);
  if (lead < 0x80) return 1;
  const size_t length = lead >= 0xC2 && lead < 0xE0   ? 2
                        : lead >= 0xE0 && lead < 0xF0 ? 3
                        : lead >= 0xF0 && lead < 0xF5 ? 4
                                                      : 0;
  for (size_t k = 1; k < length; ++k) {
    if ((byte(i + k) & 0xC0) != 0x80) return 0;
  }
  const unsigned second = byte(i + 1);
  const bool overlong = (lead == 0xE0 && second < 0xA0) || (lead == 0xF0 && second < 0x90);
  const bool beyond = (lead == 0xED && second >= 0xA0) || (lead == 0xF4 && second >= 0x90);
  return overlong || beyond ? 0 : length;
}

/// Whether YAML readers, also of version 1.1, take the bare word for text.
bool IsSafeBare(const std::string& text) {
  static const std::array<std::string, 9> kWords = {"true", "false", "null", "yes", "no",
                                                    "on",   "off",   "y",    "n"};
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto is_safe = [&](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') ||
           std::string_view("_-+./").find(c) != std::string_view::npos;
  };
  if (text.empty() || !(is_letter(text[0]) || text[0] == '/')) return false;
  std::string lower = text;
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return std::all_of(text.begin(), text.end(), is_safe) &&
         std::find(kWords.begin(), kWords.end(), lower) == kWords.end();
}

std::string HexEscape(char c) {
  std::array<char, 8> escape{};
  std::snprintf(escape.data(), escape.size(), "\\x%02X",
                static_cast<unsigned>(static_cast<unsigned char>(c)));
  return escape.data();
}

bool IsControl(char c) {
  return (c >= 0 && c < 0x20) || c == 0x7F;
}

std::string FormatText(const std::string& text, const std::string& key) {
  if (IsSafeBare(text)) return text;
  std::string out = "\"";
  for (size_t i = 0, length = 0; i < text.size(); i += length) {
    length = SequenceLength(text, i);
    if (length == 0) throw Error("expected UTF-8 text as ", key, ", found ", Quoted(text));
    if (text[i] == '"' || text[i] == '\\') out += '\\';
    out += IsControl(text[i]) ? HexEscape(text[i]) : text.substr(i, length);
  }
  return out + "\"";
}

struct Formatter {
  const std::string& key;
  std::string operator()(const int64_t* v) const { return std::to_string(*v); }
  std::string operator()(const bool* v) const { return *v ? "true" : "false"; }
  std::string operator()(const std::string* v) const { return FormatText(*v, key); }
  std::string operator()(const double* v) const {
    if (!std::isfinite(*v)) throw Error("expected a finite number as ", key, ", found ", *v);
    return FormatNumber(*v);
  }
  std::string operator()(const std::vector<std::string>* v) const { return List(*v); }
  std::string operator()(const std::vector<double>* v) const { return List(*v); }
  template <class Element>
  std::string List(const std::vector<Element>& elements) const {
    std::vector<std::string> texts;
    for (const Element& element : elements) texts.push_back((*this)(&element));
    return Concat("[", Join(texts, ", "), "]");
  }
};

}  // namespace

std::optional<int64_t> ParseInteger(const std::string& text) {
  return Parse<int64_t>(text);
}

std::optional<double> ParseNumber(const std::string& text) {
  const std::optional<double> number = Parse<double>(text);
  return number && std::isfinite(*number) ? number : std::nullopt;
}

std::string FormatNumber(double number) {
  std::array<char, 32> digits{};
  return {digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr};
}

std::string FormatRange(const Range& range) {
  const bool has_low = std::isfinite(range.low), has_high = std::isfinite(range.high);
  if (!has_low && !has_high) return "";
  return Concat(has_low ? Concat("[", FormatNumber(range.low)) : "(-inf", ", ",
                has_high ? Concat(FormatNumber(range.high), "]") : "inf)");
}

std::string FormatValue(const ConfigField::Value& value, const std::string& key) {
  return std::visit(Formatter{key}, value);
}

size_t FindNonText(const std::string& text) {
  for (size_t i = 0, length = 0; i < text.size(); i += length) {
    length = SequenceLength(text, i);
    const bool is_space = text[i] == '\t' || text[i] == '\n' || text[i] == '\r';
    if (length == 0 || (IsControl(text[i]) && !is_space)) return i;
  }
  return std::string::npos;
}

std::string Quoted(const std::string& text, size_t longest) {
  std::string shown;
  for (size_t i = 0, length = 0; i < text.size(); i += length) {
    if (shown.size() >= longest) return "'" + shown + "...'";
    length = SequenceLength(text, i);
    const bool printable = length > 0 && !IsControl(text[i]);
    length = std::max<size_t>(length, 1);
    shown += printable ? text.substr(i, length) : HexEscape(text[i]);
  }
  return "'" + shown + "'";
}

}  // namespace links
