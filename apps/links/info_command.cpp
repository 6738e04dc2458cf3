#include <torch/cuda.h>

#include <iostream>

#include "commands.h"
#include "links/core/version.h"
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

}  // namespace

void AddInfoCommand(CLI::App& app) {
  app.add_subcommand("info", "Versions and devices")->callback(PrintInfo);
}

}  // namespace links
