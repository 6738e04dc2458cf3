#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

#include "lifted_output.h"
#include "lifted_text.h"
#include "links/core/error.h"

namespace links {
namespace {

/// Text to a stream whose every failure is told.
class CheckedText {
 public:
  CheckedText(std::ostream& out, std::string name) : out_(out), name_(std::move(name)) {}

  void Put(const std::string& text) {
    errno = 0;
    out_ << text;
    if (!out_) throw Error("cannot write '", name_, "': ", std::strerror(errno ? errno : EIO));
  }

  void Flush() {
    out_.flush();
    Put("");
  }

 private:
  std::ostream& out_;
  std::string name_;
};

struct Json {
  static void Begin(CheckedText& text, const LiftedOptions& options) {
    text.Put(
        Concat("{\"format\":\"links-lifted\",\"version\":1,\"skeleton\":\"h36m17\","
               "\"units\":\"body: head to root is about 1\",\"axes\":\"",
               options.upright ? "upright" : "camera", "\",\"joint_names\":["));
    for (int joint = 0; joint < kJoints; ++joint)
      text.Put(Concat(joint ? ",\"" : "\"", kJointNames[joint], "\""));
    text.Put("],\"frames\":[");
  }
  void Write(CheckedText& text, const LiftedFrame& frame) {
    text.Put((std::exchange(first, false) ? "\n" : ",\n") + LiftedJson(frame));
  }
  static void End(CheckedText& text) { text.Put("\n]}\n"); }

  bool first = true;
};

struct JsonLines {
  static void Begin(CheckedText&, const LiftedOptions&) {}
  static void Write(CheckedText& text, const LiftedFrame& frame) {
    text.Put(LiftedJson(frame) + "\n");
    text.Flush();
  }
  static void End(CheckedText&) {}
};

struct Csv {
  static void Begin(CheckedText& text, const LiftedOptions&) { text.Put(LiftedCsvHeader()); }
  static void Write(CheckedText& text, const LiftedFrame& frame) { text.Put(LiftedCsv(frame)); }
  static void End(CheckedText&) {}
};

template <class Format>
class TextOutput : public LiftedOutput {
 public:
  explicit TextOutput(const OutputPlace& place) : path_(place.path), text_(file_, place.path) {
    errno = 0;
    file_.open(place.files.Add(path_), std::ios::binary | std::ios::app);
    if (!file_) throw Error("cannot write '", path_, "': ", std::strerror(errno ? errno : EIO));
    format_.Begin(text_, place.options);
  }
  void Write(const LiftedFrame& frame) override { format_.Write(text_, frame); }
  std::vector<std::string> Finish() override {
    format_.End(text_);
    text_.Flush();
    return {path_};
  }

 private:
  std::string path_;
  std::ofstream file_;
  CheckedText text_;
  Format format_;
};

class Lines : public LiftedWriter {
 public:
  explicit Lines(std::ostream& out) : text_(out, "the output") {}
  void Write(const LiftedFrame& frame) override { JsonLines::Write(text_, frame); }

 private:
  CheckedText text_;
};

}  // namespace

std::unique_ptr<LiftedOutput> JsonOutput(const OutputPlace& place) {
  return std::make_unique<TextOutput<Json>>(place);
}

std::unique_ptr<LiftedOutput> JsonLinesOutput(const OutputPlace& place) {
  return std::make_unique<TextOutput<JsonLines>>(place);
}

std::unique_ptr<LiftedOutput> CsvOutput(const OutputPlace& place) {
  return std::make_unique<TextOutput<Csv>>(place);
}

std::unique_ptr<LiftedWriter> LiftedLines(std::ostream& out) {
  return std::make_unique<Lines>(out);
}

}  // namespace links
