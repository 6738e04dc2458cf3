#include "names.h"

#include <algorithm>
#include <map>

namespace links {
namespace {

std::string Title(const std::map<std::string, std::string>& titles, std::string name) {
  if (const auto found = titles.find(name); found != titles.end()) return found->second;
  std::ranges::replace(name, '_', ' ');
  return name;
}

}  // namespace

std::string CompositionTitle(const std::string& composition) {
  static const std::map<std::string, std::string> titles = {
      {"legs_torso", "legs + torso"},  {"left_core", "left* + right"},
      {"right_core", "right* + left"}, {"mean", "mean of the poses (reference)"},
      {"full", "full pose"},           {"flat", "flat, all depths 0 (reference)"}};
  return Title(titles, composition);
}

std::string ScenarioTitle(const std::string& scenario) {
  static const std::map<std::string, std::string> titles = {{"left_arm_leg", "left arm & leg"},
                                                            {"right_arm_leg", "right arm & leg"},
                                                            {"random_0_3", "0 to 3 random joints, U(0, 3)"}};
  return Title(titles, scenario);
}

std::string FillerTitle(const std::string& filler) {
  return Title({{"o2d", "O_2D"}, {"o3d", "O_3D"}, {"none", ""}}, filler);
}

const std::vector<DataSet>& DataSets() {
  static const std::vector<DataSet> data_sets = {
      {"none", "other data"}, {"h36m", "Human3.6M", 1}, {"mpi-inf-3dhp", "MPI-INF-3DHP", 2}, {"cmu", "CMU"}};
  return data_sets;
}

std::string DataSetTitle(const std::string& protocol) {
  const auto found = std::ranges::find(DataSets(), protocol, &DataSet::protocol);
  return found == DataSets().end() ? Title({}, protocol) : found->title;
}

bool OfThePaper(const std::string& protocol) {
  const auto found = std::ranges::find(DataSets(), protocol, &DataSet::protocol);
  return found != DataSets().end() && found->paper_table > 0;
}

}  // namespace links
