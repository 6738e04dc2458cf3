#include "links/lifted/lifted_writer.h"

#include <gmock/gmock.h>
#include <zlib.h>

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "lifted_people.h"
#include "links/core/atomic_file.h"
#include "links/core/error.h"
#include "links/data/bvh.h"
#include "links/data/pose_file.h"
#include "support/temporary_folder.h"

namespace links {
namespace {

using nlohmann::json;
using test::WalkingPerson;
using testing::HasSubstr;

LiftedFrame Frame(int64_t index, int people = 1) {
  LiftedFrame frame;
  frame.image = Concat("frame, ", index);
  frame.index = index;
  for (int person = 0; person < people; ++person) {
    frame.people.push_back(WalkingPerson(.1 * static_cast<double>(index) + person));
    frame.people.back().person = person;
    frame.people.back().states[kLWrist] = JointState::kGuessed;
    frame.people.back().states[kLElbow] = JointState::kRay;
  }
  return frame;
}

std::vector<std::string> Save(const std::string& path, const std::vector<LiftedFrame>& frames) {
  return WriteLifted({path}, {}, [&](LiftedWriter& writer) {
    for (const LiftedFrame& frame : frames) writer.Write(frame);
  });
}

TEST(LiftedWriter, Json) {
  const TemporaryFolder folder;
  LiftedFrame with_mm = Frame(1, 2);
  with_mm.people[1].mm_per_unit = 600;
  with_mm.people[1].track = "t\xff";  // not UTF-8
  with_mm.people[1].plausibility = std::nan("");
  with_mm.people[1].root_estimated = true;
  with_mm.people[1].hypotheses = {WalkingPerson(3).joints};
  const std::string path = folder / "out.json";
  EXPECT_EQ(Save(path, {Frame(0, 0), with_mm}), std::vector<std::string>{path});
  const json read = json::parse(ReadFile(path));
  EXPECT_EQ(read["format"], "links-lifted");
  EXPECT_EQ(read["version"], 1);
  EXPECT_EQ(read["skeleton"], "h36m17");
  EXPECT_EQ(read["joint_names"][13], "LWrist");
  ASSERT_EQ(read["frames"].size(), 2u);
  EXPECT_EQ(read["frames"][0], (json{{"image", "frame, 0"}, {"index", 0}, {"people", json::array()}}));
  const json &first = read["frames"][1]["people"][0], &second = read["frames"][1]["people"][1];
  EXPECT_TRUE(first["track"].is_null());
  EXPECT_FALSE(first.contains("joints_mm"));
  EXPECT_FALSE(first.contains("hypotheses"));
  EXPECT_EQ(first["states"][kLWrist], "guessed");
  EXPECT_EQ(first["states"][kLElbow], "ray");
  EXPECT_EQ(first["states"][kRElbow], "lifted");
  EXPECT_TRUE(first["keypoints"][kLWrist].is_null());
  EXPECT_EQ(first["keypoints"][kRElbow], (json{115, 215, .75}));
  EXPECT_EQ(first["lifters"], "legs+torso");
  EXPECT_EQ(first["plausibility"], -1.25);
  EXPECT_EQ(first["scale_px"], 150.5);
  EXPECT_EQ(first["root_estimated"], false);
  EXPECT_TRUE(second["plausibility"].is_null());
  EXPECT_EQ(second["root_estimated"], true);
  EXPECT_EQ(second["hypotheses"].size(), 1u);
  for (int i = 0; i < 51; ++i) {
    EXPECT_NEAR(second["joints"][i / 3][i % 3].get<double>(), with_mm.people[1].joints[i], 1e-6);
    EXPECT_NEAR(second["joints_mm"][i / 3][i % 3].get<double>(), 600 * with_mm.people[1].joints[i], 1e-3);
  }
}

TEST(LiftedWriter, UprightPeopleHaveAPlace) {
  const TemporaryFolder folder;
  std::vector<LiftedFrame> frames = {Frame(0), Frame(1)};
  for (LiftedFrame& frame : frames) {
    LiftedPerson& person = frame.people[0];
    person.upright = true;
    person.mm_per_unit = 600;
    person.root = {.5, -1.6, 4. + static_cast<double>(frame.index)};
  }
  const auto save = [&](const std::string& name) {
    WriteLifted({folder / name}, {.fps = 30, .source = "", .upright = true}, [&](LiftedWriter& writer) {
      for (const LiftedFrame& frame : frames) writer.Write(frame);
    });
    return folder / name;
  };
  const json read = json::parse(ReadFile(save("a.json")));
  EXPECT_EQ(read["axes"], "upright");
  EXPECT_EQ(read["frames"][1]["people"][0]["root"], (json{.5, -1.6, 5}));
  EXPECT_EQ(read["frames"][1]["people"][0]["root_mm"], (json{300, -960, 3000}));
  EXPECT_THAT(ReadFile(save("a.csv")), HasSubstr(",0.5,-1.6,5,\n"));
  const MocapClip clip = ReadBvh(save("a.bvh"));
  EXPECT_THAT(ReadFile(folder / "a.bvh"),
              HasSubstr("\n0.300000 0.960000 -3.000000 "));  // metres, y up, z back
  EXPECT_EQ(clip.frames, 2);
  EXPECT_THAT(MessageOf([&] { save("a.h5"); }), HasSubstr("expected the camera's axes for a pose file"));
  const json camera = [&] {
    Save(folder / "c.json", {Frame(0)});
    return json::parse(ReadFile(folder / "c.json"));
  }();
  EXPECT_EQ(camera["axes"], "camera");
  EXPECT_FALSE(camera["frames"][0]["people"][0].contains("root"));
}

TEST(LiftedWriter, LinesAreFlushedOneByOne) {
  struct CountingBuffer : std::stringbuf {
    int flushed = 0;
    int sync() override { return ++flushed, 0; }
  } buffer;
  std::ostream out(&buffer);
  const auto writer = LiftedLines(out);
  writer->Write(Frame(0));
  EXPECT_EQ(buffer.flushed, 1);
  writer->Write(Frame(1));
  EXPECT_EQ(buffer.flushed, 2);
  std::istringstream lines(buffer.str());
  std::string line;
  int count = 0;
  while (std::getline(lines, line)) EXPECT_EQ(json::parse(line)["index"], count++);
  EXPECT_EQ(count, 2);
  out.setstate(std::ios::badbit);
  EXPECT_THAT(MessageOf([&] { writer->Write(Frame(2)); }), HasSubstr("cannot write 'the output'"));
}

TEST(LiftedWriter, Csv) {
  const TemporaryFolder folder;
  LiftedFrame frame = Frame(4);
  frame.people[0].mm_per_unit = 500;
  Save(folder / "out.csv", {Frame(0, 0), frame});
  std::istringstream text(ReadFile(folder / "out.csv"));
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  ASSERT_EQ(lines.size(), 1u + kJoints);
  EXPECT_THAT(lines[0], testing::StartsWith("index,image,person,track,joint,x,y,z,x_mm,y_mm,z_mm,state,"));
  EXPECT_THAT(lines[1], testing::StartsWith("4,\"frame, 4\",0,,Hip,0,"));
  EXPECT_THAT(lines[1 + kLWrist], HasSubstr(",guessed,,,,legs+torso,-1.25,150.5,bones over the track,0"));
  EXPECT_THAT(lines[1 + kRElbow], HasSubstr(",lifted,115,215,0.75,"));
  double values[6];
  const std::string row = lines[1 + kRElbow].substr(lines[1 + kRElbow].find("RElbow,") + 7);
  ASSERT_EQ(std::sscanf(row.c_str(), "%lf,%lf,%lf,%lf,%lf,%lf", values, values + 1, values + 2, values + 3,
                        values + 4, values + 5),
            6);
  for (int k = 0; k < 3; ++k) {
    EXPECT_NEAR(values[k], frame.people[0].joints[3 * kRElbow + k], 1e-6);
    EXPECT_NEAR(values[k + 3], 500 * frame.people[0].joints[3 * kRElbow + k], 1e-3);
  }
}

TEST(LiftedWriter, PoseFileInMillimetres) {
  const TemporaryFolder folder;
  LiftedFrame frame = Frame(7, 2);
  EXPECT_THAT(MessageOf([&] { Save(folder / "out.h5", {frame}); }),
              HasSubstr("expected the height of the person"));
  EXPECT_FALSE(std::filesystem::exists(folder / "out.h5"));
  for (LiftedPerson& person : frame.people) person.mm_per_unit = 600;
  frame.people[1].track = "t";
  Save(folder / "out.h5", {Frame(0, 0), frame});
  const PoseData poses = ReadPoseFile(folder / "out.h5");
  ASSERT_EQ(poses.size(), 2);
  EXPECT_EQ(poses.subject, (std::vector<std::string>{"person 0", "t"}));
  EXPECT_EQ(poses.frame, (std::vector<int64_t>{7, 7}));
  EXPECT_EQ(poses.keypoints_2d[0], 100);
  for (int i = 0; i < 51; ++i) {
    const double units = frame.people[0].joints[i] + (i % 3 == 2 ? 10 : 0);
    EXPECT_NEAR(poses.joints_3d[i], 600 * units, 1e-2);
  }
}

TEST(LiftedWriter, BvhOfOneTrackAndOfMany) {
  const TemporaryFolder folder;
  LiftedFrame both = Frame(1, 2);
  both.people[0].track = "a/b";
  both.people[0].mm_per_unit = 600;
  EXPECT_EQ(Save(folder / "one.bvh", {Frame(0), Frame(1)}), std::vector<std::string>{folder / "one.bvh"});
  EXPECT_EQ(ReadBvh(folder / "one.bvh").frames, 2);
  const std::vector<std::string> files = Save(folder / "two.bvh", {Frame(0, 0), both, Frame(2, 0)});
  EXPECT_EQ(files, (std::vector<std::string>{folder / "two_a_b.bvh", folder / "two_person1.bvh"}));
  const MocapClip metres = ReadBvh(files[0]), units = ReadBvh(files[1]);
  EXPECT_EQ(metres.frames, 3);
  const double thigh = metres.joints[metres.Find("LKnee")].offset.norm();
  EXPECT_NEAR(thigh / units.joints[units.Find("LKnee")].offset.norm(), .6, 1e-4);
  both.people[1].track = "a/b";
  EXPECT_THAT(MessageOf([&] { Save(folder / "two.bvh", {both}); }),
              HasSubstr("the track 'a/b' once in frame 1"));
  EXPECT_THAT(MessageOf([&] { Save(folder / "none.bvh", {Frame(0, 0)}); }), HasSubstr("at least one person"));
}

TEST(LiftedWriter, AFailureLeavesTheEarlierFile) {
  const TemporaryFolder folder;
  for (const char* name : {"a.json", "a.jsonl", "a.csv", "a.bvh"}) {
    const std::string path = folder.Write(name, "earlier");
    const auto fail = [&] {
      WriteLifted({path}, {}, [](LiftedWriter& writer) {
        writer.Write(Frame(0));
        throw Error("lifting failed");
      });
    };
    EXPECT_EQ(MessageOf(fail), "lifting failed");
    EXPECT_EQ(ReadFile(path), "earlier");
  }
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder / ""), {}), 4);
}

