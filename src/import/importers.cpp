#include "links/import/importer.h"

namespace links {

// Each in a file of its own.
ImporterKind Human36mFetch();
ImporterKind Human36mMartinez();
ImporterKind Human36mVideoPose3d();
ImporterKind MpiInf3dhp();

const std::vector<ImporterKind>& Importers() {
  static const std::vector<ImporterKind> importers = {
      Human36mFetch(),
      Human36mMartinez(),
      Human36mVideoPose3d(),
      MpiInf3dhp(),
  };
  return importers;
}

}  // namespace links
