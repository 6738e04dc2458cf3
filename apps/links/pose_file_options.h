#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>

namespace links {

/// Adds --output, of commands that write a pose file.
inline void AddPoseOutput(CLI::App* command, std::string& path) {
  command
      ->add_option("--output", path, "The pose file (HDF5) to write; an earlier one of that name is replaced")
      ->type_name("FILE")
      ->required();
}

/// Adds --seed; `help` says of what.
inline void AddSeed(CLI::App* command, uint64_t& seed, const std::string& help) {
  // CLI11 would read -1 as 2^64 - 1.
  const auto not_negative = [](const std::string& text) {
    return text.starts_with('-') ? "expected a whole number from 0, found " + text : "";
  };
  command->add_option("--seed", seed, help + "; the same seed gives the same file")
      ->type_name("S")
      ->check(CLI::Validator(not_negative, ""))
      ->capture_default_str();
}

}  // namespace links
