#include <gmock/gmock.h>
#include <hdf5.h>
#include <sys/stat.h>

#include <limits>
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
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

/// What reading a file of this text says; it must be one line that begins with the path.
std::string Message(const std::string& text, const std::string& format = "auto") {
  const TemporaryFolder folder;
  const std::string path = folder.Write("detections", text);
  DetectionOptions options;
  options.format = format;
  std::string message = MessageOf([&] { ReadAll(path, options); });
  EXPECT_THAT(message, AllOf(StartsWith(path + ":"), Not(HasSubstr("\n")))) << text.substr(0, 200);
  return message;
}

/// The message for a COCO result with one thing changed.
std::string Changed(const std::function<void(json&)>& change) {
  json list = {CocoResult(1, 17, 1), CocoResult(2, 17, 2)};
  change(list[1]);
  return Message(list.dump());
}

TEST(BrokenDetections, KeypointsThatAreNot) {
  EXPECT_THAT(Changed([](json& p) { p["keypoints"][4] = "12"; }),
              HasSubstr("element 1: expected a number in the keypoints, found the string '12'"));
  EXPECT_THAT(Changed([](json& p) { p["keypoints"][4] = 1e300; }),
              HasSubstr("element 1: expected keypoints from"));
  EXPECT_THAT(Changed([](json& p) { p["keypoints"][5] = 1e300; }), HasSubstr("found 1e+300"));
  EXPECT_THAT(Changed([](json& p) { p["keypoints"][4] = true; }), HasSubstr("found true"));
  EXPECT_THAT(Changed([](json& p) { p["keypoints"].erase(50); }), HasSubstr("found 50 numbers"));
  EXPECT_THAT(Changed([](json& p) { p["keypoints"] = Flat(16, 1); }),
              HasSubstr("expected 17 keypoints as before, found 16"));
  EXPECT_THAT(Changed([](json& p) { p["keypoints"] = Flat(26, 1); }),
              HasSubstr("expected 17 keypoints as before"));
  EXPECT_THAT(Changed([](json& p) { p["keypoints"] = 3; }),
              HasSubstr("'keypoints' as a list, found the number 3"));
  EXPECT_THAT(Changed([](json& p) { p["keypoints"] = {{1, 2}, {3}}; }), HasSubstr("keypoint 1 as [x, y]"));
  EXPECT_THAT(Changed([](json& p) {
                p = {{"image_id", 2}, {"points", 1}};
              }),
              HasSubstr("a person with 'keypoints'"));
  EXPECT_THAT(Changed([](json& p) { p = nullptr; }), HasSubstr("a person as an object, found null"));
  EXPECT_THAT(Message(json::array({CocoResult(1, 12, 1)}).dump()),
              HasSubstr("element 0: expected as many keypoints as a map has"));
}

TEST(BrokenDetections, ImagesThatAreNot) {
  EXPECT_THAT(Changed([](json& p) { p.erase("image_id"); }), HasSubstr("expected an 'image_id'"));
  EXPECT_THAT(Changed([](json& p) { p["image_id"] = 1.5; }),
              HasSubstr("a string or an integer as 'image_id'"));
  EXPECT_THAT(Changed([](json& p) { p["image_id"] = nullptr; }), HasSubstr("found null"));
  const json frame = {{"frame_id", 3}, {"instances", {MmposeInstance(17, 1)}}};
  EXPECT_THAT(Message(json{frame, frame}.dump()),
              HasSubstr("element 1: expected every 'frame_id' once, found 3 again"));
}

TEST(BrokenDetections, NegativeConfidencesAreMissing) {
  const TemporaryFolder folder;
  json result = CocoResult(1, 17, 1);
  result["keypoints"][2] = -.25;
  const auto frames = ReadAll(folder.Write("a.json", json{result}.dump()));
  EXPECT_FALSE(frames[0].people[0].seen[kHead]);
  EXPECT_TRUE(frames[0].people[0].seen[kHip]);
}

TEST(BrokenDetections, TruncatedAnywhere) {
  const std::string good[] = {
      json{CocoResult(1, 17, 1), CocoResult(2, 17, 2)}.dump(),
      json{{"annotations", {CocoResult(1, 17, 1)}}, {"images", {1}}}.dump(),
      OpenPoseFile({OpenPosePerson(25, 1)}),
      json{{"meta_info", {{"a", 1}}}, {"instance_info", {{{"instances", json::array()}}}}}.dump(),
      json{{"1.jpg", {{"bodies", json::array()}}}}.dump()};
  for (const std::string& text : good) {
    for (size_t length = 0; length < text.size(); length += 1 + length / 40) Message(text.substr(0, length));
    Message(text.substr(0, text.size() - 1));
  }
}

