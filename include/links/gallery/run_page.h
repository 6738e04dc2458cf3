#pragma once

#include <torch/types.h>

#include <string>
#include <vector>

#include "links/gallery/shown_run.h"
#include "links/monitor/run_curves.h"
#include "links/report/paper_table.h"

namespace links {

/// What a page says of a run.
struct PageRun {
  std::string name;
  std::string config;  ///< as WriteConfig gives it; "" = not known
  EvaluationFile evaluation;
  std::vector<MetricLine> metrics;
};

/// A run's poses beside the truth.
struct PagePoses {
  std::string run;
  torch::Tensor joints;  ///< (N, 17, 3) mm, root-centred
  PoseScores scores;
  torch::Tensor nats;  ///< (N) negative log-likelihood of the keypoints; undefined without a flow
};

/// What the page of a run or of a sweep is made of.
struct PageContents {
  std::string title;
  std::vector<PageRun> runs;
  std::string paper_config;  ///< the paper's, as WriteConfig gives it
  std::vector<PaperTable> tables;
  PoseData data;                                   ///< of the error browser, with 3D; empty = none
  std::string lifting;                             ///< how its poses were lifted
  std::vector<PagePoses> poses;                    ///< of the first runs
  std::vector<std::string> notes;                  ///< what was left out and why
  std::vector<float> random_samples, our_samples;  ///< (K, 17, 2) pixels
};

/// What a reader should look at: mirrored depth, errors that still fall, likelihood that grows without
/// holding on held-out poses, poses that could not be scored, results no better than a flat pose. A sentence
/// each.
std::vector<std::string> Suspicions(const PageRun& run);

/// Settings of a configuration that are not the reference's: name, value, reference's value; "" = not there.
std::vector<std::array<std::string, 3>> Differences(const std::string& config, const std::string& reference);

/// One self-contained page: HTML with everything in it.
void WriteRunPage(const std::string& path, const PageContents& contents);

}  // namespace links
