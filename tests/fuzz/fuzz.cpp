#include "fuzz.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "links/core/error.h"
#include "links/core/log.h"

namespace links::fuzz {
namespace {

[[noreturn]] void Finding(const std::string& what) {
  std::cerr << "FINDING: " << what << '\n';
  std::abort();
}

}  // namespace

InputFile::InputFile(const std::string& bytes, const std::string& extension)
    : path_((std::filesystem::temp_directory_path() / ("links_fuzz_XXXXXX" + extension)).string()) {
  const int file = ::mkstemps(path_.data(), static_cast<int>(extension.size()));
  Expect(file >= 0, "no temporary file");
  Expect(::write(file, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()), "a full disk");
  ::close(file);
}

InputFile::~InputFile() {
  ::unlink(path_.c_str());
}

void Expect(bool holds, const std::string& what) {
  if (!holds) Finding(what);
}

void Try(const std::function<void()>& read) {
  static const bool quiet = [] { return SetLogLevel(LogLevel::kError), true; }();
  (void)quiet;
  try {
    read();
  } catch (const Error& error) {
    static const bool said = std::getenv("LINKS_FUZZ_SAY") != nullptr;
    if (said) std::cerr << error.what() << '\n';
    Expect(*error.what() != '\0', "an error without a word");
  } catch (const std::exception& error) {
    Finding(std::string("not an Error: ") + error.what());
  }
}

size_t Choices::Take(size_t count) {
  if (text_.empty()) return 0;
  const auto first = static_cast<unsigned char>(text_.front());
  text_.erase(0, 1);
  return first % count;
}

}  // namespace links::fuzz

// HDF5 asks for what a damaged file declares and takes no for an answer.
extern "C" const char* __asan_default_options() {
  return "allocator_may_return_null=1:malloc_context_size=6";
}

// HDF5 loses a few hundred bytes when it gives up on a damaged file.
extern "C" const char* __lsan_default_suppressions() {
  return "leak:libhdf5\nleak:libmatio\n";
}
