// MATLAB files: the variables of MPI-INF-3DHP.
#include <cstdlib>
#include <string_view>

#include "fuzz.h"
#include "links/import/mat_file.h"

namespace links::fuzz {
namespace {

void Read(const std::string& path) {
  const MatFile file(path);
  for (const char* name : {"annot2", "univ_annot3", "valid_frame"}) {
    Try([&] {
      const MatVariable variable = file.Find(name);
      variable.IsRow();
      Try([&] { variable.Numbers({2, 17, 1, MatVariable::kAny}); });
      Try([&] { variable.Numbers({MatVariable::kAny, 1}); });
      variable.ExpectCells(2);
      variable.Cell(1).Numbers({MatVariable::kAny, MatVariable::kAny});
    });
  }
}

}  // namespace
}  // namespace links::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace links;
  // Version 7.3 is HDF5, whose 1.10 has bugs of its own in damaged attributes (docs/reliability.md).
  static const bool with_hdf5 = std::getenv("LINKS_FUZZ_HDF5") != nullptr;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (!with_hdf5 && bytes.find("\x89HDF") != std::string_view::npos) return -1;
  const fuzz::InputFile file({reinterpret_cast<const char*>(data), size}, ".mat");
  fuzz::Try([&] { fuzz::Read(file.path()); });
  return 0;
}
