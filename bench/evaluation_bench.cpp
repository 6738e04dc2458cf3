// Evaluation of one file of poses with all metrics, timed without reading: JSON on stdout.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <iostream>
#include <nlohmann/json.hpp>
#include <thread>

#include "import/hdf5_source.h"
#include "links/core/error.h"
#include "random_pairs.h"

namespace links {
namespace {

using Json = nlohmann::ordered_json;
using bench::Pairs;

constexpr unsigned kSeed = 1;
constexpr int64_t kMost = 10'000'000;

void Write(const std::string& path, const Pairs& pairs) {
  const hdf5::Silence silence;
  const hdf5::Handle file(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), H5Fclose);
  if (!file) throw Error(path, ": expected a file that can be written, found none");
  const auto write = [&](const char* name, const std::vector<float>& poses) {
    const std::array<hsize_t, 3> extents = {poses.size() / (kJoints * 3), kJoints, 3};
    const hdf5::Handle space(H5Screate_simple(3, extents.data(), nullptr), H5Sclose);
    const hdf5::Handle set(
        H5Dcreate2(file.get(), name, H5T_IEEE_F32LE, space.get(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
        H5Dclose);
    if (!set || H5Dwrite(set.get(), H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, poses.data()) < 0)
      throw Error(path, ": expected room for ", extents[0], " poses, could not write '", name, "'");
  };
  write("predicted", pairs.predicted);
  write("truth", pairs.truth);
}

Pairs Read(const std::string& path) {
  const Hdf5Source file(path);
  const int64_t poses = file.CheckShape("truth", {-1, kJoints, 3})[0];
  file.CheckShape("predicted", {poses, kJoints, 3});
  if (poses == 0) throw Error(path, ": expected at least one pose, found none");
  return {file.ReadFloats("predicted", 0, poses), file.ReadFloats("truth", 0, poses)};
}

// The median of `repeats` runs.
Json Measure(const Pairs& pairs, int threads, int repeats) {
  Metrics metrics;
  std::vector<double> ms;
  for (int i = 0; i < repeats; ++i) {
    const auto start = std::chrono::steady_clock::now();
    metrics = MeasurePoses(pairs.predicted, pairs.truth, bench::AllJoints(), {}, 0, threads)[0][0];
    ms.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
  }
  std::ranges::sort(ms);
  const double median = ms[ms.size() / 2];
  const auto poses = metrics.poses + metrics.rejected;
  Json result{{"name", "evaluation"},
              {"mode", "links, " + std::to_string(threads) + (threads == 1 ? " thread" : " threads")},
              {"ms", median},
              {"ms_min", ms.front()},
              {"ms_max", ms.back()},
              {"poses", poses},
              {"rejected", metrics.rejected},
              {"poses_per_s", static_cast<double>(poses) / median * 1e3}};
  for (const MetricField& field : kMetricFields)
    result["metrics"][field.name] =
        IsAbsent(metrics.*field.value) ? Json(nullptr) : Json(metrics.*field.value);
  return result;
}

int Run(int argc, char** argv) {
  CLI::App app{"Times the evaluation of poses with all metrics, reading excluded; JSON on stdout"};
  std::string read, write;
  int64_t poses = 500'000;
  int repeats = 3;
  auto* source = app.add_option("file", read, "HDF5: predicted and truth, (N, 17, 3) float32, mm");
  auto* made = app.add_option("--write", write, "Make random poses, write them to this file and take them");
  app.add_option("--poses", poses, "How many to make (500000)")
      ->needs(made)
      ->check(CLI::Range(int64_t{1}, kMost));
  app.add_option("--repeats", repeats, "Runs to take the median of (3)")
      ->check(CLI::Range(int64_t{1}, kMost));
  source->excludes(made);
  try {
    app.parse(argc, argv);
    if (read.empty() && write.empty()) throw CLI::RequiredError("A file of poses or --write");
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() != 0) throw;
    return app.exit(error);
  }

  const Pairs pairs = write.empty() ? Read(read) : bench::RandomPairs(poses, kSeed);
  if (!write.empty()) Write(write, pairs);
  Json results = Json::array({Measure(pairs, 1, repeats)});
  const int cores = static_cast<int>(std::thread::hardware_concurrency());
  if (cores > 1) results.push_back(Measure(pairs, cores, repeats));
  std::cout << Json{{"results", results}}.dump(2) << '\n';
  return 0;
}

}  // namespace
}  // namespace links

int main(int argc, char** argv) {
  try {
    return links::Run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "evaluation_bench: " << error.what() << '\n';
    return 2;
  }
}
