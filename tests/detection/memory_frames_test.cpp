#include "links/detection/memory_frames.h"

#include <gmock/gmock.h>

#include <cmath>
#include <random>
#include <sstream>

#include "links/core/error.h"

namespace links {
namespace {

using testing::HasSubstr;

// Frames of two people with 17 keypoints, some missing, in `unit` pixels.
std::vector<KeypointFrame> Frames(double unit = 1) {
  std::mt19937 random(1);
  const auto draw = [&](double most) { return most * static_cast<double>(random() % 1000) / 1000; };
  std::vector<KeypointFrame> frames;
  for (int64_t index : {0, 1, 5, 6}) {
    KeypointFrame frame = {index, {}, {"a", "b"}};
    for (int person = 0; person < 2; ++person) {
      Keypoints& keypoints = frame.people.emplace_back();
      for (int k = 0; k < 17; ++k) {
        const bool missing = random() % 7 == 0;
        keypoints.px.push_back(missing ? std::nan("") : unit * (200 + draw(300)));
        keypoints.px.push_back(missing ? std::nan("") : unit * (100 + draw(500)));
        keypoints.confidence.push_back(missing ? 0 : .2 + draw(.7));
      }
    }
    frames.push_back(frame);
  }
  return frames;
}

std::function<bool(KeypointFrame&)> From(const std::vector<KeypointFrame>& frames) {
  return [frames, next = size_t{0}](KeypointFrame& frame) mutable {
    if (next == frames.size()) return false;
    frame = frames[next++];
    return true;
  };
}

// The same as JSON lines, numbers to the last digit.
std::string Lines(const std::vector<KeypointFrame>& frames) {
  std::ostringstream text;
  text.precision(17);
  for (const KeypointFrame& frame : frames) {
    text << "{\"frame_id\": " << frame.index << ", \"people\": [";
    for (size_t person = 0; person < frame.people.size(); ++person) {
      text << (person > 0 ? ", " : "") << "{\"track_id\": \"" << frame.tracks[person]
           << "\", \"keypoints\": [";
      const Keypoints& keypoints = frame.people[person];
      for (size_t k = 0; k < keypoints.confidence.size(); ++k) {
        const bool missing = std::isnan(keypoints.px[2 * k]);
        text << (k > 0 ? ", " : "") << (missing ? 0 : keypoints.px[2 * k]) << ", "
             << (missing ? 0 : keypoints.px[2 * k + 1]) << ", " << keypoints.confidence[k];
      }
      text << "]}";
    }
    text << "]}\n";
  }
  return text.str();
}

void ExpectSame(DetectionReader& memory, DetectionReader& lines) {
  DetectedFrame own, other;
  int frames = 0;
  while (lines.Next(other)) {
    ASSERT_TRUE(memory.Next(own));
    EXPECT_EQ(own.index, other.index);
    ASSERT_EQ(own.people.size(), other.people.size());
    for (size_t i = 0; i < own.people.size(); ++i) {
      EXPECT_EQ(own.people[i].px, other.people[i].px);
      EXPECT_EQ(own.people[i].confidence, other.people[i].confidence);
      EXPECT_EQ(own.people[i].seen, other.people[i].seen);
      EXPECT_EQ(own.people[i].track, other.people[i].track);
    }
    ++frames;
  }
  EXPECT_FALSE(memory.Next(own));
  EXPECT_EQ(frames, 4);
}

TEST(KeypointFrames, AreReadAsLinesAre) {
  for (const double unit : {1., 1e-3}) {
    DetectionOptions options = {.map = "coco17-simple", .min_confidence = .3};
    if (unit < 1) options.image_width = options.image_height = 1000;
    const std::vector<KeypointFrame> frames = Frames(unit);
    std::istringstream text(Lines(frames));
    const auto lines = ReadDetectionLines(text, "lines", options);
    ExpectSame(*ReadKeypointFrames(From(frames), options, /*ahead=*/true), *lines);
  }
}

TEST(KeypointFrames, PeopleWithoutTracksAreLinked) {
  std::vector<KeypointFrame> frames = Frames();
  for (KeypointFrame& frame : frames) {
    frame.tracks.clear();
    frame.people = frames[0].people;
  }
  const auto reader = ReadKeypointFrames(From(frames), {.map = "h36m17"}, /*ahead=*/false);
  DetectedFrame first, next;
  ASSERT_TRUE(reader->Next(first));
  ASSERT_TRUE(reader->Next(next));
  EXPECT_NE(first.people[0].track, first.people[1].track);
  for (size_t i = 0; i < 2; ++i) EXPECT_EQ(first.people[i].track, next.people[i].track);
}

TEST(KeypointFrames, WhatDoesNotFitIsASentence) {
  std::vector<KeypointFrame> frames = Frames();
  frames[2].people[1].px.resize(20);
  frames[2].people[1].confidence.resize(10);
  const auto reader = ReadKeypointFrames(From(frames), {.map = "h36m17"}, /*ahead=*/true);
  DetectedFrame frame;
  ASSERT_TRUE(reader->Next(frame));
  ASSERT_TRUE(reader->Next(frame));
  try {
    reader->Next(frame);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("frame 5: expected 17 keypoints as before, found 10"));
  }
  EXPECT_THROW(ReadKeypointFrames(From(frames), {.map = "nonsense"}, true), UsageError);
}

}  // namespace
}  // namespace links
