#include <hdf5.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <new>

#include "commands.h"
#include "links/core/error.h"
#include "links/core/log.h"
#include "links/core/stop_signal.h"
#include "links/device/failure.h"

namespace {

constexpr int kFailure = 1;
constexpr int kWrongCall = 2;
constexpr int kStopped = 75;  // EX_TEMPFAIL: a batch system may start it again

// What was written may still wait to reach stdout: a full disk shows only now. A call that failed has said
// why.
int WithResultsWritten(int code) {
  errno = 0;
  std::cout.flush();
  if (std::cout && std::ferror(stdout) == 0) return code;
  if (code == 0) {
    links::LogError(links::Concat("expected stdout to take the results, found that it cannot be written",
                                  errno != 0 ? ": " : "", errno != 0 ? std::strerror(errno) : ""));
  }
  return code == 0 ? kFailure : code;
}

}  // namespace

// A table of options that is wrong ends the program.
// NOLINTNEXTLINE(bugprone-exception-escape)
int main(int argc, char** argv) {
  std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is an error of its writer's
  // Every file is closed by who opened it: at exit HDF5 could only tell what damaged ones left in it.
  H5dont_atexit();
  CLI::App app{"LInKs: 2D to 3D human pose lifting from independent body segments, without 3D supervision",
               "links"};
  app.require_subcommand(1);
  app.set_version_flag("--version", "links " LINKS_VERSION);
  app.set_help_all_flag("--help-all", "Help of every subcommand");
  app.fallthrough();
  app.add_flag_callback(
      "-q,--quiet", [] { links::SetLogLevel(links::LogLevel::kWarning); },
      "Only warnings and errors on stderr");
  app.add_flag_callback(
      "-v,--verbose", [] { links::SetLogLevel(links::LogLevel::kDebug); }, "More on stderr");
  links::AddTrainCommand(app);
  links::AddSweepCommand(app);
  links::AddAdaptCommand(app);
  links::AddCalibrateCommand(app);
  links::AddEvaluateCommand(app);
  links::AddLiftCommand(app);
  links::AddDataCommand(app);
  links::AddReportCommand(app);
  links::AddExportCommand(app);
  links::AddSampleCommand(app);
  links::AddRenderCommand(app);
  links::AddFigureCommand(app);
  links::AddWatchCommand(app);
  links::AddConfigCommand(app);
  links::AddBenchCommand(app);
  links::AddPackCommand(app);
  links::AddInfoCommand(app);
  try {
    links::CheckSpin();
    app.parse(argc, argv);
    return WithResultsWritten(0);
  } catch (const CLI::ParseError& error) {
    return WithResultsWritten(app.exit(error, std::cout, std::cerr) == 0 ? 0 : kWrongCall);
  } catch (const links::UsageError& error) {
    links::LogError(error.what());
    return kWrongCall;
  } catch (const links::Stopped& stopped) {
    links::LogError(stopped.what());
    return kStopped;
  } catch (const std::bad_alloc&) {
    links::LogError("expected enough memory for this call, found none left");
    return kFailure;
  } catch (const std::exception& error) {
    links::LogError(links::ReasonOf(error));
    return kFailure;
  }
}
