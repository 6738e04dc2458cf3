#include "anatomy.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string_view>

#include "links/detection/keypoint_names.h"

namespace links {
namespace {

struct Point {
  double x, y;
};

/// A pair of parts and how far apart they are on a grown-up in metres. In an image it is that or less.
struct Span {
  const char* a;
  const char* b;
  double metres;
};

// clang-format off: a table
constexpr Span kSpans[] = {
    {"nose", "left_eye", .05},
    {"nose", "right_eye", .05},
    {"left_eye", "right_eye", .07},
    {"left_eye", "left_ear", .11},
    {"right_eye", "right_ear", .11},
    {"nose", "left_ear", .14},
    {"nose", "right_ear", .14},
    {"nose", "neck", .22},
    {"nose", "head_top", .2},
    {"nose", "head_bottom", .15},
    {"nose", "head", .2},
    {"head_top", "neck", .3},
    {"head_top", "head_bottom", .3},
    {"head_top", "head", .2},
    {"head", "neck", .2},
    {"head", "thorax", .3},
    {"neck", "thorax", .15},
    {"neck", "left_shoulder", .2},
    {"neck", "right_shoulder", .2},
    {"thorax", "left_shoulder", .2},
    {"thorax", "right_shoulder", .2},
    {"left_shoulder", "right_shoulder", .36},
    {"left_shoulder", "left_ear", .25},
    {"right_shoulder", "right_ear", .25},
    {"left_shoulder", "nose", .32},
    {"right_shoulder", "nose", .32},
    {"left_shoulder", "left_elbow", .3},
    {"right_shoulder", "right_elbow", .3},
    {"left_elbow", "left_wrist", .27},
    {"right_elbow", "right_wrist", .27},
    {"left_shoulder", "left_hip", .52},
    {"right_shoulder", "right_hip", .52},
    {"neck", "pelvis", .55},
    {"neck", "left_hip", .58},
    {"neck", "right_hip", .58},
    {"thorax", "pelvis", .5},
    {"spine", "pelvis", .28},
    {"spine", "thorax", .3},
    {"pelvis", "left_hip", .13},
    {"pelvis", "right_hip", .13},
    {"belly", "left_hip", .25},
    {"belly", "right_hip", .25},
    {"left_hip", "right_hip", .26},
    {"left_hip", "left_knee", .43},
    {"right_hip", "right_knee", .43},
    {"left_knee", "left_ankle", .43},
    {"right_knee", "right_ankle", .43},
    {"left_knee", "left_foot", .45},
    {"right_knee", "right_foot", .45},
    {"left_ankle", "leftheel", .1},
    {"right_ankle", "rightheel", .1},
    {"left_ankle", "leftbigtoe", .22},
    {"right_ankle", "rightbigtoe", .22},
};
constexpr std::pair<const char*, const char*> kSides[] = {
    {"left_eye", "right_eye"}, {"left_shoulder", "right_shoulder"}, {"left_hip", "right_hip"}};
constexpr std::pair<const char*, const char*> kLimbs[] = {
    {"shoulder", "elbow"}, {"elbow", "wrist"}, {"hip", "knee"}, {"knee", "ankle"}, {"shoulder", "hip"}};
// clang-format on

constexpr double kSymmetryWeight = .3,
                 kMostAsymmetry = 1.5;  // of the logarithm of a limb's left against its right
constexpr double kTolerance = 1.7;      // bodies differ, and what is near the camera is larger
constexpr double kScaleQuantile = .7;   // most bones are foreshortened
constexpr double kFewestSpans = 6;
constexpr double kSideMetres = .12;  // between sides that count
constexpr double kSidesWeight = .5, kUprightWeight = .5;

/// The parts of a person that are there.
class Body {
 public:
  Body(const std::vector<std::string>& names, const Keypoints& keypoints)
      : names_(names), keypoints_(keypoints) {}

  std::optional<Point> At(std::string_view part) const {
    for (size_t i = 0; i < names_.size(); ++i) {
      if (names_[i] == part && keypoints_.IsThere(static_cast<int>(i), 0))
        return Point{keypoints_.px[2 * i], keypoints_.px[2 * i + 1]};
    }
    return std::nullopt;
  }

