#include "links/data/pose_file.h"

#include <gmock/gmock.h>
#include <hdf5.h>
#include <sys/resource.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <limits>
#include <thread>

#include "links/core/atomic_file.h"
#include "links/data/summary.h"
#include "links/skeleton/skeleton.h"
#include "support/temporary_folder.h"

namespace links {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

/// Poses whose numbers say where they stand.
PoseData Sample(int count) {
  PoseData poses;
  for (int i = 0; i < count; ++i) {
    for (int joint = 0; joint < kJoints; ++joint) {
      for (int k = 0; k < 2; ++k) poses.keypoints_2d.push_back(100.0f * i + joint + 0.25f * k);
      for (int k = 0; k < 3; ++k) poses.joints_3d.push_back(1000.0f * i + 10 * joint + k + 0.5f);
      poses.confidence.push_back(0.01f * (joint + 1));
    }
    poses.subject.push_back("S" + std::to_string(i % 3));
    poses.action.emplace_back(i % 2 ? "sitting" : "café");
    poses.camera.push_back("view" + std::to_string(i % 4));
    poses.frame.push_back(5'000'000'000 + i);
  }
  poses.source = "made up";
  poses.licence = "none";
  return poses;
}

void ExpectEqual(const PoseData& a, const PoseData& b) {
  EXPECT_EQ(a.keypoints_2d, b.keypoints_2d);
  EXPECT_EQ(a.joints_3d, b.joints_3d);
  EXPECT_EQ(a.confidence, b.confidence);
  EXPECT_EQ(a.subject, b.subject);
  EXPECT_EQ(a.action, b.action);
  EXPECT_EQ(a.camera, b.camera);
  EXPECT_EQ(a.frame, b.frame);
  EXPECT_EQ(a.source, b.source);
  EXPECT_EQ(a.licence, b.licence);
}

/// Writes files with the HDF5 library directly, as other programs would: wrong ones as well.
class RawFile {
 public:
  explicit RawFile(const std::string& path)
      : file_(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT)) {}
  ~RawFile() { H5Fclose(file_); }

  RawFile& Header(const std::string& format = "links-pose", int version = 1,
                  const std::string& skeleton = "h36m17") {
    Text("format", format);
    Attribute("version", H5T_NATIVE_INT, &version);
    return Text("skeleton", skeleton);
  }
  RawFile& Text(const char* name, const std::string& text) {
    const hid_t type = VariableString();
    const char* pointer = text.c_str();
    Attribute(name, type, &pointer);
    H5Tclose(type);
    return *this;
  }
  RawFile& Set(const char* name, hid_t type, std::vector<hsize_t> shape, const void* values) {
    const hid_t space = H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr);
    const hid_t set = H5Dcreate2(file_, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    if (values != nullptr) H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
    H5Dclose(set);
    H5Sclose(space);
    return *this;
  }
  RawFile& Keypoints(hsize_t count) {
    const std::vector<double> values(count * kJoints * 2, 1.5);
    return Set("keypoints_2d", H5T_NATIVE_DOUBLE, {count, kJoints, 2}, values.data());
  }
  static hid_t VariableString() {
    const hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, H5T_VARIABLE);
    H5Tset_cset(type, H5T_CSET_UTF8);
    return type;
  }

