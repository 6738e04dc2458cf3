#pragma once

#include <cstdint>
#include <string>
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

  template <class Options>
  requires requires(Options& options, ConfigVisitor& visitor) { options.Fields(visitor); }
  void operator()(Text name, Options& options, Text help) {
    Enter(name, help);
    options.Fields(*this);
    Leave();
  }

 protected:
  virtual void Visit(const ConfigField& field) = 0;
  virtual void Enter(const std::string& name, const std::string& help) = 0;
  virtual void Leave() = 0;

 private:
  void Pass(Text& name, ConfigField::Value value, ConfigField::Rule rule, Text& help) {
    Visit({std::move(name), value, std::move(rule), std::move(help)});
  }
};

}  // namespace links
