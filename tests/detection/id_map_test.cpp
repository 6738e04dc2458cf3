#include "../../src/detection/id_map.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "links/core/error.h"

namespace links {
namespace {

TEST(IdMap, IsAMap) {
  std::mt19937 random(3);
  const auto below = [&](int count) { return static_cast<int>(random() % static_cast<unsigned>(count)); };
  IdMap<int> ids;
  std::map<std::string, int> expected;
  for (int i = 0; i < 20'000; ++i) {
    std::string id = std::to_string(below(3000));
    if (below(3) == 0) id.insert(0, "0");
    if (below(3) == 0) id = Concat("clip", below(2), "_", id, ".jpg");
    if (below(50) == 0) id = "image" + std::string(1, static_cast<char>('a' + below(26)));
    if (below(50) == 0) id.insert(0, "1" + std::string(20, '0'));
    if (below(5) == 0) id = Concat(below(5000), "x", id);  // more families than are kept
    const int value = below(2);
    EXPECT_EQ(ids.Add(id, value), expected.emplace(id, value).second) << id;
    const int* found = ids.Find(id);
    ASSERT_NE(found, nullptr) << id;
    EXPECT_EQ(*found, expected[id]) << id;
  }
  for (int i = 0; i < 3000; ++i) {
    const std::string id = std::to_string(i);
    EXPECT_EQ(ids.Find(id) != nullptr, expected.contains(id)) << id;
  }
  for (const auto& [id, value] : expected) EXPECT_EQ(*ids.Find(id), value) << id;
}

TEST(SeenIds, TellsZerosInFrontApart) {
  SeenIds ids;
  for (const char* id : {"7", "07", "007", "7.jpg", "07.jpg", "a7", "-7", "7a"}) {
    EXPECT_TRUE(ids.Add(id)) << id;
    EXPECT_FALSE(ids.Add(id)) << id;
  }
}

}  // namespace
}  // namespace links
