#include "links/core/fingerprint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "support/temporary_folder.h"

namespace links {
namespace {

TEST(Fingerprint, IsFnv1a) {
  EXPECT_EQ(Fingerprint(""), "cbf29ce484222325");
  EXPECT_EQ(Fingerprint("a"), "af63dc4c8601ec8c");
}

TEST(FileFingerprint, FollowsFromTheContentAlone) {
  const TemporaryFolder folder;
  const std::string big(3'000'001, 'x');
  std::string other = big;
  other[2'500'000] = 'y';
  const std::string whole = FileFingerprint(folder.Write("a", big));
  EXPECT_EQ(whole.size(), 16u);
  EXPECT_EQ(FileFingerprint(folder.Write("b/c", big)), whole);
  std::set<std::string> all = {whole, FileFingerprint(folder.Write("d", other))};
  for (const std::string& text :
       {std::string(), std::string(1, '\0'), std::string(2, '\0'), std::string(8, '\0'),
        std::string("12345678abcdefgh"), std::string("abcdefgh12345678")}) {
    all.insert(FileFingerprint(folder.Write("e" + std::to_string(all.size()), text)));
  }
  EXPECT_EQ(all.size(), 8u);
}

TEST(FileFingerprint, NamesWhatItCannotRead) {
  const TemporaryFolder folder;
  EXPECT_THAT(MessageOf([&] { FileFingerprint(folder / "absent"); }), testing::HasSubstr("absent"));
  EXPECT_NE(MessageOf([&] { FileFingerprint(folder / ""); }), "");
}

}  // namespace
}  // namespace links
