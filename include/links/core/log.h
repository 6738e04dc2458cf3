#pragma once

#include <functional>
#include <string>

namespace links {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

/// Messages go to stderr (results go to stdout) and to every file added here.
void SetLogLevel(LogLevel level);
LogLevel GetLogLevel();
/// Appends all later messages, with their time, to `path`.
void AddLogFile(const std::string& path);

/// `action` runs before every message that stderr shows, so that a progress line can make room; empty = none.
void SetBeforeConsole(std::function<void()> action);

void LogDebug(const std::string& message);
void LogInfo(const std::string& message);
void LogWarning(const std::string& message);
void LogError(const std::string& message);

}  // namespace links
