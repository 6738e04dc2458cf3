#include <links/core/share.h>
#include <links/data/joint_map.h>
#include <links/geometry/shapes.h>
#include <links/skeleton/skeleton.h>
#include <torch/types.h>

#include <iostream>

int main() {
  const torch::Tensor pose = torch::zeros({1, links::kJoints, 2});
  links::CheckShape(pose, {-1, links::kJoints, 2}, "pose");
  std::cout << "a pose of " << pose.size(1) << " joints\n";
  const std::string maps = links::SharePath("configs/joints");
  if (maps.rfind(PREFIX "/", 0) != 0) {
    std::cerr << "expected the joint maps of the package below " PREFIX ", found " << maps << "\n";
    return 1;
  }
  std::cout << links::FindJointMaps("cmu").front().joints.size() << " joints from the map cmu\n";
}
