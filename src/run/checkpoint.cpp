#include "links/run/checkpoint.h"

#include <torch/types.h>
#include <torch/version.h>

#include <array>
#include <charconv>
#include <nlohmann/json.hpp>

#include "links/core/error.h"

namespace links {
namespace {

constexpr const char* kFormat = "links-checkpoint";
constexpr const char* kVersion = "2";

template <class Number>
std::string ToText(Number value) {
  std::array<char, 64> text{};
  return {text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr};
}

[[noreturn]] void Unexpected(const TensorFile& file, const std::string& expected, const std::string& name) {
  throw Error("expected ", expected, " as '", name, "' in '", file.path(), "', found '", file.Text(name),
              "'");
}

template <class Number>
Number ReadNumber(const TensorFile& file, const std::string& name) {
  const std::string& text = file.Text(name);
  Number value{};
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size()) Unexpected(file, "a number", name);
  return value;
}

int64_t ReadCount(const TensorFile& file, const std::string& name) {
  const auto count = ReadNumber<int64_t>(file, name);
  if (count < 0) Unexpected(file, "a number of 0 or more", name);
  return count;
}

std::vector<std::string> ReadNames(const TensorFile& file, const std::string& name) {
  try {
    return nlohmann::json::parse(file.Text(name)).get<std::vector<std::string>>();
  } catch (const nlohmann::json::exception&) {
    Unexpected(file, "a list of names", name);
  }
}

CheckpointHeader ReadHeader(const TensorFile& file) {
  const std::string &format = file.Text("format"), &version = file.Text("version");
  if (format != kFormat || version != kVersion) {
    throw Error("expected '", kFormat, "' version ", kVersion, " in '", file.path(), "', found '", format,
                "' version ", version);
  }
  CheckpointHeader header;
  header.stage = file.Text("stage");
  header.networks = ReadNames(file, "networks");
  const std::string& finished = file.Text("finished");
  if (finished != "true" && finished != "false") Unexpected(file, "true or false", "finished");
  header.position = {ReadCount(file, "epoch"), ReadCount(file, "step"), finished == "true"};
  header.normalisation = {ReadNumber<double>(file, "head_root_px"), ReadNumber<double>(file, "mm_per_unit")};
  if (const std::string joints = file.TextOr("joints", ""); !joints.empty()) {  // older ones do not say
    if (joints != "mocap" && joints != "detector") Unexpected(file, "mocap or detector", "joints");
    header.normalisation.joints = ParseJointDefinition(joints);
  }
  header.config = file.Text("config");
  return header;
}

}  // namespace

void WriteCheckpoint(const std::string& path, const CheckpointHeader& header, const NamedTensors& tensors) {
  WriteTensorFile(path,
                  {{"format", kFormat},
                   {"version", kVersion},
                   {"stage", header.stage},
                   {"networks", nlohmann::json(header.networks).dump()},
                   {"epoch", ToText(header.position.epoch)},
                   {"step", ToText(header.position.step)},
                   {"finished", header.position.finished ? "true" : "false"},
                   {"head_root_px", ToText(header.normalisation.head_root_px)},
                   {"mm_per_unit", ToText(header.normalisation.mm_per_unit)},
                   {"joints", NameOf(header.normalisation.joints)},
                   {"config", header.config},
                   {"torch_version", TORCH_VERSION}},
                  tensors);
}

CheckpointHeader ReadCheckpointHeader(const std::string& path) {
  return ReadHeader(TensorFile(path));
}

CheckpointHeader ReadCheckpoint(const std::string& path, const NamedTensors& tensors) {
  const TensorFile file(path);
  CheckpointHeader header = ReadHeader(file);
  file.Fill(tensors);
  return header;
}

}  // namespace links
