#pragma once

#include <gmock/gmock.h>

#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

#include "links/config/config.h"
#include "links/core/error.h"

namespace links {

struct SampleCoupling {
  int64_t width = 1024;
  double clamp = 2.0;

  bool operator==(const SampleCoupling&) const = default;
  template <class V>
  void Fields(V& v) {
    v("width", width, Range{1, 8192}, "hidden units");
    v("clamp", clamp, Range{0.1, 10}, "bound on |log scale|, nats");
  }
};

struct SampleFlow {
  SampleCoupling coupling;
  int64_t blocks = 8;

  bool operator==(const SampleFlow&) const = default;
  template <class V>
  void Fields(V& v) {
    v("coupling", coupling, "one coupling block");
    v("blocks", blocks, Range{1, 64}, "coupling blocks");
  }
};

enum class SampleDevice { kAuto, kCpu, kCuda };
enum class SamplePart { kLegs, kTorso };

/// Every kind of field, and two levels of nesting.
struct SampleOptions {
  int64_t seed = 0;
  double rate = 1e-4;
  bool fast = true;
  std::string title;
  SampleDevice device = SampleDevice::kAuto;
  std::string data;
  SampleFlow flow;
  std::vector<std::string> subjects = {"S1", "S5"};
  std::vector<SamplePart> segments = {SamplePart::kLegs};
  std::vector<std::string> files;
  std::vector<double> weights = {1, 0.5};
  double shift = 0;

  bool operator==(const SampleOptions&) const = default;
  template <class V>
  void Fields(V& v) {
    v("seed", seed, Range{}, "of everything random");
    v("rate", rate, Range{0, 1}, "learning rate");
    v("fast", fast, "skip checks");
    v("title", title, "of the run");
    v("device", device, Choice{{"auto", "cpu", "cuda"}}, "where to compute");
    v("data", data, ExistingFile{}, "poses");
    v("flow", flow, "the density");
    v("subjects", subjects, "whose poses");
    v("segments", segments, Choice{{"legs", "torso"}}, "parts of the body");
    v("files", files, ExistingFile{}, "more poses");
    v("weights", weights, Range{0}, "of the losses");
    v("shift", shift, Range{}, "of everything");
  }
};

/// Options read from text whose messages name it "a.yaml".
inline SampleOptions Read(const std::string& text, const std::vector<std::string>& overrides = {}) {
  SampleOptions options;
  ReadConfigText(text, "a.yaml", overrides, options);
  return options;
}

/// The message with which `read` fails.
template <class Function>
std::string MessageOf(const Function& read) {
  try {
    read();
  } catch (const UsageError& error) {
    return error.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return "";
}

inline std::string MistakesIn(const std::string& text, const std::vector<std::string>& overrides = {}) {
  return MessageOf([&] { Read(text, overrides); });
}

inline void WriteFile(const std::string& path, const std::string& text) {
  std::ofstream(path) << text;
}

}  // namespace links
