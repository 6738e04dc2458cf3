#include "links/inference/lift_tracks.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>

#include "links/core/error.h"
#include "links/core/log.h"
#include "links/inference/body_height.h"
#include "links/inference/track_table.h"
#include "links/motion/track_smoothing.h"
#include "pose_store.h"

namespace links {
namespace {

constexpr double kSecondsBetweenReports = 10;
// Deviation of the Gaussian over which a size is told, seconds and, without a frame rate, frames.
constexpr double kSizeSeconds = .5, kSizeFrames = 15;
constexpr double kLeastShareOfRate = 1. / 500;  // below it rounding would show

using Ids = std::vector<int64_t>;

class TrackLifter {
 public:
  TrackLifter(DetectionReader& reader, PoseEstimator& estimator, int64_t batch, const TrackOptions& options,
              const TakeLifted& take)
      : reader_(reader), estimator_(estimator), batch_(batch), options_(options), take_(take) {
    if (options.smooth_hz > 0) {
      smoothing_ = {options.smooth_hz / options.fps, std::llround(options.bridge_seconds * options.fps)};
    }
  }

  TrackNotes Run() {
    Read();
    ForEachTrack([&](const Ids& people, const std::vector<int64_t>& frames) { Measure(people, frames); });
    Lift();
    if (PosesChange()) {
      ForEachTrack([&](const Ids& people, const std::vector<int64_t>& frames) { Steady(people, frames); });
      Give();
    }
    return Notes();
  }

 private:
  bool PosesChange() const { return options_.smooth_hz > 0 || estimator_.options().height_mm > 0; }

  void Read() {
    DetectedFrame frame;
    int64_t frames = 0;
    auto shown = std::chrono::steady_clock::now();
    while (reader_.Next(frame)) {
      store_.Add(frame);
      ++frames;
      const auto now = std::chrono::steady_clock::now();
      if (std::chrono::duration<double>(now - shown).count() < kSecondsBetweenReports) continue;
      LogInfo(Concat(frames, " frames, ", store_.people(), " people read"));
      shown = now;
    }
  }

  /// Calls `each` with the people and frames of every track, from one long absence to the next.
  void ForEachTrack(const std::function<void(const Ids&, const std::vector<int64_t>&)>& each) {
    for (const auto& [name, all] : store_.tracks()) {
      Ids people;
      std::vector<int64_t> frames;
      for (const int64_t id : all) {
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
  }

  /// Keypoints without jitter, and one scale.
  void Measure(const Ids& people, const std::vector<int64_t>& all_frames) {
    // Whoever is in the file without keypoints stays so.
    Ids there;
    std::vector<int64_t> frames;
    std::vector<Joints2d> joints;
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
      for (const Joints2d& person : joints) measures.push_back(body->Measure(person));
      const double width = options_.fps > 0 ? kSizeSeconds * options_.fps : kSizeFrames;
      scales = body->OfTrack(frames, measures, width);
    }
    for (size_t i = 0; i < there.size(); ++i) store_.PutDetected(there[i], {joints[i], scales[i], ""});
  }

  void Lift() {
    store_.Rewind();
    std::vector<DetectedFrame> frames;
    std::vector<std::vector<BodyScale>> scales;
    Ids firsts;
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
        ScaleStrangers(frames.back(), scales.back());
      }
      const std::vector<LiftedFrame> lifted = estimator_.Estimate(frames, scales);
      for (size_t i = 0; i < lifted.size(); ++i) Keep(lifted[i], firsts[i]);
    }
  }

  /// Those without a track go by their own frame.
  void ScaleStrangers(const DetectedFrame& frame, std::vector<BodyScale>& scales) const {
    for (size_t i = 0; i < scales.size(); ++i) {
      if (!scales[i].from.empty() || !frame.people[i].unusable.empty()) continue;
      const auto& body = estimator_.scales();
      scales[i] = body ? body->OfFrame(body->Measure(frame.people[i])) : estimator_.TrainingScale();
    }
  }

  void Keep(const LiftedFrame& frame, int64_t first) {
    if (!PosesChange()) return take_(frame);
    for (size_t i = 0; i < frame.people.size(); ++i) {
      LiftedPerson person = frame.people[i];
      if (person.unusable.empty()) SetHeight(UnrolledLength(person.joints), person.mm_per_unit);
      store_.AddLifted(first + static_cast<int64_t>(i), person);
    }
  }

  void SetHeight(double unrolled_length, double& mm_per_unit) const {
    const double height = estimator_.options().height_mm;
    if (height > 0) mm_per_unit = MmPerUnit(height, unrolled_length);
  }

  /// Poses without jitter, of one size in mm.
  void Steady(const Ids& people, const std::vector<int64_t>& all_frames) {
    Ids there;
    std::vector<int64_t> frames;
    std::vector<MovingPose> poses;
    for (size_t i = 0; i < people.size(); ++i) {
      if (!store_.IsUsable(people[i])) continue;
      there.push_back(people[i]);
      frames.push_back(all_frames[i]);
      poses.push_back(store_.GetPose(people[i]));
    }
    if (there.empty()) return;
    if (options_.smooth_hz > 0) SmoothPoses(frames, smoothing_, poses);
    double length = 0;
    for (const MovingPose& pose : poses) {
      Joints3 joints;
      std::copy(pose.joints.begin(), pose.joints.end(), joints.begin());
      length += UnrolledLength(joints) / static_cast<double>(poses.size());
    }
    for (size_t i = 0; i < there.size(); ++i) {
      SetHeight(length, poses[i].mm_per_unit);
      store_.PutPose(there[i], poses[i]);
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
    return notes;
  }

  DetectionReader& reader_;
  PoseEstimator& estimator_;
  int64_t batch_;
  TrackOptions options_;
  const TakeLifted& take_;
  Smoothing smoothing_;
  PoseStore store_;
  int64_t bridged_ = 0;
};

}  // namespace

void CheckTrackOptions(const TrackOptions& options) {
  if (options.smooth_hz == 0) return;
  if (!(options.fps > 0)) {
    throw UsageError("expected --fps with --smooth, as the input does not state its frame rate, found none");
  }
  const double least = kLeastShareOfRate * options.fps;
  if (!(options.smooth_hz >= least && options.smooth_hz < options.fps / 2)) {
    throw UsageError("expected a cutoff of at least ", least, " and below ", options.fps / 2, " Hz at ",
                     options.fps, " frames a second, found ", options.smooth_hz);
  }
}

TrackNotes LiftTracks(DetectionReader& reader, PoseEstimator& estimator, int64_t batch,
                      const TrackOptions& options, const TakeLifted& take) {
  CheckTrackOptions(options);
  return TrackLifter(reader, estimator, batch, options, take).Run();
}

}  // namespace links
