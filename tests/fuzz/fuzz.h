#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace links::fuzz {

/// A file in the temporary folder while it lives, for readers that open one by its name.
class InputFile {
 public:
  explicit InputFile(const std::string& bytes, const std::string& extension = "");
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// Ends the program with a report when `holds` is false of something that a reader gave.
void Expect(bool holds, const std::string& what);

/// Calls a reader: it may give what it read or throw an Error with something to say; anything else it does is
/// a finding. Nothing is logged; with LINKS_FUZZ_SAY in the environment what the Error says is shown.
void Try(const std::function<void()>& read);

/// Takes choices of a harness off the front of an input, each a byte.
class Choices {
 public:
  Choices(const uint8_t* data, size_t size) : text_(reinterpret_cast<const char*>(data), size) {}

  /// 0 to `count` - 1; 0 at the end of the input.
  size_t Take(size_t count);
  /// What is left.
  const std::string& rest() const { return text_; }

 private:
  std::string text_;
};

}  // namespace links::fuzz

/// Every harness defines this; libFuzzer calls it.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);
