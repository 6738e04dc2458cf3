#include <algorithm>
#include <optional>
#include <utility>

#include "../data/hdf5_file.h"
#include "../data/pose_header.h"
#include "frame_source.h"
#include "links/core/error.h"

namespace links {
namespace {

constexpr int64_t kBlockRows = 4096;

/// Rows of a pose file; neighbours of the same subject, action, camera and frame are one frame.
class PoseFrames : public FrameSource {
 public:
  explicit PoseFrames(const std::string& path)
      : file_(path, "a pose file"), keypoints_((hdf5::CheckPoseHeader(file_), file_.Open("keypoints_2d"))) {
    rows_ = keypoints_.ExpectShape({hdf5::kAny, kJoints, 2}).ExpectKind(H5T_FLOAT).rows();
    confidence_ = Open("confidence", {kJoints}, H5T_FLOAT);
    frame_ = Open("frame", {}, H5T_INTEGER);
    for (size_t i = 0; i < 3; ++i) names_[i] = Open(kNames[i], {}, H5T_STRING);
  }

  bool Next(RawFrame& frame) override {
    frame = {};
    if (!Fill()) return false;
    const std::string track = Track(), image = Image(track);
    frame.image = image;
    frame.where = Concat(file_.path(), ": row ", block_begin_ + row_);
    while (Fill() && Image(Track()) == image) {
      // Two people of one frame have the same names: the second's track is told apart by its place.
      const size_t place = frame.people.size();
      RawPerson person;
      person.track = track.empty() || place == 0 ? track : Concat(track, "#", place + 1);
      const auto joint = static_cast<ptrdiff_t>(row_) * kJoints;
      person.keypoints.px.assign(px_.begin() + 2 * joint, px_.begin() + 2 * (joint + kJoints));
      person.keypoints.confidence.assign(confidences_.begin() + joint,
                                         confidences_.begin() + joint + kJoints);
      const std::string where = Concat(file_.path(), ": row ", block_begin_ + row_);
      for (const double number : person.keypoints.px) CheckedNumber(number, where);
      for (const double number : person.keypoints.confidence) CheckedNumber(number, where);
      frame.people.push_back(std::move(person));
      ++row_;
    }
    return true;
  }

  SourceFacts facts() const override {
    SourceFacts facts;
    facts.joints = hdf5::JointsOf(file_);
    return facts;
  }

 private:
  static constexpr const char* kNames[3] = {"subject", "action", "camera"};

  /// Nothing where the file has none.
  std::optional<hdf5::DataSet> Open(const char* name, hdf5::Shape shape, H5T_class_t kind) const {
    if (!file_.Has(name)) return std::nullopt;
    shape.insert(shape.begin(), rows_);
    hdf5::DataSet set = file_.Open(name);
    set.ExpectShape(shape).ExpectKind(kind);
    return set;
  }

  /// Whether there is a current row, read from the file if need be.
  bool Fill() {
    if (row_ < block_rows_) return true;
    block_begin_ += block_rows_;
    block_rows_ = std::min(kBlockRows, rows_ - block_begin_);
    row_ = 0;
    if (block_rows_ == 0) return false;
    px_.resize(static_cast<size_t>(block_rows_) * kJoints * 2);
    keypoints_.Read(block_begin_, block_rows_, H5T_NATIVE_DOUBLE, px_.data());
    confidences_.assign(static_cast<size_t>(block_rows_) * kJoints, 1);
    if (confidence_) confidence_->Read(block_begin_, block_rows_, H5T_NATIVE_DOUBLE, confidences_.data());
    frames_.resize(static_cast<size_t>(block_rows_));
    if (frame_) frame_->Read(block_begin_, block_rows_, H5T_NATIVE_INT64, frames_.data());
    for (size_t i = 0; i < 3; ++i) {
      if (names_[i]) texts_[i] = names_[i]->ReadTexts(block_begin_, block_rows_);
    }
    return true;
  }

  /// "subject/action/camera" of the current row, as far as the file has them.
  std::string Track() const {
    std::string track;
    for (size_t i = 0; i < 3; ++i) {
      if (names_[i]) track += Concat(track.empty() ? "" : "/", texts_[i][static_cast<size_t>(row_)]);
    }
    return track;
  }

  std::string Image(const std::string& track) const {
    const int64_t row = block_begin_ + row_;
    return Concat(track, track.empty() ? "" : "/", frame_ ? frames_[static_cast<size_t>(row_)] : row);
  }

  hdf5::File file_;
  hdf5::DataSet keypoints_;
  std::optional<hdf5::DataSet> confidence_, frame_, names_[3];
  int64_t rows_ = 0, block_begin_ = 0, block_rows_ = 0, row_ = 0;
  std::vector<double> px_, confidences_;
  std::vector<int64_t> frames_;
  std::vector<std::string> texts_[3];
};

}  // namespace

std::unique_ptr<FrameSource> OpenPoseFrames(const std::string& path) {
  return std::make_unique<PoseFrames>(path);
}

}  // namespace links
