#include <gmock/gmock.h>
#include <zlib.h>

#include <cstring>

#include "detector_files.h"
#include "links/detection/detection.h"
#include "support/temporary_folder.h"

namespace links {
namespace {

using test::Flat;
using test::json;
using test::ReadAll;
using testing::HasSubstr;

/// The standing person as [[x, y, c], ...], and apart.
json Nested(int keypoints, unsigned seed = 1) {
  json points = json::array();
  const auto flat = Flat(keypoints, seed);
  for (size_t i = 0; i < flat.size(); i += 3) points.push_back({flat[i], flat[i + 1], flat[i + 2]});
  return points;
}
json Points(int keypoints, unsigned seed = 1) {
  json points = Nested(keypoints, seed);
  for (json& point : points) point.erase(2);
  return points;
}
json Scores(int keypoints, unsigned seed = 1) {
  json scores = json::array();
  for (const json& point : Nested(keypoints, seed)) scores.push_back(point[2]);
  return scores;
}

class Format : public testing::Test {
 protected:
  /// The frames of a file of this text, of the format expected.
  std::vector<DetectedFrame> Read(const std::string& text, const std::string& format,
                                  const std::string& map = "coco17-simple") {
    const std::string path = folder_.Write("detections", text);
    const auto reader = OpenDetections(path, options_);
    auto frames = ReadAll(*reader);
    EXPECT_EQ(reader->format(), format) << text.substr(0, 100);
    EXPECT_EQ(reader->map(), map) << text.substr(0, 100);
    return frames;
  }
  std::string Message(const std::string& text) {
    const std::string path = folder_.Write("detections", text);
    return MessageOf([&] { ReadAll(path, options_); });
  }

  /// The right wrist of the first person of a frame is that of the standing person of the seed.
  static void ExpectStanding(const std::vector<DetectedFrame>& frames, size_t frame = 0, unsigned seed = 1) {
    ASSERT_GT(frames.size(), frame);
    ASSERT_FALSE(frames[frame].people.empty());
    const auto flat = Flat(17, seed);
    const DetectedPerson& person = frames[frame].people[0];
    EXPECT_NEAR(person.px[2 * kRWrist], flat[30], .02);
    EXPECT_NEAR(person.px[2 * kRWrist + 1], flat[31], .02);
  }

