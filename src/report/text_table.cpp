#include "text_table.h"

#include <algorithm>

#include "links/core/text.h"

namespace links {

TextTable::TextTable(const std::vector<std::string>& titles) : titles_(2) {
  for (const std::string& title : titles) {
    const size_t split = title.find('\n');
    titles_[0].push_back(split == std::string::npos ? "" : title.substr(0, split));
    titles_[1].push_back(split == std::string::npos ? title : title.substr(split + 1));
  }
}

void TextTable::AddRow(std::vector<std::string> cells) {
  rows_.push_back(std::move(cells));
}

std::string TextTable::Text() const {
  std::vector<size_t> widths(titles_[0].size(), 0);
  const auto widen = [&](const std::vector<std::string>& cells) {
    for (size_t c = 0; c < widths.size(); ++c) widths[c] = std::max(widths[c], TextWidth(cells[c]));
  };
  std::ranges::for_each(titles_, widen);
  std::ranges::for_each(rows_, widen);

  const auto line = [&](const std::vector<std::string>& cells) {
    std::string text;
    for (size_t c = 0; c < widths.size(); ++c) {
      const std::string padding(widths[c] - TextWidth(cells[c]), ' ');
      text += c == 0 ? cells[c] + padding : "  " + padding + cells[c];
    }
    text.erase(text.find_last_not_of(' ') + 1);
    return text + '\n';
  };
  std::string text = line(titles_[0]) + line(titles_[1]);
  size_t rule = 2 * (widths.size() - 1);
  for (size_t width : widths) rule += width;
  text += std::string(rule, '-') + '\n';
  for (const auto& row : rows_) text += line(row);
  return text;
}

}  // namespace links
