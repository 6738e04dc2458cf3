#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <memory>
#include <string>

#include "links/figures/overlay.h"
#include "links/inference/lifted_figure.h"
#include "links/video/video.h"

namespace links {

/// What `links lift` gives to look at.
struct ViewingOptions {
  std::string html, render, overlay, video;
  FigureChoice choice;      ///< of --render
  int64_t video_start = 0;  ///< number of the video's first picture
};

/// Adds --html, --video, --video-start, --overlay, --render, --frames and --worst.
inline void AddViewingOptions(CLI::App* command, ViewingOptions& options) {
  command
      ->add_option(
          "--html", options.html,
          "A page to look at, without a network: the skeletons in 3D to turn and play, the keypoints "
          "and, with --video, the pictures, plausibility over time; .html")
      ->type_name("FILE");
  auto* video =
      command
          ->add_option("--video", options.video,
                       "The video that the detector saw, or the folder of its pictures, for --html and "
                       "--overlay; ffmpeg reads it")
          ->type_name("FILE|DIR");
  command
      ->add_option(
          "--video-start", options.video_start,
          "The number that the video's first picture has in the input: 1 for detectors that count from 1")
      ->needs(video)
      ->capture_default_str();
  command
      ->add_option("--overlay", options.overlay,
                   "Draw the poses on the pictures, guessed joints hollow: a new folder, or a video .mp4")
      ->needs(video)
      ->type_name("DIR|FILE.mp4");
  auto* render = command
                     ->add_option("--render", options.render,
                                  "Also draw some of the poses, 8 evenly spread ones: .svg, .png or .pdf")
                     ->type_name("FILE");
  auto* frames = command
                     ->add_option("--frames", options.choice.frames,
                                  "Which frames --render draws, by their numbers, like 0,5,10-20")
                     ->needs(render)
                     ->type_name("LIST");
  command
      ->add_option("--worst", options.choice.worst,
                   "Let --render draw that many of the least plausible poses, the least one first")
      ->check(CLI::Range(size_t{1}, kMostPoses))
      ->needs(render)
      ->excludes(frames)
      ->type_name("N");
}

}  // namespace links
