#include <pybind11/stl.h>
#include <torch/types.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <memory>
#include <mutex>
#include <optional>
#include <set>

#include "bindings.h"
#include "links/core/error.h"
#include "links/core/log.h"
#include "links/data/bounds.h"
#include "links/detection/memory_frames.h"
#include "links/device/device.h"
#include "links/inference/lift_tracks.h"
#include "links/inference/pose_estimator.h"
#include "links/inference/stream_smoother.h"
#include "links/run/finished_stage.h"
#include "links/run/model.h"
#include "links/run/trained_run.h"

namespace links {
namespace {

constexpr int64_t kBatch = 256;  // frames, as `links lift` takes them

/// A run that was loaded. The networks remember what they computed last (PoseLifters): one call at a time.
struct Model {
  Model(std::string of_path, TrainedRun of_run, JointDefinition of_joints)
      : path(std::move(of_path)), run(std::move(of_run)), joints(of_joints) {}

  std::string path;
  TrainedRun run;
  JointDefinition joints;
  std::mutex mutex;
};

/// path: of a run, "" = the model that comes with links.
std::shared_ptr<Model> LoadModel(const std::string& path, const std::string& device) {
  const std::string found = FindRun(path);
  const RunDirectory directory(found);
  return std::make_shared<Model>(found,
                                 LoadRun(directory, SelectDevice(device), {kLifters, kFullFlow, kCompletion}),
                                 TrainedJoints(directory));
}

/// How keypoints are read.
struct Reading {
  std::string map;
  double min_confidence = 0, image_width = 0, image_height = 0;
  bool link = false;  ///< people to tracks from frame to frame, where they have none

  DetectionOptions Options(const Model& model) const {
    DetectionOptions options;
    options.map = map;
    options.min_confidence = min_confidence;
    options.image_width = image_width;
    options.image_height = image_height;
    options.tracks = link ? TrackSource::kAuto : TrackSource::kFile;
    options.joints = model.joints;
    return options;
  }
};

/// Keypoints of frames with as many people each, in the caller's memory: (F, P, K, 2 or 3), float32 or
/// float64 of any strides, and confidences (F, P, K) or the third coordinate; without either 1.
class KeypointArrays {
 public:
  KeypointArrays(py::array keypoints, std::optional<py::array> confidence)
      : keypoints_(std::move(keypoints)), confidence_(std::move(confidence)) {
    Check(keypoints_, "keypoints");
    if (keypoints_.ndim() != 4 || (shape(3) != 2 && shape(3) != 3))
      throw UsageError("expected keypoints (frames, people, K, 2) or with a confidence (..., 3), found ",
                       keypoints_.ndim(), " axes");
    if (!confidence_) return;
    Check(*confidence_, "confidence");
    bool same = confidence_->ndim() == 3;
    for (int axis = 0; same && axis < 3; ++axis) same = confidence_->shape(axis) == shape(axis);
    if (!same) throw UsageError("expected a confidence for each keypoint, found another shape");
  }

  py::ssize_t shape(int axis) const { return keypoints_.shape(axis); }

  /// Needs no Python.
  Keypoints Of(py::ssize_t frame, py::ssize_t person) const {
    Keypoints made;
    const auto count = static_cast<size_t>(shape(2));
    made.px.resize(2 * count);
    made.confidence.resize(count);
    for (size_t i = 0; i < count; ++i) {
      const auto k = static_cast<py::ssize_t>(i);
      for (py::ssize_t axis = 0; axis < 2; ++axis) {
        const double px = At(keypoints_, {frame, person, k, axis}, 4);
        CheckNumber(px, kMostPixels, "coordinate", frame, person, k);
        made.px[2 * i + static_cast<size_t>(axis)] = px;
      }
      double confidence = 1;
      if (confidence_) {
        confidence = At(*confidence_, {frame, person, k, 0}, 3);
      } else if (shape(3) == 3) {
        confidence = At(keypoints_, {frame, person, k, 2}, 4);
      }
      CheckNumber(confidence, kMostConfidence, "confidence", frame, person, k);
      made.confidence[i] = confidence;
    }
    return made;
  }

