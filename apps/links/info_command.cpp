#include <torch/cuda.h>

#include <iomanip>
#include <iostream>
#include <memory>

#include "commands.h"
#include "links/core/log.h"
#include "links/core/text.h"
#include "links/core/version.h"
#include "links/run/model.h"
#include "links/run/run_directory.h"

namespace links {
namespace {

void PrintInfo() {
  std::cout << "links      " << Version() << "\n"
            << "libtorch   " << LibTorchVersion() << "\n"
            << "cpu        " << at::get_num_threads() << " threads\n"
            << "spin       " << SpinInForce() << " (LINKS_SPIN=long, short or off)\n";
  const size_t devices = torch::cuda::is_available() ? torch::cuda::device_count() : 0;
  std::cout << "cuda       ";
  if (devices == 0) std::cout << "no device that this LibTorch can use";
  for (size_t device = 0; device < devices; ++device)
    std::cout << (device > 0 ? ", " : "") << "cuda:" << device;
  std::cout << "\n";
}

// A line a model: its name, its size, what its card says first, and where it lies.
void PrintModels() {
  constexpr double kMegabyte = 1e6;
  const std::vector<ShippedModel> models = ShippedModels();
  if (models.empty()) LogInfo("no model came with this program");
  for (const ShippedModel& model : models) {
    std::cout << Printable(model.name, false) << "  " << std::fixed << std::setprecision(1)
              << static_cast<double>(model.bytes) / kMegabyte << " MB  " << Printable(model.about, false)
              << "  " << Printable(model.path, false) << "\n";
  }
}

}  // namespace

void AddInfoCommand(CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("info", "Versions and devices, or the models that came with the program");
  const auto models = std::make_shared<bool>(false);
  command->add_flag("--models", *models, "The shipped models: name, size, what it is, folder");
  command->callback([models] { *models ? PrintModels() : PrintInfo(); });
}

}  // namespace links
