#include "links/run/settings.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include "links/device/device.h"

namespace links {
namespace {

TEST(UseSettings, SetsThePrecisionAndTheThreadsOfTheRun) {
  const int before = at::get_num_threads();
  RunConfig config;
  config.threads = 3;
  config.precision = Precision::kFloat32;
  UseSettings(config);
  EXPECT_EQ(at::get_num_threads(), 3);
  EXPECT_FALSE(at::globalContext().allowTF32CuBLAS());
  config.threads = 2;
  config.precision = Precision::kTf32;
  UseSettings(config);
  EXPECT_EQ(at::get_num_threads(), 2);
  EXPECT_TRUE(at::globalContext().allowTF32CuBLAS());
  config.precision = Precision::kBf16;
  UseSettings(config);
  EXPECT_TRUE(at::globalContext().allowTF32CuBLAS());
  SetThreads(before);
}

}  // namespace
}  // namespace links
