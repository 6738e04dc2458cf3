#include "json_stream.h"

#include <algorithm>
#include <cctype>
#include <utility>
#include <vector>

namespace links {
namespace {

using nlohmann::json;

constexpr int kMaxDepth = 100;
constexpr int64_t kMaxValueBytes = int64_t{32} << 20;
// A frame of a thousand people with 300 keypoints has fewer. One takes up to 150 bytes of memory, however few
// it has in the text.
constexpr int64_t kMaxValues = 1'000'000;
constexpr size_t kMaxScalarBytes = 400;

/// Takes any JSON and keeps nothing.
struct Ignore : nlohmann::json_sax<json> {
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(size_t) override { return true; }
  bool key(string_t&) override { return true; }
  bool end_object() override { return true; }
  bool start_array(size_t) override { return true; }
  bool end_array() override { return true; }
  bool parse_error(size_t, const std::string&, const json::exception&) override { return false; }
};

/// Hands all on to another and keeps what is wrong with the text.
struct Watch : nlohmann::json_sax<json> {
  explicit Watch(nlohmann::json_sax<json>& visitor) : to(visitor) {}
  nlohmann::json_sax<json>& to;
  std::string message;
  bool null() override { return to.null(); }
  bool boolean(bool value) override { return to.boolean(value); }
  bool number_integer(number_integer_t value) override { return to.number_integer(value); }
  bool number_unsigned(number_unsigned_t value) override { return to.number_unsigned(value); }
  bool number_float(number_float_t value, const string_t& text) override {
    return to.number_float(value, text);
  }
  bool string(string_t& value) override { return to.string(value); }
  bool binary(binary_t& value) override { return to.binary(value); }
  bool start_object(size_t size) override { return to.start_object(size); }
  bool key(string_t& value) override { return to.key(value); }
  bool end_object() override { return to.end_object(); }
  bool start_array(size_t size) override { return to.start_array(size); }
  bool end_array() override { return to.end_array(); }
  bool parse_error(size_t at, const std::string& token, const json::exception& error) override {
    message = error.what();
    to.parse_error(at, token, error);
    return false;
  }
};

/// "[json.exception...] parse error at line 1, column 2: syntax error while parsing value - unexpected X;
/// expected Y" -> "unexpected X".
std::string Reason(std::string what) {
  if (what.rfind("[json", 0) == 0) what.erase(0, what.find("] ") + 2);
  if (const size_t dash = what.find(" - "); dash != std::string::npos) what.erase(0, dash + 3);
  return what.substr(0, std::min<size_t>(what.find("; expected"), 160));
}

}  // namespace

/// The text in pieces, with NaN as null, its lines, its depth and the size of a value watched.
class JsonStream::Filter : public std::streambuf {
 public:
  Filter(std::streambuf* in, const std::string& origin) : in_(in), origin_(origin), raw_(1 << 16) {}

  int64_t line() const { return line_ + std::count(eback(), gptr(), '\n'); }
  void Limit(int64_t bytes) {
    limit_ = bytes < 0 ? -1 : consumed_ + (gptr() - eback()) + bytes;
    values_ = 0;
  }

 protected:
  int_type underflow() override {
    if (gptr() < egptr()) return traits_type::to_int_type(*gptr());
    line_ += std::count(eback(), egptr(), '\n');
    consumed_ += egptr() - eback();
    if (limit_ >= 0 && consumed_ > limit_) {
      Forget();
      throw Error(origin_, ":", line_, ": expected a value of at most ", kMaxValueBytes >> 20, " MiB");
    }
    if (limit_ >= 0 && values_ > kMaxValues) {
      Forget();
      throw Error(origin_, ":", line_, ": expected at most ", kMaxValues,
                  " numbers and lists in a value, found more");
    }
    const std::streamsize count = in_->sgetn(raw_.data(), static_cast<std::streamsize>(raw_.size()));
    text_.clear();
    for (std::streamsize i = 0; i < count; ++i) Put(raw_[i]);
    setg(text_.data(), text_.data(), text_.data() + text_.size());
    return text_.empty() ? traits_type::eof() : traits_type::to_int_type(text_[0]);
  }

 private:
  void Forget() { setg(nullptr, nullptr, nullptr); }

  void Put(char letter) {
    if (in_string_) {
      if (++string_bytes_ > kMaxValueBytes) {
        Forget();
        throw Error(origin_, ":", line_, ": expected strings of at most ", kMaxValueBytes >> 20,
                    " MiB, found more");
      }
      if (escaped_) {
        escaped_ = false;
      } else if (letter == '\\') {
        escaped_ = true;
      } else if (letter == '"') {
        in_string_ = false;
      }
      text_ += letter;
    } else if (nan_ > 0) {  // after "N" comes "aN", or the text is not JSON
      if (letter != (nan_ == 2 ? 'a' : 'N')) text_ += '?';
      if (--nan_ == 0) text_ += "null";
    } else if (letter == 'N') {
      nan_ = 2;
    } else {
      in_string_ = letter == '"';
      string_bytes_ = 0;
      if (letter == '[' || letter == '{' || letter == ',' || letter == ':') ++values_;
      if (letter == '[' || letter == '{') ++depth_;
      if (letter == ']' || letter == '}') --depth_;
      if (depth_ > kMaxDepth) {
        Forget();
        throw Error(origin_, ":", line_ + std::count(text_.begin(), text_.end(), '\n'),
                    ": expected JSON nested at most ", kMaxDepth, " deep, found more");
      }
      text_ += letter;
    }
  }

