// Detections as JSON lines from a pipe: after a bad line reading goes on.
#include <sstream>

#include "fuzz.h"
#include "links/detection/detection.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace links;
  std::istringstream text({reinterpret_cast<const char*>(data), size});
  const auto reader = ReadDetectionLines(text, "standard input");
  bool more = true;
  for (size_t lines = 0; more; ++lines) {
    fuzz::Expect(lines <= size + 1, "more lines than there are");
    more = true;
    fuzz::Try([&] {
      DetectedFrame frame;
      more = reader->Next(frame);
    });
  }
  return 0;
}
