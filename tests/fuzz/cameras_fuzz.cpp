// Cameras of Human3.6M: cameras.h5, or metadata.xml for an input that does not begin as HDF5 does.
#include "fuzz.h"
#include "links/import/human36m_camera.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace links;
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  const fuzz::InputFile file(bytes, bytes.starts_with("\x89HDF") ? ".h5" : ".xml");
  fuzz::Try([&] {
    const Human36mCameraReader read = OpenHuman36mCameras(file.path());
    for (int camera = 0; camera < 4; ++camera) fuzz::Try([&] { read("S9", camera); });
  });
  return 0;
}
