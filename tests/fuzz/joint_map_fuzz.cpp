// Maps from a BVH file's joints to the 17: YAML.
#include "fuzz.h"
#include "links/data/joint_map.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace links;
  const fuzz::InputFile file({reinterpret_cast<const char*>(data), size}, ".yaml");
  fuzz::Try([&] {
    const JointMap map = ReadJointMap(file.path());
    fuzz::Expect(map.up == 'y' || map.up == 'z', "another axis");
  });
  return 0;
}
