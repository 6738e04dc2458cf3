#include "links/figures/matrix_figure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "links/core/atomic_file.h"
#include "links/core/error.h"
#include "support/temporary_folder.h"

namespace links {
namespace {

TEST(DrawMatrix, WritesAPictureInEveryFormat) {
  TemporaryFolder folder;
  for (const char* name : {"m.svg", "m.png", "m.pdf"}) {
    DrawMatrix(folder / name, "errors", {"A", "B"}, {1.25, 2.5, NAN, 40});
    EXPECT_GT(ReadFile(folder / name).size(), 500u) << name;
  }
  EXPECT_THAT(ReadFile(folder / "m.svg"), testing::HasSubstr("<svg"));
}

TEST(DrawMatrix, IsAsWideAsAPageWhateverItsNames) {
  TemporaryFolder folder;
  for (const auto& [name, labels] :
       {std::pair<const char*, std::vector<std::string>>{"short.svg", {"A", "B"}},
        {"long.svg", {"left shoulder", "right shoulder"}}}) {
    DrawMatrix(folder / name, "errors", labels, {1.25, 2.5, NAN, 40}, 84);
    const std::string svg = ReadFile(folder / name);
    const size_t at = svg.find("width=\"");
    ASSERT_NE(at, std::string::npos);
    EXPECT_NEAR(std::stod(svg.substr(at + 7)), PointsOf(84), 0.01) << name;
  }
}

TEST(DrawMatrix, RefusesWhatItCannotDraw) {
  TemporaryFolder folder;
  EXPECT_THROW(DrawMatrix(folder / "m.svg", "", {"A", "B"}, {1, 2, 3}), Error);
  EXPECT_THROW(DrawMatrix(folder / "m.svg", "", {"A"}, {NAN}), Error);
  EXPECT_THROW(DrawMatrix(folder / "m.txt", "", {"A"}, {1}), UsageError);
}

}  // namespace
}  // namespace links
