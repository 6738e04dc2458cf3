#include "links/inference/lift_tracks.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <optional>

#include "links/core/error.h"
#include "links/core/log.h"
#include "links/inference/body_height.h"
#include "links/inference/track_table.h"
#include "links/motion/rigid_bones.h"
#include "links/motion/track_smoothing.h"
#include "links/motion/upright.h"
#include "pose_store.h"

namespace links {
namespace {

constexpr double kSecondsBetweenReports = 10;
// Deviation of the Gaussian over which a size is told, seconds and, without a frame rate, frames.
constexpr double kSizeSeconds = .5, kSizeFrames = 15, kMostSizeFrames = 150;
constexpr double kLeastShareOfRate = 1. / 500;  // below it rounding would show

constexpr int64_t kFewestUpright = 10;

using Ids = std::vector<int64_t>;

/// Says when there is something to report again.
class Ticker {
 public:
  bool Due() {
    const auto now = std::chrono::steady_clock::now();
    if (std::chrono::duration<double>(now - shown_).count() < kSecondsBetweenReports) return false;
    shown_ = now;
    return true;
  }

 private:
  std::chrono::steady_clock::time_point shown_ = std::chrono::steady_clock::now();
};

class TrackLifter {
 public:
  TrackLifter(DetectionReader& reader, PoseEstimator& estimator, int64_t batch, const TrackOptions& options,
              const TakeLifted& take)
      : reader_(reader), estimator_(estimator), batch_(batch), options_(options), take_(take) {
    if (options.smooth_hz > 0) {
      smoothing_ = {options.smooth_hz / options.fps,
                    std::min<int64_t>(std::llround(options.bridge_seconds * options.fps),
                                      TrackTable<int>::kForgetAfter)};
    }
  }

  TrackNotes Run() {
    Read();
    ForEachTrack([&](const Ids& people, const std::vector<int64_t>& frames) { Measure(people, frames); });
    Lift();
    if (PosesChange()) {
      ForEachTrack([&](const Ids& people, const std::vector<int64_t>& frames) { Steady(people, frames); });
      if (options_.upright) SetUpright();
      Give();
    }
    return Notes();
  }

 private:
  bool PosesChange() const {
    return options_.smooth_hz > 0 || options_.rigid || options_.upright || estimator_.options().height_mm > 0;
  }

  void Read() {
    DetectedFrame frame;
    Ticker ticker;
    int64_t frames = 0;
    while (reader_.Next(frame)) {
      store_.Add(frame);
      ++frames;
      if (ticker.Due()) LogInfo(Concat(frames, " frames, ", store_.people(), " people read"));
    }
  }

  /// Calls `each` with the people and frames of every track, from one long absence to the next; who has no
  /// track is one alone.
  void ForEachTrack(const std::function<void(const Ids&, const std::vector<int64_t>&)>& each) {
    std::vector<bool> in_track(static_cast<size_t>(store_.people()), false);
    for (const auto& [name, all] : store_.tracks()) {
      Ids people;
      std::vector<int64_t> frames;
      for (const int64_t id : all) {
        in_track[id] = true;
        const int64_t frame = store_.FrameOf(id);
        if (!frames.empty() && frame - frames.back() > TrackTable<int>::kForgetAfter) {
          each(people, frames);
          people.clear();
          frames.clear();
        }
        people.push_back(id);
        frames.push_back(frame);
      }
      each(people, frames);
    }
    for (int64_t id = 0; id < store_.people(); ++id) {
      if (!in_track[id]) each({id}, {store_.FrameOf(id)});
    }
  }

  /// Keypoints without jitter, and one scale.
  void Measure(const Ids& people, const std::vector<int64_t>& all_frames) {
    // Whoever is in the file without keypoints stays so.
    Ids there;
    std::vector<int64_t> frames;
    std::vector<Joints2d> joints;
    joints.reserve(people.size());
    for (size_t i = 0; i < people.size(); ++i) {
      PoseStore::Detected detected = store_.GetDetected(people[i]);
      if (!detected.unusable.empty()) continue;
      there.push_back(people[i]);
      frames.push_back(all_frames[i]);
      joints.push_back(detected.joints);
    }
    if (there.empty()) return;
    if (options_.smooth_hz > 0) bridged_ += SmoothKeypoints(frames, smoothing_, joints);
    std::vector<BodyScale> scales(there.size(), estimator_.TrainingScale());
    if (const auto& body = estimator_.scales()) {
      std::vector<BodyMeasure> measures;
      measures.reserve(joints.size());
      for (const Joints2d& person : joints) measures.push_back(body->Measure(person));
      const double width =
          options_.fps > 0 ? std::min(kSizeSeconds * options_.fps, kMostSizeFrames) : kSizeFrames;
      scales = body->OfTrack(frames, measures, width);
    }
    for (size_t i = 0; i < there.size(); ++i) store_.PutDetected(there[i], {joints[i], scales[i], ""});
  }

