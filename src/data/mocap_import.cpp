#include "links/data/mocap_import.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <numbers>
#include <optional>
#include <set>

#include "links/core/error.h"
#include "links/core/log.h"
#include "links/data/joint_map.h"
#include "links/data/mocap_clip.h"
#include "skeleton_check.h"

namespace links {
namespace {

namespace fs = std::filesystem;

constexpr size_t kProgressFiles = 100;

bool Has(const fs::path& path, const std::string& extension) {
  return std::ranges::equal(path.extension().string(), extension,
                            [](unsigned char a, char b) { return std::tolower(a) == b; });
}

/// The cells of a line of CSV; a quoted cell may hold commas, and "" stands for a quote.
std::vector<std::string> SplitCsv(const std::string& line) {
  std::vector<std::string> cells(1);
  bool quoted = false;
  for (size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '"') {
      if (quoted && i + 1 < line.size() && line[i + 1] == '"')
        cells.back() += line[++i];
      else
        quoted = !quoted;
    } else if (c == ',' && !quoted) {
      cells.emplace_back();
    } else if (c != '\r') {
      cells.back() += c;
    }
  }
  return cells;
}

/// Overwrites the labels with those of the row for `path`, where the index has one.
void LookUp(const fs::path& index, const fs::path& path, ClipLabels& labels) {
  std::ifstream file(index);
  std::string line;
  if (!std::getline(file, line)) return;
  const std::vector<std::string> header = SplitCsv(line);
  const auto column = [&](const char* name) {
    return static_cast<size_t>(std::find(header.begin(), header.end(), name) - header.begin());
  };
  const size_t name = column("file"), subject = column("subject"), description = column("description");
  while (std::getline(file, line)) {
    const std::vector<std::string> cells = SplitCsv(line);
    if (name >= cells.size() ||
        (index.parent_path() / cells[name]).lexically_normal() != path.lexically_normal()) {
      continue;
    }
    if (subject < cells.size() && !cells[subject].empty()) labels.subject = cells[subject];
    if (description < cells.size() && !cells[description].empty()) labels.action = cells[description];
    return;
  }
}

}  // namespace

std::vector<std::string> FindMocapFiles(const std::vector<std::string>& paths, const MocapFormat& format) {
  std::set<std::string> files;
  for (const std::string& path : paths) {
    if (!fs::is_directory(path)) {
      if (!fs::exists(path))
        throw Error(path, ": expected a file (", format.name, ") or a folder of them, found nothing");
      files.insert(path);
      continue;
    }
    const size_t before = files.size();
    for (const auto& entry : fs::recursive_directory_iterator(path)) {
      if (entry.is_regular_file() && Has(entry.path(), format.extension)) files.insert(entry.path().string());
    }
    if (files.size() == before)
      throw Error(path, ": expected ", format.name, " files (*", format.extension,
                  ") in this folder, found none");
  }
  return {files.begin(), files.end()};
}

std::vector<WorldPose> Resample(std::vector<WorldPose> poses, double from_fps, double to_fps,
                                const std::string& origin) {
  constexpr double kTolerance = 1e-3;  // frame times are rounded: 0.0083333 s stands for 120 a second
  const double ratio = from_fps / to_fps;
  if (ratio < 1 - kTolerance) {
    throw Error(origin, ": cannot make ", to_fps, " frames a second from the file's ", from_fps);
  }
  const double step = std::round(ratio);
  std::vector<WorldPose> resampled;
  if (std::abs(ratio / step - 1) < kTolerance) {
    for (size_t i = 0; i < poses.size(); i += static_cast<size_t>(step)) resampled.push_back(poses[i]);
    return resampled;
  }
  for (size_t k = 0;; ++k) {
    const double time = static_cast<double>(k) * ratio;  // in frames of the file
    const auto before = static_cast<size_t>(time);
    if (before + 1 >= poses.size()) break;
    const double weight = time - static_cast<double>(before);
    WorldPose pose;
    for (int joint = 0; joint < kJoints; ++joint) {
      pose[joint] = (1 - weight) * poses[before][joint] + weight * poses[before + 1][joint];
    }
    resampled.push_back(pose);
  }
  if (resampled.empty()) resampled.push_back(poses.front());
  return resampled;
}

ClipLabels FindLabels(const std::string& path) {
  const fs::path file = fs::absolute(path).lexically_normal();
  const std::string stem = file.stem().string();
  ClipLabels labels{stem.substr(0, stem.find('_')), stem};
  for (const fs::path& folder : {file.parent_path().parent_path(), file.parent_path()}) {
    LookUp(folder / "index.csv", file, labels);
  }
  return labels;
}

