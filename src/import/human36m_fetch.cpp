#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "human36m_clip.h"
#include "links/core/error.h"
#include "links/core/log.h"
#include "links/data/human36m_names.h"
#include "links/import/importer.h"

namespace links {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kSlabRows = 4096;
// h36m-fetch's number of an action: its place here, counted from 2.
constexpr std::array<std::string_view, 15> kNumberedActions = {
    "Directions",  "Discussion", "Eating",  "Greeting",    "Phoning",
    "Posing",      "Purchases",  "Sitting", "SittingDown", "Smoking",
    "TakingPhoto", "Waiting",    "Walking", "WalkingDog",  "WalkingTogether"};

/// Which of the two sets of 3D joints is the ground truth.
enum class Human36mJoints3d {
  kMono,       ///< pose/3d: the subject's own skeleton, as LInKs' preprocessing takes it
  kUniversal,  ///< pose/3d-univ: one skeleton for all subjects
};

/// One camera's rows: frame, from 1, and row of the file, in the order of the frames.
using FrameRows = std::vector<std::pair<int64_t, int64_t>>;

/// One annot.h5.
class AnnotFile {
 public:
  AnnotFile(const std::string& path, const Human36mClip& clip, Human36mJoints3d joints)
      : file_(path), clip_(clip), joints_(joints == Human36mJoints3d::kMono ? "pose/3d" : "pose/3d-univ") {
    rows_ = file_.CheckShape("pose/2d", {-1, kHuman36mRecordedJoints, 2})[0];
    file_.CheckFloats("pose/2d");
    if (rows_ == 0) throw Error(path, ": expected poses in /pose/2d, found none");
    CheckJoints(joints_);
    CheckNumber("subject", std::stoi(clip.subject.substr(1)));
    const std::string folder_action = clip.name.substr(0, clip.name.find('-'));
    const auto at = std::find(kNumberedActions.begin(), kNumberedActions.end(), folder_action);
    if (at != kNumberedActions.end()) CheckNumber("action", at - kNumberedActions.begin() + 2);
    CheckNumber("subaction", std::stoi(clip.name.substr(clip.name.find('-') + 1)));
    ReadRows();
  }

  void Import(ClipImport& clips) {
    const std::vector<int64_t> kept = KeptFrameNumbers(clips.options());
    std::map<std::string, int64_t> poses;
    for (auto& [camera, rows] : cameras_) {
      std::erase_if(
          rows, [&](const auto& row) { return !std::binary_search(kept.begin(), kept.end(), row.first); });
      poses[camera] = static_cast<int64_t>(rows.size());
    }
    const std::set<std::string> left_out = LeftOutCameras(clips, clip_, poses);
    for (const std::string_view name : kHuman36mCameras) {
      const std::string camera(name);
      if (left_out.contains(camera)) continue;
      if (const auto rows = cameras_.find(camera); rows != cameras_.end()) {
        clips.Try([&] { ImportView(camera, rows->second, clips); });
      } else {
        MissView(camera, clips);
      }
    }
  }

 private:
  void MissView(const std::string& camera, ClipImport& clips) const {
    const Human36mDamage* damage = FindHuman36mDamage(clip_.subject, clip_.name);
    if (damage != nullptr && damage->camera == camera) {
      clips.Note(Concat(clip_.subject, " ", clip_.name, " is without camera ", camera,
                        ", as in most copies (", damage->what, ")"));
    } else {
      clips.Miss(Concat(file_.path(), ": expected rows of camera ", camera, ", found none"));
    }
  }

  void CheckJoints(const std::string& set) const {
    file_.CheckShape(set, {rows_, kHuman36mRecordedJoints, 3});
    file_.CheckFloats(set);
  }

  /// Throws unless a data set of one number a row, which may be absent, holds this one throughout.
  void CheckNumber(const std::string& set, int64_t expected) const {
    if (!file_.Has(set)) return;
    for (const int64_t found : file_.ReadIntegers(set)) {
      if (found != expected) {
        throw Error(file_.path(), ": expected ", expected, " in /", set, " as the folder says, found ",
                    found);
      }
    }
  }

  void ReadRows() {
    file_.CheckShape("frame", {rows_});
    file_.CheckShape("camera", {rows_});
    const std::vector<int64_t> frames = file_.ReadIntegers("frame"), cameras = file_.ReadIntegers("camera");
    for (int64_t row = 0; row < rows_; ++row) {
      if (frames[row] < 1) {
        throw Error(file_.path(), ": expected frames counted from 1 in /frame, found ", frames[row],
                    " at row ", row);
      }
      const std::string camera = std::to_string(cameras[row]);
      if (std::find(kHuman36mCameras.begin(), kHuman36mCameras.end(), camera) == kHuman36mCameras.end()) {
        throw Error(file_.path(), ": expected one of Human3.6M's four cameras in /camera, found ", camera,
                    " at row ", row);
      }
      cameras_[camera].emplace_back(frames[row], row);
    }
    for (auto& [camera, rows] : cameras_) {
      std::sort(rows.begin(), rows.end());
      const auto twice = std::adjacent_find(rows.begin(), rows.end(),
                                            [](const auto& a, const auto& b) { return a.first == b.first; });
      if (twice != rows.end()) {
        throw Error(file_.path(), ": expected a frame once in /frame, found ", twice->first,
                    " twice for camera ", camera);
      }
    }
  }

