#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "links/core/atomic_file.h"
#include "links/core/error.h"
#include "links/core/text.h"
#include "links/sweep/sweep_launch.h"
#include "links/sweep/sweep_task.h"

namespace links {
namespace {

namespace fs = std::filesystem;

// A word of a shell.
std::string ShellWord(const std::string& word) {
  if (!word.empty() &&
      word.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=:,%@+") ==
          std::string::npos)
    return word;
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

std::string Command(const std::vector<std::string>& words) {
  std::vector<std::string> quoted;
  for (const std::string& word : words) quoted.push_back(ShellWord(word));
  return Join(quoted, " ");
}

// What a command says on stdout, without the end of its last line. Throws Error with what it says on stderr.
std::string OutputOf(const std::string& command) {
  FILE* pipe = ::popen((command + " 2>&1").c_str(), "re");
  if (pipe == nullptr) throw Error("cannot start `", command, "`: ", std::strerror(errno));
  std::string said;
  std::array<char, 4096> part{};
  while (const size_t count = std::fread(part.data(), 1, part.size(), pipe)) said.append(part.data(), count);
  const int status = ::pclose(pipe);
  while (said.ends_with('\n')) said.pop_back();
  if (status != 0) throw Error("expected Slurm to accept `", command, "`, found: ", said);
  return said;
}

std::string JobPath(const std::string& output, size_t task) {
  return TaskFolder(output, task) + "/slurm_job.txt";
}

// Slurm tells the script alone of the time limit (B:); the program writes its checkpoints and the task is
// queued again. On SIGTERM (scancel, preemption) Slurm decides.
std::string Script(const std::string& program, const std::string& output) {
  return Concat(R"(#!/bin/sh
# One task of a sweep, numbered by the array; without a number the table. Written by links sweep --slurm.
#SBATCH --requeue --open-mode=append --signal=B:USR1@120
)",
                program, " sweep --output ", ShellWord(output), R"( --task "${SLURM_ARRAY_TASK_ID:-table}" &
links=$! again=
trap 'again=yes; kill -USR1 $links' USR1
trap 'kill -TERM $links' TERM
while :; do
  wait $links
  code=$?
  kill -0 $links 2>/dev/null || break # a signal only ended the waiting
done
if [ $code = 75 ] && [ "$again" ]; then scontrol requeue "$SLURM_JOB_ID"; fi
exit $code
)");
}

// Throws UsageError while a job of the tasks waits or runs.
void CheckQueue(const std::string& output, const std::vector<size_t>& tasks) {
  std::string jobs, queued;
  for (const size_t task : tasks) {
    if (const std::string job = SlurmJobOf(output, task); !job.empty())
      jobs += (jobs.empty() ? "" : ",") + job;
  }
  if (jobs.empty()) return;
  try {
    queued = OutputOf("squeue --noheader --format=%i --jobs=" + jobs);
  } catch (const Error&) {
    return;  // none of them is known any more
  }
  if (queued.empty()) return;
  std::ranges::replace(queued, '\n', ' ');
  throw UsageError("expected a sweep none of whose jobs is in Slurm's queue, found ", queued,
                   ": links sweep --status ", output, " tells of them, scancel takes them out");
}

}  // namespace

std::string SlurmJobOf(const std::string& output, size_t task) {
  const std::string path = JobPath(output, task);
  return fs::exists(path) ? ReadFile(path) : "";
}

std::vector<std::string> SubmitToSlurm(const SweepPlan& plan, const std::string& output,
                                       const SlurmRequest& request) {
  std::vector<size_t> open;
  for (size_t task = 1; task <= plan.tasks.size(); ++task) {
    if (!IsDone(plan, output, plan.tasks[task - 1])) open.push_back(task);
  }
  const std::string script = output + "/slurm.sh";
  if (!request.dry_run) {
    CheckQueue(output, open);
    const std::string program =
        request.program.empty() ? ShellWord(fs::read_symlink("/proc/self/exe").string()) : request.program;
    WriteFileAtomically(script, Script(program, output));
  }
  std::vector<std::string> commands, before;
  const auto submit = [&](const std::string& name, const std::string& array, const std::string& log) {
    std::vector<std::string> words = {"sbatch", "--parsable", "--job-name=" + name, "--output=" + log};
    if (!array.empty())
      words.push_back("--array=" + array + (request.jobs > 0 ? Concat("%", request.jobs) : ""));
    if (!before.empty()) words.push_back("--dependency=afterany:" + Join(before, ":"));
    if (plan.threads > 0) words.push_back(Concat("--cpus-per-task=", plan.threads));
    commands.push_back(Command(words) + " " + request.options + (request.options.empty() ? "" : " ") +
                       ShellWord(script));
    const std::string job = request.dry_run ? Concat("JOB", commands.size()) : OutputOf(commands.back());
    before.push_back(job.substr(0, job.find(';')));  // without the cluster's name
  };
  for (const bool shared_flows : {true, false}) {
    std::vector<std::string> numbers;
    for (const size_t task : open) {
      if (plan.tasks[task - 1].shared_flows != shared_flows) continue;
      if (!request.dry_run) fs::create_directories(TaskFolder(output, task));
      numbers.push_back(std::to_string(task));
    }
    if (numbers.empty()) continue;
    submit(shared_flows ? "links-flows" : "links-runs", Join(numbers, ","), output + "/tasks/%a/log.txt");
    for (const std::string& number : numbers) {
      if (!request.dry_run)
        WriteFileAtomically(JobPath(output, std::stoul(number)), before.back() + "_" + number);
    }
  }
  submit("links-table", "", output + "/table.log");
  return commands;
}

}  // namespace links
