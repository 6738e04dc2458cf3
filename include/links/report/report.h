#pragma once

#include <string>
#include <vector>

#include "links/report/paper_table.h"

namespace links {

/// The tables of the evaluations of `runs` (run directories or evaluation.json), beside the shipped published
/// rows. number: 1 to 4, 0 = those that the evaluations have something for, which is logged.
std::vector<PaperTable> MakeTables(const std::vector<std::string>& runs, int number,
                                   const std::string& composition = "");

/// A metric of each action and their mean (MakeActionTable), a table each; metric: its key in the JSON, "" =
/// PA-MPJPE with reflection and N-MPJPE by norm, the paper's.
std::vector<PaperTable> MakeActionTables(const std::vector<std::string>& runs, const std::string& metric = "",
                                         const std::string& composition = "");

/// How tables are written: text, csv, md, tex and json.
std::vector<std::string> TableFormats();
std::string WriteTables(const std::vector<PaperTable>& tables, const std::string& format);

}  // namespace links
