#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "links/completion/completion.h"
#include "links/completion/mask_bank.h"
#include "links/config/visitor.h"
#include "links/core/boxed.h"
#include "links/data/pose_file.h"
#include "links/dataset/normalisation.h"
#include "links/device/device.h"
#include "links/flow/real_nvp.h"
#include "links/flow/sampler.h"
#include "links/lifter/lifter_group.h"
#include "links/lifter/segment_lifters.h"
#include "links/occlusion/filler.h"

namespace links {

struct CompletionLossOptions;
struct DistillationOptions;
struct LiftingLossOptions;
extern template class Boxed<CompletionLossOptions>;
extern template class Boxed<DistillationOptions>;
extern template class Boxed<LiftingLossOptions>;

/// Where the training poses live.
enum class Placement { kAuto, kDevice, kHost };

/// Where the relative bone lengths of L_b come from.
enum class BoneRatioSource { kHuman36m, kTraining, kFile, kValues };

/// How the learning rate grows with the batch multiplier.
enum class LrScaling { kLinear, kSquareRoot, kNone };

/// What the lifters learn from: eq. 10, or the training poses' 3D.
enum class Supervision { kNone, k3d };

/// Whose poses the left and right lifters learn in place of eq. 10.
enum class SidesTeacher { kNone, kLegsTorso, kFull, kLegsTorsoFull };

struct DataOptions {
  std::vector<std::string> training;
  PoseSelection training_selection;
  std::vector<std::string> validation;
  PoseSelection validation_selection;
  int64_t validation_poses = 4096;
  Placement placement = Placement::kAuto;
  std::vector<double> mix;
  ScaleOf scale = ScaleOf::kDataset;
  bool partial = false;
  BoneRatioSource bone_ratios = BoneRatioSource::kHuman36m;
  std::string bone_ratio_file;
  std::vector<double> bone_ratio_values;

  template <class V>
  void Fields(V& v) {
    v("training", training, ExistingFile{}, "pose files to train on");
    v("training_selection", training_selection, "which of their poses");
    v("validation", validation, ExistingFile{},
      "pose files to validate on, with or without joints_3d; may be empty");
    v("validation_selection", validation_selection, "which of their poses");
    v("validation_poses", validation_poses, Range{1, 1e9}, "most poses used by a validation, taken evenly");
    v("placement", placement, Choice{{"auto", "device", "host"}},
      "where the training poses live: on the device, or on the host, from where the next batches are staged; "
      "auto: "
      "on the host when they would fill more than half of the device's free memory");
    v("mix", mix, Range{1e-6, 1e6},
      "the share of each training file among the poses that are trained on: poses of the smaller ones are "
      "repeated; empty = as they are");
    v("scale", scale, Choice{{"dataset", "source", "person"}},
      "over which poses the head top-root distance is averaged that they are divided by: all training files "
      "together (paper), a file, for files of different resolution, or a person (subject, action and camera "
      "of a "
      "file), for people of different distance");
    v("partial", partial,
      "also train on poses that lack joints, each for the segments that it shows (paper: false); otherwise "
      "they "
      "are left out");
    v("bone_ratios", bone_ratios, Choice{{"human36m", "training", "file", "values"}},
      "where the 16 relative bone lengths of L_b come from: the constants of ElePose and LInKs, the 3D "
      "joints of the "
      "training files or of bone_ratio_file, or bone_ratio_values");
    v("bone_ratio_file", bone_ratio_file, ExistingFile{}, "a pose file with joints_3d");
    v("bone_ratio_values", bone_ratio_values, Range{1e-3, 1e3}, "16 numbers in the order of the bones");
  }
};

/// Adam and its schedule (docs/method.md sec. 6), for one stage.
struct ScheduleOptions {
  int64_t epochs = 100;
  int64_t batch = 256;
  double learning_rate = 2e-4;
  double decay = 0.95;
  double weight_decay = 1e-5;
  int64_t warmup_steps = 0;
  double max_grad_norm = 0;
  int64_t steps_per_epoch = 0;
  int64_t batch_multiplier = 1;
  LrScaling lr_scaling = LrScaling::kLinear;
  double weight_average = 0;

  /// Real poses of a step, and the first epoch's learning rate for so many.
  int64_t StepPoses() const { return batch * batch_multiplier; }
  double StepLearningRate() const;

  template <class V>
  void Fields(V& v) {
    v("epochs", epochs, Range{1, 1e6}, "epochs of this stage");
    v("batch", batch, Range{2, 1 << 22}, "real poses of a batch, even");
    v("learning_rate", learning_rate, Range{1e-8, 1}, "Adam's learning rate in the first epoch");
    v("decay", decay, Range{1e-3, 1}, "factor on the learning rate after each epoch");
    v("weight_decay", weight_decay, Range{0, 1}, "Adam's weight decay (L2)");
    v("warmup_steps", warmup_steps, Range{0, 1e6},
      "steps over which the learning rate rises linearly from 0 (paper: 0)");
    v("max_grad_norm", max_grad_norm, Range{0, 1e9},
      "largest norm of the gradient of each network, 0 = no limit (paper: 0)");
    v("steps_per_epoch", steps_per_epoch, Range{0, 1e9},
      "steps of an epoch, each epoch drawing its own poses; 0 = the whole training set");
    v("batch_multiplier", batch_multiplier, Range{1, 1 << 16},
      "batches taken as one, to fill a large GPU; an epoch has so many times fewer steps (paper: 1)");
    v("lr_scaling", lr_scaling, Choice{{"linear", "square_root", "none"}},
      "how the learning rate grows with batch_multiplier");
    v("weight_average", weight_average, Range{0, 0.999999},
      "decay a step of the exponential moving average of the weights, which is what is validated and kept; 0 "
      "= "
      "the last weights (paper: 0)");
  }
};

struct FlowStageOptions {
  FlowOptions network;
  ScheduleOptions schedule;
  double dequantisation_noise = 0;
  bool sampled = true;
  int64_t full_pca = 0;
  std::vector<Segment> segments = {Segment::kLegs, Segment::kTorso, Segment::kLeft, Segment::kRight};
  std::string from = "";
  std::string start_from = "";

