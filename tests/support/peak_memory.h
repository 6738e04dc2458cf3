#pragma once

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <exception>
#include <functional>

namespace links::test {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kMemoryTells = false;  ///< a sanitizer keeps freed memory
#else
constexpr bool kMemoryTells = true;
#endif

/// The peak of a process of its own that runs `run`, kB, with what this process holds; `run` must not throw.
inline int64_t PeakMemory(const std::function<void()>& run) {
  const pid_t child = fork();
  if (child == 0) {
    int failed = 1;
    try {
      run();
      failed = 0;
    } catch (const std::exception& error) {
      std::fprintf(stderr, "%s\n", error.what());
    }
    _exit(failed);
  }
  int status = -1;
  rusage usage{};
  EXPECT_EQ(wait4(child, &status, 0, &usage), child);
  EXPECT_EQ(status, 0);
  return usage.ru_maxrss;
}

}  // namespace links::test
