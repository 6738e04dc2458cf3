#include "links/data/pose_select.h"

#include <set>

#include "links/core/error.h"
#include "links/core/nearest.h"
#include "links/skeleton/skeleton.h"

namespace links {
namespace {

constexpr size_t kNamesShown = 20;

std::string Listing(const std::vector<std::string>& names) {
  std::string text;
  for (size_t i = 0; i < names.size() && i < kNamesShown; ++i) text += (i ? ", " : "") + names[i];
  if (names.size() > kNamesShown) text += Concat(" and ", names.size() - kNamesShown, " more");
  return text;
}

/// Clears keep[i] where values[i] is not among the wanted names.
void Restrict(const char* name, const std::vector<std::string>& values,
              const std::vector<std::string>& wanted, const std::string& origin, std::vector<char>& keep) {
  if (wanted.empty()) return;
  if (values.empty())
    throw UsageError(origin, ": cannot select by ", name, ", the data set /", name, " is absent");
  const std::set<std::string> known(values.begin(), values.end());
  const std::vector<std::string> listed(known.begin(), known.end());
  for (const std::string& each : wanted) {
    if (!known.contains(each)) {
      throw UsageError(origin, ": no pose has the ", name, " '", each, "'", DidYouMean(each, listed),
                       ", there are: ", Listing(listed));
    }
  }
  const std::set<std::string> chosen(wanted.begin(), wanted.end());
  for (size_t i = 0; i < values.size(); ++i) keep[i] = keep[i] && chosen.contains(values[i]);
}

/// The rows listed, each of `width` values.
template <class T>
void KeepRows(std::vector<T>& values, const std::vector<size_t>& rows, size_t width) {
  if (values.empty()) return;
  std::vector<T> kept;
  kept.reserve(rows.size() * width);
  for (const size_t row : rows) {
    const auto begin = values.begin() + static_cast<ptrdiff_t>(row * width);
    kept.insert(kept.end(), begin, begin + static_cast<ptrdiff_t>(width));
  }
  values = std::move(kept);
}

}  // namespace

void SelectPoses(PoseData& poses, const PoseSelection& selection, const std::string& origin) {
  if (selection.stride < 1)
    throw UsageError("the stride of a selection must be at least 1, found ", selection.stride);
  std::vector<char> keep(poses.size(), true);
  Restrict("subject", poses.subject, selection.subjects, origin, keep);
  Restrict("action", poses.action, selection.actions, origin, keep);
  Restrict("camera", poses.camera, selection.cameras, origin, keep);
  std::vector<size_t> rows;
  int64_t passed = 0;
  for (size_t i = 0; i < keep.size(); ++i) {
    if (keep[i] && passed++ % selection.stride == 0) rows.push_back(i);
  }
  if (rows.empty())
    throw UsageError(origin, ": no pose has the subjects, actions and cameras selected together");
  if (rows.size() < keep.size()) KeepPoses(poses, rows);
}

void KeepPoses(PoseData& poses, const std::vector<size_t>& rows) {
  KeepRows(poses.keypoints_2d, rows, 2 * kJoints);
  KeepRows(poses.joints_3d, rows, 3 * kJoints);
  KeepRows(poses.confidence, rows, kJoints);
  KeepRows(poses.subject, rows, 1);
  KeepRows(poses.action, rows, 1);
  KeepRows(poses.camera, rows, 1);
  KeepRows(poses.frame, rows, 1);
  KeepRows(poses.file, rows, 1);
}

}  // namespace links
