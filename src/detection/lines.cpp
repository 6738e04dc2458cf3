#include <sstream>
#include <utility>

#include "json_stream.h"
#include "links/core/error.h"
#include "person.h"
#include "text_file.h"

namespace links {
namespace {

using nlohmann::json;

constexpr size_t kMaxLineBytes = size_t{32} << 20;

class Lines : public FrameSource {
 public:
  Lines(std::istream& in, std::string origin) : in_(in), origin_(std::move(origin)) {}

  bool Next(RawFrame& frame) override {
    frame = {};
    std::string line;
    do {
      if (!Read(line)) return false;
    } while (line.find_first_not_of(" \t\r") == std::string::npos);
    const std::string where = Concat(origin_, ":", line_);
    std::istringstream one(line);
    json value;
    try {
      JsonStream text(one, origin_);
      value = text.Value();
      text.ExpectEnd();
    } catch (const Error& error) {  // the text's own line is always 1
      const std::string message = error.what(), begin = origin_ + ":1";
      throw Error(where, message.substr(std::min(begin.size(), message.size())));
    }
    if (!value.is_object()) throw Error(where, ": expected an object with 'people', found ", Describe(value));
    ParseFrame(value, where, frame);
    return true;
  }

 private:
  /// One line without its end; a longer one than allowed is passed over before the Error.
  bool Read(std::string& line) {
    line.clear();
    std::streambuf& bytes = *in_.rdbuf();
    int byte = bytes.sbumpc();
    if (byte == std::char_traits<char>::eof()) return false;
    ++line_;
    bool too_long = false;
    for (; byte != std::char_traits<char>::eof() && byte != '\n'; byte = bytes.sbumpc()) {
      too_long = too_long || line.size() >= kMaxLineBytes;
      if (!too_long) line += static_cast<char>(byte);
    }
    if (too_long) {
      throw Error(origin_, ":", line_, ": expected a line of at most ", kMaxLineBytes >> 20,
                  " MiB, found more");
    }
    return true;
  }

  std::istream& in_;
  std::string origin_;
  int64_t line_ = 0;
};

class LineFile : public FrameSource {
 public:
  explicit LineFile(const std::string& path) : file_(OpenText(path)), lines_(*file_, path) {}
  bool Next(RawFrame& frame) override { return lines_.Next(frame); }

 private:
  std::unique_ptr<std::istream> file_;
  Lines lines_;
};

}  // namespace

std::unique_ptr<FrameSource> OpenLines(std::istream& in, const std::string& origin) {
  return std::make_unique<Lines>(in, origin);
}

std::unique_ptr<FrameSource> OpenLineFile(const std::string& path) {
  return std::make_unique<LineFile>(path);
}

}  // namespace links
