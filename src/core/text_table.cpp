#include "links/core/text_table.h"

#include <algorithm>
#include <iomanip>
#include <sstream>
#include <utility>

#include "links/core/text.h"

namespace links {

TextTable::TextTable(const std::vector<std::string>& titles, size_t left, const Frame& frame)
    : left_(left), frame_(frame), widths_(titles.size(), frame.narrowest) {
  for (const std::string& title : titles) {
    const size_t split = title.find('\n');
    const bool two_lines = split != std::string::npos;
    upper_.push_back(two_lines ? title.substr(0, split) : "");
    lower_.push_back(two_lines ? title.substr(split + 1) : title);
    two_lines_ = two_lines_ || two_lines;
  }
  Reserve(upper_);
  Reserve(lower_);
}

void TextTable::AddRow(std::vector<std::string> cells) {
  for (std::string& cell : cells) cell = Printable(cell, false);
  Reserve(cells);
  rows_.push_back({std::move(cells), {}});
}

void TextTable::AddLine(const std::string& line) {
  rows_.push_back({{}, Printable(line)});
}

void TextTable::Reserve(const std::vector<std::string>& cells) {
  for (size_t c = 0; c < widths_.size(); ++c) widths_[c] = std::max(widths_[c], TextWidth(cells[c]));
}

std::string TextTable::Titles() const {
  return (two_lines_ ? Line(upper_) : "") + Line(lower_);
}

std::string TextTable::Rule() const {
  size_t width = TextWidth(frame_.before) + TextWidth(frame_.after);
  for (size_t c = 0; c < widths_.size(); ++c) width += widths_[c] + (c == 0 ? 0 : TextWidth(frame_.between));
  return std::string(width, '-') + '\n';
}

std::string TextTable::Rows() const {
  std::string text;
  for (const Row& row : rows_) text += row.cells.empty() ? row.line + '\n' : Line(row.cells);
  return text;
}

std::string TextTable::Line(const std::vector<std::string>& cells) const {
  std::string line(frame_.before);
  for (size_t c = 0; c < widths_.size(); ++c) {
    const std::string padding(widths_[c] - std::min(widths_[c], TextWidth(cells[c])), ' ');
    line += c == 0 ? "" : frame_.between;
    line += c < left_ ? cells[c] + padding : padding + cells[c];
  }
  line += frame_.after;
  line.erase(line.find_last_not_of(' ') + 1);
  return line + '\n';
}

std::string Fixed(double value, int decimals) {
  std::ostringstream text;
  text << std::fixed << std::setprecision(decimals) << value;
  return text.str();
}

}  // namespace links
