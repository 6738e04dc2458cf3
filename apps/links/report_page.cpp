#include "report_page.h"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "links/config/config.h"
#include "links/core/atomic_file.h"
#include "links/core/error.h"
#include "links/core/log.h"
#include "links/core/share.h"
#include "links/core/text_table.h"
#include "links/data/missing_joints.h"
#include "links/data/pose_select.h"
#include "links/evaluation/breakdown.h"
#include "links/gallery/pose_figures.h"
#include "links/gallery/run_page.h"
#include "links/metrics/protocol.h"
#include "links/run/model.h"

namespace links {
namespace {

namespace fs = std::filesystem;

// About the bytes that a pose takes on the page: what all runs share, and of each run.
constexpr double kSharedBytes = 260, kRunBytes = 160, kMostBytes = 14e6;
constexpr double kSameError = 0.05;  // mm: where the same networks computed on another machine
constexpr int64_t kSamples = 24;

// The folder of the run that an evaluation is of; "" where it is not there.
std::string RunFolder(const std::string& given, const EvaluationFile& evaluation) {
  std::string folder = fs::is_directory(given) ? given : FindRun(evaluation.Setting("run", "-"));
  return fs::exists(folder + "/config.yaml") ? folder : "";
}

std::string PaperConfig() {
  RunConfig config;
  ReadConfigWithoutData({SharePath("configs/paper.yaml")}, {}, config);
  return WriteConfig(config);
}

PageRun ReadRun(const std::string& given, EvaluationFile evaluation, const std::string& folder) {
  PageRun run;
  run.name = RunGroup{{evaluation}}.Name();
  if (!folder.empty()) {
    run.config = WriteConfig(RunDirectory(folder).ReadStoredConfig());
    if (fs::exists(folder + "/metrics.jsonl")) run.metrics = ReadMetrics(folder);
  } else if (evaluation.run) {
    LogWarning(
        Concat(given, ": the run's folder is not there; the page has no configuration and no curves of it"));
  }
  run.evaluation = std::move(evaluation);
  return run;
}

// The mean of those that an evaluation counts.
double MeanError(const std::vector<double>& errors) {
  double sum = 0, count = 0;
  for (const double error : errors) {
    if (!std::isfinite(error)) continue;
    sum += error;
    ++count;
  }
  return sum / count;
}

// The poses of a run, checked against its evaluation.
PagePoses Lifted(ShownRun& run, const PoseData& poses, const EvaluationFile& evaluation,
                 const std::string& lifting) {
  PagePoses lifted;
  lifted.run = run.Name();
  if (evaluation.run) lifted.run += Concat(", seed ", evaluation.run->seed);
  lifted.joints = run.Lift(poses, lifting).joints;
  lifted.scores = ScorePoses(lifted.joints, RootCentredJoints(poses));
  const LiftingName name = ParseLiftingName(lifting);
  const Metrics* metrics = evaluation.Find({name.composition, name.scenario, name.filler});
  const double mean = MeanError(lifted.scores.pa_mpjpe);
  if (!metrics || poses.size() != evaluation.poses || std::abs(mean - metrics->pa_mpjpe) > kSameError) {
    throw Error(evaluation.path, ": expected --data and its selection to be what was evaluated (",
                evaluation.poses, " poses, PA-MPJPE ", metrics ? Fixed(metrics->pa_mpjpe, 2) : "not there",
                " mm of ", lifting, "), found ", poses.size(), " poses, ", Fixed(mean, 2), " mm");
  }
  if (run.trained().has_flows) {
    lifted.nats = LikelihoodsOf(run.Flows(), run.trained().normalisation.Keypoints(poses).to(run.device()));
  }
  return lifted;
}

void Thin(PagePoses& lifted, int64_t step) {
  if (step == 1) return;
  const auto thin = [&](std::vector<double>& values) {
    std::vector<double> kept;
    for (size_t i = 0; i < values.size(); i += static_cast<size_t>(step)) kept.push_back(values[i]);
    values = kept;
  };
  lifted.joints = lifted.joints.slice(0, 0, lifted.joints.size(0), step);
  if (lifted.nats.defined()) lifted.nats = lifted.nats.slice(0, 0, lifted.nats.size(0), step);
  thin(lifted.scores.pa_mpjpe);
  thin(lifted.scores.pa_mpjpe_reflection);
  thin(lifted.scores.n_mpjpe);
}

// What the flow samples, from the same poses.
void AddSamples(PageContents& page, ShownRun& run, const PoseData& poses) {
  const PoseGrid grid = SamplingFigure(run, kSamples, kSamples, 1, &poses);
  for (size_t i = 0; i < grid.rows.front().cells.size(); ++i) {
    auto& to = i < kSamples ? page.random_samples : page.our_samples;
    const auto& joints = grid.rows.front().cells[i].joints;
    to.insert(to.end(), joints.begin(), joints.end());
  }
}

void AddBrowser(PageContents& page, const PageArguments& arguments, const std::vector<std::string>& folders) {
  const Protocol protocol(page.runs.front().evaluation.protocol);
  PoseData poses = ReadPoseFiles(arguments.data, protocol.Select(arguments.selection));
  DropIncomplete(poses, "poses of the error browser");
  if (poses.joints_3d.empty()) throw Error("expected --data with joints_3d, found none");
  const double count = static_cast<double>(poses.size());
  const auto step =
      std::max<int64_t>(1, std::llround(std::ceil(count * (kSharedBytes + kRunBytes) / kMostBytes)));
  const double kept = std::ceil(count / static_cast<double>(step));
  const double room = (kMostBytes - kept * kSharedBytes) / (kept * kRunBytes);
  if (step > 1)
    page.notes.push_back(
        Concat("The error browser has every ", step, ". pose, so that the page stays small."));
  page.lifting = arguments.composition;
  for (size_t i = 0; i < page.runs.size(); ++i) {
    if (folders[i].empty() || static_cast<double>(page.poses.size()) + 1 > room) continue;
    ShownRun run(folders[i], SelectDevice(arguments.device));
    if (page.lifting.empty())
      page.lifting = run.Has("legs_torso") ? "legs_torso" : run.Has("left_core") ? "left_core" : "full";
    if (page.poses.empty() && run.trained().has_flows) AddSamples(page, run, poses);
    page.poses.push_back(Lifted(run, poses, page.runs[i].evaluation, page.lifting));
    Thin(page.poses.back(), step);
  }
  if (page.poses.size() < page.runs.size()) {
    page.notes.push_back(Concat("The error browser has the poses of ", page.poses.size(), " of ",
                                page.runs.size(),
                                " runs, in the order given, so that the page stays small."));
  }
  PoseSelection shown;
  shown.stride = step;
  SelectPoses(poses, shown, "poses of the error browser");
  page.data = std::move(poses);
}

}  // namespace

std::string WriteReportPage(const PageArguments& arguments) {
  if (arguments.output.empty()) throw UsageError("expected --output with --html, found none");
  const bool is_file = fs::path(arguments.output).extension() == ".html";
  std::string path = is_file ? arguments.output : (fs::path(arguments.output) / "index.html").string();
  if (!is_file) {
    std::error_code failure;
    fs::create_directories(arguments.output, failure);
    if (failure)
      throw Error("expected to make the folder '", arguments.output, "', found: ", failure.message());
  }
  CheckWritable(path);
  PageContents page;
  page.paper_config = PaperConfig();
  std::vector<std::string> folders;
  std::vector<EvaluationFile> evaluations;
  for (const std::string& given : arguments.runs) {
    EvaluationFile evaluation = ReadEvaluation(given);
    evaluations.push_back(evaluation);
    folders.push_back(RunFolder(given, evaluation));
    page.runs.push_back(ReadRun(given, std::move(evaluation), folders.back()));
  }
  page.title = page.runs.size() == 1 ? page.runs.front().name : Concat(page.runs.size(), " runs");
  const std::vector<RunGroup> groups = GroupRuns(std::move(evaluations));
  const auto published = ReadPublished(PublishedPath());
  std::vector<int> numbers = ChooseTables(groups);
  if (std::ranges::find(numbers, 4) == numbers.end()) numbers.push_back(4);
  for (const int number : numbers) page.tables.push_back(MakePaperTable(number, groups, published));
  if (arguments.data.empty()) {
    page.notes.emplace_back("Made without --data: no poses and no samples.");
  } else {
    AddBrowser(page, arguments, folders);
  }
  WriteRunPage(path, page);
  return path;
}

}  // namespace links
