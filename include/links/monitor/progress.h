#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace links {

/// Shows how far a stage is: epoch, share, poses/s, time left of it and of the run, losses. On a terminal one
/// line of stderr is rewritten (at most 5 times a second); otherwise LogInfo gets a line an epoch and one
/// every 30 s. Quiet from LogLevel::kWarning on.
class Progress {
 public:
  using Values = std::vector<std::pair<std::string, double>>;

  /// later: the stages that follow in the run, as a multiple of the time that this one takes; an estimate.
  Progress(std::string stage, int64_t total_steps, int64_t poses_per_step, double later = 0);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Whether the next Update would show anything in mid-epoch: the time to fetch the losses from the device.
  bool Due() const;

  /// `step` steps of the stage are done, and `epoch` (from 1) of `epochs` is running or just done. Rate and
  /// time left count from the first call, which may come at any step (a resumed run: call it before the first
  /// step). Shows something when Due or when `step` ends an epoch; call it then.
  void Update(int64_t step, int64_t epoch, int64_t epochs, const Values& losses);

  /// Takes the rewritten line away, before something else is written to stderr; the next Update brings it
  /// back.
  void Hide();

  /// Ends the display with one line about the whole stage.
  void Finish(const Values& losses = {});

 private:
  using Clock = std::chrono::steady_clock;

  std::string Line(int64_t epoch, int64_t epochs, const Values& losses) const;
  double PosesPerSecond() const;

  std::string stage_;
  int64_t total_steps_;
  int64_t poses_per_step_;
  double later_;
  bool terminal_;
  bool visible_ = false;     // a line that Hide must clear
  int64_t first_step_ = -1;  // of this session
  int64_t step_ = 0;
  Clock::time_point start_;  // when first_step_ was reported
  Clock::time_point shown_;  // when a line was last shown
};

}  // namespace links