  std::streambuf* in_;
  const std::string& origin_;
  std::vector<char> raw_;
  std::string text_;
  int64_t line_ = 1, consumed_ = 0, limit_ = -1, values_ = 0, string_bytes_ = 0;
  int depth_ = 0, nan_ = 0;
  bool in_string_ = false, escaped_ = false;
};

JsonStream::JsonStream(std::istream& in, std::string origin)
    : origin_(std::move(origin)),
      filter_(std::make_unique<Filter>(in.rdbuf(), origin_)),
      stream_(filter_.get()) {
  if (filter_->sgetc() == 0xEF) {  // byte order mark
    for (const int byte : {0xEF, 0xBB, 0xBF}) {
      if (filter_->sbumpc() != byte) Fail("JSON", "bytes that are not text");
    }
  }
}

JsonStream::~JsonStream() = default;

void JsonStream::Fail(const std::string& expected, const std::string& found) {
  throw Error(origin_, ":", filter_->line(), ": expected ", expected, ", found ", found);
}

void JsonStream::FailOn(const json::exception& error) {
  Fail("JSON", Reason(error.what()));
}

int JsonStream::Peek() {
  int letter = filter_->sgetc();
  while (letter == ' ' || letter == '\t' || letter == '\n' || letter == '\r') letter = filter_->snextc();
  return letter == std::char_traits<char>::eof() ? kEnd : letter;
}

std::string JsonStream::Describe(int letter) const {
  if (letter == kEnd) return "the end of the file";
  if (letter > ' ' && letter < 127) return Concat("'", static_cast<char>(letter), "'");
  return Concat("the byte ", letter);
}

void JsonStream::Take(char expected) {
  const int found = Peek();
  if (found != expected) Fail(Concat("'", expected, "'"), Describe(found));
  filter_->sbumpc();
}

bool JsonStream::More(char close, bool& first) {
  if (Peek() == close) {
    filter_->sbumpc();
    return false;
  }
  if (!std::exchange(first, false)) Take(',');
  return true;
}

std::string JsonStream::Key() {
  if (const int found = Peek(); found != '"') Fail("a key", Describe(found));
  std::string key = Value().get<std::string>();
  Take(':');
  return key;
}

/// A number or a literal: nlohmann's parser would take the character behind it too.
std::string JsonStream::Scalar() {
  std::string text;
  for (int letter = Peek(); std::isalnum(letter) || letter == '+' || letter == '-' || letter == '.';
       letter = filter_->snextc()) {
    text += static_cast<char>(letter);
    if (text.size() > kMaxScalarBytes) Fail("a number", Concat("more than ", kMaxScalarBytes, " characters"));
  }
  if (text.empty()) Fail("a value", Describe(Peek()));
  return text;
}

json JsonStream::Value() {
  const int letter = Peek();
  json value;
  try {
    if (letter == '{' || letter == '[' || letter == '"') {
      filter_->Limit(kMaxValueBytes);
      stream_ >> value;
      filter_->Limit(-1);
    } else {
      value = json::parse(Scalar());
    }
  } catch (const json::exception& error) {
    FailOn(error);
  }
  return value;
}

void JsonStream::Skip() {
  const int letter = Peek();
  if (letter != '{' && letter != '[') {
    Value();
    return;
  }
  Ignore ignore;
  Visit(ignore);
}

void JsonStream::Visit(nlohmann::json_sax<json>& visitor) {
  Watch watch(visitor);
  if (!json::sax_parse(stream_, &watch, json::input_format_t::json, false))
    Fail("JSON", Reason(watch.message));
}

void JsonStream::ExpectEnd() {
  if (const int found = Peek(); found != kEnd) Fail("the end of the file", Describe(found));
}

std::string Describe(const json& value) {
  switch (value.type()) {
    case json::value_t::null:
      return "null";
    case json::value_t::object:
      return "an object";
    case json::value_t::array:
      return Concat("a list of ", value.size());
    case json::value_t::string: {
      const std::string& text = value.get_ref<const std::string&>();
      return Concat("the string '", text.substr(0, 40), text.size() > 40 ? "...'" : "'");
    }
    case json::value_t::boolean:
      return value.get<bool>() ? "true" : "false";
    default:
      return Concat("the number ", value.dump());
  }
}

}  // namespace links
