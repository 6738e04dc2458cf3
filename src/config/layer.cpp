#include "layer.h"

#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/eventhandler.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include "links/core/error.h"
#include "links/core/text.h"
#include "scalar.h"

namespace links {
namespace {

namespace fs = std::filesystem;

constexpr size_t kLargestText = size_t{1} << 20;  // bytes
constexpr size_t kDeepestKey = 32;

fs::path Absolute(const fs::path& path) {
  return (path.is_absolute() ? path : fs::current_path() / path).lexically_normal();
}

/// Two names of the same file give the same.
std::string Identity(const fs::path& path) {
  std::error_code ignored;
  const fs::path canonical = fs::weakly_canonical(path, ignored);
  return (canonical.empty() ? Absolute(path) : canonical).string();
}

/// Notes where documents start. (YAML::LoadAll does not end on some texts with a stray token, such as ",".)
class DocumentCounter : public YAML::EventHandler {
 public:
  std::vector<int> lines;

  void OnDocumentStart(const YAML::Mark& mark) override { lines.push_back(mark.line + 1); }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {
  }
  void OnMapEnd() override {}
};

/// The only document of a YAML text (null for an empty one), or nothing and a mistake.
std::optional<YAML::Node> ParseYaml(const std::string& text, const std::string& origin, bool has_lines,
                                    Mistakes& mistakes) {
  const auto where = [&](auto line) { return has_lines ? Concat(origin, ":", line, ": ") : origin + ": "; };
  if (const size_t at = FindNonText(text); at != std::string::npos) {
    mistakes.push_back(where(1 + std::count(text.begin(), text.begin() + at, '\n')) +
                       "expected UTF-8 text, found " + Quoted(text.substr(at, 1)));
    return std::nullopt;
  }
  try {
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    DocumentCounter documents;
    while (documents.lines.size() < 2 && parser.HandleNextDocument(documents)) continue;
    if (documents.lines.size() < 2) return YAML::Load(text);
    mistakes.push_back(where(documents.lines[1]) + "expected one YAML document, found more after its end");
  } catch (const YAML::Exception& error) {
    const bool is_deep = dynamic_cast<const YAML::DeepRecursion*>(&error) != nullptr;
    mistakes.push_back(where(std::max(error.mark.line, 0) + 1) + "expected YAML, found a syntax error (" +
                       (is_deep ? "nested too deeply" : error.msg) + ")");
  }
  return std::nullopt;
}

struct BaseEntry {
  int line = 0;
  YAML::Node value;
};

std::optional<BaseEntry> FindBase(const YAML::Node& root) {
  if (!root.IsMap()) return std::nullopt;
  for (const auto& entry : root) {
    if (entry.first.IsScalar() && entry.first.Scalar() == kBaseKey) {
      return BaseEntry{entry.first.Mark().line + 1, entry.second};
    }
  }
  return std::nullopt;
}

}  // namespace

std::string Describe(const YAML::Node& node) {
  if (node.IsSequence()) return "a list";
  if (node.IsMap()) return "a map";
  if (!node.IsScalar()) return "nothing";
  return (node.Tag() == "?" ? "" : "text ") + Quoted(node.Scalar());
}

std::optional<std::string> ReadTextFile(const std::string& path, const std::string& where,
                                        Mistakes& mistakes) {
  const auto fail = [&](const std::string& found) {
    mistakes.push_back(where + "expected a configuration file, found " + found);
    return std::nullopt;
  };
  std::error_code ignored;
  if (path.find('\0') != std::string::npos || !fs::exists(path, ignored))
    return fail("none at " + QuotedPath(path));
  if (fs::is_directory(path, ignored)) return fail("the folder " + QuotedPath(path));
  // Opening a pipe waits until somebody writes to it.
  if (!fs::is_regular_file(path, ignored)) return fail("the pipe or device " + QuotedPath(path));
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string text(kLargestText + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.eof() && file.fail()) {
    return fail(QuotedPath(path) + ", which cannot be read (" + std::strerror(errno) + ")");
  }
  text.resize(static_cast<size_t>(file.gcount()));
  if (text.size() > kLargestText) return fail(QuotedPath(path) + ", which is larger than 1 MiB");
  return text;
}

std::vector<Layer> LoadChain(const std::string& text, const std::string& origin, Mistakes& mistakes) {
  std::vector<Layer> layers;
  std::vector<std::string> visited;
  std::string current_text = text;
  fs::path current = origin;
  while (true) {
    const std::string name = current.string();
    visited.push_back(Identity(current));
    const std::optional<YAML::Node> root = ParseYaml(current_text, name, true, mistakes);
    if (!root) break;
    layers.push_back({name, "", Absolute(current).parent_path(), *root});
    const std::optional<BaseEntry> base = FindBase(*root);
    if (!base) break;
    const std::string where = Concat(name, ":", base->line, ": ", kBaseKey, ": ");
    if (!base->value.IsScalar() || base->value.Scalar().empty()) {
      mistakes.push_back(where + "expected a configuration file, found " + Describe(base->value));
      break;
    }
    current = (current.parent_path() / base->value.Scalar()).lexically_normal();
    if (std::find(visited.begin(), visited.end(), Identity(current)) != visited.end()) {
      mistakes.push_back(where + "expected a file that does not itself start from this one, found " +
                         QuotedPath(base->value.Scalar()));
      break;
    }
    const std::optional<std::string> base_text = ReadTextFile(current.string(), where, mistakes);
    if (!base_text) break;
    current_text = *base_text;
  }
  return {layers.rbegin(),
          layers.rend()};  // not reversed in place: assigning a YAML::Node changes its document
}

std::optional<Layer> ParseOverride(const std::string& assignment, Mistakes& mistakes) {
  const std::string shown = Quoted(assignment);
  const std::string origin = "--set " + shown.substr(1, shown.size() - 2);
  const size_t equals = assignment.find('=');
  const std::string key = assignment.substr(0, equals);
  std::vector<std::string> names(1);
  for (const char c : key) {
    if (c == '.') {
      names.emplace_back();
    } else {
      names.back() += c;
    }
  }
  const bool has_empty = std::find(names.begin(), names.end(), "") != names.end();
  if (equals == std::string::npos || has_empty || names.size() > kDeepestKey) {
    mistakes.push_back(origin + ": expected key=value with a dotted key");
    return std::nullopt;
  }
  const std::string text = assignment.substr(equals + 1);
  std::optional<YAML::Node> value = ParseYaml(text.empty() ? "\"\"" : text, origin, false, mistakes);
  if (!value) return std::nullopt;
  YAML::Node root = *value;
  for (auto name = names.rbegin(); name != names.rend(); ++name) {
    YAML::Node section;
    section[*name] = root;
    root.reset(section);
  }
  return Layer{origin, key, fs::current_path(), root};
}

}  // namespace links