  template <class V>
  void Fields(V& v) {
    v("network", network, "the RealNVP flows");
    v("schedule", schedule,
      "optimiser and schedule, the same for the full-pose flow and the four segment flows");
    v("dequantisation_noise", dequantisation_noise, Range{0, 1},
      "deviation of the noise added to the training poses, normalised units (paper: 0)");
    v("sampled", sampled, "also train on poses that the full-pose flow samples (eq. 4; paper: true)");
    v("full_pca", full_pca, Range{0, 34},
      "the full-pose flow sees so many principal components of the training poses, 0 = the pose itself "
      "(LInKs: 0; ElePose: 26)");
    v("segments", segments, Choice{{"legs", "torso", "left", "right"}},
      "segment flows to train; a group of lifters needs those of its segments");
    v("from", from,
      "a finished run with the same flow options and training poses whose flows are taken instead of "
      "training "
      "them, {seed} standing for this run's seed; empty = train");
    v("start_from", start_from,
      "a finished run whose flows the training starts from, instead of random weights");
  }
};

struct LifterStageOptions {
  LifterOptions network;
  ScheduleOptions schedule;
  Boxed<LiftingLossOptions> loss;
  std::vector<std::string> groups = {"legs_torso", "left_right"};
  bool sampled = true;
  Supervision supervision = Supervision::kNone;
  SidesTeacher sides_teacher = SidesTeacher::kNone;
  int64_t sides_rotated_copies = 0;
  WholePose whole_pose = WholePose::kLegsTorso;
  std::string start_from = "";

  /// The compositions whose mean teaches the left and right lifters; empty = nobody does.
  std::vector<Composition> TeacherOfSides() const;

  void Fields(ConfigVisitor& v);
};

struct OcclusionStageOptions {
  FillerOptions network;
  ScheduleOptions schedule = {.epochs = 10};
  Boxed<DistillationOptions> loss;
  std::string start_from = "";

  void Fields(ConfigVisitor& v);
};

struct CompletionStageOptions {
  CompletionOptions network;
  ScheduleOptions schedule = {.epochs = 10};
  Boxed<CompletionLossOptions> loss;
  MaskShares masks;
  std::string start_from = "";

  void Fields(ConfigVisitor& v);
};

/// Everything a run is made of; its defaults are the paper's.
struct RunConfig {
  std::string name, recipe;
  int64_t seed = 1;
  std::string device = "auto";
  Precision precision = Precision::kTf32;
  bool cuda_graph = true;
  int64_t threads = 0;
  std::string output;
  bool include_root = false;
  int64_t checkpoint_seconds = 300;
  DataOptions data;
  SamplerOptions sampler;
  FlowStageOptions flows;
  LifterStageOptions lifters;
  OcclusionStageOptions occlusion;
  CompletionStageOptions completion;

  template <class V>
  void Fields(V& v) {
    v("name", name, "what tables call the run; empty = its folder's name");
    v("recipe", recipe, "what tables add to the name in brackets");
    v("seed", seed, Range{0, 9007199254740992.0}, "seed of everything random in the run");
    v("device", device, "auto, cpu, cuda or cuda:N");
    v("precision", precision, Choice{PrecisionNames()},
      "matrix products on a GPU: TF32, full float32, or the lifters', fillers' and completion's operands "
      "rounded to bfloat16 and the flows, so every likelihood, in TF32. A CPU computes in float32; with bf16 "
      "it rounds alike and uses its units for bfloat16 where it has them (AMX)");
    v("cuda_graph", cuda_graph, "capture a training step as a CUDA graph and replay it");
    v("threads", threads, Range{0, 1024}, "CPU threads, 0 = as many as there are cores");
    v("output", output, "run directory; --output overrides it");
    v("include_root", include_root,
      "give the root, which is always (0, 0), to the networks (authors' code: true)");
    v("checkpoint_seconds", checkpoint_seconds, Range{0, 1e6},
      "also write a checkpoint within an epoch after so many seconds, 0 = only at its end");
    v("data", data, "what to train and validate on");
    v("sampler", sampler, "how new 2D poses are drawn from the full-pose flow");
    v("flows", flows, "stage 1: the full-pose flow, then the four segment flows");
    v("lifters", lifters, "stage 2");
    v("occlusion", occlusion, "stage 3");
    v("completion", completion, "stage 4, beyond the paper");
  }

  /// The runs that the stages start from, "" = from random weights.
  std::array<std::string*, 4> StartingRuns();

  /// Throws UsageError when options contradict each other.
  void Check() const;
};

/// A text that the configurations of runs share which can be trained as an ensemble: they differ in nothing
/// but name, seed, folder and the weights of the lifters' loss, of which the same are above 0.
std::string EnsembleKey(const RunConfig& config);

}  // namespace links
