#include "reader.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <utility>

#include "links/core/error.h"
#include "links/core/nearest.h"
#include "links/core/text.h"
#include "scalar.h"

namespace links {
namespace {

namespace fs = std::filesystem;

bool IsPlain(const YAML::Node& node) {
  return node.IsScalar() && node.Tag() == "?";
}

bool IsInside(double value, const Range& range) {
  return value >= range.low && value <= range.high;
}

/// "an integer in [1, 8192]"; `unbounded` names what is expected without a range.
std::string Expected(const std::string& noun, const std::string& unbounded, const Range& range) {
  const std::string interval = FormatRange(range);
  return interval.empty() ? unbounded : noun + " in " + interval;
}

}  // namespace

ConfigReader::ConfigReader(std::vector<Layer> layers, config_internal::Files files)
    : layers_(std::move(layers)), files_(files) {
  std::vector<Item> roots;
  for (size_t i = 0; i < layers_.size(); ++i) {
    const YAML::Node& root = layers_[i].root;
    roots.push_back({root, i, root.IsNull() ? 1 : root.Mark().line + 1, ""});
  }
  Open("", roots);
}

Mistakes ConfigReader::Finish() {
  Leave();
  std::stable_sort(mistakes_.begin(), mistakes_.end(), [](const Mistake& a, const Mistake& b) {
    return std::pair(a.layer, a.line) < std::pair(b.layer, b.line);
  });
  Mistakes texts;
  for (const Mistake& mistake : mistakes_) texts.push_back(mistake.text);
  return texts;
}

void ConfigReader::AddMistake(const Item& item, const std::string& text) {
  const Layer& layer = layers_[item.layer];
  const std::string where = layer.IsOverride() ? layer.origin : Concat(layer.origin, ":", item.line);
  const std::string path = item.path.empty() || item.path == layer.override_key ? "" : item.path + ": ";
  mistakes_.push_back({item.layer, item.line, where + ": " + path + text});
}

std::map<std::string, ConfigReader::Item> ConfigReader::Entries(const Item& section,
                                                                const std::string& prefix) {
  std::map<std::string, Item> entries;
  if (!section.node.IsMap()) {
    if (!section.node.IsNull())
      AddMistake(section, "expected a map of options, found " + Describe(section.node));
    return entries;
  }
  for (const auto& entry : section.node) {
    const int line = layers_[section.layer].IsOverride() ? 0 : entry.first.Mark().line + 1;
    if (!entry.first.IsScalar()) {
      AddMistake({entry.first, section.layer, line, section.path},
                 "expected the name of an option, found " + Describe(entry.first));
      continue;
    }
    const std::string& name = entry.first.Scalar();
    const Item item{entry.second, section.layer, line, prefix + name};
    const auto [first, is_new] = entries.emplace(name, item);
    if (!is_new)
      AddMistake(item, Concat("expected each key once, found it in line ", first->second.line, " too"));
  }
  return entries;
}

void ConfigReader::Open(const std::string& prefix, const std::vector<Item>& items) {
  Section section{prefix, std::vector<std::map<std::string, Item>>(layers_.size()), {}};
  for (const Item& item : items) section.items_of_layer[item.layer] = Entries(item, prefix);
  sections_.push_back(std::move(section));
}

std::vector<ConfigReader::Item> ConfigReader::Find(const std::string& name) {
  Section& section = sections_.back();
  section.names.push_back(name);
  std::vector<Item> found;
  for (const auto& items : section.items_of_layer) {
    if (const auto item = items.find(name); item != items.end()) found.push_back(item->second);
  }
  return found;
}

void ConfigReader::Enter(const std::string& name, const std::string& /*help*/) {
  const std::vector<Item> items = Find(name);
  Open(sections_.back().prefix + name + ".", items);
}

void ConfigReader::Leave() {
  const Section section = std::move(sections_.back());
  sections_.pop_back();
  for (const auto& items : section.items_of_layer) {
    for (const auto& [name, item] : items) {
      if (std::find(section.names.begin(), section.names.end(), name) != section.names.end()) continue;
      if (sections_.empty() && name == kBaseKey && !layers_[item.layer].IsOverride()) continue;
      Item shown = item;
      shown.path = section.prefix.empty() ? "" : section.prefix.substr(0, section.prefix.size() - 1);
      AddMistake(shown, "unknown key " + Quoted(name) + DidYouMean(name, section.names));
    }
  }
}

void ConfigReader::Visit(const ConfigField& field) {
  std::optional<size_t> winner;
  const std::vector<Item> items = Find(field.name);
  for (size_t i = 0; i < items.size(); ++i) {
    if (std::visit([&](auto* value) { return ReadValue(items[i], field.rule, *value); }, field.value))
      winner = i;
  }
  const bool is_file = std::holds_alternative<ExistingFile>(field.rule);
  if (is_file && winner && files_ == config_internal::Files::kMustExist)
    CheckFiles(items[*winner], field.value);
}

bool ConfigReader::ReadValue(const Item& item, const ConfigField::Rule& rule, int64_t& value) {
  const Range& range = std::get<Range>(rule);
  const auto number = IsPlain(item.node) ? ParseInteger(item.node.Scalar()) : std::nullopt;
  if (!number || !IsInside(static_cast<double>(*number), range)) {
    AddMistake(item, "expected " + Expected("an integer", "a 64-bit integer", range) + ", found " +
                         Describe(item.node));
    return false;
  }
  value = *number;
  return true;
}

bool ConfigReader::ReadValue(const Item& item, const ConfigField::Rule& rule, double& value) {
  const Range& range = std::get<Range>(rule);
  const auto number = IsPlain(item.node) ? ParseNumber(item.node.Scalar()) : std::nullopt;
  if (!number || !IsInside(*number, range)) {
    AddMistake(item, "expected " + Expected("a number", "a finite number", range) + ", found " +
                         Describe(item.node));
    return false;
  }
  value = *number;
  return true;
}

bool ConfigReader::ReadValue(const Item& item, const ConfigField::Rule& /*rule*/, bool& value) {
  const bool is_true = IsPlain(item.node) && item.node.Scalar() == "true";
  if (!is_true && !(IsPlain(item.node) && item.node.Scalar() == "false")) {
    AddMistake(item, "expected true or false, found " + Describe(item.node));
    return false;
  }
  value = is_true;
  return true;
}

bool ConfigReader::ReadValue(const Item& item, const ConfigField::Rule& rule, std::string& value) {
  const Choice* choice = std::get_if<Choice>(&rule);
  if (!item.node.IsScalar()) {
    AddMistake(item, "expected " + (choice ? "one of " + Join(choice->names, " | ") : "text") + ", found " +
                         Describe(item.node));
    return false;
  }
  const std::string& text = item.node.Scalar();
  if (choice && std::find(choice->names.begin(), choice->names.end(), text) == choice->names.end()) {
    AddMistake(item, "expected one of " + Join(choice->names, " | ") + ", found " + Quoted(text) +
                         DidYouMean(text, choice->names));
    return false;
  }
  const bool is_file = std::holds_alternative<ExistingFile>(rule) && !text.empty();
  value = is_file ? (layers_[item.layer].directory / text).lexically_normal().string() : text;
  return true;
}

template <class Element>
bool ConfigReader::ReadValue(const Item& item, const ConfigField::Rule& rule, std::vector<Element>& value) {
  if (!item.node.IsSequence()) {
    AddMistake(item, "expected a list, found " + Describe(item.node));
    return false;
  }
  std::vector<Element> elements;
  bool all_good = true;
  for (const YAML::Node& node : item.node) {
    const int line = layers_[item.layer].IsOverride() ? 0 : node.Mark().line + 1;
    const Item element{node, item.layer, line, Concat(item.path, "[", elements.size(), "]")};
    all_good = ReadValue(element, rule, elements.emplace_back()) && all_good;
  }
  if (all_good) value = std::move(elements);
  return all_good;
}

void ConfigReader::CheckFiles(const Item& item, const ConfigField::Value& value) {
  if (const auto* file = std::get_if<std::string*>(&value); file && !(*file)->empty())
    CheckFile(item, **file);
  if (const auto* files = std::get_if<std::vector<std::string>*>(&value)) {
    for (size_t i = 0; i < (*files)->size(); ++i) {
      Item element = item;
      element.path += Concat("[", i, "]");
      CheckFile(element, (**files)[i]);
    }
  }
}

void ConfigReader::CheckFile(const Item& item, const std::string& file) {
  std::error_code ignored;
  if (file.find('\0') != std::string::npos || !fs::exists(file, ignored)) {
    AddMistake(item, "expected an existing file, found none at " + QuotedPath(file));
  } else if (fs::is_directory(file, ignored)) {
    AddMistake(item, "expected a file, found the folder " + QuotedPath(file));
  }
}

}  // namespace links
