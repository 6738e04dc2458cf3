#include "links/run/checkpoint.h"

#include <torch/torch.h>

#include <filesystem>
#include <map>

#include "links/core/atomic_file.h"
#include "links/core/error.h"

namespace links {
namespace {

constexpr const char* kFormat = "links-checkpoint";
constexpr int64_t kVersion = 1;
using torch::serialize::InputArchive;
using torch::serialize::OutputArchive;

// Splits the first component off a dotted name: {"a", "b.c"}; the second is empty for a last component.
std::pair<std::string, std::string> SplitHead(const std::string& name) {
  const size_t dot = name.find('.');
  return dot == std::string::npos ? std::pair{name, std::string()}
                                  : std::pair{name.substr(0, dot), name.substr(dot + 1)};
}

std::map<std::string, NamedTensors> GroupByHead(const NamedTensors& tensors) {
  std::map<std::string, NamedTensors> groups;
  for (const auto& [name, tensor] : tensors) {
    const auto [head, rest] = SplitHead(name);
    groups[head].emplace_back(rest, tensor);
  }
  return groups;
}

void WriteTree(OutputArchive& archive, const NamedTensors& tensors) {
  for (const auto& [head, group] : GroupByHead(tensors)) {
    if (group.front().first.empty()) {
      // A copy: parts of a larger tensor would take all of it along.
      archive.write(head, group.front().second.detach().cpu().clone(), /*is_buffer=*/true);
      continue;
    }
    OutputArchive child(archive.compilation_unit());
    WriteTree(child, group);
    archive.write(head, child);
  }
}

void ReadTree(InputArchive& archive, const NamedTensors& tensors, const std::string& prefix,
              const std::string& path) {
  for (const auto& [head, group] : GroupByHead(tensors)) {
    const std::string name = prefix + head;
    if (!group.front().first.empty()) {
      InputArchive child;
      if (!archive.try_read(head, child))
        throw Error("expected '", name, "' in checkpoint '", path, "', found none");
      ReadTree(child, group, name + ".", path);
      continue;
    }
    torch::Tensor stored, target = group.front().second;
    if (!archive.try_read(head, stored, /*is_buffer=*/true)) {
      throw Error("expected a tensor '", name, "' in checkpoint '", path, "', found none");
    }
    if (stored.sizes() != target.sizes()) {
      throw Error("expected '", name, "' of shape ", target.sizes(), " in checkpoint '", path, "', found ",
                  stored.sizes());
    }
    const torch::NoGradGuard no_grad;
    target.copy_(stored);
  }
}

void Open(const std::string& path, InputArchive& archive) {
  if (!std::filesystem::is_regular_file(path))
    throw Error("expected a checkpoint '", path, "', found no such file");
  try {
    archive.load_from(path, torch::Device(torch::kCPU));
  } catch (const std::exception&) {
    throw Error("expected a checkpoint of this program in '", path,
                "', found a file that is cut short or of another kind");
  }
}

CheckpointHeader ReadHeader(InputArchive& archive, const std::string& path) {
  const auto read = [&](const char* name) {
    c10::IValue value;
    if (!archive.try_read(name, value))
      throw Error("expected '", name, "' in checkpoint '", path, "', found none");
    return value;
  };
  if (read("format").toStringRef() != kFormat || read("version").toInt() != kVersion) {
    throw Error("expected '", kFormat, "' version ", kVersion, " in '", path, "', found '",
                read("format").toStringRef(), "' version ", read("version").toInt());
  }
  CheckpointHeader header;
  header.stage = read("stage").toStringRef();
  for (const c10::IValue& name : read("network_names").toListRef()) header.networks.push_back(name.toStringRef());
  header.position = {read("epoch").toInt(), read("step").toInt(), read("finished").toBool()};
  header.normalisation = {read("head_root_px").toDouble(), read("mm_per_unit").toDouble()};
  header.config = read("config").toStringRef();
  return header;
}

void Save(OutputArchive& archive, const std::string& path) {
  std::string bytes;
  archive.save_to([&](const void* data, size_t size) {
    bytes.append(static_cast<const char*>(data), size);
    return size;
  });
  WriteFileAtomically(path, bytes);
}

}  // namespace

void WriteCheckpoint(const std::string& path, const CheckpointHeader& header, const NamedTensors& tensors) {
  OutputArchive archive;
  archive.write("format", c10::IValue(kFormat));
  archive.write("version", c10::IValue(kVersion));
  archive.write("stage", c10::IValue(header.stage));
  c10::List<std::string> networks;
  for (const std::string& name : header.networks) networks.push_back(name);
  archive.write("network_names", c10::IValue(networks));
  archive.write("epoch", c10::IValue(header.position.epoch));
  archive.write("step", c10::IValue(header.position.step));
  archive.write("finished", c10::IValue(header.position.finished));
  archive.write("head_root_px", c10::IValue(header.normalisation.head_root_px));
  archive.write("mm_per_unit", c10::IValue(header.normalisation.mm_per_unit));
  archive.write("config", c10::IValue(header.config));
  archive.write("torch_version", c10::IValue(TORCH_VERSION));
  WriteTree(archive, tensors);
  Save(archive, path);
}

void WriteArchive(const std::string& path, const std::vector<std::pair<std::string, std::string>>& texts,
                  const NamedTensors& tensors) {
  OutputArchive archive;
  for (const auto& [name, text] : texts) archive.write(name, c10::IValue(text));
  WriteTree(archive, tensors);
  Save(archive, path);
}

CheckpointHeader ReadCheckpointHeader(const std::string& path) {
  InputArchive archive;
  Open(path, archive);
  return ReadHeader(archive, path);
}

CheckpointHeader ReadCheckpoint(const std::string& path, const NamedTensors& tensors) {
  InputArchive archive;
  Open(path, archive);
  CheckpointHeader header = ReadHeader(archive, path);
  ReadTree(archive, tensors, "", path);
  return header;
}

}  // namespace links
