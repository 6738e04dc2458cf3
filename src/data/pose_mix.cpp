#include "links/data/pose_mix.h"

#include <algorithm>
#include <cmath>

#include "links/core/error.h"
#include "links/data/pose_select.h"

namespace links {

PoseData MixPoses(PoseData poses, const std::vector<double>& shares) {
  std::vector<std::vector<size_t>> of_file(shares.size());
  for (size_t row = 0; row < poses.file.size(); ++row)
    of_file.at(static_cast<size_t>(poses.file[row])).push_back(row);
  double per_share = 0;  // poses
  for (size_t file = 0; file < shares.size(); ++file) {
    if (of_file[file].empty())
      throw Error("expected poses of every file of data.mix, found none of file ", file + 1);
    per_share = std::max(per_share, static_cast<double>(of_file[file].size()) / shares[file]);
  }
  std::vector<size_t> rows;
  for (size_t file = 0; file < shares.size(); ++file) {
    const auto count = static_cast<size_t>(std::lround(per_share * shares[file]));
    for (size_t i = 0; i < count; ++i) rows.push_back(of_file[file][i % of_file[file].size()]);
  }
  KeepPoses(poses, rows);
  return poses;
}

}  // namespace links
