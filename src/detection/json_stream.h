#pragma once

#include <istream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "links/core/error.h"

namespace links {

/// Reads a JSON text step by step: the caller walks its lists and objects and takes one value at a time. A
/// bare NaN, as Python writes it, reads as null. Whatever is not JSON, nests deeper than 100 or has a value
/// of more than 32 MiB or a million parts is an Error with origin and line.
class JsonStream {
 public:
  static constexpr int kEnd = -1;

  JsonStream(std::istream& in, std::string origin);
  ~JsonStream();

  /// The next character that is not space, left where it is; kEnd at the end.
  int Peek();

  void Take(char expected);

  /// After the opening bracket or an element: takes ',' and says true, or takes `close` and says false.
  bool More(char close, bool& first);

  /// A key of an object with its ':'.
  std::string Key();

  /// The next value, whole.
  nlohmann::json Value();

  /// Passes over the next value in constant memory.
  void Skip();

  /// Hands the next value, a list or an object, to `visitor` in constant memory.
  void Visit(nlohmann::json_sax<nlohmann::json>& visitor);

  /// Throws unless nothing follows.
  void ExpectEnd();

  const std::string& origin() const { return origin_; }

 private:
  class Filter;

  [[noreturn]] void Fail(const std::string& expected, const std::string& found);
  [[noreturn]] void FailOn(const nlohmann::json::exception& error);
  std::string Scalar();
  std::string Describe(int letter) const;

  std::string origin_;
  std::unique_ptr<Filter> filter_;
  std::istream stream_;
};

/// What kind of JSON value it is, for people: "a list", "a string 'abc'", ...
std::string Describe(const nlohmann::json& value);

}  // namespace links
