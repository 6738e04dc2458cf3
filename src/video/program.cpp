#include "links/video/program.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <sstream>
#include <utility>

#include "links/core/error.h"
#include "links/core/text.h"

namespace links {
namespace {

constexpr int kNotStarted = 127;

void Close(int& descriptor) {
  if (descriptor >= 0) ::close(std::exchange(descriptor, -1));
}

}  // namespace

std::string FindProgram(const std::string& name) {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path != nullptr ? path : "");
  for (std::string folder; std::getline(folders, folder, ':');) {
    std::string file = (std::filesystem::path(folder.empty() ? "." : folder) / name).string();
    std::error_code ignored;
    if (std::filesystem::is_regular_file(file, ignored) && ::access(file.c_str(), X_OK) == 0) return file;
  }
  return "";
}

Program::Program(const std::vector<std::string>& words) : name_(words.at(0)) {
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  // Sockets: writing to one whose reader is gone can be told without a signal.
  std::array<int, 2> input = {-1, -1}, output = {-1, -1};
  errors_ = ::memfd_create("stderr", MFD_CLOEXEC);
  if (errors_ < 0 || ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, input.data()) != 0 ||
      ::pipe2(output.data(), O_CLOEXEC) != 0) {
    const int reason = errno;
    for (int* descriptor : {&input[0], &input[1], &output[0], &output[1], &errors_}) Close(*descriptor);
    throw Error("cannot start '", name_, "': ", std::strerror(reason));
  }
  process_ = ::fork();
  if (process_ == 0) {
    // Nothing here but calls that are safe after a fork of a program with threads.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::dup2(input[1], STDIN_FILENO);
    ::dup2(output[1], STDOUT_FILENO);
    ::dup2(errors_, STDERR_FILENO);
    ::execv(arguments[0], arguments.data());
    ::_exit(kNotStarted);
  }
  const int reason = errno;
  Close(input[1]);
  Close(output[1]);
  input_ = input[0];
  output_ = output[0];
  if (process_ >= 0) return;
  Close(input_);
  Close(output_);
  Close(errors_);
  throw Error("cannot start '", name_, "': ", std::strerror(reason));
}

Program::~Program() {
  if (process_ > 0) {
    ::kill(process_, SIGKILL);
    Wait();
  }
  CloseInput();
  Close(output_);
  Close(errors_);
}

size_t Program::Read(char* bytes, size_t count) {
  size_t done = 0;
  while (done < count) {
    const ssize_t more = ::read(output_, bytes + done, count - done);
    if (more == 0) break;
    if (more < 0 && errno != EINTR) throw Error("cannot read from '", name_, "': ", std::strerror(errno));
    if (more > 0) done += static_cast<size_t>(more);
  }
  return done;
}

std::string Program::ReadAll() {
  std::string all;
  std::array<char, 4096> part;
  for (size_t count; (count = Read(part.data(), part.size())) > 0;) all.append(part.data(), count);
  return all;
}

void Program::Write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::send(input_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count < 0 && errno != EINTR) Fail();
    if (count > 0) bytes.remove_prefix(static_cast<size_t>(count));
  }
}

void Program::Finish() {
  CloseInput();
  ReadAll();
  if (Wait() != 0) Fail();
}

void Program::Fail() {
  CloseInput();
  if (process_ > 0) Wait();
  std::string said;
  std::array<char, 4096> part;
  for (ssize_t count;
       (count = ::pread(errors_, part.data(), part.size(), static_cast<off_t>(said.size()))) > 0;)
    said.append(part.data(), static_cast<size_t>(count));
  while (!said.empty() && std::isspace(static_cast<unsigned char>(said.back()))) said.pop_back();
  const size_t line = said.rfind('\n');
  if (line != std::string::npos) said.erase(0, line + 1);
  throw Error("'", name_, "' failed: ", said.empty() ? "it said nothing" : Printable(said, false));
}

void Program::CloseInput() {
  Close(input_);
}

int Program::Wait() {
  int status = 0;
  while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) {
  }
  process_ = -1;
  return status;
}

}  // namespace links
