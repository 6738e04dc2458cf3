#include <algorithm>
#include <array>
#include <cstdio>
#include <functional>

#include "links/core/error.h"
#include "links/core/text_table.h"
#include "links/metrics/result.h"

namespace links {
namespace {

// A pair of columns that belong together: whose PA-MPJPE goes with whose N-MPJPE.
struct Variant {
  std::string whose, pa_title, n_title;
  double Metrics::*pa;
  double Metrics::*n;
};
const std::array<Variant, 2> kVariants = {
    {{"the paper's variants", "PA-MPJPE (reflection allowed)", "N-MPJPE (norm scale)",
      &Metrics::pa_mpjpe_reflection, &Metrics::n_mpjpe},
     {"the field's variants", "PA-MPJPE (no reflection)", "N-MPJPE (least squares)", &Metrics::pa_mpjpe,
      &Metrics::n_mpjpe_lsq}}};

constexpr const char* kFootnote =
    R"(Errors are in mm, PCK and AUC in percent; means over poses. N = poses in the means.
Headline (as in the paper, like ElePose):
  PA-MPJPE (reflection allowed)  after similarity alignment; mirror images count as right
  N-MPJPE (norm scale)           root centred, prediction scaled by |truth| / |prediction|
The field's (VideoPose3D, MMPose, MotionBERT):
  PA-MPJPE (no reflection)       after similarity alignment with a proper rotation
  N-MPJPE (least squares)        root centred, prediction scaled by <prediction, truth> / <prediction, prediction>
  MPJPE                          root centred, not scaled
PCK: joints nearer than 150 mm (strictly). AUC: mean PCK over the 31 thresholds 0:5:150 mm.
  N-                             norm scaled; without N-: not scaled
  (17), (14)                     all joints; the 14 of MPI-INF-3DHP: without pelvis, spine and head
)";

std::string Cell(double metric) {
  if (IsAbsent(metric)) return "-";
  char text[64];
  std::snprintf(text, sizeof(text), "%.1f", metric);
  return text;
}

std::string TwoLines(std::string title) {
  if (const size_t bracket = title.find(" ("); bracket != std::string::npos) title[bracket] = '\n';
  return title;
}

using Results = std::vector<const Result*>;

Results Select(const Report& report, const std::function<bool(const Result&)>& wanted) {
  Results selected;
  for (const Result& result : report.results)
    if (wanted(result)) selected.push_back(&result);
  return selected;
}

// The different values of a text column, in order of appearance.
std::vector<std::string> Distinct(const Results& results, std::string Result::*column) {
  std::vector<std::string> values;
  for (const Result* result : results)
    if (std::ranges::find(values, result->*column) == values.end()) values.push_back(result->*column);
  return values;
}

// The metrics of the first result that is wanted, or absent ones.
Metrics Find(const Results& results, const std::function<bool(const Result&)>& wanted) {
  for (const Result* result : results)
    if (wanted(*result)) return result->metrics;
  return {};
}

std::string RejectedNote(const Results& results) {
  int64_t most = 0;
  for (const Result* result : results) most = std::max(most, result->metrics.rejected);
  return most == 0
             ? ""
             : "Rejected as degenerate or not finite: up to " + std::to_string(most) + " poses a row.\n";
}

std::string LiftingBlock(const Report& report) {
  const Results rows = Select(report, [](const Result& r) {
    return r.scenario == "none" && r.grouping == "all" && r.joints == "all";
  });
  if (rows.empty()) return "";
  const bool rejections = std::ranges::any_of(rows, [](const Result* r) { return r->metrics.rejected > 0; });
  std::vector<std::string> titles = {"composition", "N"};
  if (rejections) titles.emplace_back("rejected");
  for (const Variant& variant : kVariants)
    titles.insert(titles.end(), {TwoLines(variant.pa_title), TwoLines(variant.n_title)});
  titles.insert(titles.end(), {"MPJPE", "N-PCK\n(17)", "N-AUC\n(17)", "N-PCK\n(14)", "N-AUC\n(14)",
                               "PCK\n(14)", "AUC\n(14)"});
  TextTable table(titles);
  for (const Result* row : rows) {
    const Metrics& m = row->metrics;
    std::vector<std::string> cells = {row->composition, std::to_string(m.poses)};
    if (rejections) cells.push_back(std::to_string(m.rejected));
    for (const Variant& variant : kVariants)
      cells.insert(cells.end(), {Cell(m.*variant.pa), Cell(m.*variant.n)});
    for (double metric : {m.mpjpe, m.n_pck, m.n_auc, m.n_pck_14, m.n_auc_14, m.pck_14, m.auc_14})
      cells.push_back(Cell(metric));
    table.AddRow(cells);
  }
  return "Lifting, all poses\n" + table.Text() + '\n';
}

// What the poses are split by, but for the splits that are for figures.
std::vector<std::string> Groupings(const Report& report) {
  return Distinct(Select(report,
                         [](const Result& r) {
                           return r.grouping != "all" && r.grouping != kByAzimuth &&
                                  r.grouping != kByLikelihood;
                         }),
                  &Result::grouping);
}

// A row a group and one for their mean, a pair of columns a composition.
std::string GroupBlock(const Report& report, const std::string& grouping, const Variant& variant) {
  const Results rows = Select(report, [&](const Result& r) {
    return r.scenario == "none" && r.grouping == grouping && r.joints == "all";
  });
  const auto compositions = Distinct(rows, &Result::composition);
  std::vector<std::string> titles = {grouping};
  for (const auto& composition : compositions) titles.insert(titles.end(), {composition + "\nPA", "\nN"});
  TextTable table(titles);
  for (const auto& group : Distinct(rows, &Result::group)) {
    std::vector<std::string> cells = {group == "mean" ? "mean of " + grouping : group};
    for (const auto& composition : compositions) {
      const Metrics m =
          Find(rows, [&](const Result& r) { return r.group == group && r.composition == composition; });
      cells.insert(cells.end(), {Cell(m.*variant.pa), Cell(m.*variant.n)});
    }
    table.AddRow(cells);
  }
  return "Per " + grouping + ", " + variant.whose + ": PA = " + variant.pa_title +
         ", N = " + variant.n_title + '\n' + table.Text() + RejectedNote(rows) + '\n';
}

std::string FillerTitle(const std::string& filler) {
  if (filler == "o2d") return "O_2D";
  if (filler == "o3d") return "O_3D";
  return filler;
}

// A row a scenario; for all, visible and occluded joints the errors with each filler, side by side.
std::string OcclusionBlock(const Report& report, const std::string& composition, const Variant& variant) {
  const Results rows = Select(report, [&](const Result& r) {
    return r.scenario != "none" && r.grouping == "all" && r.composition == composition;
  });
  auto fillers = Distinct(rows, &Result::filler);
  std::ranges::sort(fillers);  // o2d before o3d
  const auto joints = Distinct(rows, &Result::joints);
  std::vector<std::string> titles = {"scenario"};
  for (const auto& subset : joints)
    for (const char* metric : {"PA", "N"})
      for (const auto& filler : fillers) titles.push_back(subset + ' ' + metric + '\n' + FillerTitle(filler));
  TextTable table(titles);
  for (const auto& scenario : Distinct(rows, &Result::scenario)) {
    std::vector<std::string> cells = {scenario};
    for (const auto& subset : joints)
      for (auto metric : {variant.pa, variant.n})
        for (const auto& filler : fillers)
          cells.push_back(Cell(Find(rows,
                                    [&](const Result& r) {
                                      return r.scenario == scenario && r.joints == subset &&
                                             r.filler == filler;
                                    }).*
                               metric));
    table.AddRow(cells);
  }
  return "Occlusion, " + composition + ", " + variant.whose + ": PA = " + variant.pa_title +
         ", N = " + variant.n_title + '\n' + table.Text() + RejectedNote(rows) + '\n';
}

}  // namespace

std::string ReportTable(const Report& report) {
  std::string text = std::to_string(report.poses) + " poses\n\n" + LiftingBlock(report);
  for (const auto& grouping : Groupings(report))
    for (const Variant& variant : kVariants) text += GroupBlock(report, grouping, variant);
  const Results occluded =
      Select(report, [](const Result& r) { return r.scenario != "none" && r.grouping == "all"; });
  for (const auto& composition : Distinct(occluded, &Result::composition))
    for (const Variant& variant : kVariants) text += OcclusionBlock(report, composition, variant);
  if (!report.settings.empty()) text += "Settings\n";
  for (const auto& [key, value] : report.settings) text += Concat("  ", key, ": ", value, '\n');
  return text + (report.settings.empty() ? "" : "\n") + kFootnote;
}

}  // namespace links
