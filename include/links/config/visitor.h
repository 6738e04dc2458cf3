#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "links/config/field.h"

namespace links {

/// One option as its struct declares it: where its value lives and what the value must satisfy.
struct ConfigField {
  using Value =
      std::variant<int64_t*, double*, bool*, std::string*, std::vector<std::string>*, std::vector<double>*>;
  using Rule = std::variant<std::monostate, Range, Choice, ExistingFile>;

  std::string name;
  Value value;
  Rule rule;
  std::string help;
};

/// Walks through an options struct (see field.h for the calls): Visit for each option in the order of
/// declaration, Enter and Leave around each nested struct.
class ConfigVisitor {
 public:
  virtual ~ConfigVisitor() = default;

  using Text = std::string;
  using Texts = std::vector<std::string>;
  using Numbers = std::vector<double>;

  void operator()(Text name, int64_t& value, Range range, Text help) { Pass(name, &value, range, help); }
  void operator()(Text name, double& value, Range range, Text help) { Pass(name, &value, range, help); }
  void operator()(Text name, bool& value, Text help) { Pass(name, &value, {}, help); }
  void operator()(Text name, Text& value, Text help) { Pass(name, &value, {}, help); }
  void operator()(Text name, Text& value, Choice choice, Text help) { Pass(name, &value, choice, help); }
  void operator()(Text name, Text& value, ExistingFile file, Text help) { Pass(name, &value, file, help); }
  void operator()(Text name, Texts& value, Text help) { Pass(name, &value, {}, help); }
  void operator()(Text name, Texts& value, Choice choice, Text help) { Pass(name, &value, choice, help); }
  void operator()(Text name, Texts& value, ExistingFile file, Text help) { Pass(name, &value, file, help); }
  void operator()(Text name, Numbers& value, Range range, Text help) { Pass(name, &value, range, help); }

  template <class Enum>
  requires std::is_enum_v<Enum>
  void operator()(Text name, Enum& value, Choice choice, Text help) {
    Text text = NameOf(value, choice);
    Pass(name, &text, choice, help);
    value = ValueOf<Enum>(text, choice);
  }
  template <class Enum>
  requires std::is_enum_v<Enum>
  void operator()(Text name, std::vector<Enum>& values, Choice choice, Text help) {
    Texts texts;
    for (const Enum value : values) texts.push_back(NameOf(value, choice));
    Pass(name, &texts, choice, help);
    values.clear();
    for (const Text& text : texts) values.push_back(ValueOf<Enum>(text, choice));
  }

  template <class Options>
  requires requires(Options& options, ConfigVisitor& visitor) { options.Fields(visitor); }
  void operator()(const Text& name, Options& options, const Text& help) {
    Enter(name, help);
    options.Fields(*this);
    Leave();
  }

 protected:
  virtual void Visit(const ConfigField& field) = 0;
  virtual void Enter(const std::string& name, const std::string& help) = 0;
  virtual void Leave() = 0;

 private:
  template <class Enum>
  static Text NameOf(Enum value, const Choice& choice) {
    return choice.names.at(static_cast<size_t>(value));
  }
  template <class Enum>
  static Enum ValueOf(const Text& text, const Choice& choice) {
    return static_cast<Enum>(std::ranges::find(choice.names, text) - choice.names.begin());
  }

  void Pass(Text& name, ConfigField::Value value, ConfigField::Rule rule, Text& help) {
    Visit({std::move(name), value, std::move(rule), std::move(help)});
  }
};

}  // namespace links
