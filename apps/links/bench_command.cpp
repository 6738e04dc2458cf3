#include <iomanip>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "commands.h"
#include "links/benchmark/benchmark.h"
#include "links/benchmark/reference.h"
#include "links/config/config.h"
#include "links/core/atomic_file.h"
#include "links/core/error.h"
#include "links/core/log.h"
#include "links/core/text_table.h"
#include "links/device/device.h"
#include "links/run/run_directory.h"
#include "links/run/settings.h"

namespace links {
namespace {

struct BenchArguments {
  std::vector<std::string> configs, overrides;
  std::string output, reference, device = "auto";
  std::optional<int64_t> threads;
  bool without_limit = false;
  BenchmarkOptions options{.names = BenchmarkNames()};
};

nlohmann::json ToJson(const BenchmarkResult& result) {
  return {{"name", result.name},
          {"poses", result.poses},
          {"ms", result.timing.median_ms},
          {"spread", result.timing.spread},
          {"poses_per_s", result.poses_per_s},
          {"gflop", result.cost.gflop},
          {"gbyte", result.cost.gbyte},
          {"share_of_limit", result.share_of_limit},
          {"peak_memory_mb", result.peak_memory_mb}};
}

TextTable MakeTable() {
  TextTable table({"name", "poses", "ms", "spread", "poses/s", "GFLOP", "GFLOP/s", "of limit"});
  table.Reserve(
      {"segment_flows", "10000000", "10000.000", "100 %", "10000000", "10000.000", "1000000", "100 %"});
  return table;
}

std::vector<std::string> Cells(const BenchmarkResult& result) {
  std::vector<std::string> cells = {
      result.name, std::to_string(result.poses), Fixed(result.timing.median_ms, 3),
      Fixed(100 * result.timing.spread, 0) + " %", Fixed(result.poses_per_s, 0)};
  if (result.cost.gflop > 0) {
    cells.push_back(Fixed(result.cost.gflop, 3));
    cells.push_back(Fixed(1e3 * result.cost.gflop / result.timing.median_ms, 0));
    if (result.share_of_limit > 0) cells.push_back(Fixed(100 * result.share_of_limit, 0) + " %");
  }
  cells.resize(8);
  return cells;
}

void Bench(const BenchArguments& arguments) {
  const std::string& trace = arguments.options.trace;
  if (!trace.empty()) {
    if (arguments.options.names.size() != 1 || arguments.options.poses.size() != 1)
      throw UsageError("expected one --stage and one --poses with --trace, found ",
                       arguments.options.names.size(), " and ", arguments.options.poses.size());
    CheckWritable(trace);
  }
  RunConfig config;
  ReadConfigWithoutData(arguments.configs, arguments.overrides, config);
  const torch::Device device = SelectDevice(arguments.device);
  KeepFreedMemory();
  if (arguments.threads) config.threads = *arguments.threads;
  UseSettings(config);
  if (!arguments.reference.empty()) {
    WriteReference(arguments.reference, config);
    LogInfo("reference for an independent implementation in " + arguments.reference);
  }
  const bool rounded = config.precision != Precision::kTf32 || !device.is_cpu();
  const std::string precision = PrecisionName(rounded ? config.precision : Precision::kFloat32);
  const DeviceLimit limit =
      arguments.without_limit ? DeviceLimit() : MeasureLimit(device, config.precision == Precision::kBf16);
  const TextTable table = MakeTable();
  std::cout << DeviceName(device) << ", precision " << precision << ", LibTorch " << LibTorchVersion()
            << "\n";
  if (!arguments.without_limit) {
    std::cout << std::fixed << std::setprecision(0) << "matrix product " << limit.gflop_per_s
              << " GFLOP/s, copy " << std::setprecision(1) << limit.gbyte_per_s << " GB/s\n";
  }
  std::cout << table.Titles();
  nlohmann::json results = nlohmann::json::array();
  RunBenchmarks(config, arguments.options, limit, device, [&](const BenchmarkResult& result) {
    std::cout << table.Line(Cells(result)) << std::flush;
    results.push_back(ToJson(result));
  });
  if (arguments.output.empty()) return;
  const nlohmann::json all = {{"device", DeviceName(device)},
                              {"precision", precision},
                              {"torch", LibTorchVersion()},
                              {"matrix_product_gflops", limit.gflop_per_s},
                              {"runs", arguments.options.runs},
                              {"copy_gbytes", limit.gbyte_per_s},
                              {"results", results}};
  WriteFileAtomically(arguments.output, all.dump(2) + "\n");
}

}  // namespace

void AddBenchCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "bench",
      "Measure training steps, evaluation and lifting at a configuration's sizes, on made-up poses\n"
      "(docs/performance.md). Without --config: the paper's sizes.");
  const auto arguments = std::make_shared<BenchArguments>();
  command->add_option("-c,--config", arguments->configs, "A run's configuration, of which the sizes count")
      ->take_all();
  command->add_option("--set", arguments->overrides, "Override one option: --set lifters.network.width=256")
      ->type_name("KEY=VALUE")
      ->take_all();
  command->add_option("--stage", arguments->options.names, "What to measure, may be given again")
      ->check(CLI::IsMember(BenchmarkNames()))
      ->take_all();
  command->add_option("--poses", arguments->options.poses, "Poses of the data set, may be given again")
      ->check(CLI::Range(1000, 100000000))
      ->take_all()
      ->capture_default_str();
  command
      ->add_option("--runs", arguments->options.runs,
                   "Runs trained side by side, as links train --seeds does; the times are those of all")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command->add_option("--repeats", arguments->options.stopwatch.repeats, "Times the measurement is repeated")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command
      ->add_option("--seconds", arguments->options.stopwatch.seconds,
                   "Time for each measurement, all repeats")
      ->check(CLI::Range(0.01, 3600.))
      ->capture_default_str();
  command->add_option("-o,--output", arguments->output, "The figures as JSON")->type_name("FILE.json");
  command->add_flag("--without-limit", arguments->without_limit,
                    "Do not measure the device's limits, which takes some seconds");
  command
      ->add_option("--trace", arguments->options.trace,
                   "Also write a timeline of five steps of the one --stage, for chrome://tracing or Perfetto")
      ->type_name("FILE.json");
  command
      ->add_option("--reference", arguments->reference,
                   "Also write networks, a batch and its losses for bench/peer_pytorch.py")
      ->type_name("FILE.safetensors");
  command->add_option("--device", arguments->device, "auto, cpu, cuda or cuda:N")->capture_default_str();
  command
      ->add_option("--threads", arguments->threads,
                   "CPU threads, 0 = as many as there are cores; overrides the configuration")
      ->check(CLI::Range(0, 1024));
  command->callback([arguments] { Bench(*arguments); });
}

}  // namespace links
