#pragma once

#include <string>
#include <vector>

namespace links {

// Names in evaluations as people write them in tables; other names stay, with blanks for underscores.
std::string CompositionTitle(const std::string& composition);
std::string ScenarioTitle(const std::string& scenario);
std::string FillerTitle(const std::string& filler);
std::string DataSetTitle(const std::string& protocol);

// A protocol of evaluation/protocol.h, as the tables know it.
struct DataSet {
  std::string protocol;
  std::string title;
  int paper_table = 0;  // the paper's table of lifting on it; 0: none
};

const std::vector<DataSet>& DataSets();

// Whether the paper has a table of lifting on it.
bool OfThePaper(const std::string& protocol);

}  // namespace links