  void Lift() {
    store_.Rewind();
    std::vector<DetectedFrame> frames;
    std::vector<std::vector<BodyScale>> scales;
    Ids firsts;
    Ticker ticker;
    for (bool more = true; more;) {
      frames.clear();
      scales.clear();
      firsts.clear();
      while (static_cast<int64_t>(frames.size()) < batch_) {
        more = store_.Next(frames.emplace_back(), scales.emplace_back(), firsts.emplace_back());
        if (!more) {
          frames.pop_back();
          break;
        }
      }
      const std::vector<LiftedFrame> lifted = estimator_.Estimate(frames, scales);
      if (PosesChange() && ticker.Due() && !firsts.empty())
        LogInfo(Concat(firsts.back(), " of ", store_.people(), " people lifted"));
      for (size_t i = 0; i < lifted.size(); ++i) Keep(lifted[i], firsts[i]);
    }
  }

  void Keep(const LiftedFrame& frame, int64_t first) {
    if (!PosesChange()) return take_(frame);
    for (size_t i = 0; i < frame.people.size(); ++i) {
      store_.AddLifted(first + static_cast<int64_t>(i), frame.people[i]);
    }
  }

  struct Poses {
    Ids people;
    std::vector<int64_t> frames;
    std::vector<MovingPose> poses;
    double length = 0;  // mean unrolled one
  };

  /// Those of a track who have a pose.
  Poses PosesOf(const Ids& people, const std::vector<int64_t>& frames) {
    Poses there;
    there.poses.reserve(people.size());
    for (size_t i = 0; i < people.size(); ++i) {
      if (!store_.IsUsable(people[i])) continue;
      there.people.push_back(people[i]);
      there.frames.push_back(frames[i]);
      there.poses.push_back(store_.GetPose(people[i]));
    }
    MeasureLength(there);
    return there;
  }

  static void MeasureLength(Poses& there) {
    there.length = 0;
    for (const MovingPose& pose : there.poses) {
      Joints3 joints;
      std::copy(pose.joints.begin(), pose.joints.end(), joints.begin());
      there.length += UnrolledLength(joints) / static_cast<double>(there.poses.size());
    }
  }

  /// Poses without jitter, of one size in mm.
  void Steady(const Ids& people, const std::vector<int64_t>& frames) {
    Poses there = PosesOf(people, frames);
    if (options_.smooth_hz > 0) SmoothPoses(there.frames, smoothing_, there.poses);
    if (options_.rigid) {
      MakeRigid(there.poses);
      if (options_.smooth_hz > 0) SmoothDirections(there.frames, smoothing_, there.poses);
      for (const MovingPose& pose : there.poses) rigid_.Add(pose);
    }
    MeasureLength(there);
    const double height = estimator_.options().height_mm;
    for (size_t i = 0; i < there.people.size(); ++i) {
      MovingPose& pose = there.poses[i];
      if (height > 0) pose.mm_per_unit = MmPerUnit(height, there.length);
      store_.PutPose(there.people[i], pose);
      if (!options_.upright) continue;
      ++poses_;
      if (const auto up = UpOf(pose)) ups_.emplace_back((ToCamera(pose) * *up).cast<float>());
    }
  }

  Eigen::Matrix3d ToCamera(const MovingPose& pose) const {
    if (!(options_.focal_px > 0)) return Eigen::Matrix3d::Identity();
    return TurnToCamera(Camera(), pose.root_px);
  }

  Pinhole Camera() const {
    return {options_.focal_px, {options_.image_width / 2, options_.image_height / 2}};
  }

  void SetUpright() {
    if (static_cast<int64_t>(ups_.size()) < kFewestUpright) {
      throw Error("expected at least ", kFewestUpright,
                  " poses that stand upright, from which --upright tells where down is, found ", ups_.size(),
                  " of ", poses_);
    }
    gravity_ = Gravity::Of(ups_);
    ForEachTrack(
        [&](const Ids& people, const std::vector<int64_t>& frames) { StandOnGround(people, frames); });
  }

