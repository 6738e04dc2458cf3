#include <algorithm>
#include <filesystem>
#include <string_view>
#include <utility>

#include "../data/hdf5_handle.h"
#include "frame_source.h"
#include "links/core/error.h"

namespace links {
namespace {

using hdf5::Handle;
using hdf5::Silence;

constexpr hsize_t kChunkRows = 4096;

/// A data set read by rows; absent when `set` is.
struct Column {
  std::string name;
  Handle set, type;
  std::vector<hsize_t> shape;

  /// Rows [begin, begin + rows) into `values`, as `memory_type`.
  bool Read(hsize_t begin, hsize_t rows, hid_t memory_type, void* values) const {
    std::vector<hsize_t> start(shape.size(), 0), count = shape;
    start[0] = begin;
    count[0] = rows;
    const Handle in_file(H5Dget_space(set.get()), H5Sclose);
    if (H5Sselect_hyperslab(in_file.get(), H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr) <
        0) {
      return false;
    }
    const Handle memory(H5Screate_simple(static_cast<int>(count.size()), count.data(), nullptr), H5Sclose);
    return H5Dread(set.get(), memory_type, memory.get(), in_file.get(), H5P_DEFAULT, values) >= 0;
  }
};

/// Rows of a pose file; neighbours of the same subject, action, camera and frame are one frame.
class PoseFrames : public FrameSource {
 public:
  explicit PoseFrames(const std::string& path) : path_(path) {
    const Silence silence;
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored)) Fail("expected a pose file, found no such file");
    const Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
    H5Pset_file_locking(access.get(), false, true);  // read-only media cannot be locked
    file_ = Handle(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access.get()), H5Fclose);
    if (!file_) Fail("expected a pose file (HDF5), found a file that is not HDF5 or is damaged");
    if (TextAttribute("format") != "links-pose") {
      Fail(Concat("expected the attribute format = 'links-pose', found '", TextAttribute("format"), "'"));
    }
    if (TextAttribute("skeleton") != "h36m17") {
      Fail(Concat("expected the attribute skeleton = 'h36m17', found '", TextAttribute("skeleton"), "'"));
    }
    int version = 0;
    if (H5Aexists(file_.get(), "version") > 0) {
      const Handle attribute(H5Aopen(file_.get(), "version", H5P_DEFAULT), H5Aclose);
      const Handle space(H5Aget_space(attribute.get()), H5Sclose);
      if (H5Sget_simple_extent_npoints(space.get()) == 1) H5Aread(attribute.get(), H5T_NATIVE_INT, &version);
    }
    if (version != 1) Fail(Concat("expected the attribute version = 1, found ", version));
    keypoints_ = Open("keypoints_2d", {kJoints, 2}, H5T_FLOAT);
    if (!keypoints_.set) Fail("expected a data set /keypoints_2d, found none");
    confidence_ = Open("confidence", {kJoints}, H5T_FLOAT);
    frame_ = Open("frame", {}, H5T_INTEGER);
    for (size_t i = 0; i < 3; ++i) names_[i] = Open(kNames[i], {}, H5T_STRING);
  }

  bool Next(RawFrame& frame) override {
    const Silence silence;
    frame = {};
    if (!Fill()) return false;
    const std::string track = Track(), image = Image(track);
    frame.image = image;
    frame.where = Concat(path_, ": row ", chunk_begin_ + row_);
    while (Fill() && Image(Track()) == image) {
      // Two people of one frame have the same names: the second's track is told apart by its place.
      const size_t place = frame.people.size();
      RawPerson person;
      person.track = track.empty() || place == 0 ? track : Concat(track, "#", place + 1);
      const auto joint = static_cast<ptrdiff_t>(row_) * kJoints;
      person.keypoints.px.assign(px_.begin() + 2 * joint, px_.begin() + 2 * (joint + kJoints));
      person.keypoints.confidence.assign(confidences_.begin() + joint,
                                         confidences_.begin() + joint + kJoints);
      const std::string where = Concat(path_, ": row ", chunk_begin_ + row_);
      for (const double number : person.keypoints.px) CheckedNumber(number, where);
      for (const double number : person.keypoints.confidence) CheckedNumber(number, where);
      frame.people.push_back(std::move(person));
      ++row_;
    }
    return true;
  }

 private:
  static constexpr const char* kNames[3] = {"subject", "action", "camera"};

  [[noreturn]] void Fail(const std::string& sentence) const { throw Error(path_, ": ", sentence); }

  std::string TextAttribute(const char* name) const {
    if (H5Aexists(file_.get(), name) <= 0) return "";
    const Handle attribute(H5Aopen(file_.get(), name, H5P_DEFAULT), H5Aclose);
    const Handle type(H5Aget_type(attribute.get()), H5Tclose), space(H5Aget_space(attribute.get()), H5Sclose);
    if (H5Tget_class(type.get()) != H5T_STRING || H5Sget_simple_extent_npoints(space.get()) != 1) return "";
    std::vector<std::string> text;
    ToStrings(
        type, space, 1, [&](hid_t memory, void* out) { return H5Aread(attribute.get(), memory, out) >= 0; },
        text);
    return text.empty() ? "" : text[0];
  }

  template <class Read>
  static bool ToStrings(const Handle& type, const Handle& space, size_t count, Read read,
                        std::vector<std::string>& out) {
    out.assign(count, "");
    if (H5Tis_variable_str(type.get()) > 0) {
      std::vector<char*> pointers(count, nullptr);
      if (!read(type.get(), pointers.data())) return false;
      for (size_t i = 0; i < count; ++i) out[i] = pointers[i] != nullptr ? pointers[i] : "";
      return H5Dvlen_reclaim(type.get(), space.get(), H5P_DEFAULT, pointers.data()) >= 0;
    }
    const size_t size = H5Tget_size(type.get());
    std::vector<char> bytes(count * size);
    if (!read(type.get(), bytes.data())) return false;
    for (size_t i = 0; i < count; ++i) {
      std::string_view text(&bytes[i * size], size);
      text = text.substr(0, text.find('\0'));
      if (H5Tget_strpad(type.get()) == H5T_STR_SPACEPAD)
        text = text.substr(0, text.find_last_not_of(' ') + 1);
      out[i] = text;
    }
    return true;
  }

  Column Open(const char* name, const std::vector<hsize_t>& row_shape, H5T_class_t kind) {
    Column column{name, {}, {}, {}};
    if (H5Lexists(file_.get(), name, H5P_DEFAULT) <= 0) return column;
    column.set = Handle(H5Dopen2(file_.get(), name, H5P_DEFAULT), H5Dclose);
    if (!column.set) Fail(Concat("expected a data set /", name, ", found something else"));
    column.type = Handle(H5Dget_type(column.set.get()), H5Tclose);
    const Handle space(H5Dget_space(column.set.get()), H5Sclose);
    const int rank = H5Sget_simple_extent_ndims(space.get());
    column.shape.resize(static_cast<size_t>(std::max(rank, 0)));
    H5Sget_simple_extent_dims(space.get(), column.shape.data(), nullptr);
    const hsize_t rows = column.shape.empty() ? 0 : column.shape[0];
    std::vector<hsize_t> expected = row_shape;
    expected.insert(expected.begin(), keypoints_.set ? rows_ : rows);
    if (column.shape != expected || H5Tget_class(column.type.get()) != kind) {
      std::string shape;
      for (const hsize_t size : column.shape) shape += Concat(shape.empty() ? "" : ", ", size);
      Fail(Concat("expected /", name, " with ", expected[0], " rows of ",
                  kind == H5T_FLOAT     ? "floats"
                  : kind == H5T_INTEGER ? "integers"
                                        : "strings",
                  row_shape.empty()       ? ""
                  : row_shape.size() == 1 ? " (17)"
                                          : " (17, 2)",
                  ", found the shape (", shape, ") or another type"));
    }
    if (!keypoints_.set) rows_ = rows;
    return column;
  }

  /// Whether there is a current row, read from the file if need be.
  bool Fill() {
    if (row_ < chunk_rows_) return true;
    chunk_begin_ += chunk_rows_;
    chunk_rows_ = std::min(kChunkRows, rows_ - chunk_begin_);
    row_ = 0;
    if (chunk_rows_ == 0) return false;
    px_.resize(chunk_rows_ * kJoints * 2);
    confidences_.assign(chunk_rows_ * kJoints, 1);
    const auto read = [&](const Column& column, hid_t type, void* values) {
      if (column.set && !column.Read(chunk_begin_, chunk_rows_, type, values)) Damaged(column);
    };
    read(keypoints_, H5T_NATIVE_DOUBLE, px_.data());
    read(confidence_, H5T_NATIVE_DOUBLE, confidences_.data());
    frames_.resize(chunk_rows_);
    read(frame_, H5T_NATIVE_INT64, frames_.data());
    const Handle space(H5Screate_simple(1, &chunk_rows_, nullptr), H5Sclose);
    for (size_t i = 0; i < 3; ++i) {
      const Column& column = names_[i];
      const auto read_names = [&](hid_t type, void* out) {
        return column.Read(chunk_begin_, chunk_rows_, type, out);
      };
      if (column.set && !ToStrings(column.type, space, chunk_rows_, read_names, texts_[i])) Damaged(column);
    }
    return true;
  }

  [[noreturn]] void Damaged(const Column& column) const {
    Fail(Concat("/", column.name, " cannot be read from row ", chunk_begin_,
                " on (a damaged or truncated file)"));
  }

  /// "subject/action/camera" of the current row, as far as the file has them.
  std::string Track() const {
    std::string track;
    for (size_t i = 0; i < 3; ++i) {
      if (names_[i].set) track += Concat(track.empty() ? "" : "/", texts_[i][row_]);
    }
    return track;
  }

  std::string Image(const std::string& track) const {
    const auto row = static_cast<int64_t>(chunk_begin_ + row_);
    return Concat(track, track.empty() ? "" : "/", frame_.set ? frames_[row_] : row);
  }

  std::string path_;
  Handle file_;
  Column keypoints_, confidence_, frame_, names_[3];
  hsize_t rows_ = 0, chunk_begin_ = 0, chunk_rows_ = 0, row_ = 0;
  std::vector<double> px_, confidences_;
  std::vector<int64_t> frames_;
  std::vector<std::string> texts_[3];
};

}  // namespace

std::unique_ptr<FrameSource> OpenPoseFrames(const std::string& path) {
  return std::make_unique<PoseFrames>(path);
}

}  // namespace links
