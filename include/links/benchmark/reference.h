#pragma once

#include <torch/types.h>

#include <string>

#include "links/run/run_config.h"

namespace links {

/// Writes networks, one batch of synthetic poses, the seed of the noise and the losses of every stage for an
/// independent implementation to check itself against (bench/peer_pytorch.py): a tensor file whose
/// text `config` gives sizes and losses as JSON. The networks lie there one by one, without padding.
void WriteReference(const std::string& path, const RunConfig& config, torch::Device device);

}  // namespace links
