#include "links/import/mpi_inf_3dhp.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <functional>
#include <limits>
#include <map>
#include <numeric>

#include "links/core/error.h"
#include "links/core/log.h"
#include "links/core/text.h"
#include "links/data/bounds.h"
#include "links/import/importer.h"
#include "links/import/mat_file.h"

namespace links {
namespace {

namespace fs = std::filesystem;
constexpr int64_t kAny = MatVariable::kAny;

/// Which frames and numbers to take.
struct Import3dhpOptions {
  std::string part;
  std::string ground_truth = "univ_annot3";
  std::string camera_set = "vnect";
  std::string fps = "native";
  bool all_frames = false;
};

/// A camera's view of a sequence.
struct View {
  std::string camera, origin;
  std::vector<float> keypoints, joints;  // (F, 17, 2) px, (F, 17, 3) mm, camera frame
  std::vector<bool> good;                // (F) within bounds and in front of the camera

  int64_t frames() const { return static_cast<int64_t>(good.size()); }
};

/// What is known of a sequence beside its views.
struct Clip {
  std::string subject;
  std::function<std::string(int64_t)> action;  // of a frame
  std::vector<int64_t> candidates;             // frames to choose from
};

void FindGoodFrames(View& view) {
  view.good.resize(view.keypoints.size() / (2 * kJoints));
  for (size_t frame = 0; frame < view.good.size(); ++frame) {
    const float* keypoints = &view.keypoints[frame * 2 * kJoints];
    const float* joints = &view.joints[frame * 3 * kJoints];
    bool good = true;
    for (int i = 0; i < 2 * kJoints; ++i) good = good && Within(keypoints[i], kMostPixels);
    for (int i = 0; i < 3 * kJoints; ++i) good = good && Within(joints[i], kMostMillimetres);
    for (int j = 0; j < kJoints; ++j) good = good && joints[3 * j + 2] > 0;
    view.good[frame] = good;
  }
}

void MissBadFrames(const View& view, const std::vector<int64_t>& candidates, ClipImport& clips) {
  int64_t seen = 0, bad = 0, first = 0;
  for (const int64_t frame : candidates) {
    if (frame >= view.frames()) continue;
    ++seen;
    if (!view.good[frame] && bad++ == 0) first = frame;
  }
  if (bad > 0) {
    clips.Miss(Concat(
        view.origin, ": expected finite numbers within bounds and joints in front of the camera, found ", bad,
        " of ", seen, " frames otherwise, frame ", first, " the first; they are left out"));
  }
}

/// The frames to keep of all views: by distances in the view with most good frames.
std::vector<int64_t> ChooseFrames(const ClipImport& clips, const std::vector<View>& views,
                                  const std::vector<int64_t>& candidates) {
  const auto good = [](const View& view) { return std::count(view.good.begin(), view.good.end(), true); };
  const View& reference = *std::max_element(views.begin(), views.end(),
                                            [&](const View& a, const View& b) { return good(a) < good(b); });
  constexpr size_t kRow = 3 * kJoints;
  std::vector<float> joints(candidates.size() * kRow, std::numeric_limits<float>::quiet_NaN());
  for (size_t i = 0; i < candidates.size(); ++i) {
    const int64_t frame = candidates[i];
    if (frame < reference.frames() && reference.good[frame])
      std::copy_n(&reference.joints[frame * kRow], kRow, &joints[i * kRow]);
  }
  std::vector<int64_t> kept =
      KeptFrames(clips.options(), joints, kJoints, static_cast<int64_t>(candidates.size()));
  for (int64_t& frame : kept) frame = candidates[frame];
  return kept;
}

PoseData Select(const View& view, const Clip& clip, const std::vector<int64_t>& frames) {
  PoseData poses;
  const auto append = [](std::vector<float>& out, const std::vector<float>& in, int64_t frame, int64_t row) {
    out.insert(out.end(), in.begin() + frame * row, in.begin() + (frame + 1) * row);
  };
  for (const int64_t frame : frames) {
    if (frame >= view.frames() || !view.good[frame]) continue;
    append(poses.keypoints_2d, view.keypoints, frame, 2 * kJoints);
    append(poses.joints_3d, view.joints, frame, 3 * kJoints);
    poses.subject.push_back(clip.subject);
    poses.action.push_back(clip.action(frame));
    poses.camera.push_back(view.camera);
    poses.frame.push_back(frame);
  }
  return poses;
}

void Append(const std::vector<View>& views, const Clip& clip, ClipImport& clips) {
  if (views.empty()) return;
  for (const View& view : views) MissBadFrames(view, clip.candidates, clips);
  const std::vector<int64_t> frames = ChooseFrames(clips, views, clip.candidates);
  for (const View& view : views) clips.Append(Select(view, clip, frames), view.origin);
}

/// Our joints out of the first `frames` rows; row and column strides are in numbers.
std::vector<float> Pick(const std::vector<double>& numbers, int64_t frames,
                        const std::array<int, kJoints>& joints, int axes, int64_t frame_stride,
                        int64_t number_stride) {
  std::vector<float> picked;
  picked.reserve(frames * kJoints * axes);
  for (int64_t frame = 0; frame < frames; ++frame) {
    for (const int joint : joints) {
      for (int axis = 0; axis < axes; ++axis) {
        picked.push_back(static_cast<float>(
            numbers[frame * frame_stride + (int64_t{joint} * axes + axis) * number_stride]));
      }
    }
  }
  return picked;
}

/// Reads a camera of a training sequence; columns are x1 y1 (z1) x2 ..., a frame a row.
View ReadView(const MatVariable& annot2, const MatVariable& annot3, int camera, int64_t most_frames) {
  constexpr int kFileJoints = 28;
  const std::vector<double> keypoints = annot2.Cell(camera).Numbers({kAny, 2 * kFileJoints});
  const std::vector<double> joints = annot3.Cell(camera).Numbers({kAny, 3 * kFileJoints});
  const auto rows_2d = static_cast<int64_t>(keypoints.size()) / (2 * kFileJoints);
  const auto rows_3d = static_cast<int64_t>(joints.size()) / (3 * kFileJoints);
  const int64_t frames = std::min({rows_2d, rows_3d, most_frames});
  View view;
  view.camera = std::to_string(camera);
  view.keypoints = Pick(keypoints, frames, kTrainJoints3dhp, 2, 1, rows_2d);
  view.joints = Pick(joints, frames, kTrainJoints3dhp, 3, 1, rows_3d);
  FindGoodFrames(view);
  return view;
}

void MissShortViews(const std::string& path, const std::vector<View>& views, int64_t expected,
                    ClipImport& clips) {
  std::map<int64_t, std::vector<std::string>> short_views;  // cameras by the frames they have
  for (const View& view : views) {
    if (view.frames() != expected) short_views[view.frames()].push_back(view.camera);
  }
  for (const auto& [frames, cameras] : short_views) {
    clips.Miss(
        Concat(path, ": expected ", expected, " frames, found ", frames, " of camera ", Join(cameras, ", ")));
  }
}

void ReadTrainSequence(const std::string& path, const TrainSequence3dhp& sequence,
                       const Import3dhpOptions& options, ClipImport& clips) {
  const MatFile file(path);
  const MatVariable annot2 = file.Find("annot2"), annot3 = file.Find(options.ground_truth);
  annot2.ExpectCells(kCameras3dhp);
  annot3.ExpectCells(kCameras3dhp);
  std::vector<View> views;
  for (const int camera : CameraSet3dhp(options.camera_set)) {
    clips.Try([&] {
      views.push_back(ReadView(annot2, annot3, camera, sequence.frames));
      views.back().origin = Concat(path, ": annot2 and ", options.ground_truth, " of camera ", camera);
    });
  }
  MissShortViews(path, views, sequence.frames, clips);
  Clip clip{std::string(sequence.subject), [&](int64_t) { return std::string(sequence.name); }, {}};
  for (int64_t frame = 0; frame < sequence.frames; frame += options.fps == "25" && sequence.fps == 50 ? 2 : 1)
    clip.candidates.push_back(frame);
  Append(views, clip, clips);
  LogInfo(Concat(path, ": ", views.size(), " cameras, ", sequence.fps, " frames a second"));
}

/// Frames of a test sequence that are valid (or all, when asked for) and have an activity.
std::vector<int64_t> TestCandidates(const std::string& path, const TestSequence3dhp& sequence,
                                    const std::vector<double>& valid, const std::vector<double>& activity,
                                    bool all_frames, ClipImport& clips) {
  std::vector<int64_t> candidates;
  int64_t count = 0, unknown = 0, first_unknown = 0;
  for (size_t frame = 0; frame < valid.size(); ++frame) {
    if (valid[frame] != 0 && valid[frame] != 1) {
      throw Error(path, ": expected valid_frame of 0 or 1, found ", valid[frame], " at frame ", frame);
    }
    if (valid[frame] == 1) ++count;
    if (valid[frame] == 0 && !all_frames) continue;
    const double kind = activity[frame];
    if (kind >= 1 && kind <= kActivities3dhp.size() && kind == std::floor(kind)) {
      candidates.push_back(static_cast<int64_t>(frame));
    } else if (unknown++ == 0) {
      first_unknown = static_cast<int64_t>(frame);
    }
  }
  if (unknown > 0) {
    clips.Miss(Concat(path, ": expected activity_annotation from 1 to 7, found ", unknown,
                      " frames otherwise, frame ", first_unknown, " with ", activity[first_unknown],
                      " the first; they are left out"));
  }
  const auto frames = static_cast<int64_t>(valid.size());
  if (frames != sequence.frames || count != sequence.valid) {
    clips.Miss(Concat(path, ": expected ", sequence.frames, " frames, ", sequence.valid,
                      " of them valid, found ", frames, " and ", count));
  }
  clips.Note(Concat(sequence.subject, ": ", count, " of ", frames, " frames valid"));
  return candidates;
}

/// `n` numbers in a row or a column.
std::vector<double> ReadVector(const MatFile& file, const std::string& name, int64_t n) {
  const MatVariable variable = file.Find(name);
  return variable.IsRow() ? variable.Numbers({1, n}) : variable.Numbers({n, 1});
}

void ReadTestSequence(const std::string& path, const TestSequence3dhp& sequence,
                      const Import3dhpOptions& options, ClipImport& clips) {
  const MatFile file(path);
  const std::vector<double> annot2 = file.Find("annot2").Numbers({2, kJoints, 1, kAny});
  const auto frames = static_cast<int64_t>(annot2.size()) / (2 * kJoints);
  const std::vector<double> annot3 = file.Find(options.ground_truth).Numbers({3, kJoints, 1, frames});
  const std::vector<double> valid = ReadVector(file, "valid_frame", frames);
  const std::vector<double> activity = ReadVector(file, "activity_annotation", frames);
  View view;
  view.camera = "0";
  view.origin = Concat(path, ": annot2 and ", options.ground_truth);
  view.keypoints = Pick(annot2, frames, kTestJoints3dhp, 2, 2 * kJoints, 1);
  view.joints = Pick(annot3, frames, kTestJoints3dhp, 3, 3 * kJoints, 1);
  FindGoodFrames(view);
  const auto name = [&](int64_t frame) {
    return std::string(kActivities3dhp[static_cast<size_t>(activity[frame]) - 1]);
  };
  const std::vector<int64_t> candidates =
      TestCandidates(path, sequence, valid, activity, options.all_frames, clips);
  Append({view}, {std::string(sequence.subject), name, candidates}, clips);
  LogInfo(Concat(path, ": ", frames, " frames"));
}

/// Reads the sequences of the subjects asked for; the folder must have one of the subjects at least.
template <class Sequences, class FileName, class Read>
void ReadSequences(const std::string& folder, const Sequences& sequences, FileName file_name, Read read,
                   ClipImport& clips) {
  const bool any = std::any_of(sequences.begin(), sequences.end(), [&](const auto& sequence) {
    return fs::is_directory(fs::path(folder) / sequence.subject);
  });
  if (!any) {
    throw Error("expected folders ", sequences.front().subject, " to ", sequences.back().subject, " in '",
                folder, "', found none of them");
  }
  for (const auto& sequence : sequences) {
    if (!clips.Wants(std::string(sequence.subject))) continue;
    const std::string path = (fs::path(folder) / sequence.subject / file_name(sequence)).string();
    clips.Try([&] { read(path, sequence); });
  }
}

/// The folders S1 to S8 with Seq1 and Seq2, annot.mat each (subject S1.., action Seq1 or Seq2, camera 0..13;
/// the frames of a sequence are chosen by one camera), or TS1 to TS6 with annot_data.mat (action the
/// activity, camera 0).
class Mpi : public Importer {
 public:
  template <class V>
  void Fields(V& v) {
    v("part", options_.part, Choice{{"train", "test"}}, "which files to read; must be given");
    v("ground_truth", options_.ground_truth, Choice{{"univ_annot3", "annot3"}},
      "3D joints: univ_annot3 (LInKs, P-STMO, EvoSkeleton), or annot3 (MMPose), which is what reprojects "
      "onto the "
      "2D joints");
    v("camera_set", options_.camera_set,
      Choice{{"all", "regular", "relevant", "ceiling", "vnect", "mm3d_chest"}},
      "training cameras: all = regular (0-13), relevant (0-10), ceiling (11-13), vnect (0,1,2,4-8; P-STMO, "
      "MMPose) "
      "or mm3d_chest (0,2,4,7,8)");
    v("fps", options_.fps, Choice{{"native", "25"}},
      "training clips: native (25 or 50 frames a second, every frame), or 25 (every second frame of those at "
      "50), "
      "before --every");
    v("all_frames", options_.all_frames, "test files: keep frames that valid_frame leaves out, too");
  }

