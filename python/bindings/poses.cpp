#include <pybind11/stl.h>

#include "bindings.h"
#include "links/core/error.h"
#include "links/data/pose_file.h"
#include "links/skeleton/skeleton.h"

namespace links {
namespace {

using Floats = py::array_t<float, py::array::c_style | py::array::forcecast>;

py::object OrNone(std::vector<float>&& numbers, const std::vector<py::ssize_t>& sizes) {
  if (numbers.empty()) return py::none();
  return ToArray(std::move(numbers), sizes);
}

template <class Item>
py::object OrNone(std::vector<Item>&& items) {
  if (items.empty()) return py::none();
  return py::cast(std::move(items));
}

py::dict Read(const std::string& path, const std::vector<std::string>& subjects,
              const std::vector<std::string>& actions, const std::vector<std::string>& cameras,
              int64_t stride, bool predictions) {
  PoseData poses;
  {
    const py::gil_scoped_release release;
    poses = ReadPoseFile(path, {subjects, actions, cameras, stride},
                         predictions ? Joints3d::kPrediction : Joints3d::kGroundTruth);
  }
  const py::ssize_t count = poses.size();
  py::dict fields;
  fields["keypoints_2d"] = ToArray(std::move(poses.keypoints_2d), {count, kJoints, 2});
  fields["joints_3d"] = OrNone(std::move(poses.joints_3d), {count, kJoints, 3});
  fields["confidence"] = OrNone(std::move(poses.confidence), {count, kJoints});
  fields["subject"] = OrNone(std::move(poses.subject));
  fields["action"] = OrNone(std::move(poses.action));
  fields["camera"] = OrNone(std::move(poses.camera));
  fields["frame"] = OrNone(std::move(poses.frame));
  fields["source"] = poses.source;
  fields["licence"] = poses.licence;
  fields["joints"] = NameOf(poses.joints);
  fields["cameras"] = poses.cameras;
  return fields;
}

std::vector<float> Numbers(const py::dict& fields, const char* name, py::ssize_t count, py::ssize_t columns) {
  const py::object given = fields[name];
  if (given.is_none()) return {};
  const Floats array = Floats::ensure(given);
  const bool flat = columns == 1;
  if (!array || array.ndim() != (flat ? 2 : 3) || (count >= 0 && array.shape(0) != count) ||
      array.shape(1) != kJoints || (!flat && array.shape(2) != columns)) {
    throw UsageError("expected ", name, " (N, ", kJoints, flat ? "" : Concat(", ", columns),
                     ") with as many poses as keypoints_2d, found another shape");
  }
  return {array.data(), array.data() + array.size()};
}

template <class Item>
std::vector<Item> Items(const py::dict& fields, const char* name, int64_t count) {
  const py::object given = fields[name];
  if (given.is_none()) return {};
  auto items = given.cast<std::vector<Item>>();
  if (static_cast<int64_t>(items.size()) != count)
    throw UsageError("expected ", name, " for each of the ", count, " poses, found ", items.size());
  return items;
}

void Write(const std::string& path, const py::dict& fields, bool predictions) {
  PoseData poses;
  poses.keypoints_2d = Numbers(fields, "keypoints_2d", -1, 2);
  const int64_t count = poses.size();
  poses.joints_3d = Numbers(fields, "joints_3d", count, 3);
  poses.confidence = Numbers(fields, "confidence", count, 1);
  poses.subject = Items<std::string>(fields, "subject", count);
  poses.action = Items<std::string>(fields, "action", count);
  poses.camera = Items<std::string>(fields, "camera", count);
  poses.frame = Items<int64_t>(fields, "frame", count);
  poses.source = fields["source"].cast<std::string>();
  poses.licence = fields["licence"].cast<std::string>();
  const auto joints = fields["joints"].cast<std::string>();
  if (!joints.empty()) poses.joints = ParseJointDefinition(joints);
  poses.cameras = fields["cameras"].cast<std::string>();
  const py::gil_scoped_release release;
  WritePoseFile(path, poses, predictions ? Joints3d::kPrediction : Joints3d::kGroundTruth);
}

}  // namespace

void BindPoses(py::module_& module) {
  module.def("read_poses", Read);
  module.def("write_poses", Write);
  std::vector<std::string> names(kJointNames.begin(), kJointNames.end());
  module.attr("joint_names") = py::tuple(py::cast(names));
  py::list bones;
  for (const auto& [parent, child] : kBoneList) bones.append(py::make_tuple(parent, child));
  module.attr("bones") = py::tuple(bones);
}

}  // namespace links
