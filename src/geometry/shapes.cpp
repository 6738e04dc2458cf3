#include "links/geometry/shapes.h"

#include "links/core/error.h"

namespace links {

void CheckShape(const torch::Tensor& tensor, std::initializer_list<int64_t> shape, const char* name) {
  bool same = tensor.defined() && tensor.dim() == static_cast<int64_t>(shape.size());
  int64_t dim = 0;
  for (auto size = shape.begin(); same && size != shape.end(); ++size, ++dim) {
    same = *size == -1 || *size == tensor.size(dim);
  }
  if (same) return;
  std::ostringstream expected;
  for (int64_t size : shape) {
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

}  // namespace links