 private:
  static void Check(const py::array& array, const char* what) {
    if (!py::isinstance<py::array_t<float>>(array) && !py::isinstance<py::array_t<double>>(array))
      throw UsageError("expected ", what, " of float32 or float64, found another type");
  }

  static void CheckNumber(double number, double most, const char* what, py::ssize_t frame, py::ssize_t person,
                          py::ssize_t keypoint) {
    if (std::isnan(number) || Within(number, most)) return;
    throw UsageError("expected a ", what, " of at most ", most, " either way, or NaN where not seen, found ",
                     number, " at keypoint ", keypoint, " of person ", person, " in frame ", frame);
  }

  static double At(const py::array& array, const std::array<py::ssize_t, 4>& place, int axes) {
    const auto* byte = static_cast<const char*>(array.data());
    for (int axis = 0; axis < axes; ++axis) byte += place[static_cast<size_t>(axis)] * array.strides(axis);
    return array.itemsize() == sizeof(float) ? *reinterpret_cast<const float*>(byte)
                                             : *reinterpret_cast<const double*>(byte);
  }

  py::array keypoints_;
  std::optional<py::array> confidence_;
};

/// Poses of F frames with P people as arrays.
class Poses {
 public:
  Poses(py::ssize_t frames, py::ssize_t people)
      : frames_(frames),
        people_(people),
        joints_(Count(3 * kJoints), std::nanf("")),
        keypoints_(Count(2 * kJoints), std::nanf("")),
        confidence_(Count(kJoints), 0),
        plausibility_(Count(1), std::nan("")),
        scale_px_(Count(1), std::nan("")),
        mm_per_unit_(Count(1), std::nan("")),
        root_px_(Count(2), std::nan("")),
        states_(Count(kJoints), -1) {}

  void Put(py::ssize_t frame, const LiftedPerson& person) {
    const auto at = static_cast<size_t>(frame * people_ + person.person);
    for (size_t joint = 0; joint < kJoints; ++joint) {
      const bool seen = person.states[joint] != JointState::kGuessed;
      if (!seen) continue;
      for (size_t k = 0; k < 2; ++k) keypoints_[2 * (kJoints * at + joint) + k] = person.px[2 * joint + k];
      confidence_[kJoints * at + joint] = person.confidence[joint];
    }
    if (!person.unusable.empty()) {
      reasons_[py::make_tuple(frame, person.person)] = person.unusable;
      return;
    }
    for (size_t i = 0; i < 3 * kJoints; ++i)
      joints_[3 * kJoints * at + i] = static_cast<float>(person.joints[i]);
    for (size_t joint = 0; joint < kJoints; ++joint)
      states_[kJoints * at + joint] = static_cast<int8_t>(person.states[joint]);
    plausibility_[at] = person.plausibility;
    scale_px_[at] = person.scale_px;
    if (person.mm_per_unit > 0) mm_per_unit_[at] = person.mm_per_unit;
    for (size_t k = 0; k < 2; ++k) root_px_[2 * at + k] = person.root_px[k];
  }

  py::dict Arrays() && {
    py::dict arrays;
    arrays["joints"] = ToArray(std::move(joints_), {frames_, people_, kJoints, 3});
    arrays["states"] = ToArray(std::move(states_), {frames_, people_, kJoints});
    arrays["keypoints"] = ToArray(std::move(keypoints_), {frames_, people_, kJoints, 2});
    arrays["confidence"] = ToArray(std::move(confidence_), {frames_, people_, kJoints});
    arrays["root_px"] = ToArray(std::move(root_px_), {frames_, people_, 2});
    arrays["scale_px"] = ToArray(std::move(scale_px_), {frames_, people_});
    arrays["mm_per_unit"] = ToArray(std::move(mm_per_unit_), {frames_, people_});
    arrays["plausibility"] = ToArray(std::move(plausibility_), {frames_, people_});
    arrays["reasons"] = reasons_;
    return arrays;
  }

 private:
  size_t Count(py::ssize_t of_each) const { return static_cast<size_t>(frames_ * people_ * of_each); }