  /// The frames to keep, ascending, the same for all cameras: n-th ones of all that some camera has; of these
  /// those that moved, as the first camera that has the frame shows it.
  std::vector<int64_t> KeptFrameNumbers(const ImportOptions& options) const {
    std::map<int64_t, std::pair<std::string, int64_t>> views;  // frame -> first camera with it, row
    for (const std::string_view name : kHuman36mCameras) {
      const auto rows = cameras_.find(std::string(name));
      if (rows == cameras_.end()) continue;
      for (const auto& [frame, row] : rows->second) views.emplace(frame, std::pair(rows->first, row));
    }
    std::vector<int64_t> kept;
    std::map<std::string, FrameRows> candidates;
    int64_t index = 0;
    for (const auto& [frame, view] : views) {
      if (index++ % options.every != 0) continue;
      if (options.moved_mm > 0) {
        candidates[view.first].emplace_back(frame, view.second);
      } else {
        kept.push_back(frame);
      }
    }
    for (const auto& [camera, rows] : candidates) {
      for (const int64_t at : Moved(rows, options.moved_mm)) kept.push_back(rows[at].first);
    }
    std::sort(kept.begin(), kept.end());
    return kept;
  }

  std::vector<int64_t> Moved(const FrameRows& rows, double moved_mm) const {
    const std::string set = file_.Has("pose/3d-univ") ? "pose/3d-univ" : "pose/3d";
    CheckJoints(set);
    std::vector<float> joints;
    joints.reserve(rows.size() * kHuman36mRecordedJoints * 3);
    EachSlab(set, rows, [&](const std::vector<float>& slab, const std::vector<int64_t>& picked, int64_t) {
      const int64_t width = kHuman36mRecordedJoints * 3;
      for (const int64_t row : picked)
        joints.insert(joints.end(), slab.begin() + row * width, slab.begin() + (row + 1) * width);
    });
    CheckFinite(joints, file_, set);
    ImportOptions options;
    options.moved_mm = moved_mm;
    return KeptFrames(options, joints, kHuman36mRecordedJoints, static_cast<int64_t>(rows.size()));
  }

  /// Reads a data set a piece at a time: use(piece, rows within it, its first row) in the order of `rows`.
  template <class Use>
  void EachSlab(const std::string& set, const FrameRows& rows, Use use) const {
    for (size_t next = 0; next < rows.size();) {
      const int64_t begin = rows[next].second, count = std::min(kSlabRows, rows_ - begin);
      std::vector<int64_t> picked;
      for (; next < rows.size() && rows[next].second >= begin && rows[next].second < begin + count; ++next)
        picked.push_back(rows[next].second - begin);
      const int64_t last = *std::max_element(picked.begin(), picked.end());
      use(file_.ReadFloats(set, begin, last + 1), picked, begin);
    }
  }

  void ImportView(const std::string& camera, const FrameRows& rows, ClipImport& clips) const {
    PoseData poses;
    const auto read = [&](const std::string& set, int width, std::vector<float>& to) {
      EachSlab(set, rows,
               [&](const std::vector<float>& slab, const std::vector<int64_t>& picked, int64_t first) {
                 AppendJoints(slab, width, picked, file_, set, first, to);
               });
    };
    read("pose/2d", 2, poses.keypoints_2d);
    read(joints_, 3, poses.joints_3d);
    for (const auto& [frame, row] : rows) poses.frame.push_back(frame - 1);
    LabelPoses(poses, clip_, camera);
    clips.Append(poses, Concat(file_.path(), ", camera ", camera));
  }

  Hdf5Source file_;
  Human36mClip clip_;
  std::string joints_;
  int64_t rows_ = 0;
  std::map<std::string, FrameRows> cameras_;
};

void ImportSubject(const fs::path& folder, const std::string& subject, Human36mJoints3d joints,
                   ClipImport& clips) {
  for (const std::string_view action : kNumberedActions) {
    for (const char* take : {"-1", "-2"}) {
      const Human36mClip clip{subject, std::string(action) + take, Human36mAction(action)};
      const fs::path file = folder / clip.name / "annot.h5";
      clips.Try([&] { AnnotFile(file.string(), clip, joints).Import(clips); });
    }
  }
}

/// The folder processed/ that anibali/h36m-fetch makes, or its parent: S9/Directions-1/annot.h5. The frame of
/// a pose is the file's less one.
class Fetch : public Importer {
 public:
  template <class V>
  void Fields(V& v) {
    v("joints_3d", joints_3d_, Choice{{"mono", "univ"}},
      "ground truth: mono = pose/3d, each subject's own skeleton, as LInKs and ElePose take it; univ = "
      "pose/3d-univ, one skeleton for all");
  }

  std::string Source(const ImportOptions& options) const override {
    const bool mono = joints_3d_ == Human36mJoints3d::kMono;
    return Human36mSource(Concat("h36m-fetch, 3D from pose/3d", mono ? "" : "-univ"), options);
  }

  void Read(const std::string& path, ClipImport& clips) const override {
    const fs::path root = FindSubjects(path, "processed");
    for (const std::string& subject : WantedSubjects(clips)) {
      if (!fs::is_directory(root / subject)) {
        if (clips.options().subjects.empty())
          clips.Miss(Concat(root.string(), ": expected the folder ", subject, ", found none"));
        continue;
      }
      if (!clips.Wants(subject)) continue;
      LogInfo("reading " + (root / subject).string());
      ImportSubject(root / subject, subject, joints_3d_, clips);
    }
  }

 private:
  Human36mJoints3d joints_3d_ = Human36mJoints3d::kMono;
};

}  // namespace

ImporterKind Human36mFetch() {
  return KindOf<Fetch>(
      {.name = "h36m-fetch",
       .help = "Read Human3.6M as anibali/h36m-fetch prepares it: processed/S*/*/annot.h5",
       .path = "The folder processed/, or the one that holds it",
       .licence = kHuman36mLicence,
       .example =
           "links data import h36m-fetch h36m-fetch/processed --output h36m_test.h5 --subjects S9,S11"});
}

}  // namespace links
