#include "links/core/little_endian.h"

#include <gtest/gtest.h>

namespace links {
namespace {

TEST(LittleEndian, TheLowestByteIsTheFirst) {
  EXPECT_EQ(LittleEndian(0x0123456789abcdef, 8), "\xef\xcd\xab\x89\x67\x45\x23\x01");
  EXPECT_EQ(LittleEndian(0x0123456789abcdef, 2), "\xef\xcd");
}

TEST(LittleEndian, BeyondAnIntegersBytesComeZeros) {
  EXPECT_EQ(LittleEndian(1, 10), "\x01" + std::string(9, '\0'));
}

}  // namespace
}  // namespace links
