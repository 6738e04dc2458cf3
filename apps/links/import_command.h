#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>

#include "links/import/clip_import.h"

namespace links {

/// What every import of a recorded data set takes on the command line.
struct ImportArguments {
  std::string path, output;
  ImportOptions options;
  bool allow_missing = false;
};

/// Adds PATH, --output, --subjects, --every, --moved-mm, --damaged and --allow-missing.
void AddImportOptions(CLI::App* command, const std::shared_ptr<ImportArguments>& arguments,
                      const std::string& path_help);

/// Streams what `read` finds to the pose file and prints the summary; throws Error at the end, with the file
/// written, when something was missing and that was not allowed.
void RunImport(const ImportArguments& arguments, const std::string& source, const std::string& licence,
               const std::function<void(ClipImport&)>& read);

/// A subcommand of `links data import` beside those of Importers(): an object of it at namespace scope in the
/// command's own file is all that the program needs to have it.
class ImportCommand {
 public:
  /// name: where it stands among the others, which come in alphabetical order, before the importers.
  ImportCommand(const std::string& name, void (*add)(CLI::App* import));
  static void AddAll(CLI::App* import);
};

}  // namespace links
