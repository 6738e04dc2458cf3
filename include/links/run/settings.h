#pragma once

#include "links/run/run_config.h"

namespace links {

/// Sets what a run computes with in this process: the precision of matrix products on a GPU and the threads
/// of the CPU. Whatever is trained with a run's networks, validated, evaluated, sampled or lifted comes after
/// it.
void UseSettings(const RunConfig& config);

}  // namespace links
