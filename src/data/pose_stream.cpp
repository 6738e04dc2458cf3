#include "links/data/pose_stream.h"

#include <utility>

#include "hdf5_output.h"
#include "links/core/atomic_file.h"
#include "links/core/error.h"
#include "links/skeleton/skeleton.h"
#include "pose_layout.h"

namespace links {
namespace {

using hdf5::Handle;
using hdf5::Keep;
using hdf5::Ok;

constexpr size_t kTextBytes = 64;

/// A data set whose first axis grows.
struct Column {
  Handle set, type;
  std::vector<hsize_t> shape;  // of all rows written

  void Append(hsize_t rows, const void* values) {
    std::vector<hsize_t> start(shape.size(), 0), count = shape;
    start[0] = shape[0];
    count[0] = rows;
    shape[0] += rows;
    Ok(H5Dset_extent(set.get(), shape.data()));
    const Handle in_file = Keep(H5Dget_space(set.get()), H5Sclose);
    Ok(H5Sselect_hyperslab(in_file.get(), H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr));
    const Handle in_memory =
        Keep(H5Screate_simple(static_cast<int>(count.size()), count.data(), nullptr), H5Sclose);
    Ok(H5Dwrite(set.get(), type.get(), in_memory.get(), in_file.get(), H5P_DEFAULT, values));
  }
};

std::vector<char> FixedWidth(const std::vector<std::string>& values, const char* name,
                             const std::string& origin) {
  std::vector<char> bytes(values.size() * kTextBytes, '\0');
  for (size_t i = 0; i < values.size(); ++i) {
    if (values[i].size() > kTextBytes) {
      throw Error(origin, ": expected a /", name, " of at most ", kTextBytes, " bytes, found '", values[i],
                  "'");
    }
    std::copy(values[i].begin(), values[i].end(), &bytes[i * kTextBytes]);
  }
  return bytes;
}

}  // namespace

struct PoseStream::File {
  hdf5::Output output;
  Handle file;
  Column keypoints_2d, joints_3d, confidence, subject, action, camera, frame;

  File(const std::string& path, const std::string& name)
      : output(path, name), file(output.Create(hdf5::Access())) {}

  Column Make(const char* name, Handle type, const std::vector<hsize_t>& row_shape, bool compressed) const {
    std::vector<hsize_t> shape = row_shape;
    shape.insert(shape.begin(), 0);
    std::vector<hsize_t> most = shape;
    most[0] = H5S_UNLIMITED;
    const Handle space =
        Keep(H5Screate_simple(static_cast<int>(shape.size()), shape.data(), most.data()), H5Sclose);
    const Handle creation = hdf5::Creation(hdf5::kChunkRows, row_shape, compressed);
    Handle set =
        Keep(H5Dcreate2(file.get(), name, type.get(), space.get(), H5P_DEFAULT, creation.get(), H5P_DEFAULT),
             H5Dclose);
    return {std::move(set), std::move(type), std::move(shape)};
  }
};

PoseStream::PoseStream(const std::string& path, const std::string& name, const std::string& source,
                       const std::string& licence) {
  const hdf5::Silence silence;
  file_ = std::make_unique<File>(path, name);
  hdf5::WriteHeader(file_->file, source, licence);
}

PoseStream::~PoseStream() {
  const hdf5::Silence silence;
  file_.reset();
}

void PoseStream::Append(const PoseData& poses, const std::string& origin) {
  if (poses.keypoints_2d.empty()) return;
  CheckPoses(poses, origin);
  const hdf5::Silence silence;
  const auto rows = static_cast<hsize_t>(poses.size());
  const auto write = [&](const char* name, Column& column, const auto& values, auto type,
                         const std::vector<hsize_t>& row_shape, bool compressed = false) {
    if (size_ == 0 && !values.empty()) column = file_->Make(name, type(), row_shape, compressed);
    if (values.empty() != !column.set) {
      throw Error(origin, ": expected /", name,
                  values.empty() ? " as in the poses before" : " to be absent as in the poses before");
    }
    if (!values.empty()) column.Append(rows, values.data());
  };
  const auto real = [] { return Keep(H5Tcopy(H5T_NATIVE_FLOAT), H5Tclose); };
  const auto integer = [] { return Keep(H5Tcopy(H5T_NATIVE_INT64), H5Tclose); };
  const auto text = [] { return hdf5::StringType(kTextBytes); };
  write("keypoints_2d", file_->keypoints_2d, poses.keypoints_2d, real, {kJoints, 2});
  write("joints_3d", file_->joints_3d, poses.joints_3d, real, {kJoints, 3});
  write("confidence", file_->confidence, poses.confidence, real, {kJoints});
  write("subject", file_->subject, FixedWidth(poses.subject, "subject", origin), text, {}, true);
  write("action", file_->action, FixedWidth(poses.action, "action", origin), text, {}, true);
  write("camera", file_->camera, FixedWidth(poses.camera, "camera", origin), text, {}, true);
  write("frame", file_->frame, poses.frame, integer, {});
  size_ += poses.size();
  file_->output.Check();
}

void PoseStream::Finish() {
  if (size_ == 0) throw Error("expected at least one pose to write, found none");
  const hdf5::Silence silence;
  hdf5::WriteJoints(file_->file, joints_, static_cast<bool>(file_->joints_3d.set));
  for (Column* column : {&file_->keypoints_2d, &file_->joints_3d, &file_->confidence, &file_->subject,
                         &file_->action, &file_->camera, &file_->frame}) {
    *column = {};
  }
  file_->file = {};
  file_->output.Check();
  file_.reset();
}

void StreamPoseFile(const std::string& path, const std::string& source, const std::string& licence,
                    const std::function<void(PoseStream&)>& produce) {
  CheckWritable(path);
  WriteFileAtomically(path, [&](const std::string& temporary) {
    PoseStream stream(temporary, path, source, licence);
    produce(stream);
    stream.Finish();
  });
}

}  // namespace links
