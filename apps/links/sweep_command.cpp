#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>

#include "commands.h"
#include "links/core/error.h"
#include "links/core/log.h"
#include "links/core/text.h"
#include "links/metrics/protocol.h"
#include "links/run/run_lock.h"
#include "links/sweep/sweep.h"
#include "links/sweep/sweep_launch.h"
#include "links/sweep/sweep_status.h"
#include "links/sweep/sweep_task.h"
#include "links/training/stages.h"

namespace links {
namespace {

struct SweepArguments {
  SweepRequest request;
  SlurmRequest slurm;
  std::string recipe, status, task;
  bool to_slurm = false, dry_run = false;
};

void Finish(const SweepPlan& plan, const std::string& output) {
  try {
    std::cout << Printable(WriteSweepTable(plan, output)) << std::flush;
  } catch (const Error&) {
    CheckAllDone(plan, output);  // which says why there is nothing for a table
    throw;
  }
  CheckAllDone(plan, output);
}

// One task of a plan, or its table.
void PerformTask(const std::string& task, const std::string& output) {
  const SweepPlan plan = ReadSweepPlan(output);
  if (task == "table") return Finish(plan, output);
  if (task.empty() || task.size() > 9 || task.find_first_not_of("0123456789") != std::string::npos)
    throw UsageError("expected --task N or table, found '", task, "'");
  if (const size_t failed = RunTask(plan, output, std::stoul(task)); failed > 0)
    throw Error(failed, " runs of the task failed, each for the reason above");
}

void Sweep(SweepArguments& arguments) {
  SweepRequest& request = arguments.request;
  if (!arguments.status.empty()) {
    std::cout << Printable(SweepStatus(ReadSweepPlan(arguments.status), arguments.status));
    return;
  }
  if (request.output.empty())
    throw UsageError("expected --output with the sweep's folder, or --status, found none");
  if (!arguments.task.empty()) return PerformTask(arguments.task, request.output);
  if (arguments.recipe == "both") {
    request.recipes = {"stable", "literal"};
  } else if (!arguments.recipe.empty()) {
    request.recipes = {arguments.recipe};
  }
  const bool goes_on = request.file.empty() && request.configs.empty() && request.variants.empty();
  if (goes_on && request.device.empty()) request.device = ReadSweepPlan(request.output).device;
  if (!arguments.to_slurm && request.jobs == 0) {
    const int64_t gpus = Gpus(request.device);
    request.jobs = gpus > 0 ? gpus : Cores();
  }
  const int64_t jobs = request.jobs;
  const auto plan_it = [&] {
    SweepPlan plan = goes_on ? ReadSweepPlan(request.output) : PlanSweep(request);
    plan.device = goes_on ? request.device : plan.device;
    if (plan.threads == 0) plan.threads = arguments.to_slurm ? 1 : std::max<int64_t>(Cores() / jobs, 1);
    return plan;
  };
  arguments.slurm.jobs = jobs;
  arguments.slurm.dry_run = arguments.dry_run;
  if (arguments.dry_run) {
    const SweepPlan plan = plan_it();
    std::cout << Printable(SweepTasks(plan, request.output));
    if (!arguments.to_slurm) return;
    for (const std::string& command : SubmitToSlurm(plan, request.output, arguments.slurm))
      std::cout << command << "\n";
    return;
  }
  plan_it();  // a wrong call leaves nothing behind
  std::filesystem::create_directories(request.output);
  const RunLock lock(request.output);
  RemoveHalfWritten(request.output);
  const SweepPlan plan = plan_it();
  WriteSweepPlan(plan, request.output);
  if (arguments.to_slurm) {
    for (const std::string& command : SubmitToSlurm(plan, request.output, arguments.slurm)) LogInfo(command);
    LogInfo(Concat("submitted: links sweep --status ", request.output, " tells how far it is"));
    return;
  }
  RunHere(plan, request.output, jobs);
  Finish(plan, request.output);
}

}  // namespace

void AddSweepCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "sweep",
      "Train and evaluate many runs, here or with Slurm, and make their table: every variant with every "
      "recipe\n"
      "and seed, in OUTPUT/RECIPE/VARIANT/seedN. Called again it goes on where it stood, with more seeds or\n"
      "variants if it is given such. The table goes to stdout and to OUTPUT.");
  const auto arguments = std::make_shared<SweepArguments>();
  SweepRequest& request = arguments->request;
  command->add_option(
      "sweep", request.file,
      "The sweep, a YAML file or a shipped one: h36m, 3dhp, occlusion, ablation (docs/cluster.md)");
  command->add_option("-o,--output", request.output,
                      "The sweep's folder; alone: go on with what is planned there");
  command
      ->add_option("-c,--config", request.configs, "Configuration below all others, YAML; may be given again")
      ->take_all();
  command
      ->add_option("--variant", request.variants,
                   "One more configuration, over the others, for runs of its own; may be given again")
      ->take_all();
  command->add_option("--seeds", request.seeds, "Runs of each with the seeds 1 to N, or A to B")
      ->type_name("N|A-B")
      ->default_str("1");
  request.seeds = "1";
  command->add_option("--train", request.train, "Pose files to train on")
      ->check(CLI::ExistingFile)
      ->expected(1, -1);
  command->add_option("--test", request.test, "Pose files to evaluate on")
      ->check(CLI::ExistingFile)
      ->expected(1, -1);
  command
      ->add_option(
          "--recipe", arguments->recipe,
          "Shipped recipe: stable with what makes it converge, literal to the paper's letter, or both")
      ->check(CLI::IsMember({"stable", "literal", "both"}));
  command
      ->add_option("--size", request.size,
                   "Of a shipped recipe: reduced, minutes a run on a CPU core, or paper, for a GPU")
      ->check(CLI::IsMember({"reduced", "paper"}));
  command
      ->add_option("--data-set", request.data_set,
                   "Options of a data set (configs/datasets), and its protocol")
      ->check(CLI::IsMember({"h36m", "mpi-inf-3dhp", "cmu"}));
  command->add_option("--protocol", request.protocol, "Of the evaluation: " + Protocol::Help())
      ->check(CLI::IsMember(Protocol::Names()));
  command->add_option("--table", request.table, "Of the paper; without it what the evaluations hold")
      ->check(CLI::Range(1, 4));
  command
      ->add_option("--stage", request.stages,
                   "What to train, may be given again; all that a run's lifters allow")
      ->check(CLI::IsMember(StageChoices()))
      ->take_all();
  command->add_option("--set", request.overrides, "Override one option in every run")
      ->type_name("KEY=VALUE")
      ->take_all();
  command->add_option("--device", request.device, "auto (default), cpu, cuda or cuda:N");
  command
      ->add_option("--jobs", request.jobs,
                   "Processes at a time (default: one a GPU or CPU core; with Slurm no limit)")
      ->check(CLI::Range(1, 10000));
  command
      ->add_option("--threads", request.threads,
                   "CPU threads of a process (default: its share of the cores; with Slurm 1)")
      ->check(CLI::Range(1, 1024));
  command
      ->add_option(
          "--together", request.together,
          "Most runs that a process trains side by side, as one network of many: those that differ in\n"
          "nothing but seed and weights of the lifters' loss (0 in all or in none)")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command->add_flag("--dry-run", arguments->dry_run, "Say what would be run");
  command->add_flag("--slurm", arguments->to_slurm,
                    "Submit to Slurm: flows that are shared, the other tasks, the table");
  command->add_option("--slurm-options", arguments->slurm.options, "Further options of sbatch")
      ->type_name("\"...\"");
  command->add_option("--slurm-program", arguments->slurm.program,
                      "What starts links in a job (default: this program): \"apptainer run --nv links.sif\"");
  command
      ->add_option("--status", arguments->status,
                   "Say what runs where, how far it is, and how long it may take")
      ->type_name("OUTPUT");
  command->add_option("--task", arguments->task, "Perform one task of the plan in OUTPUT, or table")
      ->type_name("N|table");
  command->footer(
      "Example: links sweep ablation --train train.h5 --test val.h5 --seeds 5 --output runs/table4");
  command->callback([arguments] { Sweep(*arguments); });
}

}  // namespace links
