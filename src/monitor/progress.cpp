#include "links/monitor/progress.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "links/core/log.h"
#include "links/core/terminal.h"

namespace links {
namespace {

using std::chrono::duration;

constexpr duration<double> kTerminalInterval(0.2);
constexpr duration<double> kPlainInterval(30);

template <class... Values>
std::string Format(const char* format, Values... values) {
  char text[128];
  std::snprintf(text, sizeof text, format, values...);
  return text;
}

std::string FormatTime(double seconds) {
  const auto whole = static_cast<long long>(std::llround(std::min(seconds, 1e9)));
  if (whole < 3600) return Format("%lld:%02lld", whole / 60, whole % 60);
  return Format("%lld:%02lld:%02lld", whole / 3600, whole / 60 % 60, whole % 60);
}

std::string FormatCount(double count) {
  if (count >= 9.995e5) return Format("%.2fM", count / 1e6);
  if (count >= 1e3) return Format("%.1fk", count / 1e3);
  return Format("%.0f", count);
}

std::string FormatLosses(const Progress::Values& losses) {
  std::string text;
  for (const auto& [name, value] : losses) text += "  " + name + Format(" %.4g", value);
  return text;
}

}  // namespace

Progress::Progress(std::string stage, int64_t total_steps, int64_t poses_per_step, double later)
    : stage_(std::move(stage)),
      total_steps_(total_steps),
      poses_per_step_(poses_per_step),
      later_(later),
      terminal_(isatty(STDERR_FILENO) == 1) {
  if (terminal_) SetBeforeConsole([this] { Hide(); });
}

Progress::~Progress() {
  if (terminal_) SetBeforeConsole({});
  Hide();
}

bool Progress::Due() const {
  if (first_step_ < 0) return true;
  return Clock::now() - shown_ >= (terminal_ ? kTerminalInterval : kPlainInterval);
}

void Progress::Update(int64_t step, int64_t epoch, int64_t epochs, const Values& losses) {
  const int64_t steps_per_epoch = epochs > 0 ? std::max<int64_t>(total_steps_ / epochs, 1) : 1;
  const bool epoch_ends = step > 0 && step % steps_per_epoch == 0;
  const bool due = Due();
  step_ = step;
  if (first_step_ < 0) {
    first_step_ = step;
    start_ = Clock::now();
  }
  if (!due && !epoch_ends) return;
  const std::string line = Line(epoch, epochs, losses);
  if (!terminal_) {
    LogInfo(line);
  } else {
    if (epoch_ends) {
      if (GetLogLevel() == LogLevel::kDebug) Hide();
      LogDebug(line);  // for the log files
    }
    if (due && GetLogLevel() <= LogLevel::kInfo) {
      // One column stays free: a line that fills the terminal wraps, and cannot be taken back with \r.
      std::fprintf(stderr, "\r%s\033[K", line.substr(0, TerminalColumns(STDERR_FILENO, 2, 80) - 1).c_str());
      std::fflush(stderr);
      visible_ = true;
    }
  }
  if (due || !terminal_) shown_ = Clock::now();
}

void Progress::Hide() {
  if (!visible_) return;
  std::fputs("\r\033[K", stderr);
  std::fflush(stderr);
  visible_ = false;
}

void Progress::Finish(const Values& losses) {
  Hide();
  std::string line = stage_ + "  done";
  if (first_step_ >= 0) {
    line += " in " + FormatTime(duration<double>(Clock::now() - start_).count());
    if (step_ > first_step_) line += "  " + FormatCount(PosesPerSecond()) + " poses/s";
  }
  LogInfo(line + FormatLosses(losses));
}

std::string Progress::Line(int64_t epoch, int64_t epochs, const Values& losses) const {
  std::string line =
      stage_ + Format("  epoch %lld/%lld", static_cast<long long>(epoch), static_cast<long long>(epochs));
  if (total_steps_ > 0) line += Format("  %3.0f%%", std::floor(100.0 * step_ / total_steps_));
  const double rate = PosesPerSecond();
  if (rate > 0) {
    const double step_seconds = static_cast<double>(poses_per_step_) / rate;
    const double left = step_seconds * static_cast<double>(std::max<int64_t>(total_steps_ - step_, 0));
    line += "  " + FormatCount(rate) + " poses/s  " + FormatTime(left) + " left";
    if (later_ > 0)
      line += ", run ~" + FormatTime(left + later_ * step_seconds * static_cast<double>(total_steps_));
  }
  return line + FormatLosses(losses);
}

double Progress::PosesPerSecond() const {
  const double seconds = duration<double>(Clock::now() - start_).count();
  return seconds > 0 ? static_cast<double>((step_ - first_step_) * poses_per_step_) / seconds : 0;
}

}  // namespace links