  std::string Source(const ImportOptions&) const override {
    return Concat("MPI-INF-3DHP ", options_.part, ", ground truth ", options_.ground_truth,
                  options_.part == "train" ? ", cameras " + options_.camera_set + ", fps " + options_.fps
                  : options_.all_frames    ? ", all frames"
                                           : ", valid frames");
  }

  void Read(const std::string& folder, ClipImport& clips) const override {
    CheckPart();
    clips.Note(Concat("ground truth: ", options_.ground_truth,
                      options_.ground_truth == "univ_annot3"
                          ? " (skeleton scaled to a universal size; does not reproject onto annot2)"
                          : " (actual size; reprojects onto annot2)"));
    if (options_.part == "train") {
      clips.Note(Concat("camera set: ", options_.camera_set, ", fps: ", options_.fps));
      ReadSequences(
          folder, kTrainSequences3dhp,
          [](const auto& sequence) { return fs::path(sequence.name) / "annot.mat"; },
          [&](const std::string& path, const auto& sequence) {
            ReadTrainSequence(path, sequence, options_, clips);
          },
          clips);
    } else {
      ReadSequences(
          folder, kTestSequences3dhp, [](const auto&) { return fs::path("annot_data.mat"); },
          [&](const std::string& path, const auto& sequence) {
            ReadTestSequence(path, sequence, options_, clips);
          },
          clips);
    }
  }