  py::ssize_t frames_, people_;
  std::vector<float> joints_, keypoints_, confidence_;
  std::vector<double> plausibility_, scale_px_, mm_per_unit_, root_px_;
  std::vector<int8_t> states_;
  py::dict reasons_;
};

/// Warnings of an input's keypoints, the first time alone.
class Quiet {
 public:
  explicit Quiet(bool quiet) : level_(GetLogLevel()) {
    if (quiet) SetLogLevel(LogLevel::kError);
  }
  ~Quiet() { SetLogLevel(level_); }
  Quiet(const Quiet&) = delete;
  Quiet& operator=(const Quiet&) = delete;

 private:
  LogLevel level_;
};

/// A model's estimator and what it has read.
class Estimator {
 public:
  Estimator(std::shared_ptr<Model> model, bool training_scale, double height_mm)
      : model_(std::move(model)), estimator_(model_->run, {training_scale, height_mm}) {}

  /// Every person of every frame by itself.
  py::dict LiftAlone(const KeypointArrays& given, const Reading& reading) {
    Poses poses(given.shape(0), given.shape(1));
    const Quiet quiet(!read_.insert(reading.map).second);
    py::ssize_t next = 0;
    const auto reader = Read(given, {}, {}, reading, next);
    std::vector<DetectedFrame> batch;
    py::ssize_t done = 0;
    for (bool more = true; more;) {
      batch.clear();
      std::vector<LiftedFrame> lifted;
      {
        const py::gil_scoped_release release;
        const std::lock_guard lock(model_->mutex);
        DetectedFrame frame;
        while (static_cast<int64_t>(batch.size()) < kBatch && (more = reader->Next(frame)))
          batch.push_back(std::move(frame));
        if (!batch.empty()) lifted = estimator_.Estimate(batch);
      }
      for (const LiftedFrame& frame : lifted) {
        for (const LiftedPerson& person : frame.people) poses.Put(done, person);
        ++done;
      }
    }
    return std::move(poses).Arrays();
  }

  /// With what is known of whole tracks. frames: their numbers.
  py::dict LiftWithTracks(const KeypointArrays& given, const std::vector<std::string>& tracks,
                          const std::vector<int64_t>& frames, const Reading& reading,
                          const TrackOptions& options) {
    Poses poses(given.shape(0), given.shape(1));
    const Quiet quiet(!read_.insert(reading.map).second);
    py::ssize_t next = 0, done = 0;
    const auto reader = Read(given, tracks, frames, reading, next);
    TrackNotes notes;
    {
      const py::gil_scoped_release release;
      const std::lock_guard lock(model_->mutex);
      notes = LiftTracks(*reader, estimator_, kBatch, options, [&](const LiftedFrame& frame) {
        const py::gil_scoped_acquire acquire;
        for (const LiftedPerson& person : frame.people) poses.Put(done, person);
        ++done;
      });
    }
    py::dict arrays = std::move(poses).Arrays();
    arrays["notes"] = notes;
    return arrays;
  }

  /// Seconds of one PoseEstimator::Estimate of all the frames, as the mean of so many: what a C++ program
  /// pays for the same poses (scripts/python_speed.py).
  double SecondsInCpp(const KeypointArrays& given, const Reading& reading, int calls) {
    py::ssize_t next = 0;
    const auto reader = Read(given, {}, {}, reading, next);
    std::vector<DetectedFrame> frames;
    for (DetectedFrame frame; reader->Next(frame);) frames.push_back(std::move(frame));
    const py::gil_scoped_release release;
    const auto start = std::chrono::steady_clock::now();
    for (int call = 0; call < calls; ++call) estimator_.Estimate(frames);
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() / calls;
  }

 private:
  // The arrays, tracks and `next` outlive the reader.
  std::unique_ptr<DetectionReader> Read(const KeypointArrays& given, const std::vector<std::string>& tracks,
                                        const std::vector<int64_t>& frames, const Reading& reading,
                                        py::ssize_t& next) const {
    const auto give = [&given, &next, tracks, frames](KeypointFrame& frame) {
      if (next == given.shape(0)) return false;
      frame.index = frames.empty() ? next : frames[static_cast<size_t>(next)];
      for (py::ssize_t person = 0; person < given.shape(1); ++person)
        frame.people.push_back(given.Of(next, person));
      frame.tracks = tracks;
      ++next;
      return true;
    };
    return ReadKeypointFrames(give, reading.Options(*model_), /*ahead=*/true);
  }

