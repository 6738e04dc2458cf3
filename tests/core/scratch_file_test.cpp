#include "links/core/scratch_file.h"

#include <gmock/gmock.h>

#include "links/core/error.h"

namespace links {
namespace {

TEST(ScratchFile, ReadsWhatWasWrittenAndWrittenOver) {
  ScratchFile file("keep numbers");
  for (int i = 0; i < 1000; ++i) file.Write(&i, sizeof i);
  EXPECT_EQ(file.End(), 4000);
  int value = -7;
  file.Seek(4 * 500);
  file.Write(&value, sizeof value);
  EXPECT_EQ(file.End(), 4000);
  for (const int i : {0, 500, 999}) {
    file.Seek(4 * i);
    file.Read(&value, sizeof value);
    EXPECT_EQ(value, i == 500 ? -7 : i);
  }
}

TEST(ScratchFile, ListsHaveTheirLength) {
  ScratchFile file("keep lists");
  file.WriteList(std::string("a\0b", 3));
  file.WriteList(std::vector<double>{1.5, -2});
  file.WriteList(std::string());
  file.Seek(0);
  std::string text;
  std::vector<double> values;
  file.ReadList(text);
  file.ReadList(values);
  EXPECT_EQ(text, std::string("a\0b", 3));
  EXPECT_EQ(values, (std::vector<double>{1.5, -2}));
  file.ReadList(text);
  EXPECT_EQ(text, "");
}

TEST(ScratchFile, TheEndIsAnErrorWithThePurpose) {
  ScratchFile file("keep lists");
  int value = 0;
  try {
    file.Read(&value, sizeof value);
    FAIL() << "expected an error";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("cannot keep lists in a temporary file"));
  }
}

}  // namespace
}  // namespace links
