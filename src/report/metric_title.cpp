#include "links/report/metric_title.h"

namespace links {

std::string MetricTitle(const std::string& metric) {
  if (metric == "pa_mpjpe_reflection") return "PA-MPJPE (reflection allowed)";
  if (metric == "pa_mpjpe") return "PA-MPJPE (no reflection)";
  if (metric == "n_mpjpe") return "N-MPJPE (norm scale)";
  if (metric == "n_mpjpe_lsq") return "N-MPJPE (least squares)";
  return metric == "mpjpe" ? "MPJPE" : metric;
}

}  // namespace links
