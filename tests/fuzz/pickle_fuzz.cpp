// Pickles in .npz files, without the archive around them.
#include <cstdint>

#include "detection/pickle.h"
#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace links;
  fuzz::Try([&] { ReadPickle({reinterpret_cast<const char*>(data), size}, "input.npz"); });
  return 0;
}
