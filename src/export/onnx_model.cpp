#include <onnx/checker.h>
#include <onnx/onnx_pb.h>

#include <cstdlib>
#include <memory>

#include "graph.h"
#include "links/core/error.h"
#include "links/core/version.h"

namespace links {
namespace {

// Old enough for every runtime of the last years, new enough for all that is used.
constexpr int64_t kOperatorSet = 13, kIrVersion = 7;

int ElementType(ValueType type) {
  switch (type) {
    case ValueType::kFloat:
      return onnx::TensorProto::FLOAT;
    case ValueType::kBool:
      return onnx::TensorProto::BOOL;
    case ValueType::kInt64:
      return onnx::TensorProto::INT64;
  }
  return onnx::TensorProto::UNDEFINED;
}

class OnnxGraph : public Graph {
 public:
  OnnxGraph() {
    model_.set_ir_version(kIrVersion);
    model_.set_producer_name("links");
    model_.set_producer_version(Version());
    onnx::OperatorSetIdProto* set = model_.add_opset_import();
    set->set_domain("");
    set->set_version(kOperatorSet);
    graph().set_name("links");
  }

  Value Input(const std::string& name, const std::vector<int64_t>& sizes) override {
    Describe(*graph().add_input(), name, ValueType::kFloat, sizes);
    return name;
  }

  void Output(const std::string& name, const Value& value, ValueType type,
              const std::vector<int64_t>& sizes) override {
    onnx::NodeProto& node = Node("Identity", {value});
    node.set_output(0, name);
    Describe(*graph().add_output(), name, type, sizes);
  }

  Value Apply(const Operator& op, const std::vector<Value>& inputs) override {
    return Node(op.onnx, inputs).output(0);
  }

  Value LeakyRelu(const Value& x, double slope) override {
    onnx::NodeProto& node = Node("LeakyRelu", {x});
    onnx::AttributeProto& alpha = *node.add_attribute();
    alpha.set_name("alpha");
    alpha.set_type(onnx::AttributeProto::FLOAT);
    alpha.set_f(static_cast<float>(slope));
    return node.output(0);
  }

  Value Sum(const Value& x, int64_t axis) override {
    return Node("ReduceSum", {x, Integers({axis})}).output(0);
  }

  Value Concat(const std::vector<Value>& values, int64_t axis) override {
    onnx::NodeProto& node = Node("Concat", values);
    SetInteger(node, "axis", axis);
    return node.output(0);
  }

  Value Narrow(const Value& x, int64_t axis, int64_t begin, int64_t count) override {
    return Node("Slice", {x, Integers({begin}), Integers({begin + count}), Integers({axis})}).output(0);
  }

  Value Select(const Value& x, int64_t axis, const std::vector<int64_t>& entries) override {
    onnx::NodeProto& node = Node("Gather", {x, Integers(entries)});
    SetInteger(node, "axis", axis);
    return node.output(0);
  }

  Value Reshape(const Value& x, const std::vector<int64_t>& sizes) override {
    std::vector<int64_t> all = {-1};
    all.insert(all.end(), sizes.begin(), sizes.end());
    return Node("Reshape", {x, Integers(all)}).output(0);
  }

  Value Cast(const Value& x, ValueType type) override {
    onnx::NodeProto& node = Node("Cast", {x});
    SetInteger(node, "to", ElementType(type));
    return node.output(0);
  }

  std::string Bytes(const std::map<std::string, std::string>& texts) override {
    for (const auto& [name, text] : texts) {
      onnx::StringStringEntryProto& entry = *model_.add_metadata_props();
      entry.set_key(name);
      entry.set_value(text);
    }
    try {
      onnx::checker::check_model(model_);
    } catch (const std::exception& error) {
      throw Error("expected a graph that ONNX's checker takes, found: ", error.what());
    }
    std::string bytes;
    if (!model_.SerializeToString(&bytes))
      throw Error("expected networks of less than 2 GiB for ONNX, found more");
    return bytes;
  }

 protected:
  void AddConstant(const std::string& name, ValueType type, const std::vector<int64_t>& sizes,
                   std::string_view bytes) override {
    onnx::TensorProto& stored = *graph().add_initializer();
    stored.set_name(name);
    stored.set_data_type(ElementType(type));
    for (const int64_t size : sizes) stored.add_dims(size);
    stored.set_raw_data(bytes.data(), bytes.size());
  }

 private:
  onnx::GraphProto& graph() { return *model_.mutable_graph(); }

  onnx::NodeProto& Node(const std::string& op, const std::vector<Value>& inputs) {
    onnx::NodeProto& node = *graph().add_node();
    node.set_op_type(op);
    for (const Value& input : inputs) node.add_input(input);
    node.add_output(NextName());
    node.set_name(node.output(0));
    return node;
  }

  static void SetInteger(onnx::NodeProto& node, const std::string& name, int64_t number) {
    onnx::AttributeProto& attribute = *node.add_attribute();
    attribute.set_name(name);
    attribute.set_type(onnx::AttributeProto::INT);
    attribute.set_i(number);
  }

  Value Integers(const std::vector<int64_t>& numbers) {
    std::string name = "integers";
    for (const int64_t number : numbers) name += (number < 0 ? "_m" : "_") + std::to_string(std::abs(number));
    return Constant(name, numbers);
  }

  static void Describe(onnx::ValueInfoProto& value, const std::string& name, ValueType type,
                       const std::vector<int64_t>& sizes) {
    value.set_name(name);
    onnx::TypeProto::Tensor& tensor = *value.mutable_type()->mutable_tensor_type();
    tensor.set_elem_type(ElementType(type));
    tensor.mutable_shape()->add_dim()->set_dim_param("N");
    for (const int64_t size : sizes) tensor.mutable_shape()->add_dim()->set_dim_value(size);
  }

  onnx::ModelProto model_;
};

}  // namespace

bool HasOnnx() {
  return true;
}

std::unique_ptr<Graph> MakeOnnxGraph() {
  return std::make_unique<OnnxGraph>();
}

}  // namespace links
