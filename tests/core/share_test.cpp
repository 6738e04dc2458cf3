#include "links/core/share.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

namespace links {
namespace {

TEST(SharePath, FindsWhatIsShippedUnlessTheEnvironmentSaysWhere) {
  unsetenv("LINKS_SHARE");
  EXPECT_TRUE(std::filesystem::is_directory(SharePath("configs/bvh")));
  setenv("LINKS_SHARE", "/no/such/folder", 1);
  EXPECT_EQ(SharePath("configs/bvh"), "/no/such/folder/configs/bvh");
  setenv("LINKS_SHARE", "", 1);
  EXPECT_TRUE(std::filesystem::is_directory(SharePath("configs/bvh")));
  unsetenv("LINKS_SHARE");
}

}  // namespace
}  // namespace links
