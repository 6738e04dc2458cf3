#include <links/geometry/shapes.h>
#include <links/skeleton/skeleton.h>
#include <torch/types.h>

#include <iostream>

int main() {
  const torch::Tensor pose = torch::zeros({1, links::kJoints, 2});
  links::CheckShape(pose, {-1, links::kJoints, 2}, "pose");
  std::cout << "a pose of " << pose.size(1) << " joints\n";
}
