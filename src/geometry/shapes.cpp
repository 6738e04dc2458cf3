#include "links/geometry/shapes.h"

#include "links/core/error.h"
#include "links/skeleton/skeleton.h"

namespace links {

namespace {

// Whether the last dimensions have these sizes; -1 stands for any.
bool EndsWith(const torch::Tensor& tensor, torch::IntArrayRef sizes) {
  int64_t dim = tensor.dim() - static_cast<int64_t>(sizes.size());
  if (dim < 0) return false;
  for (const int64_t size : sizes) {
    if (size != -1 && size != tensor.size(dim)) return false;
    ++dim;
  }
  return true;
}

[[noreturn]] void Refuse(const torch::Tensor& tensor, const char* leading, torch::IntArrayRef sizes,
                         const char* name) {
  std::ostringstream expected;
  expected << leading;
  for (const int64_t size : sizes) {
    expected << (expected.tellp() > 0 ? ", " : "");
    if (size < 0) {
      expected << "any";
    } else {
      expected << size;
    }
  }
  throw Error("expected ", name, " of shape (", expected.str(), "), found ",
              tensor.defined() ? Concat(tensor.sizes()) : std::string("an undefined tensor"));
}

}  // namespace

void CheckShape(const torch::Tensor& tensor, std::initializer_list<int64_t> shape, const char* name) {
  if (tensor.defined() && tensor.dim() == static_cast<int64_t>(shape.size()) && EndsWith(tensor, shape))
    return;
  Refuse(tensor, "", shape, name);
}

void CheckLastSizes(const torch::Tensor& tensor, std::initializer_list<int64_t> sizes, const char* name) {
  if (!tensor.defined() || !EndsWith(tensor, sizes)) Refuse(tensor, "...", sizes, name);
}

void CheckPoses(const torch::Tensor& poses, int64_t stack, int64_t runs) {
  std::vector<int64_t> shape = {-1, kJoints, 2};
  if (runs > 1) shape.insert(shape.begin(), runs);
  if (poses.defined() && poses.dim() > static_cast<int64_t>(shape.size())) shape.insert(shape.begin(), stack);
  if (!poses.defined() || poses.dim() != static_cast<int64_t>(shape.size()) || !EndsWith(poses, shape))
    Refuse(poses, "", shape, "poses");
}

torch::Tensor InsertAxes(const torch::Tensor& tensor, int64_t dim, int64_t dims) {
  std::vector<int64_t> sizes = tensor.sizes().vec();
  sizes.insert(sizes.begin() + dim, static_cast<size_t>(dims - tensor.dim()), 1);
  return tensor.reshape(sizes);
}

torch::Tensor SumInOrder(const torch::Tensor& values) {
  const std::vector<torch::Tensor> rows = values.unbind(0);
  torch::Tensor sum = rows.front();
  for (size_t i = 1; i < rows.size(); ++i) sum = sum + rows[i];
  return sum;
}

}  // namespace links
