#include <torch/csrc/jit/api/module.h>
#include <torch/types.h>

#include <algorithm>
#include <memory>
#include <set>
#include <sstream>

#include "graph.h"
#include "links/core/error.h"
#include "links/core/text.h"

namespace links {
namespace {

// c10::ScalarType's numbers, which TorchScript takes for types.
int64_t NumberOf(ValueType type) {
  switch (type) {
    case ValueType::kFloat:
      return static_cast<int64_t>(torch::kFloat32);
    case ValueType::kBool:
      return static_cast<int64_t>(torch::kBool);
    case ValueType::kInt64:
      return static_cast<int64_t>(torch::kInt64);
  }
  return -1;
}

std::string ListOf(const std::vector<int64_t>& numbers) {
  std::vector<std::string> texts;
  for (const int64_t number : numbers) texts.push_back(std::to_string(number));
  return links::Concat("[", Join(texts, ", "), "]");
}

/// A module whose buffers are the constants and whose `forward` is a line an operation.
class TorchScriptGraph : public Graph {
 public:
  Value Input(const std::string& name, const std::vector<int64_t>&) override {
    inputs_.push_back(name + ": Tensor");
    return name;
  }

  void Output(const std::string& name, const Value& value, ValueType, const std::vector<int64_t>&) override {
    names_.push_back(name);
    outputs_.push_back(Text(value));
  }

  Value Apply(const Operator& op, const std::vector<Value>& inputs) override {
    std::string line = op.script;
    for (size_t i = 0; i < inputs.size(); ++i) {
      const std::string place = links::Concat("{", i, "}");
      line.replace(line.find(place), place.size(), Text(inputs[i]));
    }
    return Line(line);
  }

  Value LeakyRelu(const Value& x, double slope) override {
    return Line("torch.leaky_relu(" + Text(x) + ", " + std::to_string(slope) + ")");
  }

  Value Sum(const Value& x, int64_t axis) override {
    return Line("torch.sum(" + Text(x) + ", " + ListOf({axis}) + ", True)");
  }

  Value Concat(const std::vector<Value>& values, int64_t axis) override {
    std::vector<std::string> texts;
    for (const Value& value : values) texts.push_back(Text(value));
    return Line("torch.cat([" + Join(texts, ", ") + "], " + std::to_string(axis) + ")");
  }

  Value Narrow(const Value& x, int64_t axis, int64_t begin, int64_t count) override {
    return Line("torch.narrow(" + Text(x) + ", " + std::to_string(axis) + ", " + std::to_string(begin) +
                ", " + std::to_string(count) + ")");
  }

  Value Select(const Value& x, int64_t axis, const std::vector<int64_t>& entries) override {
    const Value index = Constant(links::Concat("entries_", tables_++), entries);
    return Line("torch.index_select(" + Text(x) + ", " + std::to_string(axis) + ", " + Text(index) + ")");
  }

  Value Reshape(const Value& x, const std::vector<int64_t>& sizes) override {
    std::vector<int64_t> all = {-1};
    all.insert(all.end(), sizes.begin(), sizes.end());
    return Line("torch.reshape(" + Text(x) + ", " + ListOf(all) + ")");
  }

  Value Cast(const Value& x, ValueType type) override {
    return Line("torch.to(" + Text(x) + ", " + std::to_string(NumberOf(type)) + ")");
  }

  std::string Bytes(const std::map<std::string, std::string>& texts) override {
    std::ostringstream code;
    code << "def forward(self, " << Join(inputs_, ", ") << "):\n";
    for (const std::string& line : lines_) code << "  " << line << "\n";
    code << "  return (" << Join(outputs_, ", ") << (outputs_.size() == 1 ? ",)\n" : ")\n");
    module_.define(code.str());
    module_.eval();
    torch::jit::ExtraFilesMap files(texts.begin(), texts.end());
    files["inputs"] = Join(inputs_, ", ");
    files["outputs"] = Join(names_, ", ");
    std::ostringstream bytes;
    module_.save(bytes, files);
    return bytes.str();
  }

 protected:
  void AddConstant(const std::string& name, ValueType type, const std::vector<int64_t>& sizes,
                   std::string_view bytes) override {
    const torch::Tensor tensor = torch::empty(sizes, static_cast<torch::ScalarType>(NumberOf(type)));
    std::ranges::copy(bytes, static_cast<char*>(tensor.data_ptr()));
    module_.register_buffer(name, tensor);
    constants_.insert(name);
  }

 private:
  std::string Text(const Value& value) const { return constants_.contains(value) ? "self." + value : value; }

  Value Line(const std::string& expression) {
    Value name = NextName();
    lines_.push_back(name + " = " + expression);
    return name;
  }

  torch::jit::Module module_{"Links"};
  std::set<std::string> constants_;
  std::vector<std::string> inputs_, lines_, names_, outputs_;
  int64_t tables_ = 0;
};

}  // namespace

std::unique_ptr<Graph> MakeTorchScriptGraph() {
  return std::make_unique<TorchScriptGraph>();
}

}  // namespace links
