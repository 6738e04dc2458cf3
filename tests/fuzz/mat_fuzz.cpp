// MATLAB files: the variables of MPI-INF-3DHP.
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
  const fuzz::InputFile file({reinterpret_cast<const char*>(data), size}, ".mat");
  fuzz::Try([&] { fuzz::Read(file.path()); });
  return 0;
}
