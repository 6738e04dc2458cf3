#pragma once

#include <string>
#include <vector>

#include "links/config/config.h"
#include "links/run/run_config.h"

namespace links::test {

/// The configuration with options set as `--set` sets them: With(TinyConfig(), {"lifters.loss.bone=20"}).
inline RunConfig With(RunConfig config, const std::vector<std::string>& settings) {
  ReadConfigText("", "test", settings, config);
  return config;
}

}  // namespace links::test
