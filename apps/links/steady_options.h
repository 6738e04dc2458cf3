#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "links/core/error.h"
#include "links/inference/lift_tracks.h"

namespace links {

constexpr double kUsualSmoothing = 6;  // Hz
constexpr double kUsualFps = 30;       // of a BVH

/// What makes poses steady, and the frame rate that this needs.
struct SteadyOptions {
  std::optional<double> fps;        ///< none = not given
  std::optional<double> smooth_hz;  ///< 0 = off, none = kUsualSmoothing where the frame rate is known
  double bridge_seconds = TrackOptions{}.bridge_seconds;
  bool rigid = false, upright = false;
  double focal_px = 0;

  /// image: of whose --image-size the middle is the camera's axis.
  TrackOptions ToTrackOptions(const DetectionOptions& image) const {
    TrackOptions options;
    options.fps = fps.value_or(0);
    const bool usual = fps && SmoothingSuits(kUsualSmoothing, *fps);
    options.smooth_hz = smooth_hz.value_or(usual ? kUsualSmoothing : 0);
    options.bridge_seconds = bridge_seconds;
    options.rigid = rigid;
    options.upright = upright;
    options.focal_px = focal_px;
    options.image_width = image.image_width;
    options.image_height = image.image_height;
    return options;
  }
};

/// Why nothing is smoothed although nobody said so; "" = it is, or somebody did.
inline std::string WhyNotSmoothed(const SteadyOptions& options) {
  if (options.smooth_hz) return "";
  if (!options.fps) return "not smoothed: the frame rate is not known (--fps, --video)";
  if (SmoothingSuits(kUsualSmoothing, *options.fps)) return "";
  return Concat("not smoothed: ", kUsualSmoothing, " Hz do not suit ", *options.fps,
                " frames a second (--smooth)");
}

inline double ParseSmoothing(const std::string& text) {
  if (text == "off") return 0;
  double hz = 0;
  if (!CLI::detail::lexical_cast(text, hz) || !(hz > 0 && hz <= 1e4)) {
    throw UsageError("expected --smooth with a cutoff in Hz or off, found '", text, "'");
  }
  return hz;
}

/// Adds --fps, --smooth, --bridge, --rigid, --upright and --focal.
inline void AddSteadyOptions(CLI::App* command, SteadyOptions& options) {
  command
      ->add_option_function<double>(
          "--fps", [&options](double fps) { options.fps = fps; },
          "Frames a second of the input, which no detector's format states: --smooth goes by it, and the "
          "time in "
          "a BVH; that of the --video where there is one, without either 30 in a BVH")
      ->check(CLI::Range(.01, 1e4));
  command
      ->add_option_function<std::string>(
          "--smooth", [&options](const std::string& text) { options.smooth_hz = ParseSmoothing(text); },
          "Take what is faster than HZ out of keypoints and depths, in files without delay (Butterworth), in "
          "pipes with little (One-Euro); 6 where the frame rate is known, else off")
      ->type_name("HZ|off");
  command
      ->add_option("--bridge", options.bridge_seconds,
                   "With --smooth in files: gaps of a joint that are bridged before it is completed, seconds")
      ->check(CLI::Range(0., 10.))
      ->type_name("SECONDS")
      ->capture_default_str();
  command->add_flag("--rigid", options.rigid,
                    "Bones of one length over a track, the same left and right: the nearest such pose");
  command->add_flag(
      "--upright", options.upright,
      "Estimate gravity from people who stand: y is down along it, feet are on the ground (the camera "
      "must not move)");
  command
      ->add_option("--focal", options.focal_px,
                   "With --upright and --image-size: the camera's focal length in pixels, to estimate where "
                   "people are")
      ->type_name("PX")
      ->check(CLI::Range(1., 1e6));
}

}  // namespace links