  TemporaryFolder folder_;
  DetectionOptions options_;
};

TEST_F(Format, Ultralytics) {
  json person = {{"name", "person"},
                 {"class", 0},
                 {"confidence", .9},
                 {"box", {{"x1", 1}}},
                 {"keypoints", {{"x", json::array()}, {"y", json::array()}, {"visible", json::array()}}}};
  for (const json& point : Nested(17)) {
    person["keypoints"]["x"].push_back(point[0]);
    person["keypoints"]["y"].push_back(point[1]);
    person["keypoints"]["visible"].push_back(point[2]);
  }
  json dog = person;
  dog["name"] = "dog";
  const auto frames = Read(json{person, dog}.dump(), "ultralytics");
  ExpectStanding(frames);
  EXPECT_EQ(frames[0].people[1].unusable, "no person but the category 'dog'");
  person["keypoints"]["y"].erase(3);
  EXPECT_THAT(Message(json{person}.dump()), HasSubstr("lists of 17 as x, y"));
}

std::string Label(double width, double height) {
  std::string line = "0 0.5 0.5 0.2 0.6";
  for (const json& point : Nested(17)) {
    line += Concat(" ", point[0].get<double>() / width, " ", point[1].get<double>() / height, " 0.9");
  }
  return line;
}

TEST_F(Format, UltralyticsLabels) {
  folder_.Write("labels/2.txt", Label(2000, 1000) + "\n" + Label(2000, 1000) + " 0.8 7\n");
  folder_.Write("labels/10.txt", "");
  folder_.Write("labels/11.txt", Label(2000, 1000));
  const auto read = [&] { return ReadAll(folder_ / "labels", options_); };
  EXPECT_THAT(MessageOf([&] { read(); }), HasSubstr("--image-size"));
  ParseImageSize("2000x1000", options_);
  const auto frames = read();
  ASSERT_EQ(frames.size(), 3u);
  ExpectStanding(frames);
  ExpectStanding(frames, 2);
  EXPECT_EQ(frames[0].people[1].track, "7");
  EXPECT_TRUE(frames[1].people.empty());
  EXPECT_EQ(frames[2].index - frames[0].index, 9);
  EXPECT_THAT(Message("0 0.5 0.5 0.2 x 1 2 3\n"), HasSubstr("neither JSON nor HDF5"));
}

TEST_F(Format, OpenPifPafImageAndVideo) {
  const json person = {
      {"keypoints", Flat(17, 1)}, {"bbox", {1, 2, 3, 4}}, {"score", .9}, {"category_id", 1}, {"id_", 4}};
  ExpectStanding(Read(json{person}.dump(), "openpifpaf"));
  const std::string lines = json{{"frame", 1}, {"predictions", {person}}}.dump() + "\n" +
                            json{{"frame", 2}, {"predictions", json::array()}}.dump() + "\n" +
                            json{{"frame", 9}, {"predictions", {person}}}.dump() + "\n";
  const auto frames = Read(lines, "openpifpaf");
  ASSERT_EQ(frames.size(), 3u);
  ExpectStanding(frames, 2);
  EXPECT_EQ(frames[2].index, 9);
  EXPECT_EQ(frames[2].people[0].track, "4");
}

TEST_F(Format, PoseFlowAndOpenPoseLists) {
  const json person = {{"keypoints", Flat(17, 1)}, {"scores", .9}, {"idx", 3}};
  const auto flow =
      Read(json{{"1.jpg", {person}}, {"2.jpg", json::array()}, {"7.jpg", {person}}}.dump(), "poseflow");
  ASSERT_EQ(flow.size(), 3u);
  EXPECT_EQ(flow[2].index, 7);
  EXPECT_EQ(flow[2].people[0].track, "3");
  const json frame = {{"people", {{{"pose_keypoints_2d", Flat(25, 1)}}}}},
             nobody = {{"people", json::array()}};
  const auto list = Read(json{nobody, frame, nullptr, frame}.dump(), "openpose", "body25");
  ASSERT_EQ(list.size(), 4u);
  EXPECT_NEAR(list[3].people[0].px[2 * kRWrist], Flat(25, 1)[12], 1e-3);
}

TEST_F(Format, MmposeInferencerAndLists) {
  const json person = {{"keypoints", Points(17)}, {"keypoint_scores", Scores(17)}};
  ExpectStanding(Read(
      json{{"predictions", json::array({json::array({person})})}, {"visualization", json::array()}}.dump(),
      "mmpose"));
  const auto frames = Read(
      json::array({json::array(), json::array({person}), json::array({person, person})}).dump(), "mmpose");
  ASSERT_EQ(frames.size(), 3u);
  ExpectStanding(frames, 1);
  EXPECT_EQ(frames[2].people.size(), 2u);
}

TEST_F(Format, RtmlibAndBareLists) {
  const json frame = {{"keypoints", {Points(17), Points(17, 2)}}, {"scores", {Scores(17), Scores(17, 2)}}};
  const auto frames = Read(json{frame, frame}.dump(), "json");
  ASSERT_EQ(frames.size(), 2u);
  ASSERT_EQ(frames[1].people.size(), 2u);
  ExpectStanding(frames, 1);
  EXPECT_NEAR(frames[1].people[1].confidence[kRWrist], Flat(17, 2)[32], 1e-6);
  ExpectStanding(Read(json{Nested(17), Nested(17)}.dump(), "json"), 1);  // (F, K, 3)
  ExpectStanding(Read(json::array({json::array({Points(17)}), json::array({Points(17)})}).dump(), "json"),
                 1);  // (F, P, K, 2)
}

TEST_F(Format, MediaPipeAndPointsWithNames) {
  json landmarks = json::array(), named = json::array();
  const auto flat = Flat(17, 1);
  const int coco[33] = {0, 1,  1, 1,  2, 2,  2,  3,  4,  0,  0,  5,  6,  7,  8,  9, 10,
                        9, 10, 9, 10, 9, 10, 11, 12, 13, 14, 15, 16, 15, 16, 15, 16};
  for (const int i : coco)
    landmarks.push_back(
        {{"x", flat[3 * i] / 1000}, {"y", flat[3 * i + 1] / 2000}, {"z", .1}, {"visibility", .9}});
  const json list = {{{"frame", 3}, {"width", 1000}, {"height", 2000}, {"landmarks", landmarks}},
                     {{"frame", 8}, {"width", 1000}, {"height", 2000}, {"landmarks", json::array()}}};
  EXPECT_THAT(Message(list.dump()), HasSubstr("--image-size"));
  ParseImageSize("1000x2000", options_);
  auto frames = Read(list.dump(), "mediapipe", "blazepose33");
  ASSERT_EQ(frames.size(), 2u);
  ExpectStanding(frames);
  EXPECT_EQ(frames[1].index, 8);
  EXPECT_EQ(frames[1].people[0].unusable, "no keypoints in the file");
  ExpectStanding(Read(json{{"pose_landmarks", {landmarks}}}.dump(), "mediapipe", "blazepose33"));
  options_ = {};
  // Points by name, in an order of their own.
  const char* names[] = {"nose",         "leftEye",       "rightEye",  "leftEar",    "rightEar",
                         "leftShoulder", "rightShoulder", "leftElbow", "rightElbow", "leftWrist",
                         "rightWrist",   "leftHip",       "rightHip",  "leftKnee",   "rightKnee",
                         "leftAnkle",    "rightAnkle"};
  for (int i = 16; i >= 0; --i)
    named.push_back(
        {{"part", names[i]}, {"position", {{"x", flat[3 * i]}, {"y", flat[3 * i + 1]}}}, {"score", .9}});
  ExpectStanding(Read(json{{{"keypoints", named}, {"score", .9}}}.dump(), "json"));
}

TEST_F(Format, DeepLabCut) {
  std::string parts = "bodyparts", coordinates = "coords", row = "12";
  const char* names[] = {"LShoulder", "RShoulder", "LElbow", "RElbow", "LWrist", "RWrist", "LHip",
                         "RHip",      "LKnee",     "RKnee",  "LAnkle", "RAnkle", "Nose"};
  const int coco[] = {5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 0};
  const auto flat = Flat(17, 1);
  std::string scorer = "scorer";
  for (int i = 0; i < 13; ++i) {
    for (const char* what : {"x", "y", "likelihood"}) {
      scorer += ",net";
      parts += Concat(",", names[i]);
      coordinates += Concat(",", what);
    }
    row += Concat(",", flat[3 * coco[i]], ",", flat[3 * coco[i] + 1], ",0.9");
  }
  std::string gap = row;
  gap.replace(gap.find(','), gap.find(',', 3) - gap.find(','), ",");
  gap.replace(0, 2, "20");
  const auto frames =
      Read("\xEF\xBB\xBF" + scorer + "\n" + parts + "\r\n" + coordinates + "\n" + row + "\n" + gap + "\n",
           "deeplabcut", "names in the file");
  ASSERT_EQ(frames.size(), 2u);
  ExpectStanding(frames);
  EXPECT_EQ(frames[1].index, 20);
  EXPECT_FALSE(frames[1].people[0].seen[kLShoulder]);
  EXPECT_THAT(Message(scorer + "\n" + parts + "\n" + coordinates + "\n1,2\n"),
              HasSubstr(":4: expected 40 columns, found 2"));
  EXPECT_THAT(Message(scorer + "\n"), HasSubstr("the end of the file in its header"));
}

/// A zip file of one stored entry.
std::string Zip(const std::string& name, const std::string& data) {
  std::string zip;
  const auto number = [&](uint64_t value, int width) {
    for (int i = 0; i < width; ++i) zip += static_cast<char>(value >> (8 * i));
  };
  zip = "PK\x03\x04";
  number(20, 2), number(0, 2), number(0, 2), number(0, 4), number(0, 4);
  number(data.size(), 4), number(data.size(), 4), number(name.size(), 2), number(0, 2);
  zip += name + data;
  const size_t directory = zip.size();
  zip += "PK\x01\x02";
  number(20, 2), number(20, 2), number(0, 2), number(0, 2), number(0, 4), number(0, 4);
  number(data.size(), 4), number(data.size(), 4), number(name.size(), 2), number(0, 2), number(0, 2),
      number(0, 2), number(0, 2), number(0, 4), number(0, 4);
  zip += name;
  const size_t end = zip.size();
  zip += "PK\x05\x06";
  number(0, 2), number(0, 2), number(1, 2), number(1, 2), number(end - directory, 4), number(directory, 4),
      number(0, 2);
  return zip;
}

std::string Npy(const std::string& pickle) {
  const std::string header = "{'descr': '|O', 'fortran_order': False, 'shape': (), }\n";
  return std::string("\x93NUMPY\x01\x00", 8) + static_cast<char>(header.size()) + '\0' + header + pickle;
}

/// Protocol 2: {"v.mp4": {"custom": [array (frames, 17, 2)]}}
std::string PositionsPickle(const std::vector<float>& values, int frames) {
  std::string bytes(values.size() * 4, '\0');
  std::memcpy(bytes.data(), values.data(), bytes.size());
  const auto text = [](const std::string& value) {
    return "X" + std::string{static_cast<char>(value.size()), 0, 0, 0} + value;
  };
  std::string size(4, '\0');
  const auto count = static_cast<uint32_t>(bytes.size());
  std::memcpy(size.data(), &count, 4);
  return std::string("\x80\x02") + "}" + text("v.mp4") + "}" + text("custom") + "]" +
         "cnumpy.core.multiarray\n_reconstruct\n" + "cnumpy\nndarray\n" + std::string("K\0\x85", 3) + "U" +
         std::string(
             "\x01"
             "b") +
         "\x87R(K\x01K" + static_cast<char>(frames) + "K\x11K\x02\x87" + "cnumpy\ndtype\n" + text("f4") +
         std::string("K\0K\x01\x87R(K\x03", 9) + text("<") + "NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xff" +
         std::string("K\0tb\x89", 5) + "B" + size + bytes + "tbass.";
}

TEST_F(Format, VideoPose3d) {
  std::vector<float> values;
  for (int frame = 0; frame < 2; ++frame) {
    for (const json& point : Points(17, frame + 1)) {
      for (int k = 0; k < 2; ++k) values.push_back(point[k].get<float>());
    }
  }
  const auto frames = Read(Zip("positions_2d.npy", Npy(PositionsPickle(values, 2))), "videopose3d");
  ASSERT_EQ(frames.size(), 2u);
  ExpectStanding(frames, 0, 1);
  ExpectStanding(frames, 1, 2);
  EXPECT_EQ(frames[1].people[0].track, "v.mp4/custom");
}

TEST_F(Format, PicklesAreNotRun) {
  const std::string attack = "cos\nsystem\n(S'touch /tmp/run'\ntR.";
  EXPECT_THAT(Message(Zip("positions_2d.npy", Npy(attack))),
              HasSubstr("the name os.system, which is not run"));
  EXPECT_THAT(Message(Zip("a.npy", Npy("N."))), HasSubstr("an .npz without it"));
  const std::string whole = Zip("positions_2d.npy", Npy(PositionsPickle(std::vector<float>(34, 5), 1)));
  for (size_t length = 4; length < whole.size(); length += 7) {
    EXPECT_NE(Message(whole.substr(0, length)), "") << length;
  }
  for (size_t at = 0; at < whole.size(); at += 3) {  // whatever is damaged: a sentence or a value, no crash
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x55);
    Message(damaged);
  }
}

std::string Packed(const std::string& text) {
  z_stream state{};
  deflateInit2(&state, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string packed(deflateBound(&state, text.size()), '\0');
  state.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  state.avail_in = static_cast<uInt>(text.size());
  state.next_out = reinterpret_cast<Bytef*>(packed.data());
  state.avail_out = static_cast<uInt>(packed.size());
  deflate(&state, Z_FINISH);
  packed.resize(packed.size() - state.avail_out);
  deflateEnd(&state);
  return packed;
}

TEST_F(Format, GzipMarksAndUtf16) {
  const std::string text = json{test::CocoResult(1, 17, 1), test::CocoResult(2, 17, 1)}.dump();
  ExpectStanding(Read(Packed(text), "coco"), 1);
  ExpectStanding(Read(Packed(text.substr(0, 20)) + Packed(text.substr(20)), "coco"), 1);  // two members
  EXPECT_THAT(Message(Packed(text).substr(0, 100)), HasSubstr("gzip file"));
  ExpectStanding(Read("\xEF\xBB\xBF" + text, "coco"), 1);
  folder_.Write("packed/1.json.gz", Packed(test::OpenPoseFile({test::OpenPosePerson(25, 1)})));
  EXPECT_EQ(ReadAll(folder_ / "packed")[0].image, "1");
  std::string wide = "\xFF\xFE";
  for (const char letter : text) wide += {letter, '\0'};
  EXPECT_THAT(Message(wide), HasSubstr("expected text in UTF-8, found UTF-16"));
  EXPECT_THAT(Message(wide.substr(2)), HasSubstr("found UTF-16"));
}

}  // namespace
}  // namespace links
