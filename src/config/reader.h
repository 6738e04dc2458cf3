#pragma once

#include <map>
#include <string>
#include <vector>

#include "layer.h"
#include "links/config/config.h"

namespace links {

/// Fills an options struct from layers, later ones over earlier ones, and notes every mistake on the way.
class ConfigReader : public ConfigVisitor {
 public:
  ConfigReader(std::vector<Layer> layers, config_internal::Files files);

  /// To be called after the visit: the mistakes in the order of the layers and of their lines.
  Mistakes Finish();

 protected:
  void Visit(const ConfigField& field) override;
  void Enter(const std::string& name, const std::string& help) override;
  void Leave() override;

 private:
  /// A node, where it stands and what it is called.
  struct Item {
    YAML::Node node;
    size_t layer;
    int line;
    std::string path;
  };
  struct Mistake {
    size_t layer;
    int line;
    std::string text;
  };
  /// The nested struct being visited: what each layer says about it, and the names declared so far.
  struct Section {
    std::string prefix;
    std::vector<std::map<std::string, Item>> items_of_layer;
    std::vector<std::string> names;
  };

  void Open(const std::string& prefix, const std::vector<Item>& items);
  std::map<std::string, Item> Entries(const Item& section, const std::string& prefix);
  /// What the layers say about an option of the current section, earliest first.
  std::vector<Item> Find(const std::string& name);
  void AddMistake(const Item& item, const std::string& text);

  bool ReadValue(const Item& item, const ConfigField::Rule& rule, int64_t& value);
  bool ReadValue(const Item& item, const ConfigField::Rule& rule, double& value);
  bool ReadValue(const Item& item, const ConfigField::Rule& rule, bool& value);
  bool ReadValue(const Item& item, const ConfigField::Rule& rule, std::string& value);
  template <class Element>
  bool ReadValue(const Item& item, const ConfigField::Rule& rule, std::vector<Element>& value);
  void CheckFiles(const Item& item, const ConfigField::Value& value);
  void CheckFile(const Item& item, const std::string& file);

  std::vector<Layer> layers_;
  config_internal::Files files_;
  std::vector<Section> sections_;
  std::vector<Mistake> mistakes_;
};

}  // namespace links
