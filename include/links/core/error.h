#pragma once

#include <sstream>
#include <stdexcept>
#include <string>

namespace links {

/// Joins values into one string with operator<<.
template <class... Parts>
std::string Concat(const Parts&... parts) {
  std::ostringstream out;
  (out << ... << parts);
  return out.str();
}

/// What a user can mend: a bad file, a bad value, a full disk. what() is one sentence that says what was
/// expected, what was found and where. The program exits with code 1.
class Error : public std::runtime_error {
 public:
  template <class... Parts>
  explicit Error(const Parts&... parts) : std::runtime_error(Concat(parts...)) {}
};

/// A wrong call or a wrong configuration. The program exits with code 2.
class UsageError : public Error {
 public:
  using Error::Error;
};

}  // namespace links
