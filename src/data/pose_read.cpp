#include <string>
#include <utility>

#include "hdf5_file.h"
#include "links/core/error.h"
#include "links/data/missing_joints.h"
#include "links/data/pose_file.h"
#include "links/data/pose_select.h"
#include "links/skeleton/skeleton.h"
#include "pose_header.h"

namespace links {
namespace {

constexpr int64_t kMaxRows = 100'000'000;

/// The parts of one open pose file; an absent one gives an empty vector.
class Reader {
 public:
  explicit Reader(const std::string& path) : file_(path, "a pose file") {
    hdf5::CheckPoseHeader(file_);
    const hdf5::DataSet keypoints = file_.Open("keypoints_2d");
    keypoints.ExpectShape({hdf5::kAny, kJoints, 2});
    rows_ = keypoints.rows();
    if (rows_ == 0) throw Error(path, ": /keypoints_2d must hold at least one pose, found none");
    if (rows_ > kMaxRows)
      throw Error(path, ": a pose file may hold up to ", kMaxRows, " poses, found ", rows_);
  }

  void Read(const char* name, const hdf5::Shape& row_shape, std::vector<float>& out) const {
    ReadNumbers(name, row_shape, H5T_FLOAT, H5T_NATIVE_FLOAT, out);
  }

  void Read(const char* name, std::vector<int64_t>& out) const {
    ReadNumbers(name, {}, H5T_INTEGER, H5T_NATIVE_INT64, out);
  }

  void Read(const char* name, std::vector<std::string>& out) const {
    if (file_.Has(name)) out = file_.Open(name).ExpectShape({rows_}).ReadTexts(0, rows_);
  }

  const hdf5::File& file() const { return file_; }
  std::string Text(const char* attribute) const { return file_.TextAttribute(attribute).value_or(""); }

 private:
  template <class Value>
  void ReadNumbers(const char* name, hdf5::Shape shape, H5T_class_t kind, hid_t memory,
                   std::vector<Value>& out) const {
    if (!file_.Has(name)) return;
    shape.insert(shape.begin(), rows_);
    const hdf5::DataSet set = file_.Open(name);
    set.ExpectShape(shape).ExpectKind(kind);
    out.resize(static_cast<size_t>(rows_ * set.width()));
    set.Read(0, rows_, memory, out.data());
  }

  hdf5::File file_;
  int64_t rows_ = 0;
};

PoseData ReadWholeFile(const std::string& path, Joints3d joints) {
  const Reader reader(path);
  PoseData poses;
  reader.Read("keypoints_2d", {kJoints, 2}, poses.keypoints_2d);
  reader.Read("joints_3d", {kJoints, 3}, poses.joints_3d);
  reader.Read("confidence", {kJoints}, poses.confidence);
  reader.Read("subject", poses.subject);
  reader.Read("action", poses.action);
  reader.Read("camera", poses.camera);
  reader.Read("frame", poses.frame);
  poses.source = reader.Text("source");
  poses.licence = reader.Text("licence");
  poses.joints = hdf5::JointsOf(reader.file());
  poses.cameras = reader.Text("cameras");
  MarkMissingJoints(poses);
  CheckPoses(poses, path, joints);
  CheckPixels(poses, path);
  return poses;
}

/// Appends `more` to `all`; a part that either lacks becomes absent.
template <class T>
void AppendPart(std::vector<T>& all, std::vector<T>& more) {
  if (all.empty() || more.empty()) {
    all.clear();
  } else {
    all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  }
}

void AppendText(std::string& all, const std::string& more) {
  if (more.empty() || all.find(more) != std::string::npos) return;
  all += (all.empty() ? "" : "; ") + more;
}

}  // namespace

PoseData ReadPoseFiles(const std::vector<std::string>& paths, const PoseSelection& selection,
                       Joints3d joints) {
  if (paths.empty()) throw UsageError("expected at least one pose file, found an empty list");
  PoseData all = ReadWholeFile(paths.front(), joints);
  const JointDefinition joints_of_first = all.joints;
  all.file.assign(static_cast<size_t>(all.size()), 0);
  for (size_t i = 1; i < paths.size(); ++i) {
    PoseData more = ReadWholeFile(paths[i], joints);
    all.file.insert(all.file.end(), static_cast<size_t>(more.size()), static_cast<int32_t>(i));
    AppendPart(all.keypoints_2d, more.keypoints_2d);
    AppendPart(all.joints_3d, more.joints_3d);
    AppendPart(all.confidence, more.confidence);
    AppendPart(all.subject, more.subject);
    AppendPart(all.action, more.action);
    AppendPart(all.camera, more.camera);
    AppendPart(all.frame, more.frame);
    AppendText(all.source, more.source);
    AppendText(all.licence, more.licence);
    AppendText(all.cameras, more.cameras);
    WarnOfOtherJoints(joints_of_first, Concat(paths.front(), ": its"), more.joints, "those of " + paths[i]);
    all.joints = Together(all.joints, more.joints);
  }
  const std::string more = paths.size() > 1 ? Concat(" and ", paths.size() - 1, " more") : "";
  SelectPoses(all, selection, paths.front() + more);
  return all;
}

PoseData ReadPoseFile(const std::string& path, const PoseSelection& selection, Joints3d joints) {
  return ReadPoseFiles({path}, selection, joints);
}

}  // namespace links