TEST(BrokenDetections, NotJsonOrSomethingElse) {
  EXPECT_THAT(Message(""), HasSubstr("found an empty file"));
  EXPECT_THAT(Message(" \n\t"), HasSubstr("found only space"));
  EXPECT_THAT(Message(std::string("\x89PNG\r\n\x1a\n\0\0\0", 11)), HasSubstr("neither JSON nor HDF5"));
  EXPECT_THAT(Message(std::string("{\0\1\2\3", 5)), HasSubstr(":1: expected a key, found the byte 0"));
  EXPECT_THAT(Message("\xEF\xBB\xBE{}"), HasSubstr("bytes that are not text"));
  EXPECT_THAT(Message("<html></html>"), HasSubstr("neither JSON nor HDF5"));
  EXPECT_THAT(Message("{}"), HasSubstr("an object with no keys"));
  EXPECT_THAT(Message(R"({"a": 1, "b": {"c": 2}})"), HasSubstr("an object with the keys 'a', 'b'"));
  EXPECT_THAT(Message("[]"), HasSubstr("an empty list, which may be coco, alphapose or mmpose"));
  EXPECT_THAT(Message(R"([{"id": 1}])"), HasSubstr("a list of objects with the keys 'id'"));
  EXPECT_THAT(Message(R"({"frame": 1, "predictions": [45.1, 620, 0.9], "score": 0.9})"),
              HasSubstr("a list that begins with the number 45.1"));
  EXPECT_THAT(Message("[None]"), HasSubstr("expected"));
  EXPECT_THAT(Message("[1e999]"), HasSubstr("number overflow"));
  EXPECT_THAT(Message("[-Infinity]"), HasSubstr(":1: expected JSON"));
  EXPECT_THAT(Message("[\"\xff\xfe\"]"), HasSubstr("invalid"));
  EXPECT_THAT(Message("[" + std::string(1000, '9') + "]"),
              HasSubstr("a number, found more than 400 characters"));
  EXPECT_THAT(Message(std::string("\x89HDF\r\n\x1a\n broken")),
              HasSubstr("expected a pose file, found a truncated or damaged HDF5 file"));
}

TEST(BrokenDetections, APipeThatNobodyWritesToIsNotWaitedFor) {
  const TemporaryFolder folder;
  const std::string pipe = folder / "people.jsonl";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_THAT(MessageOf([&] { OpenDetections(pipe, {}); }),
              HasSubstr("people.jsonl: expected a plain file, found a device, a pipe or a socket"));
}

