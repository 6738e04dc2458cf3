// Published rows of tables: YAML.
#include "fuzz.h"
#include "links/report/published.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace links;
  const fuzz::InputFile file({reinterpret_cast<const char*>(data), size}, ".yaml");
  fuzz::Try([&] { ReadPublished(file.path()); });
  return 0;
}
