#include "links/report/published.h"

#include <algorithm>

#include "../config/yaml_file.h"
#include "links/core/nearest.h"
#include "links/core/share.h"
#include "links/core/text.h"
#include "links/metrics/protocol.h"
#include "names.h"

namespace links {
namespace {

class PublishedReader {
 public:
  explicit PublishedReader(const std::string& path) : file_(path, "published figures") {
    for (const MetricField& field : kMetricFields) keys_.emplace_back(field.name);
  }

  std::vector<PublishedRow> Read() const {
    const YAML::Node root = file_.Load();
    file_.CheckKeys(root, {"rows"}, "key of published figures");
    const YAML::Node rows = file_.Required(root, "rows");
    if (!rows.IsSequence()) file_.Fail(rows, "expected a list of rows");
    std::vector<PublishedRow> published;
    for (const YAML::Node& row : rows) published.push_back(Row(row));
    return published;
  }

 private:
  PublishedRow Row(const YAML::Node& node) const {
    file_.CheckKeys(node, keys_, "key of a row");
    PublishedRow row;
    const YAML::Node table = file_.Required(node, "table");
    row.table = std::stoi(OneOf(table, {"1", "2", "3", "4"}));
    row.method = file_.Text(file_.Required(node, "method"), "the name of a method");
    row.supervision = OneOf(file_.Required(node, "supervision"), {"supervised", "weak", "unsupervised"});
    std::vector<std::string> data_sets;
    for (const std::string& name : Protocol::Names()) {
      if (Protocol::PaperTable(name) > 0) data_sets.push_back(name);
    }
    row.protocol = OneOf(file_.Required(node, "data"), data_sets);
    row.source = file_.Text(file_.Required(node, "source"), "the paper and its table");
    if (node["lifters"]) row.lifters = file_.Text(node["lifters"], "the lifters");
    if (row.table == 3) row.scenario = file_.Text(file_.Required(node, "scenario"), "a scenario");
    if (row.table == 3) row.filler = file_.Text(file_.Required(node, "filler"), "o2d, o3d or none");
    if (row.table != 3 && node["scenario"])
      file_.Fail(node["scenario"], "expected a scenario in table 3 only");
    if (row.table != 3 && node["filler"]) file_.Fail(node["filler"], "expected a filler in table 3 only");
    Figures(node, row);
    return row;
  }

  void Figures(const YAML::Node& node, PublishedRow& row) const {
    std::vector<std::string> given;
    for (const MetricField& field : kMetricFields) {
      const std::string name(field.name);
      if (!node[name]) continue;
      row.metrics.*field.value = file_.Number(node[name]);
      if (row.metrics.*field.value < 0) file_.Fail(node[name], "expected a figure that is not negative");
      given.push_back(name);
    }
    if (given.empty()) file_.Fail(node, "expected a figure (pa_mpjpe_reflection, n_mpjpe, ...), found none");
    const YAML::Node unknown = node["unknown_variant"];
    if (!unknown) return;
    if (!unknown.IsSequence()) file_.Fail(unknown, "expected a list of this row's figures");
    for (const YAML::Node& name : unknown) row.unknown_variant.push_back(OneOf(name, given));
  }

  std::string OneOf(const YAML::Node& node, const std::vector<std::string>& choices) const {
    const std::string expected = Join(choices, ", ");
    std::string text = file_.Text(node, "one of " + expected);
    if (std::ranges::find(choices, text) == choices.end()) {
      file_.Fail(node, "expected one of " + expected + ", found '" + text + "'" + DidYouMean(text, choices));
    }
    return text;
  }

  YamlFile file_;
  std::vector<std::string> keys_ = {"table",   "method",   "supervision", "data",           "source",
                                    "lifters", "scenario", "filler",      "unknown_variant"};
};

}  // namespace

std::string PublishedPath() {
  return SharePath("configs/published.yaml");
}

std::vector<PublishedRow> ReadPublished(const std::string& path) {
  return PublishedReader(path).Read();
}

}  // namespace links
