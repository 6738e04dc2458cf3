#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <torch/cuda.h>
#include <torch/types.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <filesystem>
#include <map>
#include <sstream>
#include <thread>

#include "links/core/error.h"
#include "links/core/log.h"
#include "links/core/stop_signal.h"
#include "links/sweep/sweep_launch.h"
#include "links/sweep/sweep_task.h"

namespace links {
namespace {

using Clock = std::chrono::steady_clock;

/// A process at a task.
struct Worker {
  size_t task, slot;
  std::vector<std::string> runs;  // those that were not done
  Clock::time_point start = Clock::now();
};

// The environment of a process: its threads and, of several GPUs, its own.
std::vector<std::string> Environment(const SweepPlan& plan, size_t slot) {
  std::vector<std::string> visible;
  if (const char* devices = std::getenv("CUDA_VISIBLE_DEVICES")) {
    std::istringstream list(devices);
    for (std::string device; std::getline(list, device, ',');) visible.push_back(device);
  }
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    if (!text.starts_with("OMP_NUM_THREADS=") && !text.starts_with("CUDA_VISIBLE_DEVICES="))
      all.push_back(text);
  }
  if (plan.threads > 0) all.push_back(Concat("OMP_NUM_THREADS=", plan.threads));
  if (const auto gpus = static_cast<size_t>(Gpus(plan.device)); gpus > 1) {
    const size_t gpu = slot % gpus;
    all.push_back("CUDA_VISIBLE_DEVICES=" + (gpu < visible.size() ? visible[gpu] : std::to_string(gpu)));
  } else if (const char* devices = std::getenv("CUDA_VISIBLE_DEVICES")) {
    all.push_back(Concat("CUDA_VISIBLE_DEVICES=", devices));
  }
  return all;
}

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

pid_t Start(const SweepPlan& plan, const std::string& output, const Worker& worker) {
  const std::string folder = TaskFolder(output, worker.task), log = folder + "/log.txt";
  std::filesystem::create_directories(folder);
  std::vector<std::string> words = {"links", "sweep",  "--output",
                                    output,  "--task", std::to_string(worker.task)},
                           settings = Environment(plan, worker.slot);
  const std::vector<char*> arguments = Pointers(words), environment = Pointers(settings);
  const pid_t parent = ::getpid(), process = ::fork();
  if (process < 0) throw Error("cannot start a process: ", std::strerror(errno));
  if (process > 0) return process;
  // A group of its own: a terminal's Ctrl-C reaches this process alone, which passes it on.
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int input = ::open("/dev/null", O_RDONLY),
            errors = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  if (::getppid() != parent || ::dup2(input, 0) < 0 || ::dup2(errors, 1) < 0 || ::dup2(errors, 2) < 0)
    ::_exit(1);
  ::execve("/proc/self/exe", arguments.data(), environment.data());
  ::_exit(1);
}

std::string HowItEnded(int status) {
  if (WIFSIGNALED(status)) return Concat("its process was killed by signal ", WTERMSIG(status));
  return Concat("its process ended with exit code ", WEXITSTATUS(status));
}

void Report(const SweepPlan& plan, const std::string& output, const Worker& worker, int status) {
  const SweepTask& task = plan.tasks[worker.task - 1];
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - worker.start).count();
  const std::map<std::string, std::string> failures = FailuresOf(output, worker.task);
  for (const std::string& run : worker.runs) {
    if (IsDone(plan, output, task, run)) {
      LogInfo(Concat(run, task.shared_flows ? ": flows" : "", ": trained in ", seconds, " s",
                     worker.runs.size() > 1 ? Concat(", ", worker.runs.size(), " together") : ""));
    } else if (!failures.contains(run) && !StopRequested()) {
      LogWarning(
          Concat(run, ": ", HowItEnded(status), ", see ", TaskFolder(output, worker.task), "/log.txt"));
    }
  }
}

}  // namespace

int64_t Cores() {
  cpu_set_t mine;
  if (::sched_getaffinity(0, sizeof mine, &mine) == 0) return CPU_COUNT(&mine);
  return std::max<int64_t>(std::thread::hardware_concurrency(), 1);
}

int64_t Gpus(const std::string& device) {
  if (device == "cpu" || !torch::cuda::is_available()) return 0;
  return device.starts_with("cuda:") ? 1 : static_cast<int64_t>(torch::cuda::device_count());
}

void RunHere(const SweepPlan& plan, const std::string& output, int64_t jobs) {
  CatchStopSignals();
  std::map<pid_t, Worker> workers;
  const auto wait = [&] {
    int status = 0;
    const pid_t process = ::waitpid(-1, &status, WNOHANG);
    const auto found = workers.find(process);
    if (found == workers.end()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      return;
    }
    Report(plan, output, found->second, status);
    workers.erase(found);
  };
  const auto start = [&](size_t number) {
    Worker worker{number, 0, {}};
    const SweepTask& task = plan.tasks[number - 1];
    for (const std::string& run : task.runs) {
      if (IsDone(plan, output, task, run)) {
        if (!task.shared_flows) LogInfo(run + ": done before");
      } else {
        worker.runs.push_back(run);
      }
    }
    if (worker.runs.empty()) return;
    const auto is_taken = [&](const auto& other) { return other.second.slot == worker.slot; };
    while (std::ranges::any_of(workers, is_taken)) ++worker.slot;
    workers.emplace(Start(plan, output, worker), worker);
  };
  for (const bool shared_flows : {true, false}) {
    for (size_t number = 1; number <= plan.tasks.size() && !StopRequested(); ++number) {
      if (plan.tasks[number - 1].shared_flows != shared_flows) continue;
      while (static_cast<int64_t>(workers.size()) >= jobs && !StopRequested()) wait();
      if (!StopRequested()) start(number);
    }
    while (!workers.empty() && !StopRequested()) wait();
  }
  if (!StopRequested()) return;
  for (const auto& [process, worker] : workers) ::kill(process, SIGTERM);
  while (!workers.empty()) wait();
  throw Stopped("stopped by a signal: the same call goes on from here");
}

}  // namespace links
