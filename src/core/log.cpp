#include "links/core/log.h"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

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
    case LogLevel::kDebug: return spdlog::level::debug;
    case LogLevel::kInfo: return spdlog::level::info;
    case LogLevel::kWarning: return spdlog::level::warn;
    case LogLevel::kError: return spdlog::level::err;
  }
  return spdlog::level::info;
}

LogLevel console_level = LogLevel::kInfo;

}  // namespace

void SetLogLevel(LogLevel level) {
  console_level = level;
  Logger().sinks().front()->set_level(Level(level));
}

LogLevel GetLogLevel() { return console_level; }

void AddLogFile(const std::string& path) {
  auto file = std::make_shared<spdlog::sinks::basic_file_sink_mt>(path);
  file->set_pattern("%Y-%m-%d %H:%M:%S %l %v");
  Logger().sinks().push_back(std::move(file));
}

// The message is passed as an argument: braces in it are not a format.
void LogDebug(const std::string& message) { Logger().debug("{}", message); }
void LogInfo(const std::string& message) { Logger().info("{}", message); }
void LogWarning(const std::string& message) { Logger().warn("warning: {}", message); }
void LogError(const std::string& message) { Logger().error("error: {}", message); }

}  // namespace links
