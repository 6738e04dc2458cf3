#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "commands.h"
#include "links/config/config.h"
#include "links/run/run_config.h"

namespace links {
namespace {

struct ConfigArguments {
  std::vector<std::string> files, overrides;
  bool list = false;
};

void RunConfigCommand(const ConfigArguments& arguments) {
  if (arguments.list) {
    std::cout << OptionTable(DescribeConfig<RunConfig>());
    return;
  }
  RunConfig options;
  ReadConfig(arguments.files, arguments.overrides, options);
  options.Check();
  std::cout << WriteConfig(options);
}

}  // namespace

void AddConfigCommand(CLI::App& app) {
  auto arguments = std::make_shared<ConfigArguments>();
  CLI::App* command = app.add_subcommand(
      "config",
      "Check a configuration and print it with every option resolved, or list every option there is");
  CLI::Option_group* source = command->add_option_group("source", "One of the two");
  CLI::Option* file = source
                          ->add_option("--config", arguments->files,
                                       "The run's YAML file; given again, each over the ones before")
                          ->type_name("FILE")
                          ->take_all();
  source->add_flag("--list", arguments->list, "Every key with its type, default, range and help");
  source->require_option(1);
  command
      ->add_option(
          "--set", arguments->overrides,
          "Override an option of the file, the value as in YAML: --set training.seed=3; may be repeated")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false)
      ->needs(file);
  command->callback([arguments] { RunConfigCommand(*arguments); });
}

}  // namespace links
