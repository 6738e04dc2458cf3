#include "links/detection/detection_import.h"

#include <gmock/gmock.h>

#include <cmath>
#include <set>

#include "detector_files.h"
#include "links/data/pose_file.h"
#include "support/temporary_folder.h"

namespace links {
namespace {

using test::CocoResult;
using test::Flat;
using test::json;
using testing::HasSubstr;

class ImportOfDetections : public testing::Test {
 protected:
  ImportOfDetections() {
    // An AlphaPose list of two tracks and an OpenPose folder of another size.
    json list = json::array();
    for (int frame = 0; frame < 20; ++frame) {
      for (int track = 0; track < 2; ++track) {
        json person = CocoResult(Concat(frame, ".jpg"), 17, 3 * frame + track);
        person["idx"] = track;
        for (int i = 0; i < 17; ++i)
          person["keypoints"][3 * i] = person["keypoints"][3 * i].get<double>() + 700 * track;
        if (track == 1 && frame == 4) person["keypoints"][3 * 13 + 2] = 0;  // the left knee
        list.push_back(person);
      }
    }
    inputs_.push_back(folder_.Write("alphapose-results.json", list.dump()));
    for (int frame = 0; frame < 5; ++frame) {
      folder_.Write(Concat("openpose/", frame, ".json"),
                    test::OpenPoseFile({test::OpenPosePerson(25, 2), {}}));
    }
    inputs_.push_back(folder_ / "openpose");
  }

  ImportedPeople Run(const DetectionImportOptions& options) {
    return ImportDetections(inputs_, folder_ / "out.h5", options);
  }
  PoseData Poses(const std::string& name = "out.h5") { return ReadPoseFile(folder_ / name); }

  TemporaryFolder folder_;
  std::vector<std::string> inputs_;
};

TEST_F(ImportOfDetections, KeepsAndCounts) {
  const ImportedPeople people = Run({});
  EXPECT_EQ(people.inputs, 2);
  EXPECT_EQ(people.frames, 25);
  EXPECT_EQ(people.seen, 50);
  EXPECT_EQ(people.absent, 5);
  EXPECT_EQ(people.incomplete, 1);
  EXPECT_EQ(people.kept, 44);
  EXPECT_THAT(people.Text(), HasSubstr("dropped: without all joints seen"));
  const PoseData poses = Poses();
  EXPECT_EQ(poses.size(), 44);
  EXPECT_TRUE(poses.joints_3d.empty());
  EXPECT_EQ(poses.subject[0], "alphapose-results/0");
  EXPECT_EQ(poses.camera.back(), "openpose");
  EXPECT_EQ(poses.action.back(), "openpose");
  EXPECT_EQ(poses.frame[2], 1);
  EXPECT_FLOAT_EQ(poses.keypoints_2d[2 * kRWrist], static_cast<float>(Flat(17, 0)[30]));
}

TEST_F(ImportOfDetections, CompletenessSizeAndLikeness) {
  DetectionImportOptions options;
  options.require = "torso";
  EXPECT_EQ(Run(options).kept, 45);
  const PoseData poses = Poses();
  int64_t missing = 0;
  for (int64_t row = 0; row < poses.size(); ++row)
    missing += std::isnan(poses.keypoints_2d[34 * row + 2 * kLKnee]);
  EXPECT_EQ(missing, 1);
  // The torso is measured from the root, the middle of the hips.
  json seated = CocoResult("0.jpg", 17, 0);
  seated["keypoints"][3 * 11 + 2] = 0;
  const std::string input = folder_.Write("seated.json", json::array({seated}).dump());
  EXPECT_THROW(ImportDetections({input}, folder_ / "seated.h5", options), Error);
  options.require = "left";
  EXPECT_EQ(Run(options).kept, 44);
  options.require = "16";
  EXPECT_EQ(Run(options).kept, 45);
  options.require = "legs";
  options.distinct = .001;
  EXPECT_EQ(Run(options).alike, 4);  // the five equal OpenPose people
  options.distinct = 0;
  options.min_size_px = 2000;
  EXPECT_THAT(MessageOf([&] { Run(options); }), HasSubstr("expected people to keep, found none"));
  EXPECT_EQ(Poses().size(), 40);  // the earlier file stays
  options.require = "head";
  EXPECT_THROW(Run(options), UsageError);
}

TEST_F(ImportOfDetections, SplitsWithoutTearingApart) {
  DetectionImportOptions options;
  options.split = .5;
  options.rest = folder_ / "rest.h5";
  for (const SplitBy by : {SplitBy::kTrack, SplitBy::kInput, SplitBy::kImage}) {
    options.by = by;
    ImportedPeople people;
    for (options.seed = 1; options.seed < 20; ++options.seed) {  // three tracks may all be on one side
      if (MessageOf([&] { people = Run(options); }).empty()) break;
    }
    const PoseData train = Poses(), rest = Poses("rest.h5");
    EXPECT_EQ(train.size() + rest.size(), 44);
    EXPECT_EQ(rest.size(), people.rest);
    const auto key = [&](const PoseData& poses, int64_t row) {
      return by == SplitBy::kTrack   ? poses.subject[row]
             : by == SplitBy::kInput ? poses.camera[row]
                                     : Concat(poses.camera[row], poses.frame[row]);
    };
    std::set<std::string> there;
    for (int64_t row = 0; row < train.size(); ++row) there.insert(key(train, row));
    for (int64_t row = 0; row < rest.size(); ++row) EXPECT_FALSE(there.contains(key(rest, row)));
  }
  options.rest.clear();
  EXPECT_THROW(Run(options), UsageError);
}

TEST_F(ImportOfDetections, InputsOfOneNameAreToldApart) {
  const std::string text = json::array({CocoResult(1, 17, 1)}).dump();
  const std::vector<std::string> inputs = {folder_.Write("a/keypoints.json", text),
                                           folder_.Write("b/keypoints.json", text)};
  ImportDetections(inputs, folder_ / "out.h5", {});
  EXPECT_THAT(Poses().camera, testing::ElementsAre("a/keypoints", "b/keypoints"));
  EXPECT_THAT(MessageOf([&] { ImportDetections({folder_ / "none"}, folder_ / "out.h5", {}); }),
              HasSubstr("found no such thing"));
}

}  // namespace
}  // namespace links