TEST(LiftedWriter, AllTracksAreWrittenOrNone) {
  const TemporaryFolder folder;
  const std::string earlier = folder.Write("walk_person0.bvh", "earlier");
  // The third of four can take no name.
  std::filesystem::create_directories(folder / "walk_person2.bvh/full");
  EXPECT_THAT(MessageOf([&] {
                Save(folder / "walk.bvh", {Frame(0, 4), Frame(1, 4)});
              }),
              HasSubstr("walk_person2.bvh: expected the name of a file to write, found a folder"));
  EXPECT_EQ(ReadFile(earlier), "earlier");
  const std::filesystem::directory_iterator files(folder / "");
  EXPECT_EQ(std::distance(begin(files), end(files)), 2);
  std::filesystem::remove_all(folder / "walk_person2.bvh");
  EXPECT_EQ(Save(folder / "walk.bvh", {Frame(0, 4), Frame(1, 4)}).size(), 4u);
  const std::filesystem::directory_iterator written(folder / "");
  EXPECT_EQ(std::distance(begin(written), end(written)), 4);
}

TEST(LiftedWriter, SeveralFilesAreWrittenOrNone) {
  const TemporaryFolder folder;
  std::vector<std::string> paths;
  for (const char* name : {"a.json", "a.csv", "a.bvh", "a.npz", "a.html"}) paths.push_back(folder / name);
  const auto save = [&](const std::vector<LiftedFrame>& frames) {
    return WriteLifted(paths, {}, [&](LiftedWriter& writer) {
      for (const LiftedFrame& frame : frames) writer.Write(frame);
    });
  };
  const auto files = [&] { return std::distance(std::filesystem::directory_iterator(folder / ""), {}); };
  // Text and arrays can do without people, a motion and a page cannot.
  EXPECT_THAT(MessageOf([&] { save({Frame(0, 0)}); }), HasSubstr("a.bvh: expected at least one person"));
  EXPECT_EQ(files(), 0);
  EXPECT_EQ(save({Frame(0), Frame(1)}), paths);
  EXPECT_EQ(files(), 5);
  Save(folder / "b.json", {Frame(0), Frame(1)});
  EXPECT_EQ(ReadFile(folder / "a.json"), ReadFile(folder / "b.json"));
  paths.push_back(folder / "./a.csv");
  EXPECT_THAT(MessageOf([&] { save({Frame(0)}); }), HasSubstr("a.csv' twice"));
  EXPECT_EQ(ReadFile(folder / "a.json"), ReadFile(folder / "b.json"));
}

