#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace at {
class Tensor;  // LibTorch's headers hide those of the onnx library's protobuf
}

namespace links {

/// A value of a graph by its name.
using Value = std::string;

enum class ValueType { kFloat, kBool, kInt64 };

/// Element by element with broadcasting, or a matrix product: its name in ONNX and as an expression of
/// TorchScript, {0} being the first input.
struct Operator {
  const char* onnx;
  const char* script;
};

inline constexpr Operator kAdd{"Add", "torch.add({0}, {1})"}, kSub{"Sub", "torch.sub({0}, {1})"},
    kMul{"Mul", "torch.mul({0}, {1})"}, kDiv{"Div", "torch.div({0}, {1})"},
    kMax{"Max", "torch.maximum({0}, {1})"}, kMatMul{"MatMul", "torch.matmul({0}, {1})"},
    kWhere{"Where", "torch.where({0}, {1}, {2})"}, kAnd{"And", "torch.logical_and({0}, {1})"},
    kOr{"Or", "torch.logical_or({0}, {1})"}, kNot{"Not", "torch.logical_not({0})"},
    kGreater{"Greater", "torch.gt({0}, {1})"}, kLess{"Less", "torch.lt({0}, {1})"},
    kEqual{"Equal", "torch.eq({0}, {1})"}, kAbs{"Abs", "torch.abs({0})"}, kSqrt{"Sqrt", "torch.sqrt({0})"},
    kExp{"Exp", "torch.exp({0})"}, kTanh{"Tanh", "torch.tanh({0})"}, kRelu{"Relu", "torch.relu({0})"};

/// A computation being written down, of values whose first dimension is the batch: what ONNX and TorchScript
/// both have. Axes count from 0, the batch.
class Graph {
 public:
  virtual ~Graph() = default;

  /// sizes: of one pose, without the batch.
  virtual Value Input(const std::string& name, const std::vector<int64_t>& sizes) = 0;
  virtual void Output(const std::string& name, const Value& value, ValueType type,
                      const std::vector<int64_t>& sizes) = 0;

  virtual Value Apply(const Operator& op, const std::vector<Value>& inputs) = 0;
  virtual Value LeakyRelu(const Value& x, double slope) = 0;
  /// The axis stays, with size 1.
  virtual Value Sum(const Value& x, int64_t axis) = 0;
  virtual Value Concat(const std::vector<Value>& values, int64_t axis) = 0;
  /// `count` entries of an axis from `begin` on.
  virtual Value Narrow(const Value& x, int64_t axis, int64_t begin, int64_t count) = 0;
  /// These entries of an axis.
  virtual Value Select(const Value& x, int64_t axis, const std::vector<int64_t>& entries) = 0;
  /// sizes: of one pose; the batch stays.
  virtual Value Reshape(const Value& x, const std::vector<int64_t>& sizes) = 0;
  virtual Value Cast(const Value& x, ValueType type) = 0;

  /// A weight or a table, under a name that is given once. A tensor that broadcasts over the batch starts
  /// with an axis of size 1, or has fewer axes.
  Value Constant(const std::string& name, const at::Tensor& tensor);
  Value Constant(const std::string& name, const std::vector<int64_t>& numbers);
  Value Number(double number);

  /// The file, with texts for those who open it.
  virtual std::string Bytes(const std::map<std::string, std::string>& texts) = 0;

 protected:
  /// bytes: of the numbers in their order, little-endian.
  virtual void AddConstant(const std::string& name, ValueType type, const std::vector<int64_t>& sizes,
                           std::string_view bytes) = 0;
  Value NextName();

 private:
  int64_t next_ = 0;
  std::map<std::string, std::string> constants_;  // their bytes
};

/// Whether the build has the onnx library, without which MakeOnnxGraph throws Error.
bool HasOnnx();
std::unique_ptr<Graph> MakeOnnxGraph();
std::unique_ptr<Graph> MakeTorchScriptGraph();

}  // namespace links
