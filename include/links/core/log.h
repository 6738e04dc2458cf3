#pragma once

#include <functional>
#include <memory>
#include <string>

namespace links {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

/// Messages go to stderr (results go to stdout) and to every open LogFile.
void SetLogLevel(LogLevel level);
LogLevel GetLogLevel();

/// Appends all messages, with their time, to a file while it lives.
class LogFile {
 public:
  explicit LogFile(const std::string& path);
  ~LogFile();
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;

 private:
  struct Sink;
  std::unique_ptr<Sink> sink_;
};

/// `action` runs before every message that stderr shows, so that a progress line can make room; empty = none.
void SetBeforeConsole(std::function<void()> action);

void LogDebug(const std::string& message);
void LogInfo(const std::string& message);
void LogWarning(const std::string& message);
void LogError(const std::string& message);

}  // namespace links
