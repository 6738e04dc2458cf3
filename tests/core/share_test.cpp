#include "links/core/share.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "links/core/error.h"
#include "support/temporary_folder.h"

namespace links {
namespace {

TEST(SharePath, FindsWhatIsShippedUnlessTheEnvironmentSaysWhere) {
  unsetenv("LINKS_SHARE");
  EXPECT_TRUE(std::filesystem::is_directory(SharePath("configs/joints")));
  setenv("LINKS_SHARE", "/no/such/folder", 1);
  EXPECT_EQ(SharePath("configs/joints"), "/no/such/folder/configs/joints");
  setenv("LINKS_SHARE", "", 1);
  EXPECT_TRUE(std::filesystem::is_directory(SharePath("configs/joints")));
  unsetenv("LINKS_SHARE");
}

TEST(ShippedYamlFiles, AreThoseOfTheFolderInOrder) {
  const TemporaryFolder folder;
  for (const char* name : {"b.yaml", "a.yaml", "c.yml", "readme.md"})
    folder.Write(Concat("things/", name), "");
  setenv("LINKS_SHARE", (folder / ".").c_str(), 1);
  std::vector<std::string> names;
  for (const std::string& file : ShippedYamlFiles("things", "things"))
    names.push_back(std::filesystem::path(file).filename());
  EXPECT_EQ(names, (std::vector<std::string>{"a.yaml", "b.yaml"}));
  const std::string complaint = MessageOf([] { ShippedYamlFiles("nothing", "things"); });
  for (const char* part : {"/nothing", "expected things", "LINKS_SHARE"})
    EXPECT_NE(complaint.find(part), std::string::npos) << complaint;
  unsetenv("LINKS_SHARE");
}

}  // namespace
}  // namespace links
