#include <algorithm>
#include <filesystem>
#include <optional>
#include <string_view>

#include "hdf5_handle.h"
#include "links/core/error.h"
#include "links/data/missing_joints.h"
#include "links/data/pose_file.h"
#include "links/skeleton/skeleton.h"
#include "pose_select.h"

namespace links {
namespace {

namespace fs = std::filesystem;
using hdf5::Handle;

constexpr hsize_t kMaxRows = 100'000'000;

Handle OpenFile(const std::string& path) {
  std::error_code ignored;
  if (!fs::exists(path, ignored)) throw Error(path, ": expected a pose file, found no such file");
  if (fs::is_directory(path, ignored)) throw Error(path, ": expected a pose file, found a folder");
  if (fs::file_size(path, ignored) == 0)
    throw Error(path, ": expected a pose file (HDF5), found an empty file");
  Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  H5Pset_file_locking(access.get(), false, true);  // read-only media cannot be locked
  Handle file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access.get()), H5Fclose);
  if (file) return file;
  if (H5Fis_hdf5(path.c_str()) > 0)
    throw Error(path, ": expected a pose file, found a truncated or damaged HDF5 file");
  throw Error(path, ": expected a pose file (HDF5), found a file that is not HDF5 or cannot be read");
}

/// A string as HDF5 stores it in `size` bytes: ends at the first zero, or is padded with spaces.
std::string FixedString(const char* bytes, size_t size, H5T_str_t padding) {
  std::string_view text(bytes, size);
  text = text.substr(0, text.find('\0'));
  if (padding == H5T_STR_SPACEPAD) text = text.substr(0, text.find_last_not_of(' ') + 1);
  return std::string(text);
}

/// Reads `count` strings through `read(memory_type, buffer)`; false when HDF5 fails.
template <class Read>
bool ReadStrings(hid_t type, hid_t space, size_t count, Read read, std::vector<std::string>& out) {
  out.resize(count);
  if (H5Tis_variable_str(type) > 0) {
    std::vector<char*> pointers(count, nullptr);
    if (read(type, pointers.data()) < 0) return false;
    for (size_t i = 0; i < count; ++i) out[i] = pointers[i] != nullptr ? pointers[i] : "";
    return H5Dvlen_reclaim(type, space, H5P_DEFAULT, pointers.data()) >= 0;
  }
  const size_t size = H5Tget_size(type);
  std::vector<char> bytes(count * size);
  if (read(type, bytes.data()) < 0) return false;
  const H5T_str_t padding = H5Tget_strpad(type);
  for (size_t i = 0; i < count; ++i) out[i] = FixedString(&bytes[i * size], size, padding);
  return true;
}

/// One open pose file; every message starts with its name.
class Reader {
 public:
  explicit Reader(const std::string& path) : path_(path), file_(OpenFile(path)) {}

  void CheckHeader() const {
    const std::string format = TextAttribute("format").value_or("");
    if (format != "links-pose") {
      throw Error(path_, ": attribute format must be 'links-pose', found ",
                  format.empty() ? "none" : "'" + format + "'");
    }
    CheckVersion();
    const std::string skeleton = TextAttribute("skeleton").value_or("");
    if (skeleton != "h36m17") {
      throw Error(path_, ": attribute skeleton must be 'h36m17', found ",
                  skeleton.empty() ? "none" : "'" + skeleton + "'");
    }
  }

  /// The attribute's text, or nothing where it is absent.
  std::optional<std::string> TextAttribute(const char* name) const {
    if (H5Aexists(file_.get(), name) <= 0) return std::nullopt;
    const Handle attribute(H5Aopen(file_.get(), name, H5P_DEFAULT), H5Aclose);
    const Handle type(H5Aget_type(attribute.get()), H5Tclose);
    const Handle space(H5Aget_space(attribute.get()), H5Sclose);
    std::vector<std::string> text;
    const auto read = [&](hid_t memory, void* out) { return H5Aread(attribute.get(), memory, out); };
    if (H5Tget_class(type.get()) != H5T_STRING || H5Sget_simple_extent_npoints(space.get()) != 1 ||
        !ReadStrings(type.get(), space.get(), 1, read, text)) {
      throw Error(path_, ": attribute ", name, " must be one string");
    }
    return text.front();
  }

  /// Fixes N, the number of poses, from the first axis of /keypoints_2d.
  void ReadRowCount() {
    if (H5Lexists(file_.get(), "keypoints_2d", H5P_DEFAULT) <= 0)
      throw Error(path_, ": /keypoints_2d is missing");
    const std::vector<hsize_t> shape = Shape(Open("keypoints_2d"));
    rows_ = shape.empty() ? 0 : shape[0];
    if (rows_ == 0) throw Error(path_, ": /keypoints_2d must hold at least one pose, found none");
    if (rows_ > kMaxRows)
      throw Error(path_, ": a pose file may hold up to ", kMaxRows, " poses, found ", rows_);
  }

  /// An absent data set gives an empty vector.
  void Read(const char* name, std::vector<hsize_t> row_shape, std::vector<float>& out) const {
    ReadNumbers(name, std::move(row_shape), H5T_FLOAT, H5T_NATIVE_FLOAT, "floating-point numbers", out);
  }

  void Read(const char* name, std::vector<int64_t>& out) const {
    ReadNumbers(name, {}, H5T_INTEGER, H5T_NATIVE_INT64, "integers", out);
  }