 private:
  void CheckPart() const {
    if (options_.part.empty()) throw UsageError("expected --part train or --part test, found neither");
    const Import3dhpOptions defaults;
    const bool test = options_.part == "test";
    const char* of_other = test && options_.camera_set != defaults.camera_set ? "--camera-set"
                           : test && options_.fps != defaults.fps             ? "--fps"
                           : !test && options_.all_frames                     ? "--all-frames"
                                                                              : nullptr;
    if (of_other == nullptr) return;
    throw UsageError("expected ", of_other, " with --part ", test ? "train" : "test", ", found --part ",
                     options_.part);
  }

  Import3dhpOptions options_;
};

}  // namespace

std::vector<int> CameraSet3dhp(const std::string& name) {
  std::vector<int> cameras(kCameras3dhp);
  std::iota(cameras.begin(), cameras.end(), 0);
  if (name == "all" || name == "regular") return cameras;
  if (name == "relevant") return {cameras.begin(), cameras.begin() + 11};
  if (name == "ceiling") return {cameras.begin() + 11, cameras.end()};
  if (name == "vnect") return {0, 1, 2, 4, 5, 6, 7, 8};
  if (name == "mm3d_chest") return {0, 2, 4, 7, 8};
  throw UsageError("expected a camera set all, regular, relevant, ceiling, vnect or mm3d_chest, found '",
                   name, "'");
}

ImporterKind MpiInf3dhp() {
  return KindOf<Mpi>(
      {.name = "mpi-inf-3dhp",
       .help = "Read MPI-INF-3DHP: S1 to S8 with Seq1 and Seq2, annot.mat each (train), or TS1 to TS6, "
               "annot_data.mat each (test)",
       .path = "The folder with S1 to S8 or TS1 to TS6",
       .licence = "MPI-INF-3DHP's own",
       .example = "links data import mpi-inf-3dhp mpi_inf_3dhp --part train --output 3dhp_train.h5"});
}

}  // namespace links