  std::shared_ptr<Model> model_;
  PoseEstimator estimator_;
  std::set<std::string> read_;  // the maps with which keypoints were read
};

/// Frames of live video, each answered before the next is there.
class Stream {
 public:
  Stream(std::shared_ptr<Model> model, bool training_scale, double height_mm, Reading reading, double fps,
         double smooth_hz)
      : model_(std::move(model)),
        reading_(std::move(reading)),
        estimator_(model_->run, {training_scale, height_mm}),
        reader_(ReadKeypointFrames(
            [this](KeypointFrame& frame) {
              frame = std::move(next_);
              return true;
            },
            reading_.Options(*model_), /*ahead=*/false)) {
    if (smooth_hz > 0) {
      if (!(fps > 0) || !SmoothingSuits(smooth_hz, fps))
        throw UsageError("expected fps with smooth_hz, and a cutoff below half of it, found ", smooth_hz,
                         " Hz at ", fps, " frames a second");
      smoother_.emplace(smooth_hz, fps);
    }
  }

  /// given: (1, P, K, 2). -> arrays, and the track of each person.
  py::dict Push(const KeypointArrays& given, const std::vector<std::string>& tracks, int64_t index) {
    next_ = {};
    next_.index = index;
    next_.tracks = tracks;
    for (py::ssize_t person = 0; person < given.shape(1); ++person)
      next_.people.push_back(given.Of(0, person));
    LiftedFrame lifted;
    {
      const py::gil_scoped_release release;
      const std::lock_guard lock(model_->mutex);
      DetectedFrame frame;
      reader_->Next(frame);
      if (smoother_) smoother_->SmoothKeypoints(frame);
      lifted = estimator_.Estimate({frame})[0];
      if (smoother_) smoother_->SmoothPoses(lifted);
    }
    Poses poses(1, given.shape(1));
    std::vector<std::string> found;
    for (const LiftedPerson& person : lifted.people) {
      poses.Put(0, person);
      found.push_back(person.track);
    }
    py::dict arrays = std::move(poses).Arrays();
    arrays["tracks"] = found;
    return arrays;
  }

 private:
  std::shared_ptr<Model> model_;
  Reading reading_;
  PoseEstimator estimator_;
  KeypointFrame next_;
  std::unique_ptr<DetectionReader> reader_;
  std::optional<StreamSmoother> smoother_;
};

}  // namespace

void BindEstimator(py::module_& module) {
  py::class_<Model, std::shared_ptr<Model>>(module, "Model")
      .def(py::init(&LoadModel))
      .def_property_readonly("path", [](const Model& model) { return model.path; })
      .def_property_readonly("joints", [](const Model& model) { return NameOf(model.joints); });
  py::class_<KeypointArrays>(module, "KeypointArrays").def(py::init<py::array, std::optional<py::array>>());
  py::class_<Reading>(module, "Reading")
      .def(
          py::init([](const std::string& map, double min_confidence, double width, double height, bool link) {
            return Reading{map, min_confidence, width, height, link};
          }));
  py::class_<Estimator>(module, "Estimator")
      .def(py::init<std::shared_ptr<Model>, bool, double>())
      .def("lift_alone", &Estimator::LiftAlone)
      .def("seconds_in_cpp", &Estimator::SecondsInCpp)
      .def("lift_tracks", [](Estimator& estimator, const KeypointArrays& given,
                             const std::vector<std::string>& tracks, const std::vector<int64_t>& frames,
                             const Reading& reading, double fps, double smooth_hz, bool rigid) {
        TrackOptions options;
        options.fps = fps;
        options.smooth_hz = smooth_hz;
        options.rigid = rigid;
        return estimator.LiftWithTracks(given, tracks, frames, reading, options);
      });
  py::class_<Stream>(module, "Stream")
      .def(py::init<std::shared_ptr<Model>, bool, double, Reading, double, double>())
      .def("push", &Stream::Push);
}

}  // namespace links
