#include <algorithm>
#include <nlohmann/json.hpp>

#include "links/core/error.h"
#include "links/core/text.h"
#include "links/report/table_writer.h"

namespace links {
namespace {

using Json = nlohmann::ordered_json;

Json Number(double value) {
  return IsAbsent(value) ? Json(nullptr) : Json(value);
}

Json Text(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(text);
}

std::string OneLine(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  return text;
}

Json RowJson(const PaperTable& table, const TableRow& row) {
  Json json = {{"section", row.section},
               {"method", row.method},
               {"lifters", Text(row.lifters)},
               {"filler", Text(row.filler)},
               {"supervision", Text(row.supervision)},
               {"data_set", row.data_set},
               {"poses", row.poses < 0 ? Json(nullptr) : Json(row.poses)},
               {"seeds", row.seeds},
               {"published", row.published},
               {"reference", row.reference},
               {"source", row.source},
               {"values", Json::object()}};
  for (size_t c = 0; c < row.cells.size(); ++c) {
    const TableCell& cell = row.cells[c];
    json["values"][table.columns[c].key] = {{"mean", Number(cell.value.mean)},
                                            {"deviation", Number(cell.value.deviation)},
                                            {"best", cell.best},
                                            {"variant_known", cell.variant_known}};
  }
  return json;
}

Json TableJson(const PaperTable& table) {
  Json json = {{"table", table.number > 0 ? Json(table.number) : Json("actions")},
               {"title", table.title},
               {"columns", Json::array()},
               {"rows", Json::array()},
               {"notes", table.notes}};
  for (const TableColumn& column : table.columns) {
    json["columns"].push_back({{"key", column.key},
                               {"title", OneLine(column.title)},
                               {"joints", column.joints},
                               {"lower_is_better", column.lower_is_better}});
  }
  for (const TableRow& row : table.rows) json["rows"].push_back(RowJson(table, row));
  return json;
}

// The different columns of all tables, in order of appearance.
std::vector<std::string> Keys(const std::vector<PaperTable>& tables) {
  std::vector<std::string> keys;
  for (const PaperTable& table : tables) {
    for (const TableColumn& column : table.columns) {
      if (std::ranges::find(keys, column.key) == keys.end()) keys.push_back(column.key);
    }
  }
  return keys;
}

std::string CsvNumber(double value) {
  return IsAbsent(value) ? "" : Json(value).dump();
}

std::string RowCsv(const PaperTable& table, const TableRow& row, const std::vector<std::string>& keys) {
  std::string seeds, unknown;
  for (int64_t seed : row.seeds) seeds += (seeds.empty() ? "" : " ") + std::to_string(seed);
  std::string figures;
  for (const std::string& key : keys) {
    const auto column = std::ranges::find(table.columns, key, &TableColumn::key);
    const TableCell cell =
        column == table.columns.end() ? TableCell() : row.cells[column - table.columns.begin()];
    figures += ',' + CsvNumber(cell.value.mean) + ',' + CsvNumber(cell.value.deviation);
    if (!cell.variant_known) unknown += (unknown.empty() ? "" : " ") + key;
  }
  std::string line = table.number > 0 ? std::to_string(table.number) : "actions";
  for (const std::string& text : {row.section, row.method, row.lifters, row.filler, row.supervision,
                                  row.data_set, row.poses < 0 ? std::string() : std::to_string(row.poses),
                                  seeds, std::string(row.published ? "true" : "false"),
                                  std::string(row.reference ? "true" : "false"), row.source, unknown}) {
    line += ',' + CsvField(text);
  }
  return line + figures + "\n";
}

}  // namespace

std::string TablesJson(const std::vector<PaperTable>& tables) {
  Json json = {{"format", "links-report"}, {"version", 1}, {"tables", Json::array()}};
  for (const PaperTable& table : tables) json["tables"].push_back(TableJson(table));
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

std::string TablesCsv(const std::vector<PaperTable>& tables) {
  const std::vector<std::string> keys = Keys(tables);
  std::string csv =
      "table,section,method,lifters,filler,supervision,data_set,poses,seeds,published,reference,source,"
      "unknown_variant";
  for (const std::string& key : keys) csv += Concat(',', key, ',', key, "_deviation");
  csv += "\n";
  for (const PaperTable& table : tables) {
    for (const TableRow& row : table.rows) csv += RowCsv(table, row, keys);
  }
  return csv;
}

}  // namespace links
