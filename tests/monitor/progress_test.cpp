#include "links/monitor/progress.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <regex>
#include <thread>

#include "links/core/log.h"

namespace links {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

void Sleep(double seconds) {
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
}

int Count(const std::string& text, const std::string& part) {
  int count = 0;
  for (size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += part.size()) ++count;
  return count;
}

// Replaces stderr by a pseudo-terminal for its life.
class Terminal {
 public:
  explicit Terminal(unsigned short columns) : master_(posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK)) {
    if (master_ < 0 || grantpt(master_) != 0 || unlockpt(master_) != 0) return;
    slave_ = open(ptsname(master_), O_RDWR | O_NOCTTY);
    if (slave_ < 0) return;
    winsize size{24, columns, 0, 0};
    ioctl(slave_, TIOCSWINSZ, &size);
    std::fflush(stderr);
    saved_ = dup(STDERR_FILENO);
    dup2(slave_, STDERR_FILENO);
  }
  ~Terminal() {
    if (saved_ >= 0) {
      std::fflush(stderr);
      dup2(saved_, STDERR_FILENO);
      close(saved_);
    }
    if (slave_ >= 0) close(slave_);
    if (master_ >= 0) close(master_);
  }
  bool works() const { return saved_ >= 0; }
  std::string Read() const {
    std::fflush(stderr);
    std::string text;
    char buffer[4096];
    for (ssize_t count; (count = read(master_, buffer, sizeof buffer)) > 0;) text.append(buffer, count);
    return text;
  }

 private:
  int master_ = -1, slave_ = -1, saved_ = -1;
};

class ProgressDisplay : public testing::Test {
 protected:
  void TearDown() override { SetLogLevel(LogLevel::kInfo); }
};

TEST_F(ProgressDisplay, PlainOutputHasALineAnEpoch) {
  testing::internal::CaptureStderr();
  {
    Progress progress("legs flow", 100, 64);
    EXPECT_TRUE(progress.Due());
    for (int step = 1; step <= 100; ++step) progress.Update(step, (step - 1) / 10 + 1, 10, {{"nll", 0.5}});
    EXPECT_FALSE(progress.Due());
    progress.Finish();
  }
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_EQ(Count(text, "\n"), 12) << text;  // the first step, 10 epochs, the end
  EXPECT_THAT(text, StartsWith("legs flow  epoch 1/10    1%  nll 0.5\n"));
  EXPECT_THAT(text, HasSubstr("legs flow  epoch 10/10  100%"));
  EXPECT_THAT(text, HasSubstr("legs flow  done in 0:0"));
  EXPECT_THAT(text, Not(HasSubstr("\r")));
}

TEST_F(ProgressDisplay, RateAndTimeLeftCountOnlyTheStepsOfThisSession) {
  testing::internal::CaptureStderr();
  Progress progress("legs", 2000, 100);
  progress.Update(1000, 51, 100, {});
  const auto start = std::chrono::steady_clock::now();
  Sleep(0.3);
  progress.Update(1020, 51, 100, {});
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const std::string text = testing::internal::GetCapturedStderr();
  std::smatch found;
  ASSERT_TRUE(std::regex_search(text, found, std::regex(R"(51%  ([0-9.]+)k poses/s  0:(\d\d) left)")))
      << text;
  EXPECT_NEAR(std::stod(found[1]) * 1000, 20 * 100 / seconds, 0.05 * 20 * 100 / seconds + 51);
  EXPECT_NEAR(std::stod(found[2]), 980 * seconds / 20, 0.05 * 980 * seconds / 20 + 1);
}

TEST_F(ProgressDisplay, TimeLeftOfTheRunCountsTheStagesThatFollow) {
  testing::internal::CaptureStderr();
  Progress progress("legs", 1000, 10, /*later=*/3);
  progress.Update(0, 1, 10, {});
  const auto start = std::chrono::steady_clock::now();
  Sleep(0.3);
  progress.Update(100, 1, 10, {});
  const double step = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() / 100;
  const std::string text = testing::internal::GetCapturedStderr();
  std::smatch found;
  ASSERT_TRUE(std::regex_search(text, found, std::regex(R"( 0:(\d\d) left, run ~0:(\d\d))"))) << text;
  EXPECT_NEAR(std::stod(found[1]), 900 * step, 0.05 * 900 * step + 1);
  EXPECT_NEAR(std::stod(found[2]), (900 + 3000) * step, 0.05 * 3900 * step + 1);
}

TEST_F(ProgressDisplay, QuietShowsNothing) {
  SetLogLevel(LogLevel::kWarning);
  testing::internal::CaptureStderr();
  Progress progress("legs", 10, 1);
  for (int step = 1; step <= 10; ++step) progress.Update(step, step, 10, {});
  progress.Finish();
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST_F(ProgressDisplay, ATerminalSeesOneRewrittenLine) {
  const Terminal terminal(200);
  if (!terminal.works()) GTEST_SKIP() << "no pseudo-terminal here";
  Progress progress("legs", 1000, 64);
  const auto start = std::chrono::steady_clock::now();
  int step = 0;
  while (std::chrono::steady_clock::now() - start < std::chrono::milliseconds(500)) {
    progress.Update(++step % 1000, 1, 10, {{"loss", 0.25}});
    Sleep(0.001);
  }
  const std::string text = terminal.Read();
  EXPECT_EQ(Count(text, "\n"), 0) << text;
  EXPECT_GE(Count(text, "\r"), 2);
  EXPECT_LE(Count(text, "\r"), 4);  // 5 a second
  EXPECT_THAT(text, HasSubstr("loss 0.25\033[K"));

  progress.Hide();
  EXPECT_EQ(terminal.Read(), "\r\033[K");
  progress.Hide();
  EXPECT_EQ(terminal.Read(), "");
}

TEST_F(ProgressDisplay, FinishAndTheDestructorTakeTheRewrittenLineAway) {
  const Terminal terminal(200);
  if (!terminal.works()) GTEST_SKIP() << "no pseudo-terminal here";
  auto progress = std::make_unique<Progress>("legs", 10, 1);
  progress->Update(1, 1, 1, {});
  terminal.Read();
  progress->Finish({{"pa_mpjpe", 61.5}});
  const std::string end = terminal.Read();  // the message may be in colour
  EXPECT_THAT(end, StartsWith("\r\033[K"));
  EXPECT_THAT(end, HasSubstr("legs  done in 0:00  pa_mpjpe 61.5"));

  progress = std::make_unique<Progress>("torso", 10, 1);
  progress->Update(1, 1, 1, {});
  terminal.Read();
  progress.reset();
  EXPECT_EQ(terminal.Read(), "\r\033[K");
}

TEST_F(ProgressDisplay, TheRewrittenLineFitsANarrowTerminal) {
  const Terminal terminal(30);
  if (!terminal.works()) GTEST_SKIP() << "no pseudo-terminal here";
  Progress progress("a stage with a long name", 10, 1);
  progress.Update(1, 1, 10, {{"a loss with a long name", 1}});
  EXPECT_EQ(terminal.Read().size(), 1u + 29u + 3u);  // \r, the text, \033[K
}

}  // namespace
}  // namespace links