 private:
  void Attribute(const char* name, hid_t type, const void* value) {
    const hid_t space = H5Screate(H5S_SCALAR);
    const hid_t attribute = H5Acreate2(file_, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    H5Awrite(attribute, type, value);
    H5Aclose(attribute);
    H5Sclose(space);
  }
  hid_t file_;
};

TEST(PoseFile, GivesBackWhatWasWritten) {
  const TemporaryFolder folder;
  const PoseData poses = Sample(7);
  WritePoseFile(folder / "poses.h5", poses);
  ExpectEqual(ReadPoseFile(folder / "poses.h5"), poses);
}

TEST(PoseFile, SaysWhatItsJointsAre) {
  const TemporaryFolder folder;
  PoseData poses = Sample(2);
  WritePoseFile(folder / "default.h5", poses);
  EXPECT_EQ(ReadPoseFile(folder / "default.h5").joints, JointDefinition::kMocap) << "it has 3D";
  poses.joints = JointDefinition::kDetector;
  poses.cameras = "pitch 15+-12 degrees";
  WritePoseFile(folder / "detector.h5", poses);
  EXPECT_EQ(ReadPoseFile(folder / "detector.h5").joints, JointDefinition::kDetector);
  EXPECT_EQ(ReadPoseFile(folder / "detector.h5").cameras, "pitch 15+-12 degrees");
  EXPECT_THAT(DescribePoses(poses), AllOf(HasSubstr("detector"), HasSubstr("pitch 15+-12 degrees")));
  poses.joints_3d.clear();
  poses.joints = JointDefinition::kNotStated;
  WritePoseFile(folder / "2d.h5", poses);
  EXPECT_EQ(ReadPoseFile(folder / "2d.h5").joints, JointDefinition::kNotStated);
  poses.joints = JointDefinition::kMocap;
  WritePoseFile(folder / "2d_mocap.h5", poses);
  EXPECT_EQ(ReadPoseFile(folder / "2d_mocap.h5").joints, JointDefinition::kMocap);
  RawFile(folder / "other.h5").Header().Text("joints", "marionette").Keypoints(1);
  EXPECT_THAT(
      MessageOf([&] { ReadPoseFile(folder / "other.h5"); }),
      HasSubstr("other.h5: expected the attribute joints = 'mocap' or 'detector', found 'marionette'"));
}

TEST(PoseFile, WarnsOfFilesOfTwoDefinitions) {
  const TemporaryFolder folder;
  PoseData poses = Sample(2);
  WritePoseFile(folder / "mocap.h5", poses);
  poses.joints = JointDefinition::kDetector;
  WritePoseFile(folder / "detector.h5", poses);
  const auto read = [&](const std::vector<std::string>& names, JointDefinition expected) {
    testing::internal::CaptureStderr();
    EXPECT_EQ(ReadPoseFiles(names).joints, expected);
    return testing::internal::GetCapturedStderr();
  };
  EXPECT_THAT(read({folder / "mocap.h5", folder / "detector.h5"}, JointDefinition::kNotStated),
              AllOf(HasSubstr("warning"), HasSubstr("mocap.h5"), HasSubstr("detector.h5")));
  EXPECT_EQ(read({folder / "detector.h5", folder / "detector.h5"}, JointDefinition::kDetector), "");
}

TEST(PoseFile, EverythingButKeypointsIsOptional) {
  const TemporaryFolder folder;
  PoseData poses;
  poses.keypoints_2d = Sample(3).keypoints_2d;
  WritePoseFile(folder / "poses.h5", poses);
  ExpectEqual(ReadPoseFile(folder / "poses.h5"), poses);
}

TEST(PoseFile, ReplacesAnEarlierFileAndLeavesNothingBeside) {
  const TemporaryFolder folder;
  WritePoseFile(folder / "poses.h5", Sample(2));
  WritePoseFile(folder / "poses.h5", Sample(5));
  EXPECT_EQ(ReadPoseFile(folder / "poses.h5").size(), 5);
  const std::filesystem::directory_iterator files(folder / "");
  EXPECT_EQ(std::distance(begin(files), end(files)), 1);
}

TEST(PoseFile, EqualPosesMakeEqualFiles) {
  const TemporaryFolder folder;
  const auto bytes = [&](const std::string& name) {
    std::ifstream file(folder / name, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  WritePoseFile(folder / "a.h5", Sample(5));
  std::this_thread::sleep_for(std::chrono::milliseconds(1100));  // HDF5 counts seconds
  WritePoseFile(folder / "b.h5", Sample(5));
  EXPECT_EQ(bytes("a.h5"), bytes("b.h5"));
}

/// Flips a bit here and there and ends the process with 0 when each is noticed or changes nothing.
void ReadFlipped(const std::string& path, const PoseData& poses) {
  const std::string good = ReadFile(path);
  size_t noticed = 0;
  for (size_t at = 0; at < good.size(); at += 3) {
    std::string bytes = good;
    bytes[at] = static_cast<char>(bytes[at] ^ 1 << at % 8);
    std::ofstream(path, std::ios::binary) << bytes;
    try {
      ExpectEqual(ReadPoseFile(path), poses);
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), testing::StartsWith(path + ": "));
      ++noticed;
    }
  }
  EXPECT_GT(noticed, kJoints * 6 * sizeof(float));  // a third of the values' bytes, and more
  std::_Exit(testing::Test::HasFailure() ? 1 : 0);
}

/// In a process of its own: HDF5 keeps what it could not close of a damaged file.
TEST(PoseFile, AFlippedBitIsNoticed) {
  const TemporaryFolder folder;
  const PoseData poses = Sample(3);
  WritePoseFile(folder / "poses.h5", poses);
  EXPECT_EXIT(ReadFlipped(folder / "poses.h5", poses), testing::ExitedWithCode(0), "");
}

TEST(PoseFile, AFileWithoutChecksumsIsRead) {
  const TemporaryFolder folder;
  RawFile(folder / "raw.h5").Header().Keypoints(2);
  EXPECT_EQ(ReadPoseFile(folder / "raw.h5").size(), 2);
}

TEST(PoseFile, AFullDiskLeavesTheEarlierFile) {
  const TemporaryFolder folder;
  WritePoseFile(folder / "poses.h5", Sample(2));
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{100'000, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  const std::string message = MessageOf([&] { WritePoseFile(folder / "poses.h5", Sample(5000)); });
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, old_handler);
  EXPECT_THAT(message, AllOf(HasSubstr("cannot write"), HasSubstr("poses.h5")));
  EXPECT_EQ(ReadPoseFile(folder / "poses.h5").size(), 2);
  const std::filesystem::directory_iterator files(folder / "");
  EXPECT_EQ(std::distance(begin(files), end(files)), 1);
  WritePoseFile(folder / "poses.h5", Sample(3));
  EXPECT_EQ(ReadPoseFile(folder / "poses.h5").size(), 3);
}

TEST(PoseFile, ReadsDoublesAndVariableAndPaddedStrings) {
  const TemporaryFolder folder;
  {
    RawFile file(folder / "raw.h5");
    file.Header().Keypoints(2);
    const hid_t variable = RawFile::VariableString();
    const char* subjects[] = {"S1", "a much longer name"};
    file.Set("subject", variable, {2}, subjects);
    H5Tclose(variable);
    const hid_t padded = H5Tcopy(H5T_C_S1);
    H5Tset_size(padded, 4);
    H5Tset_strpad(padded, H5T_STR_SPACEPAD);
    file.Set("action", padded, {2}, "run walk");
    H5Tclose(padded);
    const int16_t frames[] = {-3, 7};
    file.Set("frame", H5T_NATIVE_INT16, {2}, frames);
  }
  const PoseData poses = ReadPoseFile(folder / "raw.h5");
  EXPECT_EQ(poses.keypoints_2d, std::vector<float>(68, 1.5f));
  EXPECT_THAT(poses.subject, ElementsAre("S1", "a much longer name"));
  EXPECT_THAT(poses.action, ElementsAre("run", "walk"));
  EXPECT_THAT(poses.frame, ElementsAre(-3, 7));
}

TEST(PoseFile, NamesWhatIsNotAPoseFile) {
  const TemporaryFolder folder;
  const auto message = [&](const std::string& name) {
    return MessageOf([&] { ReadPoseFile(folder / name); });
  };
  EXPECT_THAT(message("none.h5"), HasSubstr("no such file"));
  EXPECT_THAT(message(""), HasSubstr("a folder"));
  folder.Write("empty.h5", "");
  EXPECT_THAT(message("empty.h5"), HasSubstr("an empty file"));
  folder.Write("text.h5", "this is not HDF5 at all");
  EXPECT_THAT(message("text.h5"), HasSubstr("not HDF5"));
  WritePoseFile(folder / "cut.h5", Sample(100));
  for (const double share : {0.9, 0.5, 0.1}) {
    const auto size = std::filesystem::file_size(folder / "cut.h5");
    std::filesystem::resize_file(folder / "cut.h5",
                                 static_cast<uintmax_t>(static_cast<double>(size) * share));
    EXPECT_THAT(message("cut.h5"), HasSubstr("truncated or damaged")) << share;
  }
}

TEST(PoseFile, ChecksTheHeader) {
  const TemporaryFolder folder;
  const auto message = [&](const std::function<void(RawFile&)>& fill) {
    {
      RawFile file(folder / "raw.h5");
      fill(file);
    }
    return MessageOf([&] { ReadPoseFile(folder / "raw.h5"); });
  };
  EXPECT_THAT(message([](RawFile& f) { f.Keypoints(1); }),
              HasSubstr("the attribute format = 'links-pose', found none"));
  EXPECT_THAT(message([](RawFile& f) { f.Header("coco").Keypoints(1); }), HasSubstr("found 'coco'"));
  EXPECT_THAT(message([](RawFile& f) { f.Header("links-pose", 2).Keypoints(1); }),
              HasSubstr("the attribute version = 1, found 2"));
  EXPECT_THAT(message([](RawFile& f) { f.Header("links-pose", 1, "coco17").Keypoints(1); }),
              HasSubstr("found 'coco17'"));
  EXPECT_THAT(message([](RawFile& f) { f.Header(); }),
              HasSubstr("expected the data set /keypoints_2d, found none"));
}

TEST(PoseFile, ChecksShapesAndTypes) {
  const TemporaryFolder folder;
  const std::vector<float> numbers(1000, 1.0f);
  const auto message = [&](const char* name, hid_t type, const std::vector<hsize_t>& shape) {
    {
      RawFile file(folder / "raw.h5");
      file.Header();
      if (std::string(name) != "keypoints_2d") file.Keypoints(2);
      file.Set(name, type, shape, numbers.data());
    }
    return MessageOf([&] { ReadPoseFile(folder / "raw.h5"); });
  };
  const hid_t number = H5T_NATIVE_FLOAT;
  EXPECT_THAT(message("keypoints_2d", number, {2, 16, 2}),
              HasSubstr("expected /keypoints_2d of the shape (N, 17, 2), found (2, 16, 2)"));
  EXPECT_THAT(message("keypoints_2d", number, {0, 17, 2}), HasSubstr("at least one pose, found none"));
  EXPECT_THAT(message("keypoints_2d", H5T_NATIVE_INT, {2, 17, 2}),
              HasSubstr("expected floating-point numbers in /keypoints_2d, found integers"));
  EXPECT_THAT(message("joints_3d", number, {3, 17, 3}), HasSubstr("(2, 17, 3), found (3, 17, 3)"));
  EXPECT_THAT(message("joints_3d", number, {2, 17, 2}), HasSubstr("found (2, 17, 2)"));
  EXPECT_THAT(message("confidence", number, {2, 17, 1}),
              HasSubstr("/confidence of the shape (2, 17), found (2, 17, 1)"));
  EXPECT_THAT(message("frame", number, {2}),
              HasSubstr("expected integers in /frame, found floating-point numbers"));
  EXPECT_THAT(message("subject", number, {2}),
              HasSubstr("expected strings in /subject, found floating-point numbers"));
  EXPECT_THAT(message("action", H5T_C_S1, {3}), HasSubstr("/action of the shape (2,), found (3,)"));
}

TEST(PoseFile, NamesTheFirstBadRow) {
  const auto message = [&](const std::function<void(PoseData&)>& spoil) {
    PoseData poses = Sample(6);
    spoil(poses);
    return MessageOf([&] { CheckPoses(poses, "x.h5"); });
  };
  const float nan = std::numeric_limits<float>::quiet_NaN(),
              infinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(message([](PoseData&) {}), "");
  EXPECT_THAT(message([&](PoseData& p) { p.keypoints_2d[4 * 34 + 2 * 3 + 1] = p.keypoints_2d.back() = nan; }),
              AllOf(HasSubstr("x.h5: /keypoints_2d"), HasSubstr("row 4, joint 3 (RAnkle)")));
  EXPECT_THAT(message([&](PoseData& p) { p.joints_3d[2 * 51 + 16 * 3] = infinity; }),
              HasSubstr("row 2, joint 16"));
  EXPECT_THAT(message([&](PoseData& p) { p.confidence[17] = -infinity; }), HasSubstr("row 1, joint 0"));
  EXPECT_THAT(message([&](PoseData& p) { p.joints_3d[3 * 51 + 5 * 3 + 2] = -1; }),
              AllOf(HasSubstr("z > 0"), HasSubstr("row 3, joint 5 (LKnee)")));
  EXPECT_THAT(message([&](PoseData& p) { p.action[5] = "caf\xe9"; }), HasSubstr("/action must be UTF-8"));
  EXPECT_THAT(message([&](PoseData& p) { p.subject.pop_back(); }), HasSubstr("/subject must hold 6"));
}

TEST(PoseFile, TheReaderChecksTheContents) {
  const TemporaryFolder folder;
  std::vector<float> values(3 * 34, 1.0f);
  values[2 * 34 + 1] = std::numeric_limits<float>::infinity();
  RawFile(folder / "raw.h5").Header().Set("keypoints_2d", H5T_NATIVE_FLOAT, {3, 17, 2}, values.data());
  EXPECT_THAT(MessageOf([&] { ReadPoseFile(folder / "raw.h5"); }), HasSubstr("row 2, joint 0 (Hip)"));
  // Above the range of float: must not become infinity unnoticed.
  const std::vector<double> large(34, 1e300);
  RawFile(folder / "large.h5").Header().Set("keypoints_2d", H5T_NATIVE_DOUBLE, {1, 17, 2}, large.data());
  EXPECT_THAT(MessageOf([&] { ReadPoseFile(folder / "large.h5"); }), HasSubstr("must be finite"));
}

TEST(PoseFile, SelectsByListsThenByStride) {
  const TemporaryFolder folder;
  const PoseData all = Sample(24);
  WritePoseFile(folder / "poses.h5", all);
  PoseSelection selection;
  selection.subjects = {"S0", "S2"};
  selection.actions = {"sitting"};
  selection.stride = 2;
  // Odd rows whose number is not 1 modulo 3: 3 5 9 11 15 17 21 23; every second of them.
  const PoseData chosen = ReadPoseFile(folder / "poses.h5", selection);
  EXPECT_THAT(chosen.frame, ElementsAre(5'000'000'003, 5'000'000'009, 5'000'000'015, 5'000'000'021));
  for (int i = 0; i < 4; ++i) {
    const int row = 3 + 6 * i;
    EXPECT_EQ(chosen.subject[i], all.subject[row]);
    EXPECT_EQ(chosen.camera[i], all.camera[row]);
    EXPECT_EQ(chosen.keypoints_2d[i * 34 + 33], all.keypoints_2d[row * 34 + 33]);
    EXPECT_EQ(chosen.joints_3d[i * 51 + 50], all.joints_3d[row * 51 + 50]);
    EXPECT_EQ(chosen.confidence[i * 17 + 16], all.confidence[row * 17 + 16]);
  }
}

PoseSelection Select(std::vector<std::string> subjects, std::vector<std::string> actions = {},
                     std::vector<std::string> cameras = {}, int64_t stride = 1) {
  return {std::move(subjects), std::move(actions), std::move(cameras), stride};
}

TEST(PoseFile, AWrongSelectionIsAUsageError) {
  const TemporaryFolder folder;
  PoseData poses = Sample(6);
  poses.camera.clear();
  WritePoseFile(folder / "poses.h5", poses);
  const auto message = [&](const PoseSelection& selection) -> std::string {
    try {
      ReadPoseFile(folder / "poses.h5", selection);
    } catch (const UsageError& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_THAT(message(Select({"S0", "S9"})),
              AllOf(HasSubstr("subject 'S9'"), HasSubstr("there are: S0, S1, S2")));
  EXPECT_THAT(message(Select({}, {"siting"})), HasSubstr("did you mean 'sitting'?"));
  EXPECT_THAT(message(Select({}, {}, {"view0"})), HasSubstr("/camera is absent"));
  EXPECT_THAT(message(Select({}, {}, {}, 0)), HasSubstr("stride"));
  EXPECT_EQ(message(Select({"S0"}, {"sitting"})), "");
}

TEST(PoseFile, ReadsSeveralFilesAsOne) {
  const TemporaryFolder folder;
  const PoseData first = Sample(5);
  PoseData second = Sample(4);
  second.confidence.clear();
  for (std::string& subject : second.subject) subject = "T";
  second.source = "elsewhere";
  WritePoseFile(folder / "a.h5", first);
  WritePoseFile(folder / "b.h5", second);
  const PoseData both = ReadPoseFiles({folder / "a.h5", folder / "b.h5"});
  EXPECT_EQ(both.size(), 9);
  EXPECT_TRUE(both.confidence.empty());
  EXPECT_EQ(both.joints_3d[5 * 51 + 7], second.joints_3d[7]);
  EXPECT_THAT(both.source, AllOf(HasSubstr("made up"), HasSubstr("elsewhere")));
  EXPECT_EQ(ReadPoseFiles({folder / "a.h5", folder / "b.h5"}, Select({"T", "S1"})).size(), 6);
  EXPECT_THROW(ReadPoseFiles({}), UsageError);
}

TEST(PoseFile, RefusesToWriteWhereItCannot) {
  const TemporaryFolder folder;
  EXPECT_THAT(MessageOf([&] { WritePoseFile(folder / "none/poses.h5", Sample(1)); }),
              HasSubstr("does not exist"));
  EXPECT_THAT(MessageOf([&] { WritePoseFile(folder / "", Sample(1)); }), HasSubstr("a folder"));
  EXPECT_THAT(MessageOf([&] { WritePoseFile(folder / "x.h5", {}); }), HasSubstr("at least one pose"));
}

}  // namespace
}  // namespace links
