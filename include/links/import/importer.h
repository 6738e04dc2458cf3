#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "links/config/config.h"
#include "links/import/clip_import.h"

namespace links {

/// Reads a recorded data set as it lies on the disk. Its own options are members with a line in Fields
/// (config/field.h).
class Importer {
 public:
  virtual ~Importer() = default;

  /// What the pose file says of its source.
  virtual std::string Source(const ImportOptions& options) const = 0;

  /// Appends what lies at `path` to `clips`: joints in the order of Human3.6M, 3D in mm in the camera's
  /// frame, 2D in pixels. Throws UsageError for options that contradict each other and Error where there is
  /// no such data set; what is wrong within it is missed.
  virtual void Read(const std::string& path, ClipImport& clips) const = 0;

  template <class V>
  void Fields(V&) {}
};

/// A data set that `links data import NAME` reads: a row of Importers().
struct ImporterKind {
  std::string name;     ///< of the subcommand
  std::string help;     ///< of the subcommand
  std::string path;     ///< what its PATH is
  std::string licence;  ///< of the data, stored in the pose file
  std::string example;  ///< a call

  std::vector<OptionDescription> options = {};  ///< the importer's own
  /// The importer with options set, "key=value" each; throws UsageError for wrong ones.
  std::function<std::unique_ptr<Importer>(const std::vector<std::string>& settings)> make = {};
};

/// The row of an importer of this class.
template <class Made>
ImporterKind KindOf(ImporterKind kind) {
  kind.options = DescribeConfig<Made>();
  kind.make = [](const std::vector<std::string>& settings) {
    auto made = std::make_unique<Made>();
    ReadConfigText("", "", settings, *made);
    return made;
  };
  return kind;
}

/// All of them, by name.
const std::vector<ImporterKind>& Importers();

}  // namespace links