namespace {

/// The first of the maps under which the clip shows a body, best one that needs no change.
SkeletonFit ChooseFit(const std::vector<JointMap>& maps, const MocapClip& clip) {
  std::optional<SkeletonFit> changed;
  std::string wrong;
  for (const JointMap* map : FittingJointMaps(maps, clip)) {
    SkeletonFit fit = FitSkeleton(clip, *map);
    if (fit.wrong.empty() && fit.changed.empty()) return fit;
    if (!fit.wrong.empty()) {
      if (wrong.empty())
        wrong = Concat(clip.path, ": under the joint map ", map->name, " expected ", fit.wrong);
    } else if (!changed) {
      changed = std::move(fit);
    }
  }
  if (!changed) throw Error(wrong);
  LogWarning(Concat(clip.path, ": by the body it shows ", changed->changed, ", other than the joint map ",
                    changed->map.name, " says"));
  return *changed;
}

/// Makes the keypoints of the last pose those that a detector with this noise finds.
void Detect(const MocapImportOptions& options, Random& noise, PoseData& out) {
  if (options.noise_px == 0 && options.joints == JointDefinition::kMocap) return;
  float* px = &out.keypoints_2d[out.keypoints_2d.size() - 2 * kJoints];
  std::array<Eigen::Vector2d, kJoints> joints;
  for (int joint = 0; joint < kJoints; ++joint) {
    joints[joint] = {px[2 * joint], px[2 * joint + 1]};
    if (options.noise_px == 0) continue;
    // The mean of two eyes.
    const bool of_two = joint == kHeadTop && options.joints == JointDefinition::kDetector;
    const double deviation = of_two ? options.noise_px / std::numbers::sqrt2 : options.noise_px;
    for (double& value : joints[joint]) value += noise.Normal(0, deviation);
  }
  if (options.joints == JointDefinition::kDetector) SetMiddles(joints.data());
  for (const Eigen::Vector2d& joint : joints) {
    for (const double value : joint) *px++ = static_cast<float>(value);
  }
}

/// What is drawn while files are read: the cameras, which are the same whatever else is drawn, the noise and
/// the bodies.
struct Draws {
  Random cameras, noise, bodies;
};

void AppendClip(const MocapClip& clip, const std::vector<JointMap>& maps, const MocapImportOptions& options,
                Draws& draws, PoseData& out) {
  const std::string& path = clip.path;
  const JointMap map = ChooseFit(maps, clip).map;
  const std::vector<WorldPose> poses = Resample(
      options.joints == JointDefinition::kMocap ? MapJoints(clip, map) : MapDetectorJoints(clip, map),
      clip.fps, options.fps, path);
  const ClipLabels labels = FindLabels(path);
  const auto frames_a_camera =
      static_cast<size_t>(std::max(1., std::round(options.cameras.seconds * options.fps)));
  for (int view = 0; view < options.views; ++view) {
    CameraPlacement placement;
    BodyProportions body;
    for (size_t frame = 0; frame < poses.size(); ++frame) {
      if (frame % frames_a_camera == 0) {
        placement = options.cameras.Draw(draws.cameras);
        body = BodyProportions::Draw(draws.bodies);
      }
      const WorldPose& pose = options.bodies == Bodies::kVaried ? body.Of(poses[frame]) : poses[frame];
      AppendView(pose, placement.At(pose[kRoot]), out);
      Detect(options, draws.noise, out);
      out.subject.push_back(labels.subject);
      out.action.push_back(labels.action);
      out.camera.push_back(Concat("view", view));
      out.frame.push_back(static_cast<int64_t>(frame));
    }
  }
  LogDebug(Concat(path, ": ", poses.size(), " poses, joint map ", map.name, ", subject ", labels.subject,
                  ", action ", labels.action));
}

}  // namespace

MocapImport ImportMocap(const std::vector<std::string>& files, const MocapFormat& format,
                        const MocapImportOptions& options) {
  const std::vector<JointMap> maps = FindJointMaps(options.map);
  constexpr uint64_t kNoise = 0x6e6f697365, kBodies = 0x626f64696573;  // sequences of their own
  Draws draws{Random(options.seed), Random(options.seed ^ kNoise), Random(options.seed ^ kBodies)};
  MocapImport import;
  for (size_t i = 0; i < files.size(); ++i) {
    try {
      AppendClip(format.read(files[i]), maps, options, draws, import.poses);
    } catch (const Error& error) {
      import.missed.emplace_back(error.what());
      if (files.size() > 1) LogWarning(error.what());
    }
    if ((i + 1) % kProgressFiles == 0) LogInfo(Concat(i + 1, " of ", files.size(), " files read"));
  }
  if (import.poses.size() == 0)
    throw Error(import.missed.empty() ? Concat("expected ", format.name, " files, found none")
                                      : import.missed.front());
  return import;
}

}  // namespace links
