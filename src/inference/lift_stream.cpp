#include "links/inference/lift_stream.h"

#include <nlohmann/json.hpp>
#include <ostream>

#include "links/core/error.h"
#include "links/core/log.h"
#include "links/lifted/lifted_writer.h"

namespace links {

void LiftFrames(DetectionReader& reader, PoseEstimator& estimator, int64_t batch, const TakeLifted& take) {
  std::vector<DetectedFrame> frames;
  DetectedFrame frame;
  for (bool more = true; more;) {
    frames.clear();
    while (static_cast<int64_t>(frames.size()) < batch && (more = reader.Next(frame)))
      frames.push_back(frame);
    for (const LiftedFrame& lifted : estimator.Estimate(frames)) take(lifted);
  }
}

int64_t AnswerLines(std::istream& in, std::ostream& out, const DetectionOptions& options,
                    PoseEstimator& estimator, const TakeLifted& take) {
  const auto reader = ReadDetectionLines(in, "standard input", options);
  const auto answers = LiftedLines(out);
  int64_t errors = 0;
  for (;;) {
    DetectedFrame frame;
    try {
      if (!reader->Next(frame)) return errors;
    } catch (const Error& error) {
      LogError(error.what());
      ++errors;
      const nlohmann::json answer = {{"error", error.what()}};
      out << answer.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << std::endl;
      if (!out) throw Error("cannot write the output");
      continue;
    }
    for (const LiftedFrame& lifted : estimator.Estimate({frame})) {
      answers->Write(lifted);
      take(lifted);
    }
  }
}

}  // namespace links
