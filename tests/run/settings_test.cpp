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
  config.precision = "float32";
  UseSettings(config);
  EXPECT_EQ(at::get_num_threads(), 3);
  EXPECT_FALSE(at::globalContext().allowTF32CuBLAS());
  config.threads = 2;
  config.precision = "tf32";
  UseSettings(config);
  EXPECT_EQ(at::get_num_threads(), 2);
  EXPECT_TRUE(at::globalContext().allowTF32CuBLAS());
  config.precision = "bf16";
  UseSettings(config);
  EXPECT_TRUE(at::globalContext().allowTF32CuBLAS());
  SetThreads(before);
}

}  // namespace
}  // namespace links
