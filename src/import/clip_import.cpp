#include "links/import/clip_import.h"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "links/core/log.h"
#include "links/core/text.h"

namespace links {
namespace {

void Count(std::map<std::string, int64_t>& counts, const std::vector<std::string>& names) {
  for (const std::string& name : names) ++counts[name];
}

void Describe(std::ostringstream& out, const char* what, const std::map<std::string, int64_t>& counts) {
  out << what << ":";
  for (const auto& [name, count] : counts) out << " " << name << " " << count << ",";
  out.seekp(-1, std::ios::end);
  out << "\n";
}

bool Finite(const float* joints_mm, size_t numbers) {
  return std::all_of(joints_mm, joints_mm + numbers, [](float number) { return std::isfinite(number); });
}

bool Moved(const float* now, const float* before, int joints, double distance) {
  for (int j = 0; j < joints; ++j) {
    double squared = 0;
    for (int axis = 0; axis < 3; ++axis) {
      const double difference = double{now[3 * j + axis]} - before[3 * j + axis];
      squared += difference * difference;
    }
    if (squared >= distance * distance) return true;
  }
  return false;
}

}  // namespace

std::vector<int64_t> KeptFrames(const ImportOptions& options, const std::vector<float>& joints_mm, int joints,
                                int64_t frames) {
  const size_t row = 3 * static_cast<size_t>(joints);
  const auto joints_of = [&](int64_t frame) { return &joints_mm[frame * row]; };
  std::vector<int64_t> kept;
  for (int64_t frame = 0; frame < frames; frame += options.every) {
    if (options.moved_mm <= 0 ||
        (Finite(joints_of(frame), row) &&
         (kept.empty() || Moved(joints_of(frame), joints_of(kept.back()), joints, options.moved_mm)))) {
      kept.push_back(frame);
    }
  }
  return kept;
}

void ClipImport::Extent::Widen(const std::vector<float>& values, size_t first, size_t step) {
  for (size_t i = first; i < values.size(); i += step) {
    low = std::min(low, values[i]);
    high = std::max(high, values[i]);
  }
}

bool ClipImport::Wants(const std::string& subject) {
  seen_subjects_.insert(subject);
  const auto& subjects = options_.subjects;
  return subjects.empty() || std::find(subjects.begin(), subjects.end(), subject) != subjects.end();
}

bool ClipImport::KeepDamaged(const std::string& name, int64_t poses, const std::string& damage) {
  damaged_.push_back(
      Concat(name, " (", damage, "): ", poses, " poses ", options_.skip_damaged ? "left out" : "kept"));
  return !options_.skip_damaged;
}

void ClipImport::Append(const PoseData& poses, const std::string& origin) {
  if (poses.keypoints_2d.empty()) return;
  CheckPoses(poses, origin);
  try {
    stream_.Append(poses, origin);
  } catch (const Error& error) {
    throw OutputError(error.what());
  }
  x_.Widen(poses.keypoints_2d, 0, 2);
  y_.Widen(poses.keypoints_2d, 1, 2);
  depth_.Widen(poses.joints_3d, 2, 3);
  Count(subjects_, poses.subject);
  Count(actions_, poses.action);
  Count(cameras_, poses.camera);
}

void ClipImport::Miss(const std::string& sentence) {
  LogWarning(sentence);
  missed_.push_back(sentence);
}

void ClipImport::Finish() {
  for (const std::string& subject : options_.subjects) {
    if (!seen_subjects_.contains(subject))
      Miss(Concat("expected the subject ", subject, ", found no data of it"));
  }
}

std::string ClipImport::Summary() const {
  std::ostringstream out;
  out << "poses: " << stream_.size() << "\n";
  Describe(out, "subjects", subjects_);
  Describe(out, "actions", actions_);
  Describe(out, "cameras", cameras_);
  if (x_.low <= x_.high) {
    out << "2D: x " << x_.low << " to " << x_.high << ", y " << y_.low << " to " << y_.high << " pixels\n";
  }
  if (depth_.low <= depth_.high) out << "3D: depth " << depth_.low << " to " << depth_.high << " mm\n";
  for (const std::string& line : notes_) out << line << "\n";
  for (const std::string& line : damaged_) out << "known damaged clip " << line << "\n";
  if (!missed_.empty()) out << "missing or not readable: " << missed_.size() << "\n";
  for (const std::string& line : missed_) out << "  " << line << "\n";
  return Printable(out.str());
}

}  // namespace links
