#pragma once

#include <string>
#include <vector>

#include "links/report/paper_table.h"

namespace links {

// The paper's tables for people, with one decimal and the best marked ...
std::string TablesText(const std::vector<PaperTable>& tables);      ///< aligned; best '*'
std::string TablesMarkdown(const std::vector<PaperTable>& tables);  ///< GitHub's; best bold
std::string TablesTex(const std::vector<PaperTable>& tables);       ///< a booktabs tabular each; best bold

// ... and for programs, unrounded.

/// RFC 4180: one header for all tables, a line a row; <metric> and <metric>_deviation, empty when absent.
std::string TablesCsv(const std::vector<PaperTable>& tables);
/// {"format": "links-report", "version": 1, "tables": [...]}, see docs/tables.md.
std::string TablesJson(const std::vector<PaperTable>& tables);

}  // namespace links
