#include "links/data/pose_stream.h"

#include <filesystem>
#include <utility>

#include "links/core/atomic_file.h"
#include "links/core/error.h"
#include "links/skeleton/skeleton.h"
#include "pose_layout.h"

namespace links {
namespace {

namespace fs = std::filesystem;
using hdf5::Handle;
using hdf5::Keep;
using hdf5::Ok;

constexpr hsize_t kChunkRows = 4096;
constexpr size_t kTextBytes = 64;
constexpr uintmax_t kSpareBytes = uintmax_t{16} << 20;  // HDF5's own tables

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
  Handle file;
  Column keypoints_2d, joints_3d, confidence, subject, action, camera, frame;

  Column Make(const char* name, Handle type, std::vector<hsize_t> row_shape, bool compressed = false) {
    std::vector<hsize_t> shape = std::move(row_shape);
    shape.insert(shape.begin(), 0);
    std::vector<hsize_t> most = shape, chunk = shape;
    most[0] = H5S_UNLIMITED;
    chunk[0] = kChunkRows;
    const Handle space =
        Keep(H5Screate_simple(static_cast<int>(shape.size()), shape.data(), most.data()), H5Sclose);
    const Handle creation = hdf5::Creation();
    Ok(H5Pset_chunk(creation.get(), static_cast<int>(chunk.size()), chunk.data()));
    if (compressed && H5Zfilter_avail(H5Z_FILTER_DEFLATE) > 0) Ok(H5Pset_deflate(creation.get(), 1));
    Handle set =
        Keep(H5Dcreate2(file.get(), name, type.get(), space.get(), H5P_DEFAULT, creation.get(), H5P_DEFAULT),
             H5Dclose);
    return {std::move(set), std::move(type), std::move(shape)};
  }
};

PoseStream::PoseStream(const std::string& path, const std::string& source, const std::string& licence)
    : path_(path), file_(std::make_unique<File>()) {
  const hdf5::Silence silence;
  file_->file = Handle(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), H5Fclose);
  if (!file_->file) throw Error(path, ": the file cannot be written");
  hdf5::WriteHeader(file_->file, source, licence);
}

PoseStream::~PoseStream() = default;

void PoseStream::Append(const PoseData& poses, const std::string& origin) {
  if (poses.keypoints_2d.empty()) return;
  CheckPoses(poses, origin);
  const hdf5::Silence silence;
  const auto rows = static_cast<hsize_t>(poses.size());
  // HDF5 cannot recover from a full disk, not even at exit: it must not meet one.
  const fs::path folder = fs::path(path_).parent_path();
  const uintmax_t needed =
      std::max(rows, kChunkRows) * (kJoints * 6 * sizeof(float) + 3 * kTextBytes) + kSpareBytes;
  std::error_code unknown;
  const fs::space_info space = fs::space(folder.empty() ? "." : folder, unknown);
  if (!unknown && space.available < needed) {
    throw Error("expected ", needed >> 20, " MiB of disk space in '", folder.string(),
                "' for the next poses, found ", space.available >> 20, " MiB");
  }
  const auto write = [&](const char* name, Column& column, const auto& values, auto type,
                         std::vector<hsize_t> row_shape, bool compressed = false) {
    if (size_ == 0 && !values.empty()) column = file_->Make(name, type(), std::move(row_shape), compressed);
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
}

void PoseStream::Finish() {
  if (size_ == 0) throw Error("expected at least one pose to write, found none");
  const hdf5::Silence silence;
  Ok(H5Fflush(file_->file.get(), H5F_SCOPE_GLOBAL));
  file_.reset();
}

void StreamPoseFile(const std::string& path, const std::string& source, const std::string& licence,
                    const std::function<void(PoseStream&)>& produce) {
  if (fs::is_directory(path)) throw Error(path, ": expected the name of a file to write, found a folder");
  const fs::path folder = fs::path(path).has_parent_path() ? fs::path(path).parent_path() : fs::path(".");
  if (!fs::is_directory(folder)) throw Error(path, ": the folder ", folder.string(), " does not exist");
  WriteFileAtomically(path, [&](const std::string& temporary) {
    PoseStream stream(temporary, source, licence);
    produce(stream);
    stream.Finish();
  });
}

}  // namespace links