  void Read(const char* name, std::vector<std::string>& out) const {
    if (!Exists(name)) return;
    const Handle set = Open(name);
    CheckShape(name, set, {});
    const Handle type(H5Dget_type(set.get()), H5Tclose);
    if (H5Tget_class(type.get()) != H5T_STRING) throw Error(path_, ": /", name, " must hold UTF-8 strings");
    const Handle space(H5Dget_space(set.get()), H5Sclose);
    const auto read = [&](hid_t memory, void* to) {
      return H5Dread(set.get(), memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, to);
    };
    if (!ReadStrings(type.get(), space.get(), rows_, read, out)) ThrowDamaged(name);
  }

 private:
  void CheckVersion() const {
    if (H5Aexists(file_.get(), "version") <= 0)
      throw Error(path_, ": attribute version must be 1, found none");
    const Handle attribute(H5Aopen(file_.get(), "version", H5P_DEFAULT), H5Aclose);
    const Handle type(H5Aget_type(attribute.get()), H5Tclose);
    const Handle space(H5Aget_space(attribute.get()), H5Sclose);
    int64_t version = 0;
    if (H5Tget_class(type.get()) != H5T_INTEGER || H5Sget_simple_extent_npoints(space.get()) != 1 ||
        H5Aread(attribute.get(), H5T_NATIVE_INT64, &version) < 0) {
      throw Error(path_, ": attribute version must be the integer 1");
    }
    if (version != 1) throw Error(path_, ": attribute version must be 1, found ", version);
  }

  bool Exists(const char* name) const { return H5Lexists(file_.get(), name, H5P_DEFAULT) > 0; }

  Handle Open(const char* name) const {
    Handle set(H5Dopen2(file_.get(), name, H5P_DEFAULT), H5Dclose);
    if (!set) throw Error(path_, ": /", name, " must be a data set that can be opened");
    return set;
  }

  static std::vector<hsize_t> Shape(const Handle& set) {
    const Handle space(H5Dget_space(set.get()), H5Sclose);
    std::vector<hsize_t> shape(std::max(0, H5Sget_simple_extent_ndims(space.get())));
    H5Sget_simple_extent_dims(space.get(), shape.data(), nullptr);
    return shape;
  }

  void CheckShape(const char* name, const Handle& set, const std::vector<hsize_t>& row_shape) const {
    std::vector<hsize_t> expected = row_shape;
    expected.insert(expected.begin(), rows_);
    const std::vector<hsize_t> found = Shape(set);
    if (found != expected) {
      throw Error(path_, ": /", name, " must have the shape ", Text(expected), ", found ", Text(found));
    }
  }

  template <class Value>
  void ReadNumbers(const char* name, std::vector<hsize_t> row_shape, H5T_class_t kind, hid_t memory,
                   const char* expected, std::vector<Value>& out) const {
    if (!Exists(name)) return;
    const Handle set = Open(name);
    CheckShape(name, set, row_shape);
    const Handle type(H5Dget_type(set.get()), H5Tclose);
    if (H5Tget_class(type.get()) != kind) throw Error(path_, ": /", name, " must hold ", expected);
    size_t count = rows_;
    for (hsize_t extent : row_shape) count *= extent;
    out.resize(count);
    if (H5Dread(set.get(), memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, out.data()) < 0) ThrowDamaged(name);
  }

  [[noreturn]] void ThrowDamaged(const char* name) const {
    throw Error(path_, ": /", name, " cannot be read, the file is truncated or damaged");
  }

  static std::string Text(const std::vector<hsize_t>& shape) {
    std::string text = "(";
    for (hsize_t extent : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(extent);
    return text + ")";
  }

  std::string path_;
  Handle file_;
  hsize_t rows_ = 0;
};

PoseData ReadWholeFile(const std::string& path, Joints3d joints) {
  const hdf5::Silence silence;
  Reader reader(path);
  reader.CheckHeader();
  reader.ReadRowCount();
  PoseData poses;
  reader.Read("keypoints_2d", {kJoints, 2}, poses.keypoints_2d);
  reader.Read("joints_3d", {kJoints, 3}, poses.joints_3d);
  reader.Read("confidence", {kJoints}, poses.confidence);
  reader.Read("subject", poses.subject);
  reader.Read("action", poses.action);
  reader.Read("camera", poses.camera);
  reader.Read("frame", poses.frame);
  poses.source = reader.TextAttribute("source").value_or("");
  poses.licence = reader.TextAttribute("licence").value_or("");
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
  for (size_t i = 1; i < paths.size(); ++i) {
    PoseData more = ReadWholeFile(paths[i], joints);
    AppendPart(all.keypoints_2d, more.keypoints_2d);
    AppendPart(all.joints_3d, more.joints_3d);
    AppendPart(all.confidence, more.confidence);
    AppendPart(all.subject, more.subject);
    AppendPart(all.action, more.action);
    AppendPart(all.camera, more.camera);
    AppendPart(all.frame, more.frame);
    AppendText(all.source, more.source);
    AppendText(all.licence, more.licence);
  }
  const std::string more = paths.size() > 1 ? Concat(" and ", paths.size() - 1, " more") : "";
  SelectPoses(all, selection, paths.front() + more);
  return all;
}

PoseData ReadPoseFile(const std::string& path, const PoseSelection& selection, Joints3d joints) {
  return ReadPoseFiles({path}, selection, joints);
}

}  // namespace links
