#include "graph.h"

#include <torch/types.h>

#include "links/core/error.h"

namespace links {
namespace {

ValueType TypeOf(const torch::Tensor& tensor) {
  if (tensor.scalar_type() == torch::kFloat32) return ValueType::kFloat;
  if (tensor.scalar_type() == torch::kBool) return ValueType::kBool;
  if (tensor.scalar_type() == torch::kInt64) return ValueType::kInt64;
  throw Error("expected a constant of float32, bool or int64 in a graph, found another type");
}

}  // namespace

Value Graph::Constant(const std::string& name, const at::Tensor& tensor) {
  const torch::Tensor stored = tensor.detach().cpu().contiguous();
  const std::string bytes(static_cast<const char*>(stored.data_ptr()), stored.nbytes());
  const auto [place, is_new] = constants_.emplace(name, bytes);
  if (is_new) {
    AddConstant(name, TypeOf(stored), stored.sizes().vec(), bytes);
  } else if (place->second != bytes) {
    throw Error("expected one constant of a graph under the name ", name, ", found two");
  }
  return name;
}

Value Graph::Constant(const std::string& name, const std::vector<int64_t>& numbers) {
  return Constant(name, torch::tensor(numbers));
}

Value Graph::NextName() {
  return links::Concat("v", next_++);
}

Value Graph::Number(double number) {
  std::string name = links::Concat("number_", number);
  for (char& letter : name) {
    if (letter == '.') letter = '_';
    if (letter == '-') letter = 'm';
    if (letter == '+') letter = 'p';
  }
  return Constant(name, torch::tensor(number, torch::kFloat32));
}

}  // namespace links
