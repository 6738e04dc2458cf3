#include "links/core/log.h"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include "links/core/text.h"

namespace links {
namespace {

spdlog::logger& Logger() {
  static const std::shared_ptr<spdlog::logger> logger = [] {
    auto console = std::make_shared<spdlog::sinks::stderr_color_sink_mt>();
    console->set_pattern("%^%v%$");
    auto made = std::make_shared<spdlog::logger>("links", console);
    made->set_level(spdlog::level::debug);
    console->set_level(spdlog::level::info);
    made->flush_on(spdlog::level::debug);
    return made;
  }();
  return *logger;
}

spdlog::level::level_enum Level(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

LogLevel console_level = LogLevel::kInfo;
std::function<void()> before_console;

// The message is passed as an argument: braces in it are not a format. It may hold names out of a file.
void Write(LogLevel level, const std::string& message) {
  if (level >= console_level && before_console) before_console();
  Logger().log(Level(level), "{}", Printable(message));
}

}  // namespace

void SetLogLevel(LogLevel level) {
  console_level = level;
  Logger().sinks().front()->set_level(Level(level));
}

LogLevel GetLogLevel() {
  return console_level;
}

struct LogFile::Sink {
  std::shared_ptr<spdlog::sinks::basic_file_sink_mt> file;
};

LogFile::LogFile(const std::string& path)
    : sink_(new Sink{std::make_shared<spdlog::sinks::basic_file_sink_mt>(path)}) {
  sink_->file->set_pattern("%Y-%m-%d %H:%M:%S %l %v");
  Logger().sinks().push_back(sink_->file);
}

LogFile::~LogFile() {
  std::erase(Logger().sinks(), sink_->file);
}

void SetBeforeConsole(std::function<void()> action) {
  before_console = std::move(action);
}

void LogDebug(const std::string& message) {
  Write(LogLevel::kDebug, message);
}
void LogInfo(const std::string& message) {
  Write(LogLevel::kInfo, message);
}
void LogWarning(const std::string& message) {
  Write(LogLevel::kWarning, "warning: " + message);
}
void LogError(const std::string& message) {
  Write(LogLevel::kError, "error: " + message);
}

}  // namespace links