  /// The mean height of those that are there.
  std::optional<double> Height(std::initializer_list<std::string_view> parts) const {
    double sum = 0;
    int count = 0;
    for (const std::string_view part : parts) {
      if (const auto point = At(part)) {
        sum += point->y;
        ++count;
      }
    }
    return count == 0 ? std::nullopt : std::optional(sum / count);
  }

 private:
  const std::vector<std::string>& names_;
  const Keypoints& keypoints_;
};

struct Judgement {
  bool upright;
  double misfit;
};

bool IsUpright(const Body& body) {
  auto head = body.Height({"head_top", "nose", "head"});
  if (!head) head = body.Height({"left_eye", "right_eye"});
  if (!head) head = body.Height({"left_shoulder", "right_shoulder"});
  const auto hips = body.Height({"left_hip", "right_hip"});
  const auto ankles = body.Height({"left_ankle", "right_ankle", "left_foot", "right_foot"});
  if (head && hips && !(*head < *hips)) return false;
  if (hips && ankles && !(*hips < *ankles)) return false;
  return !(head && ankles) || *head < *ankles;
}

/// How much limbs of the left differ from those of the right in length, on average.
double Asymmetry(const Body& body, double scale) {
  double sum = 0;
  int count = 0;
  for (const auto& [from, to] : kLimbs) {
    double length[2];
    bool there = true;
    for (int side = 0; side < 2; ++side) {
      const std::string prefix = side == 0 ? "left_" : "right_";
      const auto a = body.At(prefix + from), b = body.At(prefix + to);
      there = there && a && b;
      if (there)
        length[side] = std::hypot(a->x - b->x, a->y - b->y) + kSideMetres * scale;  // short ones say little
    }
    if (!there) continue;
    sum += std::min(kMostAsymmetry, std::abs(std::log(length[0] / length[1])));
    ++count;
  }
  return count == 0 ? 0 : sum / count;
}

std::optional<Judgement> Judge(const Body& body) {
  std::vector<double> ratios;  // pixels a metre
  for (const Span& span : kSpans) {
    const auto a = body.At(span.a), b = body.At(span.b);
    if (a && b) ratios.push_back(std::hypot(a->x - b->x, a->y - b->y) / span.metres);
  }
  if (static_cast<double>(ratios.size()) < kFewestSpans) return std::nullopt;
  std::vector<double> sorted = ratios;
  std::sort(sorted.begin(), sorted.end());
  const double scale = sorted[static_cast<size_t>(kScaleQuantile * static_cast<double>(sorted.size() - 1))];
  if (!(scale > 0)) return std::nullopt;
  double misfit = 0;
  for (const double ratio : ratios) misfit += std::max(0., std::log(ratio / (kTolerance * scale) + 1e-12));
  misfit /= static_cast<double>(ratios.size());
  misfit += kSymmetryWeight * Asymmetry(body, scale);
  int facing[2] = {0, 0};
  for (const auto& [left, right] : kSides) {
    const auto l = body.At(left), r = body.At(right);
    if (l && r && std::abs(l->x - r->x) > kSideMetres * scale) ++facing[l->x > r->x];
  }
  if (facing[0] > 0 && facing[1] > 0) misfit += kSidesWeight * .5;
  return Judgement{IsUpright(body), misfit};
}

}  // namespace

BodyFit FitBody(const KeypointMap& map, const std::vector<const Keypoints*>& people) {
  std::vector<std::string> names;
  for (const std::string& name : map.keypoints) names.push_back(CanonicalKeypoint(name));
  BodyFit fit;
  for (const Keypoints* keypoints : people) {
    if (keypoints->size() < static_cast<int>(names.size())) continue;
    const auto judgement = Judge(Body(names, *keypoints));
    if (!judgement) continue;
    ++fit.people;
    fit.upright += judgement->upright ? 1 : 0;
    fit.misfit += judgement->misfit;
  }
  if (fit.people > 0) {
    fit.upright /= fit.people;
    fit.misfit = fit.misfit / fit.people + kUprightWeight * (1 - fit.upright);
  }
  return fit;
}

}  // namespace links
