#pragma once

#include <cmath>
#include <fstream>
#include <iterator>
#include <regex>
#include <string>
#include <vector>

namespace links {

inline std::string ReadBytes(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

struct Size {
  int width = 0, height = 0;
  bool operator==(const Size&) const = default;
};

/// Width and height from the IHDR chunk; 0 x 0 if the signature or the closing chunk is missing.
inline Size PngSize(const std::string& bytes) {
  if (bytes.size() < 45 || bytes.substr(0, 8) != "\x89PNG\r\n\x1a\n" || bytes.substr(12, 4) != "IHDR" ||
      bytes.substr(bytes.size() - 8, 4) != "IEND") {
    return {};
  }
  const auto number = [&](size_t at) {
    int value = 0;
    for (size_t i = at; i < at + 4; ++i) value = value * 256 + static_cast<unsigned char>(bytes[i]);
    return value;
  };
  return {number(16), number(20)};
}

/// Whether every element that opens also closes, in order, with one element outermost.
inline bool IsNested(const std::string& xml) {
  std::vector<std::string> open;
  int outermost = 0;
  for (size_t at = 0; (at = xml.find('<', at)) != std::string::npos;) {
    const size_t end = xml.find('>', at);
    if (end == std::string::npos) return false;
    const std::string tag = xml.substr(at + 1, end - at - 1);
    at = end;
    if (tag.empty() || tag.find('<') != std::string::npos) return false;
    if (tag[0] == '?') continue;
    const std::string name = tag.substr(0, tag.find_first_of(" /\n", 1));
    if (tag[0] == '/') {
      if (open.empty() || "/" + open.back() != name) return false;
      open.pop_back();
      continue;
    }
    if (open.empty()) ++outermost;
    if (tag.back() != '/') open.push_back(name);
  }
  return open.empty() && outermost == 1;
}

inline int CountMatches(const std::string& text, const std::string& pattern) {
  const std::regex expression(pattern);
  return static_cast<int>(std::distance(std::sregex_iterator(text.begin(), text.end(), expression), {}));
}

/// Strokes with round ends in an SVG: only bones have them.
inline int CountBones(const std::string& svg) {
  return CountMatches(svg, R"re(stroke-linecap[:=] ?"?round)re");
}

}  // namespace links
