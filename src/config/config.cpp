#include "links/config/config.h"

#include <algorithm>
#include <optional>

#include "layer.h"
#include "links/core/error.h"
#include "links/core/text.h"
#include "links/core/text_table.h"
#include "reader.h"
#include "scalar.h"

namespace links {
namespace {

constexpr size_t kMostMistakesShown = 100;

void ReadLayers(std::vector<Layer> layers, const std::vector<std::string>& overrides, Mistakes mistakes,
                config_internal::Files files, const config_internal::Fields& fields) {
  for (const std::string& assignment : overrides) {
    if (std::optional<Layer> layer = ParseOverride(assignment, mistakes)) layers.push_back(*layer);
  }
  ConfigReader reader(std::move(layers), files);
  fields(reader);
  for (std::string& mistake : reader.Finish()) mistakes.push_back(std::move(mistake));
  if (mistakes.empty()) return;
  if (const size_t count = mistakes.size(); count > kMostMistakesShown) {
    mistakes.resize(kMostMistakesShown);
    mistakes.push_back(Concat("and ", count - kMostMistakesShown, " more mistakes"));
  }
  throw UsageError(Join(mistakes, "\n"));
}

/// Keeps the dotted path of the struct being visited.
class PathVisitor : public ConfigVisitor {
 protected:
  void Enter(const std::string& name, const std::string& /*help*/) override { path_.push_back(name); }
  void Leave() override { path_.pop_back(); }

  size_t Depth() const { return path_.size(); }
  std::string Key(const std::string& name) const {
    return path_.empty() ? name : Join(path_, ".") + "." + name;
  }

 private:
  std::vector<std::string> path_;
};

class Writer : public PathVisitor {
 public:
  std::string text;

 protected:
  void Enter(const std::string& name, const std::string& help) override {
    text += std::string(2 * Depth(), ' ') + name + ":\n";
    PathVisitor::Enter(name, help);
  }
  void Visit(const ConfigField& field) override {
    text +=
        std::string(2 * Depth(), ' ') + field.name + ": " + FormatValue(field.value, Key(field.name)) + "\n";
  }
};

std::string TypeName(const ConfigField& field) {
  const bool is_choice = std::holds_alternative<Choice>(field.rule);
  const bool is_file = std::holds_alternative<ExistingFile>(field.rule);
  switch (field.value.index()) {
    case 0:
      return "integer";
    case 1:
      return "number";
    case 2:
      return "boolean";
    case 3:
      return is_choice ? "choice" : is_file ? "file" : "text";
    case 4:
      return is_choice ? "list of choices" : is_file ? "list of files" : "list of text";
    default:
      return "list of numbers";
  }
}

class Lister : public PathVisitor {
 public:
  std::vector<OptionDescription> options;

 protected:
  void Visit(const ConfigField& field) override {
    const std::string key = Key(field.name);
    const auto* range = std::get_if<Range>(&field.rule);
    const auto* choice = std::get_if<Choice>(&field.rule);
    options.push_back({key, TypeName(field), FormatValue(field.value, key),
                       range    ? FormatRange(*range)
                       : choice ? Join(choice->names, " | ")
                                : "",
                       field.help});
  }
};

}  // namespace

namespace config_internal {

void ReadFiles(const std::vector<std::string>& paths, const std::vector<std::string>& overrides, Files files,
               const Fields& fields) {
  Mistakes mistakes;
  std::vector<Layer> layers;
  for (const std::string& path : paths) {
    const auto text = ReadTextFile(path, "", mistakes);
    if (!text) continue;
    for (Layer& layer : LoadChain(*text, path, mistakes)) layers.push_back(std::move(layer));
  }
  ReadLayers(std::move(layers), overrides, std::move(mistakes), files, fields);
}

void ReadText(const std::string& text, const std::string& origin, const std::vector<std::string>& overrides,
              Files files, const Fields& fields) {
  Mistakes mistakes;
  std::vector<Layer> layers = LoadChain(text, origin, mistakes);
  ReadLayers(std::move(layers), overrides, std::move(mistakes), files, fields);
}

std::string Write(const Fields& fields) {
  Writer writer;
  fields(writer);
  return writer.text;
}

std::vector<OptionDescription> Describe(const Fields& fields) {
  Lister lister;
  fields(lister);
  return lister.options;
}

}  // namespace config_internal

std::string OptionTable(const std::vector<OptionDescription>& options) {
  constexpr size_t kWidest = 40;  // a longer cell shifts the rest of its own line only
  TextTable table({"KEY", "TYPE", "DEFAULT", "RANGE", "HELP"}, 5);
  std::string lines;
  const auto cells = [](const OptionDescription& option) {
    return std::vector<std::string>{option.key, option.type, option.default_value, option.range, option.help};
  };
  for (const OptionDescription& option : options) {
    std::vector<std::string> widening = cells(option);
    for (std::string& cell : widening) cell.resize(std::min(cell.size(), kWidest));
    table.Reserve(widening);
  }
  for (const OptionDescription& option : options) lines += table.Line(cells(option));
  return table.Titles() + lines;
}

}  // namespace links