TEST(LiftedWriter, MarkerFilesNeedTheHeight) {
  const TemporaryFolder folder;
  LiftedFrame frame = Frame(0);
  for (const char* name : {"a.trc", "a.c3d"}) {
    EXPECT_THAT(MessageOf([&] { Save(folder / name, {frame}); }), HasSubstr("expected the height")) << name;
    LiftedFrame known = Frame(0, 2);
    for (LiftedPerson& person : known.people) person.mm_per_unit = 600;
    const std::string stem = folder / std::string(name).substr(0, 1), extension = std::string(name).substr(1);
    EXPECT_EQ(Save(folder / name, {known}), (std::vector<std::string>{Concat(stem, "_person0", extension),
                                                                      Concat(stem, "_person1", extension)}));
  }
}

/// Entries of a zip file as they stand one after the other, each stored whole with its checksum.
TEST(LiftedWriter, NumpyArraysAreStoredWholeInAZipFile) {
  const TemporaryFolder folder;
  LiftedFrame frame = Frame(3, 2);
  frame.people[0].track = "\xc3\xa4\xff\xf0\x9f\x98\x80";
  Save(folder / "a.npz", {frame});
  const std::string bytes = ReadFile(folder / "a.npz");
  const auto number = [&](size_t at, int width) {
    size_t value = 0;
    for (int i = width; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes.at(at + i));
    return value;
  };
  std::map<std::string, std::string> arrays;
  size_t at = 0;
  for (; bytes.substr(at, 4) == "PK\x03\x04";) {
    const size_t sum = number(at + 14, 4), size = number(at + 18, 4), name = number(at + 26, 2);
    EXPECT_EQ(number(at + 8, 2), 0u);
    EXPECT_EQ(number(at + 22, 4), size);
    std::string& array = arrays[bytes.substr(at + 30, name)];
    array = bytes.substr(at + 30 + name, size);
    EXPECT_EQ(crc32(0, reinterpret_cast<const Bytef*>(array.data()), static_cast<uInt>(size)), sum);
    EXPECT_EQ(array.substr(0, 6), "\x93NUMPY");
    EXPECT_EQ((10 + static_cast<unsigned char>(array[8]) + 256 * static_cast<unsigned char>(array[9])) % 64,
              0);
    at += 30 + name + size;
  }
  EXPECT_EQ(bytes.substr(at, 4), "PK\x01\x02");
  EXPECT_EQ(arrays.size(), 17u);
  EXPECT_THAT(arrays.at("joints.npy"),
              HasSubstr("'descr': '<f4', 'fortran_order': False, 'shape': (2, 17, 3)"));
  EXPECT_EQ(arrays.at("joints.npy").size(), 128u + 2 * 51 * 4);
  EXPECT_THAT(arrays.at("index.npy"), HasSubstr("'shape': (2,)"));
  EXPECT_THAT(arrays.at("track.npy"), HasSubstr("'descr': '<U3'"));
  const std::string track = arrays.at("track.npy").substr(128, 12);
  EXPECT_EQ(track, std::string("\xe4\0\0\0\xfd\xff\0\0\x00\xf6\x01\0", 12));
}