  /// Level axes; with a camera the track's ground is where its lowest ankles are in the middle of their
  /// order, without one every pose stands.
  void StandOnGround(const Ids& people, const std::vector<int64_t>& frames) {
    Poses there = PosesOf(people, frames);
    if (there.people.empty()) return;
    const Eigen::Matrix3d level = gravity_->Level();
    const bool placed = options_.focal_px > 0;
    std::vector<double> ground;
    for (MovingPose& pose : there.poses) {
      const Eigen::Matrix3d turn = level * ToCamera(pose);
      const Eigen::Vector3d root =
          placed ? Eigen::Vector3d(level * RootInCamera(Camera(), pose)) : Eigen::Vector3d(0, 0, 0);
      Turn(turn, pose);
      pose.upright = true;
      for (int k = 0; k < 3; ++k) pose.root[k] = root[k];
      ground.push_back(root.y() + LowestAnkle(pose) + AnkleHeight(there.length));
    }
    double floor = 0;
    if (placed) {
      std::vector<double> sorted = ground;
      const auto middle = sorted.begin() + static_cast<ptrdiff_t>(sorted.size() / 2);
      std::nth_element(sorted.begin(), middle, sorted.end());
      floor = *middle;
    }
    for (size_t i = 0; i < there.poses.size(); ++i) {
      there.poses[i].root[1] -= placed ? floor : ground[i];
      store_.PutPose(there.people[i], there.poses[i]);
    }
  }

  void Give() {
    store_.Rewind();
    LiftedFrame frame;
    while (store_.Next(frame)) take_(frame);
  }

  TrackNotes Notes() const {
    TrackNotes notes;
    if (options_.smooth_hz > 0) {
      notes.push_back(Concat("smoothed at ", options_.smooth_hz, " Hz of ", options_.fps,
                             " frames a second, ", bridged_, " joints bridged over gaps of up to ",
                             smoothing_.bridge, " frames"));
    }
    if (options_.rigid && rigid_.joints > 0) {
      const auto joints = static_cast<double>(rigid_.joints);
      notes.push_back(Concat("rigid: seen joints project ", Rounded(rigid_.sum_px / joints, 100),
                             " px from their keypoints on average, ",
                             Rounded(100 * static_cast<double>(rigid_.left) / joints, 10), " % of ",
                             rigid_.joints, " by more than ", RigidCost::kLeft, " px"));
    }
    if (gravity_) {
      notes.push_back(Concat("upright, an estimate: ", ups_.size(), " of ", poses_,
                             " poses stand, half of them within ", Rounded(gravity_->spread_degrees, 10),
                             " degrees of their mean; the camera looks down by ",
                             Rounded(gravity_->pitch_degrees, 10), " degrees and is rolled by ",
                             Rounded(gravity_->roll_degrees, 10)));
    }
    return notes;
  }

  static double Rounded(double value, double steps) { return std::round(steps * value) / steps; }

  DetectionReader& reader_;
  PoseEstimator& estimator_;
  int64_t batch_;
  TrackOptions options_;
  const TakeLifted& take_;
  Smoothing smoothing_;
  PoseStore store_;
  int64_t bridged_ = 0, poses_ = 0;
  RigidCost rigid_;
  std::vector<Eigen::Vector3f> ups_;  // of those who stand
  std::optional<Gravity> gravity_;
};

}  // namespace

bool SmoothingSuits(double hz, double fps) {
  return hz >= kLeastShareOfRate * fps && hz < fps / 2;
}

void CheckTrackOptions(const TrackOptions& options) {
  if (options.smooth_hz > 0) {
    if (!(options.fps > 0)) {
      throw UsageError(
          "expected --fps with --smooth, as the input does not state its frame rate, found none");
    }
    if (!SmoothingSuits(options.smooth_hz, options.fps)) {
      throw UsageError("expected a cutoff of at least ", kLeastShareOfRate * options.fps, " and below ",
                       options.fps / 2, " Hz at ", options.fps, " frames a second, found ",
                       options.smooth_hz);
    }
  }
  if (options.focal_px > 0 && !options.upright)
    throw UsageError("expected --upright with --focal, found none");
  if (options.focal_px > 0 && !(options.image_width > 0 && options.image_height > 0)) {
    throw UsageError(
        "expected --image-size with --focal, as the camera's axis is taken to meet the image in its middle, "
        "found none");
  }
}

TrackNotes LiftTracks(DetectionReader& reader, PoseEstimator& estimator, int64_t batch,
                      const TrackOptions& options, const TakeLifted& take) {
  CheckTrackOptions(options);
  return TrackLifter(reader, estimator, batch, options, take).Run();
}

}  // namespace links
