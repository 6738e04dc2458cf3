#pragma once

#include <vector>

#include "links/report/paper_table.h"

namespace links {

/// Appends what the figures mean, where the published ones are from, and what ours depend on.
void AddNotes(PaperTable& table, const std::vector<const RunGroup*>& ours);

}  // namespace links
