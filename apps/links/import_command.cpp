#include "import_command.h"

#include <algorithm>
#include <cctype>
#include <iostream>
#include <map>

#include "links/core/error.h"
#include "links/core/text.h"
#include "links/import/importer.h"

namespace links {

namespace {

// Made by the first command that asks for it, whatever the order of the files.
std::map<std::string, void (*)(CLI::App*)>& Commands() {
  static std::map<std::string, void (*)(CLI::App*)> commands;
  return commands;
}

struct ImporterArguments : ImportArguments {
  std::vector<std::string> settings;  // of the importer's own options
};

// In the quotes of YAML, in which a file's name may hold anything.
std::string Quoted(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? "''" : std::string(1, c);
  return quoted + "'";
}

// --camera-set for the option camera_set.
void AddOwnOption(CLI::App* command, const OptionDescription& option,
                  const std::shared_ptr<ImporterArguments>& arguments) {
  std::string name = "--" + option.key, help = option.help;
  std::ranges::replace(name, '_', '-');
  help[0] = static_cast<char>(std::toupper(help[0]));
  const auto set = [arguments, key = option.key](const std::string& value) {
    arguments->settings.push_back(key + "=" + value);
  };
  if (option.type == "boolean") {
    command->add_flag_callback(
        name, [set] { set("true"); }, help);
  } else if (option.type == "list of text") {
    command
        ->add_option_function<std::vector<std::string>>(
            name,
            [set](const std::vector<std::string>& values) {
              std::vector<std::string> quoted;
              for (const std::string& value : values) quoted.push_back(Quoted(value));
              set("[" + Join(quoted, ", ") + "]");
            },
            help)
        ->delimiter(',');
  } else {
    CLI::Option* added = command->add_option_function<std::string>(
        name, [set](const std::string& value) { set(Quoted(value)); }, help);
    if (option.type == "choice") {
      std::vector<std::string> choices = CLI::detail::split(option.range, '|');
      for (std::string& choice : choices) CLI::detail::trim(choice);
      added->check(CLI::IsMember(choices));
    }
    if (option.default_value != "\"\"") added->default_str(option.default_value);
  }
}

void AddImporter(CLI::App* import, const ImporterKind& kind) {
  const auto arguments = std::make_shared<ImporterArguments>();
  CLI::App* command = import->add_subcommand(kind.name, kind.help);
  AddImportOptions(command, arguments, kind.path);
  for (const OptionDescription& option : kind.options) AddOwnOption(command, option, arguments);
  command->footer("Example: " + kind.example);
  command->callback([arguments, &kind] {
    const std::unique_ptr<Importer> importer = kind.make(arguments->settings);
    RunImport(*arguments, importer->Source(arguments->options), kind.licence,
              [&](ClipImport& clips) { importer->Read(arguments->path, clips); });
  });
}

}  // namespace

ImportCommand::ImportCommand(const std::string& name, void (*add)(CLI::App* import)) {
  Commands().emplace(name, add);
}

void ImportCommand::AddAll(CLI::App* import) {
  for (const auto& [name, add] : Commands()) add(import);
  for (const ImporterKind& kind : Importers()) AddImporter(import, kind);
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
