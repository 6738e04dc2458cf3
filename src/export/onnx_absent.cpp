// In place of onnx_model.cpp where the build has no onnx library.
#include <memory>

#include "graph.h"
#include "links/core/error.h"

namespace links {

bool HasOnnx() {
  return false;
}

std::unique_ptr<Graph> MakeOnnxGraph() {
  throw Error(
      "expected a build with the onnx library for --format onnx, found one without: install libonnx-dev and "
      "configure anew, or take --format torchscript");
}

}  // namespace links
