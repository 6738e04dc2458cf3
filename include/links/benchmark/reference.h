#pragma once

#include <string>

#include "links/run/run_config.h"

namespace links {

/// Writes networks, one batch of synthetic poses, the seed of the noise and the losses of every stage for an
/// independent implementation to check itself against (bench/peer_pytorch.py): a tensor file whose
/// text `config` gives sizes and losses as JSON. The networks lie there one by one, without padding. All of
/// it is the CPU's, in float32, wherever the time is measured: a GPU draws other numbers for other shapes.
void WriteReference(const std::string& path, const RunConfig& config);

}  // namespace links
