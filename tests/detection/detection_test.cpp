#include "links/detection/detection.h"

#include <gmock/gmock.h>

#include <sstream>

#include "detector_files.h"
#include "links/data/pose_file.h"
#include "support/temporary_folder.h"

namespace links {
namespace {

using test::CocoResult;
using test::Flat;
using test::json;
using test::MmposeInstance;
using test::OpenPoseFile;
using test::OpenPosePerson;
using test::ReadAll;
using testing::HasSubstr;

std::vector<std::string> Images(const std::vector<DetectedFrame>& frames) {
  std::vector<std::string> images;
  for (size_t i = 0; i < frames.size(); ++i) {
    images.push_back(frames[i].image);
    EXPECT_TRUE(i == 0 || frames[i].index > frames[i - 1].index);
    for (size_t person = 0; person < frames[i].people.size(); ++person) {
      EXPECT_EQ(frames[i].people[person].person, static_cast<int>(person));
    }
  }
  return images;
}

using Names = std::vector<std::string>;

/// The right wrist is keypoint `keypoint` of the person made from `seed`.
void ExpectWrist(const DetectedPerson& person, int keypoints, int keypoint, unsigned seed) {
  const std::vector<double> flat = Flat(keypoints, seed);
  EXPECT_FLOAT_EQ(person.px[2 * kRWrist], static_cast<float>(flat[3 * keypoint]));
  EXPECT_FLOAT_EQ(person.px[2 * kRWrist + 1], static_cast<float>(flat[3 * keypoint + 1]));
  EXPECT_FLOAT_EQ(person.confidence[kRWrist], static_cast<float>(flat[3 * keypoint + 2]));
}

TEST(Detection, OpenPoseFolderInNaturalOrder) {
  const TemporaryFolder folder;
  folder.Write("out/a_2_keypoints.json", OpenPoseFile({OpenPosePerson(25, 2), OpenPosePerson(25, 3)}));
  folder.Write("out/a_10_keypoints.json", OpenPoseFile({OpenPosePerson(25, 10)}));
  folder.Write("out/a_1_keypoints.json", OpenPoseFile({}));
  folder.Write("out/a_010_keypoints.json", OpenPoseFile({}));
  folder.Write("out/readme.txt", "not a detection");
  folder.Write("out/images/x.json", "[]");
  const auto reader = OpenDetections(folder / "out");
  EXPECT_EQ(reader->format(), "openpose");
  EXPECT_EQ(reader->map(), "");
  const auto frames = ReadAll(*reader);
  EXPECT_EQ(reader->map(), "body25");
  EXPECT_EQ(Images(frames), (Names{"a_1_keypoints", "a_2_keypoints", "a_010_keypoints", "a_10_keypoints"}));
  EXPECT_TRUE(frames[0].people.empty());
  ASSERT_EQ(frames[1].people.size(), 2u);
  ExpectWrist(frames[1].people[1], 25, 4, 3);
  ExpectWrist(frames[3].people[0], 25, 4, 10);
}

TEST(Detection, OpenPoseCoco18AndTracks) {
  const TemporaryFolder folder;
  json person = OpenPosePerson(18, 1);
  person["person_id"] = {7};
  const auto reader = OpenDetections(folder.Write("frame.json", json::parse(OpenPoseFile({person})).dump(2)));
  const auto frames = ReadAll(*reader);
  EXPECT_EQ(reader->format(), "openpose");
  EXPECT_EQ(reader->map(), "openpose18");
  EXPECT_EQ(Images(frames), Names{"frame"});
  ExpectWrist(frames[0].people[0], 18, 4, 1);
  EXPECT_EQ(frames[0].people[0].track, "7");
}

TEST(Detection, CocoResultsGroupByImage) {
  const TemporaryFolder folder;
  const json list = {CocoResult(785, 17, 1), CocoResult(785, 17, 2), CocoResult(9, 17, 3)};
  const auto reader = OpenDetections(folder.Write("person_keypoints_results.json", list.dump()));
  const auto frames = ReadAll(*reader);
  EXPECT_EQ(reader->format(), "coco");
  EXPECT_EQ(reader->map(), "coco17-simple");
  EXPECT_EQ(Images(frames), (Names{"785", "9"}));
  ASSERT_EQ(frames[0].people.size(), 2u);
  ExpectWrist(frames[0].people[1], 17, 10, 2);
  ExpectWrist(frames[1].people[0], 17, 10, 3);
  DetectionOptions options;
  options.format = "alphapose";
  EXPECT_EQ(ReadAll(folder / "person_keypoints_results.json", options).size(), 2u);
}

TEST(Detection, CocoAnnotationsWithVisibilityFlags) {
  const TemporaryFolder folder;
  json annotation = CocoResult(4, 17, 1);
  annotation["id"] = 1;
  annotation["num_keypoints"] = 16;
  for (int i = 0; i < 17; ++i) annotation["keypoints"][3 * i + 2] = 2;
  for (int k = 0; k < 3; ++k) annotation["keypoints"][3 * 10 + k] = 0;
  const json file = {
      {"annotations", {annotation}}, {"images", {{{"id", 4}, {"file_name", "4.jpg"}}}}, {"a", 1.5}};
  const auto reader = OpenDetections(folder.Write("annotations.json", file.dump()));
  const auto frames = ReadAll(*reader);
  EXPECT_EQ(reader->format(), "coco");
  ASSERT_EQ(Images(frames), Names{"4"});
  EXPECT_FALSE(frames[0].people[0].seen[kRWrist]);
  EXPECT_TRUE(frames[0].people[0].seen[kRElbow]);
}

TEST(Detection, AlphaPoseWithTracksAndScoresAboveOne) {
  const TemporaryFolder folder;
  json a = CocoResult("1.jpg", 26, 1), b = CocoResult("1.jpg", 26, 2), c = CocoResult("2.jpg", 26, 3);
  a["idx"] = 4;
  b["idx"] = {{2.0}};
  c["idx"] = "left one";
  a["keypoints"][3 * 10 + 2] = 5.5;
  b["keypoints"][3 * 10 + 2] = 1.5;
  DetectionOptions options;
  options.min_confidence = 2;
  const std::string path = folder.Write("alphapose-results.json", json{a, b, c}.dump());
  const auto reader = OpenDetections(path, options);
  const auto frames = ReadAll(*reader);
  EXPECT_EQ(reader->format(), "alphapose");
  EXPECT_EQ(reader->map(), "halpe26");
  ASSERT_EQ(Images(frames), (Names{"1.jpg", "2.jpg"}));
  EXPECT_EQ(frames[0].people[0].track, "4");
  EXPECT_EQ(frames[0].people[1].track, "2");
  EXPECT_EQ(frames[1].people[0].track, "left one");
  EXPECT_TRUE(frames[0].people[0].seen[kRWrist]);
  EXPECT_FLOAT_EQ(frames[0].people[0].confidence[kRWrist], 5.5f);
  EXPECT_FALSE(frames[0].people[1].seen[kRWrist]);
  options.map = "coco17-adjusted";
  EXPECT_EQ(ReadAll(path, options).size(), 2u);
}

TEST(Detection, AlphaPoseInTheStylesOfOthers) {
  const TemporaryFolder folder;
  const json bodies = {{"version", "AlphaPose v0.3"}, {"bodies", {{{"joints", Flat(18, 1)}}}}};
  const json people = {{"version", "AlphaPose v0.3"}, {"people", {{{"pose_keypoints_2d", Flat(18, 2)}}}}};
  folder.Write("sep-json/1.json", bodies.dump());
  folder.Write("sep-json/2.json", bodies.dump());
  const auto separate = OpenDetections(folder / "sep-json");
  EXPECT_EQ(Images(ReadAll(*separate)), (Names{"1", "2"}));
  EXPECT_EQ(separate->format(), "alphapose");
  EXPECT_EQ(separate->map(), "openpose18");
  for (const char* format : {"auto", "alphapose"}) {
    DetectionOptions options;
    options.format = format;
    const std::string path = folder.Write("all.json", json{{"1.jpg", bodies}, {"2.jpg", people}}.dump());
    const auto together = OpenDetections(path, options);
    const auto frames = ReadAll(*together);
    EXPECT_EQ(together->format(), "alphapose");
    EXPECT_EQ(Images(frames), (Names{"1.jpg", "2.jpg"}));
    ExpectWrist(frames[0].people[0], 18, 4, 1);
    ExpectWrist(frames[1].people[0], 18, 4, 2);
  }
}

TEST(Detection, MmposeVideoAndImages) {
  const TemporaryFolder folder;
  json tracked = MmposeInstance(17, 2);
  tracked["track_id"] = 3;
  const json frames_json = {{{"frame_id", 0}, {"instances", json::array()}},
                            {{"frame_id", 1}, {"instances", {MmposeInstance(17, 1), tracked}}}};
  const json meta = {{"dataset_name", "coco"}, {"sigmas", {.026, .025}}};
  const auto demo = OpenDetections(
      folder.Write("results.json", json{{"meta_info", meta}, {"instance_info", frames_json}}.dump(1, '\t')));
  for (const auto& frames : {ReadAll(*demo), ReadAll(folder.Write("video.json", frames_json.dump()))}) {
    EXPECT_EQ(Images(frames), (Names{"0", "1"}));
    EXPECT_TRUE(frames[0].people.empty());
    ExpectWrist(frames[1].people[0], 17, 10, 1);
    EXPECT_EQ(frames[1].people[1].track, "3");
  }
  EXPECT_EQ(demo->format(), "mmpose");
  folder.Write("predictions/000.json", "[]");
  folder.Write("predictions/001.json", json{MmposeInstance(133, 5), MmposeInstance(133, 6)}.dump());
  const auto images = OpenDetections(folder / "predictions");
  const auto frames = ReadAll(*images);
  EXPECT_EQ(images->format(), "mmpose");
  EXPECT_EQ(Images(frames), (Names{"000", "001"}));
  ExpectWrist(frames[1].people[1], 133, 10, 6);
  EXPECT_EQ(ReadAll(folder / "predictions/001.json")[0].people.size(), 2u);
}

TEST(Detection, LinesAsTheyCome) {
  std::stringstream pipe;
  const auto reader = ReadDetectionLines(pipe, "the pipe");
  pipe << R"({"image": "a", "people": [{"keypoints": )" << json(Flat(17, 1)).dump() << R"(, "track": "x"}]})"
       << "\n\n";
  DetectedFrame frame;
  ASSERT_TRUE(reader->Next(frame));
  EXPECT_EQ(frame.image, "a");
  EXPECT_EQ(frame.people[0].track, "x");
  ExpectWrist(frame.people[0], 17, 10, 1);
  pipe << "{broken\n"
       << R"({"people": []})"
       << "\r\n";
  EXPECT_THAT(MessageOf([&] { reader->Next(frame); }),
              HasSubstr("the pipe:3: expected JSON, found invalid literal"));
  ASSERT_TRUE(reader->Next(frame));
  EXPECT_EQ(frame.index, 1);
  EXPECT_EQ(frame.image, "1");
  EXPECT_FALSE(reader->Next(frame));
}

TEST(Detection, LineFilesHoldNestedKeypointsAndOpenPoseObjects) {
  const TemporaryFolder folder;
  json nested = json::array();
  const std::vector<double> flat = Flat(25, 4);
  for (int i = 0; i < 25; ++i) nested.push_back({flat[3 * i], flat[3 * i + 1], flat[3 * i + 2]});
  json gap = nested;
  gap[4] = nullptr;
  const std::string text =
      json{{"image", 12}, {"people", {{{"keypoints", nested}}, {{"keypoints", gap}}}}}.dump() + "\n" +
      OpenPoseFile({OpenPosePerson(25, 5)});
  const auto reader = OpenDetections(folder.Write("frames.jsonl", text));
  const auto frames = ReadAll(*reader);
  EXPECT_EQ(reader->format(), "jsonl");
  EXPECT_EQ(Images(frames), (Names{"12", "13"}));
  ExpectWrist(frames[0].people[0], 25, 4, 4);
  EXPECT_FALSE(frames[0].people[1].seen[kRWrist]);
  ExpectWrist(frames[1].people[0], 25, 4, 5);
}

TEST(Detection, PoseFileByNames) {
  const TemporaryFolder folder;
  PoseData poses;
  for (int row = 0; row < 5; ++row) {
    for (int i = 0; i < 34; ++i) poses.keypoints_2d.push_back(static_cast<float>(100 * row + i + 1));
    for (int i = 0; i < 17; ++i) poses.confidence.push_back(i == kLWrist && row == 2 ? 0.f : 1.f);
  }
  poses.subject = {"S1", "S1", "S1", "S1", "S2"};
  poses.action = {"Walk", "Walk", "Walk", "Walk", "Walk"};
  poses.frame = {7, 7, 8, 9, 9};
  WritePoseFile(folder / "poses", poses);
  const auto reader = OpenDetections(folder / "poses");
  const auto frames = ReadAll(*reader);
  EXPECT_EQ(reader->format(), "pose-file");
  EXPECT_EQ(reader->map(), "h36m17");
  ASSERT_EQ(Images(frames), (Names{"S1/Walk/7", "S1/Walk/8", "S1/Walk/9", "S2/Walk/9"}));
  ASSERT_EQ(frames[0].people.size(), 2u);
  EXPECT_EQ(frames[0].people[0].track, "S1/Walk");
  EXPECT_EQ(frames[0].people[1].track, "S1/Walk#2");
  EXPECT_FLOAT_EQ(frames[0].people[1].px[2 * kRWrist], 100 + 33);
  EXPECT_FALSE(frames[1].people[0].seen[kLWrist]);
  EXPECT_TRUE(frames[2].people[0].seen[kLWrist]);
}

TEST(Detection, PoseFileWithoutNamesAndLongerThanAChunk) {
  const TemporaryFolder folder;
  PoseData poses;
  for (int i = 0; i < 5000 * 34; ++i) poses.keypoints_2d.push_back(static_cast<float>(i + 1));
  WritePoseFile(folder / "poses.h5", poses);
  const auto frames = ReadAll(folder / "poses.h5");
  ASSERT_EQ(frames.size(), 5000u);
  EXPECT_EQ(frames[4999].image, "4999");
  EXPECT_FLOAT_EQ(frames[4999].people[0].px[0], 4999 * 34 + 1);
}

TEST(Detection, NanNullAndZerosAreMissing) {
  const TemporaryFolder folder;
  std::string text = json::array({CocoResult(1, 17, 1)}).dump();
  const size_t begin = text.find("\"keypoints\":[") + 13, end = text.find(',', begin);
  text.replace(begin, end - begin, "NaN");  // as Python writes it; the nose
  json result = json::array({CocoResult(2, 17, 1)})[0];
  for (int i = 0; i < 51; ++i) result["keypoints"][i] = nullptr;
  text = text.substr(0, text.size() - 1) + "," + result.dump() + "]";
  const auto frames = ReadAll(folder.Write("a.json", text));
  ASSERT_EQ(frames.size(), 2u);
  EXPECT_FALSE(frames[0].people[0].seen[kHead]);
  EXPECT_TRUE(frames[0].people[0].seen[kThorax]);
  EXPECT_THAT(frames[1].people[0].seen, testing::Each(false));
}

}  // namespace
}  // namespace links
