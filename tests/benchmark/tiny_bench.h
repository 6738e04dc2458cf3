#pragma once

#include "links/run/run_config.h"

namespace links::test {

/// The paper's method in small sizes, a different one for each kind of network.
inline RunConfig TinyBench() {
  RunConfig config;
  config.flows.network.width = 8;
  config.flows.network.blocks = 2;
  config.flows.network.hidden_layers = 2;
  config.lifters.network.width = 6;
  config.lifters.network.blocks_per_branch = 2;
  config.occlusion.network.width = 5;
  config.occlusion.network.blocks = 1;
  config.completion.network = {.width = 7, .blocks = 2, .root_width = 4};
  return config;
}

}  // namespace links::test
