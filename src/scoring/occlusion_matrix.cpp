#include "links/scoring/occlusion_matrix.h"

#include <vector>

#include "links/core/atomic_file.h"
#include "links/core/error.h"
#include "links/figures/matrix_figure.h"
#include "links/skeleton/skeleton.h"

namespace links {

void WriteOcclusionMatrix(const Report& report, const std::string& path) {
  const std::vector<std::string> labels(kJointNames.begin() + 1, kJointNames.end());
  const size_t count = labels.size();
  std::vector<double> values(count * count, kAbsent);
  for (const Result& result : report.results) {
    if (result.filler != "mask" || result.joints != "all" || result.grouping != "all") continue;
    for (size_t a = 0; a < count; ++a) {
      if (result.scenario == "single/" + labels[a]) values[a * count + a] = result.metrics.pa_mpjpe;
      for (size_t b = a + 1; b < count; ++b) {
        if (result.scenario != "pair/" + labels[a] + "+" + labels[b]) continue;
        values[a * count + b] = values[b * count + a] = result.metrics.pa_mpjpe;
      }
    }
  }
  if (!path.ends_with(".csv")) {
    DrawMatrix(path, "PA-MPJPE (no reflection), mm, two joints missing; diagonal: one", labels, values);
    return;
  }
  std::string csv = "pa_mpjpe";
  for (const std::string& label : labels) csv += "," + label;
  csv += "\n";
  for (size_t a = 0; a < count; ++a) {
    csv += labels[a];
    for (size_t b = 0; b < count; ++b) {
      const double value = values[a * count + b];
      csv += ',';
      if (!IsAbsent(value)) csv += Concat(value);
    }
    csv += "\n";
  }
  WriteFileAtomically(path, csv);
}

}  // namespace links
