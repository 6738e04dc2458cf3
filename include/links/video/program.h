#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

namespace links {

/// Where the program `name` is among the folders of $PATH; "" = nowhere.
std::string FindProgram(const std::string& name);

/// Another program with pipes to its stdin and from its stdout, started without a shell. It ends when this
/// object does, and when this process does.
class Program {
 public:
  /// words: the program's file and its arguments. Throws Error when it cannot be started.
  explicit Program(const std::vector<std::string>& words);
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  /// As many of `count` bytes of its stdout as there are until it closes it.
  size_t Read(char* bytes, size_t count);
  /// All of its stdout that is left.
  std::string ReadAll();
  /// Throws Error, with what it said last on stderr, when it takes no more.
  void Write(std::string_view bytes);
  /// Closes its stdin and waits. Throws Error, with what it said last on stderr, unless it ended well.
  void Finish();

 private:
  [[noreturn]] void Fail();
  void CloseInput();
  int Wait();

  std::string name_;
  int input_ = -1, output_ = -1, errors_ = -1;  // errors_: an unnamed file
  pid_t process_ = -1;
};

}  // namespace links