/// What stands in a file is text on the page and never part of it.
TEST(LiftedWriter, ThePageHoldsNamesAsText) {
  const TemporaryFolder folder;
  LiftedFrame frame = Frame(0);
  frame.image = frame.people[0].track = "</script><script>alert(1)</script><!--\xe2\x80\xa8\xff\" \\";
  WriteLifted({folder / "a.html"}, {30, "from </script><b>"},
              [&](LiftedWriter& writer) { writer.Write(frame); });
  const std::string page = ReadFile(folder / "a.html");
  EXPECT_THAT(page, testing::Not(HasSubstr("alert(1)</script>")));
  EXPECT_THAT(page, testing::Not(HasSubstr("from </script>")));
  EXPECT_THAT(page, testing::Not(HasSubstr("{{")));
  const std::string open = "id=\"header\">";
  const size_t begin = page.find(open) + open.size();
  const json header = json::parse(page.substr(begin, page.find("</script>", begin) - begin));
  EXPECT_EQ(header["images"][0], "</script><script>alert(1)</script><!--\xe2\x80\xa8\xef\xbf\xbd\" \\");
  EXPECT_EQ(header["tracks"][0]["name"], header["images"][0]);
  EXPECT_EQ(header["source"], "from </script><b>");
}

TEST(LiftedWriter, AMissingFolderIsSaidBeforeAnythingIsLifted) {
  const TemporaryFolder folder;
  for (const char* name : {"none/a.json", "none/a.jsonl", "none/a.csv", "none/a.bvh", "none/a.h5"}) {
    bool lifted = false;
    EXPECT_THAT(MessageOf([&] { WriteLifted({folder / name}, {}, [&](LiftedWriter&) { lifted = true; }); }),
                HasSubstr("none' to write in, found that it does not exist"));
    EXPECT_FALSE(lifted);
    EXPECT_THAT(MessageOf([&] { CheckLiftedPath(folder / name); }), HasSubstr("does not exist"));
  }
  std::filesystem::create_directories(folder / "is.bvh");
  EXPECT_THAT(MessageOf([&] { CheckLiftedPath(folder / "is.bvh"); }), HasSubstr("found a folder"));
}

TEST(LiftedWriter, NamesAndRates) {
  const TemporaryFolder folder;
  EXPECT_THAT(MessageOf([] { CheckLiftedPath("out.txt"); }),
              HasSubstr(".json, .jsonl, .csv, .h5, .bvh, .trc, .c3d, .npz or .html"));
  EXPECT_THAT(MessageOf([&] {
                WriteLifted({folder / "a.bvh"}, {0, ""}, [](LiftedWriter&) {});
              }),
              HasSubstr("frames a second"));
}

}  // namespace
}  // namespace links
