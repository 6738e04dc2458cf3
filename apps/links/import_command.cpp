#include "import_command.h"

#include <iostream>
#include <map>

#include "links/core/error.h"
#include "links/core/log.h"

namespace links {

namespace {

// Made by the first command that asks for it, whatever the order of the files.
std::map<std::string, void (*)(CLI::App*)>& Commands() {
  static std::map<std::string, void (*)(CLI::App*)> commands;
  return commands;
}

}  // namespace

ImportCommand::ImportCommand(const std::string& name, void (*add)(CLI::App* import)) {
  Commands().emplace(name, add);
}

void ImportCommand::AddAll(CLI::App* import) {
  for (const auto& [name, add] : Commands()) add(import);
}

void AddImportOptions(CLI::App* command, const std::shared_ptr<ImportArguments>& arguments,
                      const std::string& path_help) {
  ImportOptions& options = arguments->options;
  command->add_option("PATH", arguments->path, path_help)->required();
  command
      ->add_option("--output", arguments->output, "The pose file (HDF5) to write; an earlier one is replaced")
      ->type_name("FILE")
      ->required();
  command->add_option("--subjects", options.subjects, "Only these subjects, such as S9,S11")->delimiter(',');
  command->add_option("--every", options.every, "Keep every n-th frame of a clip")
      ->type_name("N")
      ->check(CLI::Range(int64_t{1}, int64_t{1'000'000}))
      ->capture_default_str();
  command
      ->add_option("--moved-mm", options.moved_mm,
                   "Of these, keep a frame only when some joint has moved so far since the last one kept; "
                   "h36m-fetch takes 40 for training (0: keep all)")
      ->type_name("MM")
      ->check(CLI::Range(0.0, 1e5))
      ->capture_default_str();
  command->add_flag("--skip-damaged,!--keep-damaged", options.skip_damaged,
                    "Leave known damaged clips out; by default they are kept, as in the published figures");
  command->add_flag("--allow-missing", arguments->allow_missing,
                    "Succeed although files or parts of them are missing or cannot be read");
}

void RunImport(const ImportArguments& arguments, const std::string& source, const std::string& licence,
               const std::function<void(ClipImport&)>& read) {
  size_t missed = 0;
  std::string summary;
  StreamPoseFile(arguments.output, source, licence, [&](PoseStream& stream) {
    ClipImport import(stream, arguments.options);
    read(import);
    import.Finish();
    missed = import.missed().size();
    if (stream.size() == 0) {
      throw Error("expected poses in '", arguments.path, "', found none",
                  missed == 0 ? "" : Concat(": ", import.missed().front()));
    }
    summary = import.Summary();
  });
  std::cout << arguments.output << ":\n" << summary;
  if (missed > 0 && !arguments.allow_missing) {
    throw Error("expected a whole data set in '", arguments.path, "', found ", missed,
                " parts missing or not readable, listed above; ", arguments.output,
                " holds the rest (--allow-missing accepts that)");
  }
}

}  // namespace links
