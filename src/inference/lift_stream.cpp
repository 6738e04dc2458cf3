#include "links/inference/lift_stream.h"

#include <nlohmann/json.hpp>
#include <ostream>

#include "links/core/error.h"
#include "links/core/log.h"
#include "links/lifted/lifted_writer.h"

namespace links {

int64_t AnswerLines(std::istream& in, std::ostream& out, const DetectionOptions& options,
                    PoseEstimator& estimator, StreamSmoother* smoother, const TakeLifted& take) {
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
    if (smoother != nullptr) smoother->SmoothKeypoints(frame);
    for (LiftedFrame& lifted : estimator.Estimate({frame})) {
      if (smoother != nullptr) smoother->SmoothPoses(lifted);
      answers->Write(lifted);
      take(lifted);
    }
  }
}

}  // namespace links