TEST(BrokenDetections, DeepNestingIsASentence) {
  const std::string deep(1'000'000, '[');
  EXPECT_THAT(Message(deep), HasSubstr("nested at most 100 deep"));
  EXPECT_THAT(Message("{\"people\": " + deep), HasSubstr("nested at most 100 deep"));
  EXPECT_THAT(Message("{\"meta_info\": " + deep), HasSubstr("nested at most 100 deep"));
  std::string objects;
  for (int i = 0; i < 100'000; ++i) objects += "{\"a\":";
  EXPECT_THAT(Message(objects), HasSubstr("nested at most 100 deep"));
}

TEST(BrokenDetections, LittleTextThatTakesMuchMemoryIsASentence) {
  for (const std::string part : {"[],", "{},", "0,", "[0],"}) {
    std::string list;
    while (list.size() < 6'000'000) list += part;
    for (const std::string& text : {"[" + list + "0]", "{\"people\":[" + list + "0]}",
                                    "{\"image\":1,\"people\":[" + list + "0]}\n{}"}) {
      EXPECT_THAT(Message(text, "jsonl"), HasSubstr("at most 1000000 numbers and lists in a value")) << part;
      Message(text);
    }
  }
  const std::string name(33 << 20, 'a');
  EXPECT_THAT(Message("{\"" + name + "\":0}"), HasSubstr("MiB"));
  EXPECT_THAT(Message("{\"a\":[\"" + name + "\"]}"), HasSubstr("strings of at most 32 MiB"));
  EXPECT_THAT(Message("{\"" + name + "\":0}", "jsonl"), HasSubstr("a line of at most 32 MiB"));
}

TEST(BrokenDetections, WrongKindsOfPeople) {
  EXPECT_THAT(Message(R"({"people": null})"), HasSubstr("a list of people, found null"));
  EXPECT_THAT(Message(R"({"people": {"0": 1}})"), HasSubstr("a list of people, found an object"));
  EXPECT_THAT(Message(R"({"people": [7]})"), HasSubstr("person 0: expected a person as an object"));
  EXPECT_THAT(Message(OpenPoseFile({OpenPosePerson(12, 1)})), HasSubstr("found 12"));
  EXPECT_THAT(Message(OpenPoseFile({OpenPosePerson(25, 1)}) + "]"), HasSubstr("detections:1"));
  EXPECT_THAT(Message(R"({"instance_info": {"a": 1}})"), HasSubstr("expected '[', found '{'"));
  EXPECT_THAT(Message(R"({"annotations": [], "annotations": []})"), HasSubstr("found a second"));
  EXPECT_THAT(Message("{}", "mmpose"), HasSubstr("an object with no keys"));
  EXPECT_THAT(Message("[1,]", "coco"), HasSubstr("expected"));
  EXPECT_THAT(Message("[] []", "coco"), HasSubstr(":1: expected the end of the file, found '['"));
  EXPECT_THAT(Message("7", "openpose"), HasSubstr("neither JSON nor HDF5"));
  json scored = MmposeInstance(17, 1);
  scored["keypoint_scores"].erase(3);
  EXPECT_THAT(Message(json{scored}.dump()),
              HasSubstr("'keypoint_scores' as a list of 17, found a list of 16"));
  json spatial = MmposeInstance(17, 1);
  for (json& point : spatial["keypoints"]) point.push_back(1);
  EXPECT_THAT(Message(json{spatial}.dump()), HasSubstr("keypoint 0 as [x, y], found a list of 3"));
}

TEST(BrokenDetections, FoldersWithoutDetections) {
  const TemporaryFolder folder;
  const auto message = [&](const std::string& name) { return MessageOf([&] { ReadAll(folder / name); }); };
  std::filesystem::create_directories(folder / "empty");
  EXPECT_THAT(message("empty"), HasSubstr("a folder of .json files, found nothing in it"));
  folder.Write("images/a.jpg", "x");
  folder.Write("images/b.jpg", "x");
  folder.Write("images/sub/c.json", "{}");
  EXPECT_THAT(message("images"), HasSubstr("found 2 .jpg, 1 folders"));
  folder.Write("mixed/1.json", OpenPoseFile({OpenPosePerson(25, 1)}));
  folder.Write("mixed/2.json", json::array({CocoResult(1, 17, 1)}).dump());
  EXPECT_THAT(message("mixed"), AllOf(HasSubstr("2.json"), HasSubstr("found 17")));
  folder.Write("list/all.json", json{CocoResult(1, 17, 1), CocoResult(2, 17, 1)}.dump());
  EXPECT_THAT(message("list"), AllOf(HasSubstr("found many images"), HasSubstr("give that file")));
  EXPECT_THAT(message("nowhere"), HasSubstr("found no such thing"));
}

TEST(BrokenDetections, PoseFilesThatAreNot) {
  const TemporaryFolder folder;
  PoseData poses;
  poses.keypoints_2d.assign(34 * 100, 1);
  WritePoseFile(folder / "poses.h5", poses);
  std::ifstream in(folder / "poses.h5", std::ios::binary);
  std::stringstream bytes;
  bytes << in.rdbuf();
  const std::string whole = bytes.str();
  for (const size_t length : {size_t{8}, size_t{100}, whole.size() / 2, whole.size() - 100}) {
    Message(whole.substr(0, length));
  }
}

TEST(BrokenDetections, PoseFilesOfAnotherMake) {
  const TemporaryFolder folder;
  PoseData poses;
  poses.keypoints_2d.assign(34 * 3, 1);
  const std::string path = folder / "poses.h5";
  WritePoseFile(path, poses);
  const auto message = [&] { return MessageOf([&] { ReadAll(path); }); };
  const auto change = [&](const std::function<void(hid_t)>& edit) {
    const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
    edit(file);
    H5Fclose(file);
  };
  change([&](hid_t file) {
    poses.keypoints_2d[34 + 5] = 1e30f;
    const hid_t set = H5Dopen2(file, "keypoints_2d", H5P_DEFAULT);
    H5Dwrite(set, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, poses.keypoints_2d.data());
    H5Dclose(set);
  });
  EXPECT_THAT(message(), HasSubstr("poses.h5: row 1: expected keypoints from -1000000"));
  change([](hid_t file) {
    const int version = 2;
    const hid_t attribute = H5Aopen(file, "version", H5P_DEFAULT);
    H5Awrite(attribute, H5T_NATIVE_INT, &version);
    H5Aclose(attribute);
  });
  EXPECT_THAT(message(), HasSubstr("expected the attribute version = 1, found 2"));
  change([](hid_t file) { H5Adelete(file, "format"); });
  EXPECT_THAT(message(), HasSubstr("expected the attribute format = 'links-pose', found none"));
}

TEST(BrokenDetections, PoseFilesMayMissKeypoints) {
  const TemporaryFolder folder;
  PoseData poses;
  poses.keypoints_2d.assign(34, 1);
  WritePoseFile(folder / "poses.h5", poses);
  poses.keypoints_2d[2 * kLKnee] = std::numeric_limits<float>::quiet_NaN();
  const hid_t file = H5Fopen((folder / "poses.h5").c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
  const hid_t set = H5Dopen2(file, "keypoints_2d", H5P_DEFAULT);
  H5Dwrite(set, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, poses.keypoints_2d.data());
  H5Dclose(set);
  H5Fclose(file);
  const DetectedPerson person = ReadAll(folder / "poses.h5")[0].people[0];
  EXPECT_FALSE(person.seen[kLKnee]);
  EXPECT_TRUE(person.seen[kRKnee]);
}

TEST(BrokenDetections, ALastLineOfNoKnownLayoutIsSaidOnce) {
  std::istringstream lines("{\"people\": [{\"keypoints\": [[1, 2, 3]]}]}\n");
  const auto reader = ReadDetectionLines(lines, "pipe");
  DetectedFrame frame;
  EXPECT_THROW(reader->Next(frame), Error);
  EXPECT_FALSE(reader->Next(frame));
}

TEST(BrokenDetections, BrokenLinesAreNamedAndPassedOver) {
  const std::string good = OpenPoseFile({OpenPosePerson(25, 1)});
  std::istringstream lines("[]\n" + good + "\nnull\n" + std::string(5000, '[') +
                           "\n{\"people\":[{\"keypoints\":[1,2]}]}\n" + "{\"image\":[],\"people\":[]}\n" +
                           good + " " + good + "\n\xff\n" + good);
  const auto reader = ReadDetectionLines(lines, "pipe");
  std::vector<std::string> messages;
  DetectedFrame frame;
  int64_t frames = 0;
  for (bool more = true; more;) {
    std::string message = MessageOf([&] { more = reader->Next(frame); });
    if (!message.empty()) {
      messages.push_back(message);
    } else if (more) {
      EXPECT_EQ(frame.index, frames++);
    }
  }
  EXPECT_EQ(frames, 2);
  EXPECT_THAT(messages,
              testing::ElementsAre(HasSubstr("pipe:1: expected an object with 'people', found a list of 0"),
                                   HasSubstr("pipe:3: expected an object with 'people', found null"),
                                   HasSubstr("pipe:4: expected JSON nested"),
                                   HasSubstr("pipe:5: person 0: expected three numbers"),
                                   HasSubstr("pipe:6: expected a string or an integer as 'image'"),
                                   HasSubstr("pipe:7: expected the end of the file"),
                                   HasSubstr("pipe:8: expected a value")));
}

TEST(BrokenDetections, Options) {
  const TemporaryFolder folder;
  const std::string path = folder.Write("a.json", json::array({CocoResult(1, 17, 1)}).dump());
  const auto message = [&](const DetectionOptions& options) {
    return MessageOf([&] { ReadAll(path, options); });
  };
  EXPECT_THAT(message({"halpe", "auto", 0}), HasSubstr("expected one of auto, pose-file"));
  EXPECT_THAT(message({"auto", "coco", 0}), HasSubstr("coco17-simple"));
  EXPECT_THAT(message({"auto", "auto", -1}), HasSubstr("0 or more"));
  EXPECT_THAT(message({"auto", "body25", 0}),
              HasSubstr("element 0: expected 25 keypoints for the map body25, found 17"));
}

}  // namespace
}  // namespace links
