#include <gmock/gmock.h>

#include "detector_files.h"
#include "links/data/pose_file.h"
#include "links/detection/detection.h"
#include "links/detection/keypoint_names.h"
#include "support/temporary_folder.h"

namespace links {
namespace {

using test::Flat;
using test::json;
using test::ReadAll;
using testing::HasSubstr;

/// The standing person by the parts' names, for every shipped layout: where the part is, metres from the
/// middle of the hips, x to the person's left.
json Standing(const KeypointMap& map) {
  const std::map<std::string, std::pair<double, double>> parts = {
      {"nose", {0, -.6}},      {"eye", {.03, -.64}},       {"ear", {.07, -.62}}, {"neck", {0, -.45}},
      {"head_top", {0, -.78}}, {"head_bottom", {0, -.48}}, {"head", {0, -.66}},  {"thorax", {0, -.43}},
      {"spine", {0, -.22}},    {"belly", {0, -.15}},       {"pelvis", {0, 0}},   {"shoulder", {.18, -.42}},
      {"elbow", {.24, -.14}},  {"wrist", {.28, .1}},       {"hand", {.29, .18}}, {"hip", {.12, 0}},
      {"knee", {.13, .43}},    {"ankle", {.14, .85}},      {"foot", {.14, .9}}};
  json flat = json::array();
  for (const std::string& name : map.keypoints) {
    std::string part = CanonicalKeypoint(name);
    const double side = part.starts_with("left_") ? 1 : part.starts_with("right_") ? -1 : 0;
    if (side != 0) part.erase(0, side > 0 ? 5 : 6);
    if (map.name == "h36m17" && part == "head") part = "head_top";
    const auto found = parts.find(part);
    if (found == parts.end()) {
      flat.insert(flat.end(), {0, 0, 0});
    } else {
      flat.insert(flat.end(), {500 + 300 * (side == 0 ? 1 : side) * found->second.first,
                               500 + 300 * found->second.second, .9});
    }
  }
  for (int i = static_cast<int>(map.keypoints.size()); i < map.counts.back(); ++i)
    flat.insert(flat.end(), {0, 0, 0});
  return flat;
}

json Coco(const json& keypoints, const json& names) {
  json file = {{"annotations", {{{"image_id", 1}, {"category_id", 1}, {"keypoints", keypoints}}}}};
  if (!names.is_null()) file["categories"] = {{{"id", 1}, {"name", "person"}, {"keypoints", names}}};
  return file;
}

std::string MapTaken(const json& file, const DetectionOptions& options = {}) {
  const TemporaryFolder folder;
  const auto reader = OpenDetections(folder.Write("a.json", file.dump()), options);
  ReadAll(*reader);
  return reader->map();
}

TEST(MapChoice, EveryLayoutIsToldByHowPeopleLook) {
  for (const KeypointMap& map : KeypointMaps()) {
    if (!map.automatic) continue;
    EXPECT_EQ(MapTaken(Coco(Standing(map), nullptr)), map.name);
  }
}

TEST(MapChoice, NamesDecideWhateverTheCount) {
  for (const KeypointMap& map : KeypointMaps()) {
    if (!map.automatic || map.counts.size() > 1 || static_cast<size_t>(map.counts[0]) != map.keypoints.size())
      continue;
    EXPECT_EQ(MapTaken(Coco(Standing(map), map.keypoints)), map.name);
  }
  // A person who looks like COCO's, but whose names say otherwise, and an order of nobody's.
  EXPECT_EQ(MapTaken(Coco(Flat(17, 1), FindKeypointMap("h36m17").keypoints)), "h36m17");
  auto names = FindKeypointMap("coco17-simple").keypoints;
  std::reverse(names.begin(), names.end());
  json reversed = json::array();
  const auto flat = Flat(17, 1);
  for (int i = 16; i >= 0; --i)
    reversed.insert(reversed.end(), {flat[3 * i], flat[3 * i + 1], flat[3 * i + 2]});
  const TemporaryFolder folder;
  const auto frames = ReadAll(folder.Write("a.json", Coco(reversed, names).dump()));
  EXPECT_NEAR(frames[0].people[0].px[2 * kRWrist], flat[30], 1e-3);
  const json mmpose = {{"meta_info", {{"dataset_name", "h36m"}}},
                       {"instance_info", {{{"frame_id", 1}, {"instances", {test::MmposeInstance(17, 1)}}}}}};
  EXPECT_EQ(MapTaken(mmpose), "h36m17");
}

TEST(MapChoice, ANeckBesideAThoraxIsHuman36msHead) {
  // Human3.6M's joints under names of which none is another joint's.
  const auto h36m = FindKeypointMap("h36m17").keypoints;
  auto names = h36m;
  const auto rename = [&](const char* from, const char* to) { *std::ranges::find(names, from) = to; };
  rename("right_foot", "right_ankle");
  rename("left_foot", "left_ankle");
  const TemporaryFolder folder;
  const auto person = [&](const std::vector<std::string>& said) {
    return ReadAll(folder.Write("a.json", Coco(Flat(17, 1), said).dump()))[0].people[0];
  };
  EXPECT_EQ(person(names).px, person(h36m).px);
  // Without a thorax the neck is that, and the head lies halfway up.
  rename("thorax", "belly");
  const auto without = person(names), with = person(h36m);
  for (int k = 0; k < 2; ++k) {
    EXPECT_EQ(without.px[2 * kThorax + k], with.px[2 * kHead + k]);
    EXPECT_NEAR(without.px[2 * kHead + k], (with.px[2 * kHead + k] + with.px[2 * kHeadTop + k]) / 2, 1e-3);
  }
}

TEST(MapChoice, NamesOfNoPersonAreOneSentence) {
  const auto message = [](const json& names, const std::string& category = "person") {
    json file = Coco(Flat(17, 1), names);
    file["categories"][0]["name"] = category;
    return MessageOf([&] { MapTaken(file); });
  };
  auto names = FindKeypointMap("coco17-simple").keypoints;
  EXPECT_THAT(message(names, "Dog"), HasSubstr("expected the keypoints of people, found the category 'Dog'"));
  names[9] = "left_front_paw";
  EXPECT_THAT(message(names), HasSubstr("found one named 'left_front_paw'"));
  names[9] = "left_wrist";
  names[11] = "thing";
  EXPECT_THAT(message(names), HasSubstr("found no left_hip among nose"));
  names.pop_back();
  names[11] = "left_hip";
  EXPECT_THAT(message(names),
              HasSubstr("expected a keypoint for each of the 16 names in the file, found 17"));
}

TEST(MapChoice, OtherCategoriesKeepTheirPlace) {
  const TemporaryFolder folder;
  json file = Coco(Flat(17, 1), FindKeypointMap("coco17-simple").keypoints);
  file["categories"].push_back({{"id", 18}, {"name", "dog"}});
  json dog = file["annotations"][0];
  dog["category_id"] = 18;
  file["annotations"].insert(file["annotations"].begin(), dog);
  const auto people = ReadAll(folder.Write("a.json", file.dump()))[0].people;
  ASSERT_EQ(people.size(), 2u);
  EXPECT_EQ(people[0].unusable, "no person but the category 'dog'");
  EXPECT_EQ(people[1].person, 1);
  EXPECT_TRUE(people[1].seen[kHip]);
}

TEST(MapChoice, NobodyPlausibleIsOneSentence) {
  json upside_down = Flat(17, 1);
  for (int i = 0; i < 17; ++i) upside_down[3 * i + 1] = 1000 - upside_down[3 * i + 1].get<double>();
  EXPECT_THAT(MessageOf([&] { MapTaken(Coco(upside_down, nullptr)); }),
              HasSubstr("(coco17-simple, h36m17, mpi-inf-3dhp17, posetrack17), found none"));
  DetectionOptions options;
  options.map = "coco17-simple";
  EXPECT_EQ(MapTaken(Coco(upside_down, nullptr), options), "coco17-simple");  // with a warning
}

TEST(Units, SharesOfTheImageBecomePixels) {
  const TemporaryFolder folder;
  const auto flat = Flat(18, 1);
  const auto file = [&](double shift, double scale, bool canvas) {
    json shares = flat;
    for (size_t i = 0; i < flat.size(); i += 3) {
      shares[i] = scale * flat[i] / 800 + shift;
      shares[i + 1] = scale * flat[i + 1] / 1000 + shift;
    }
    json frame = {{"people", {{{"pose_keypoints_2d", shares}}}}};
    if (canvas) frame.update({{"canvas_width", 800}, {"canvas_height", 1000}});
    return folder.Write("a.json", frame.dump());
  };
  DetectionOptions options;
  for (const auto& [shift, scale] : {std::pair{0., 1.}, {-1., 2.}}) {
    const auto px = ReadAll(file(shift, scale, true))[0].people[0].px;
    EXPECT_NEAR(px[2 * kRWrist], flat[12], .01);
    EXPECT_NEAR(px[2 * kRWrist + 1], flat[13], .01);
  }
  EXPECT_THAT(MessageOf([&] { ReadAll(file(0, 1, false)); }), HasSubstr("--image-size"));
  ParseImageSize("800x1000", options);
  EXPECT_NEAR(ReadAll(file(0, 1, false), options)[0].people[0].px[2 * kRWrist], flat[12], .01);
  for (const char* wrong : {"", "800", "800x", "x800", "0x5", "8x-5", "8x5x5", "8 x 5"}) {
    EXPECT_THROW(ParseImageSize(wrong, options), UsageError) << wrong;
  }
}

TEST(Absent, PeopleKeepTheirPlaceWithAReason) {
  const TemporaryFolder folder;
  for (const char* nobody : {"{}", "null", "[]", R"({"pose_keypoints_2d": null})",
                             R"({"pose_keypoints_2d": []})", R"({"keypoints": [], "score": 0})"}) {
    const std::string person = json{{"pose_keypoints_2d", Flat(25, 1)}}.dump();
    const auto people =
        ReadAll(folder.Write("a.json", "{\"people\": [" + std::string(nobody) + "," + person + "]}"))[0]
            .people;
    ASSERT_EQ(people.size(), 2u) << nobody;
    EXPECT_EQ(people[0].unusable, "no keypoints in the file") << nobody;
    EXPECT_EQ(people[0].track, "") << nobody;
    EXPECT_TRUE(people[1].seen[kHip]) << nobody;
  }
  json points = json::array();
  const auto flat = Flat(17, 1);
  for (int i = 0; i < 17; ++i) points.push_back({flat[3 * i], flat[3 * i + 1]});
  points[1] = {-1, -1};
  points[5] = json::array();
  const auto person =
      ReadAll(folder.Write("a.json", json{{"people", {{{"keypoints", points}}}}}.dump()))[0].people[0];
  EXPECT_FALSE(person.seen[kHeadTop]);
  EXPECT_FALSE(person.seen[kLShoulder]);
  EXPECT_TRUE(person.seen[kRShoulder]);
}

class AskedForJoints : public testing::Test {
 protected:
  /// Reads someone of a layout and keeps what was said.
  DetectedPerson Read(const std::string& map, JointDefinition asked, const std::string& by_map = "auto") {
    DetectionOptions options;
    options.joints = asked;
    options.map = by_map;
    const KeypointMap& layout = FindKeypointMap(map);
    testing::internal::CaptureStderr();
    const auto reader =
        OpenDetections(folder_.Write("a.json", Coco(Standing(layout), layout.keypoints).dump()), options);
    DetectedPerson person = ReadAll(*reader).at(0).people.at(0);
    said_ = testing::internal::GetCapturedStderr();
    definition_ = reader->joints();
    return person;
  }

