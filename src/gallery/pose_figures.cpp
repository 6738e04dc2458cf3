#include "links/gallery/pose_figures.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <optional>
#include <set>

#include "links/core/error.h"
#include "links/core/text_table.h"
#include "links/device/host_copy.h"
#include "links/evaluation/breakdown.h"
#include "links/evaluation/validation_figure.h"
#include "links/figures/pose_panels.h"
#include "links/flow/sampler.h"

namespace links {
namespace {

std::vector<float> Keypoints(const PoseData& poses, int64_t row) {
  const auto first = poses.keypoints_2d.begin() + row * 2 * kJoints;
  return {first, first + 2 * kJoints};
}

std::string Name(const PoseData& poses, int64_t row) {
  std::string first, second;
  if (!poses.subject.empty()) first = poses.subject[row];
  if (!poses.action.empty()) second = poses.action[row];
  return first + (first.empty() || second.empty() ? "" : "\n") + second;
}

std::string ErrorNote(const PoseScores& scores, int64_t row) {
  return Fixed(scores.pa_mpjpe[row], 1) + " / " + Fixed(scores.n_mpjpe[row], 1);
}

std::string WithErrors(const std::string& name) {
  return name + "\nPA / N, mm";
}

std::string Nats(double value) {
  return (value < 0 ? "\u2212" : "") + Fixed(std::abs(value), 1);
}

void CheckPoses(const PoseData& poses) {
  if (poses.joints_3d.empty()) throw Error("expected poses with 3D joints to compare with, found none");
}

std::vector<bool> HiddenOf(const torch::Tensor& seen, int64_t row) {
  std::vector<bool> hidden;
  const bool* flags = seen.data_ptr<bool>() + row * kJoints;
  for (int joint = 0; joint < kJoints; ++joint) hidden.push_back(!flags[joint]);
  return hidden;
}

}  // namespace

PoseGrid SamplingFigure(ShownRun& run, int64_t count, int64_t columns, uint64_t seed, const PoseData* given) {
  PoseFlows& flows = run.Flows();
  const torch::Tensor start = run.StartingPoses(count, given);
  PoseGrid grid;
  grid.columns.assign(static_cast<size_t>(2 * columns), "");
  grid.columns[static_cast<size_t>((columns - 1) / 2)] = "random";
  grid.columns[static_cast<size_t>(columns + (columns - 1) / 2)] = "ours (eq. 3)";
  grid.split = static_cast<size_t>(columns);
  grid.rows.resize(static_cast<size_t>((count + columns - 1) / columns));
  for (const SamplerMode mode : {SamplerMode::kRandom, SamplerMode::kLatentNoise}) {
    SamplerOptions options = run.trained().config.sampler;
    options.mode = mode;
    torch::manual_seed(seed);
    const std::vector<float> pixels = run.Pixels(SamplePoses(flows, start, options));
    for (size_t row = 0; row < grid.rows.size(); ++row) {
      for (int64_t i = static_cast<int64_t>(row) * columns; i < static_cast<int64_t>(row + 1) * columns;
           ++i) {
        GridPose& cell = grid.rows[row].cells.emplace_back();
        if (i >= count) continue;
        const auto from = pixels.begin() + i * 2 * kJoints;
        cell.joints.assign(from, from + 2 * kJoints);
      }
    }
  }
  return grid;
}

std::vector<int64_t> RowsAtRanks(const std::vector<double>& errors, const std::vector<double>& ranks) {
  std::vector<std::pair<double, int64_t>> order;
  for (size_t row = 0; row < errors.size(); ++row) {
    if (std::isfinite(errors[row])) order.emplace_back(errors[row], static_cast<int64_t>(row));
  }
  if (order.empty()) throw Error("expected poses that can be scored, found none");
  std::sort(order.begin(), order.end());
  std::vector<int64_t> rows;
  for (const double rank : ranks) {
    if (!(rank >= 0 && rank <= 100)) throw UsageError("expected ranks from 0 to 100, found ", rank);
    rows.push_back(order[std::lround(rank / 100 * static_cast<double>(order.size() - 1))].second);
  }
  return rows;
}

PoseGrid LiftingFigure(const std::vector<ShownRun*>& runs, const PoseData& poses, const std::string& name,
                       const PoseChoice& choice, const Video* video) {
  CheckPoses(poses);
  const torch::Tensor truth = RootCentredJoints(poses);
  std::vector<NamedLifting> lifted;
  std::vector<PoseScores> scores;
  for (ShownRun* run : runs) {
    lifted.push_back(run->Lift(poses, name));
    scores.push_back(ScorePoses(lifted.back().joints, truth));
  }
  const std::vector<int64_t> rows = choice.frames.empty() ? RowsAtRanks(scores.front().pa_mpjpe, choice.ranks)
                                                          : ParseFrames(choice.frames, poses.size());
  std::vector<Picture> pictures(rows.size());
  if (video) {
    for (size_t i = 0; i < rows.size(); ++i) {
      if (poses.frame.empty()) throw Error("expected poses with frame numbers for pictures, found none");
      video->ForEach({{poses.frame[rows[i]], std::to_string(poses.frame[rows[i]])}},
                     [&](size_t, const Picture& picture) { pictures[i] = picture; });
    }
  }
  PoseGrid grid;
  if (video) grid.columns.emplace_back("picture");
  grid.columns.emplace_back("2D");
  for (ShownRun* run : runs) grid.columns.push_back(WithErrors(runs.size() > 1 ? run->Name() : "3D"));
  grid.columns.emplace_back("truth");
  for (size_t i = 0; i < rows.size(); ++i) {
    const int64_t row = rows[i];
    PoseGridRow& line = grid.rows.emplace_back();
    line.title = Name(poses, row);
    if (video) line.cells.push_back({.joints = {}, .picture = std::move(pictures[i])});
    const std::vector<bool> hidden = HiddenOf(lifted.front().seen, row);
    line.cells.push_back({Keypoints(poses, row), hidden});
    for (size_t k = 0; k < runs.size(); ++k) {
      line.cells.push_back(
          {Floats(AtTrueScale(lifted[k].joints[row], truth[row])), hidden, ErrorNote(scores[k], row)});
    }
    line.cells.push_back({Floats(truth[row])});
  }
  return grid;
}

PoseGrid OcclusionFigure(ShownRun& run, const PoseData& poses) {
  CheckPoses(poses);
  const torch::Tensor truth = RootCentredJoints(poses);
  const std::vector<std::pair<std::string, std::string>> fillers = {
      {"o2d", "O_2D"}, {"o3d", "O_3D"}, {"mask", "completion"}};
  std::vector<std::string> used;
  PoseGrid grid;
  grid.columns.emplace_back("2D");
  for (const auto& [filler, title] : fillers) {
    const bool any = std::ranges::any_of(Scenarios(), [&, &name = filler](const Scenario& scenario) {
      return run.Has(name + ":" + scenario.name);
    });
    if (!any) continue;
    used.push_back(filler);
    grid.columns.push_back(WithErrors(title));
  }
  if (used.empty())
    throw Error("expected a run with occlusion fillers or the stage completion, found neither in '",
                run.path(), "'");
  grid.columns.emplace_back("truth");

  struct Filled {
    NamedLifting lifted;
    PoseScores scores;
  };
  struct Candidate {
    double error;
    int64_t pose;
    PoseGridRow row;
  };
  std::vector<Candidate> worst;
  for (const Scenario& scenario : Scenarios()) {
    std::vector<std::optional<Filled>> filled;
    const Filled* last = nullptr;
    for (const std::string& filler : used) {
      filled.emplace_back();
      const std::string name = filler + ":" + scenario.name;
      if (!run.Has(name)) continue;
      NamedLifting lifted = run.Lift(poses, name);
      PoseScores scores = ScorePoses(lifted.joints, truth);
      filled.back() = Filled{std::move(lifted), std::move(scores)};
    }
    for (const auto& one : filled) {
      if (one) last = &*one;
    }
    if (!last) continue;
    const auto make_row = [&](int64_t pose, const std::string& title) {
      const std::vector<bool> hidden = HiddenOf(last->lifted.seen, pose);
      PoseGridRow row{title, {{Keypoints(poses, pose), hidden}}};
      for (const auto& one : filled) {
        if (!one) {
          row.cells.emplace_back();
          continue;
        }
        row.cells.push_back({Floats(AtTrueScale(one->lifted.joints[pose], truth[pose])), hidden,
                             ErrorNote(one->scores, pose)});
      }
      row.cells.push_back({Floats(truth[pose])});
      return row;
    };
    const int64_t median = RowsAtRanks(last->scores.pa_mpjpe, {50}).front();
    grid.rows.push_back(make_row(median, InTwoLines(scenario.name)));
    const int64_t pose = RowsAtRanks(last->scores.pa_mpjpe, {100}).front();
    worst.push_back({last->scores.pa_mpjpe[pose], pose, make_row(pose, "worst:\n" + scenario.name)});
    std::ranges::replace(worst.back().row.title, '_', ' ');
  }
  std::stable_sort(worst.begin(), worst.end(),
                   [](const Candidate& a, const Candidate& b) { return a.error > b.error; });
  std::set<int64_t> shown;
  for (Candidate& candidate : worst) {
    if (shown.size() < 2 && shown.insert(candidate.pose).second)
      grid.rows.push_back(std::move(candidate.row));
  }
  return grid;
}

PoseGrid LatentFigure(ShownRun& run, const PoseData& poses, int64_t from, int64_t to, int64_t steps) {
  for (const int64_t row : {from, to}) {
    if (row < 0 || row >= poses.size())
      throw UsageError("expected poses between 0 and ", poses.size() - 1, ", found ", row);
  }
  const torch::NoGradGuard no_grad;
  PoseFlows& flows = run.Flows();
  const torch::Tensor all = run.trained().normalisation.Keypoints(poses).to(run.device());
  const torch::Tensor ends = torch::stack({all[from], all[to]});
  const torch::Tensor latents = flows->full()->forward(flows->FullInput(ends).unsqueeze(0)).z.squeeze(0);
  const torch::Tensor share = torch::linspace(0, 1, steps, ends.options()).unsqueeze(-1);
  const auto between = [&](const torch::Tensor& pair) {
    const torch::Tensor flat = pair.reshape({2, -1});
    return flat[0] + share * (flat[1] - flat[0]);
  };
  const torch::Tensor walk = flows->Pose(flows->full()->Inverse(between(latents).unsqueeze(0)).squeeze(0));
  const torch::Tensor straight = between(ends).reshape({steps, kJoints, 2});
  PoseGrid grid;
  grid.columns.assign(static_cast<size_t>(steps), "");
  for (const auto& [title, path] :
       {std::pair<std::string, torch::Tensor>{"latent\n(nats)", walk}, {"straight\n(nats)", straight}}) {
    const torch::Tensor nats = LikelihoodsOf(flows, path);
    const std::vector<float> pixels = run.Pixels(path);
    PoseGridRow& row = grid.rows.emplace_back();
    row.title = title;
    for (int64_t i = 0; i < steps; ++i) {
      const auto first = pixels.begin() + i * 2 * kJoints;
      row.cells.push_back({{first, first + 2 * kJoints}, {}, Nats(nats[i].item<double>())});
    }
  }
  return grid;
}

}  // namespace links
