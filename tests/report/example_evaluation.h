#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace links {

/// A result as `links evaluate` writes it: metric i of kMetricFields is base + i.
inline nlohmann::json ExampleResult(const std::string& composition, double base,
                                    const std::string& scenario = "none", const std::string& filler = "none",
                                    const std::string& joints = "all") {
  nlohmann::json result = {
      {"composition", composition}, {"scenario", scenario}, {"filler", filler}, {"joints", joints},
      {"grouping", "all"},          {"group", "all"},       {"poses", 100},     {"rejected", 0}};
  for (const char* metric : {"mpjpe", "n_mpjpe", "n_mpjpe_lsq", "pa_mpjpe", "pa_mpjpe_reflection", "n_pck",
                             "n_auc", "n_auc_150", "n_pck_14", "n_auc_14", "pck_14", "auc_14"}) {
    result[metric] = base++;
  }
  return result;
}

/// An evaluation of the run `key` with this seed.
inline nlohmann::json ExampleEvaluation(const std::string& key, int64_t seed,
                                        const std::vector<nlohmann::json>& results,
                                        const std::string& protocol = "cmu") {
  return {{"format", "links-evaluation"},
          {"version", 1},
          {"protocol", protocol},
          {"run", {{"name", "run " + key}, {"seed", seed}, {"key", key}}},
          {"poses", 100},
          {"settings", {{"normalisation", "812.5 px, from the training set"}}},
          {"software", {{"links", "0.1.0"}}},
          {"results", results}};
}

}  // namespace links