  TemporaryFolder folder_;
  std::string said_;
  JointDefinition definition_ = JointDefinition::kNotStated;
};

TEST_F(AskedForJoints, AreMadeOfNoseAndEyesWhereThereIsAFace) {
  // Where the person of Standing has the eyes, and the top of the head.
  constexpr double kEyes = 500 - 300 * .64, kTop = 500 - 300 * .78;
  EXPECT_NEAR(Read("body25b", JointDefinition::kDetector).px[2 * kHeadTop + 1], kEyes, 1e-3);
  EXPECT_EQ(definition_, JointDefinition::kDetector);
  EXPECT_THAT(said_, testing::Not(HasSubstr("joints are")));
  EXPECT_NEAR(Read("body25b", JointDefinition::kNotStated).px[2 * kHeadTop + 1], kTop, 1e-3);
  EXPECT_NEAR(Read("body25b", JointDefinition::kDetector, "body25b").px[2 * kHeadTop + 1], kEyes, 1e-3);
}

TEST_F(AskedForJoints, AreWarnedOfWhereTheFileHasOthers) {
  Read("mpii16", JointDefinition::kDetector);
  EXPECT_EQ(definition_, JointDefinition::kMocap);
  EXPECT_THAT(said_, HasSubstr("warning: "));
  EXPECT_THAT(said_,
              HasSubstr("its joints are motion capture's, those asked for or of the run a detector's"));
  Read("coco17-simple", JointDefinition::kMocap);
  EXPECT_THAT(said_, HasSubstr("its joints are a detector's"));
  Read("coco17-simple", JointDefinition::kDetector);
  EXPECT_THAT(said_, testing::Not(HasSubstr("joints are")));
}

TEST_F(AskedForJoints, AreThoseThatAPoseFileSays) {
  PoseData poses;
  for (int i = 0; i < 2 * kJoints; ++i) poses.keypoints_2d.push_back(static_cast<float>(100 + 7 * i));
  poses.joints = JointDefinition::kDetector;
  WritePoseFile(folder_ / "poses.h5", poses);
  const auto reader = OpenDetections(folder_ / "poses.h5");
  ReadAll(*reader);
  EXPECT_EQ(reader->joints(), JointDefinition::kDetector);
}

}  // namespace
}  // namespace links
