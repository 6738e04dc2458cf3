#pragma once

#include <gtest/gtest.h>
#include <torch/types.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "links/run/tensor_file.h"

namespace links::test {

/// Every tensor of a checkpoint under its dotted name.
inline std::map<std::string, torch::Tensor> StoredTensors(const std::string& path) {
  std::map<std::string, torch::Tensor> tensors;
  const TensorFile file(path);
  for (const std::string& name : file.TensorNames()) tensors.emplace(name, file.Read(name));
  return tensors;
}

/// Whether two checkpoints hold the same tensors bit for bit.
inline testing::AssertionResult SameTensors(const std::string& a, const std::string& b) {
  const auto in_a = StoredTensors(a), in_b = StoredTensors(b);
  if (in_a.empty() || in_a.size() != in_b.size()) {
    return testing::AssertionFailure()
           << in_a.size() << " tensors in " << a << ", " << in_b.size() << " in " << b;
  }
  for (const auto& [name, tensor] : in_a) {
    if (!in_b.contains(name) || !tensor.equal(in_b.at(name))) {
      return testing::AssertionFailure() << name << " differs between " << a << " and " << b;
    }
  }
  return testing::AssertionSuccess();
}

/// The lines of metrics.jsonl without what time they were written.
inline std::vector<std::string> MetricLines(const std::string& folder) {
  std::ifstream file(folder + "/metrics.jsonl");
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) {
    nlohmann::ordered_json parsed = nlohmann::ordered_json::parse(line);
    parsed.erase("time");
    lines.push_back(parsed.dump());
  }
  return lines;
}

}  // namespace links::test
