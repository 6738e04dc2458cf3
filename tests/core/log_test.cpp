#include "links/core/log.h"

#include <gtest/gtest.h>

namespace links {
namespace {

TEST(Log, NamesOfAFileDoNotSteerTheTerminal) {
  testing::internal::CaptureStderr();
  LogError("the subject '\x1b]0;owned\x07\x1b[2J' {}");
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_EQ(said, "error: the subject '\\x1b]0;owned\\x07\\x1b[2J' {}\n");
}

}  // namespace
}  // namespace links
