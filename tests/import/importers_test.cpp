#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "links/import/importer.h"
#include "support/temporary_folder.h"

namespace links {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::unique_ptr<Importer> Make(const std::string& name, const std::vector<std::string>& settings) {
  return std::ranges::find(Importers(), name, &ImporterKind::name)->make(settings);
}

TEST(Importers, AreNamedOnceInOrderAndExplained) {
  EXPECT_TRUE(std::ranges::is_sorted(Importers(), std::less<>(), &ImporterKind::name));
  EXPECT_EQ(std::ranges::adjacent_find(Importers(), std::equal_to<>(), &ImporterKind::name),
            Importers().end());
  for (const ImporterKind& kind : Importers()) {
    EXPECT_FALSE(kind.help.empty() || kind.path.empty() || kind.licence.empty()) << kind.name;
    EXPECT_THAT(kind.example, AllOf(HasSubstr(kind.name), HasSubstr("--output"))) << kind.name;
    EXPECT_FALSE(kind.make({})->Source({}).empty()) << kind.name;
    for (const OptionDescription& option : kind.options)
      EXPECT_NE(option.help, "") << kind.name << option.key;
  }
}

TEST(Importers, TakeTheirOwnOptions) {
  EXPECT_THAT(Make("h36m-fetch", {})->Source({}), HasSubstr("pose/3d;"));
  ImportOptions fifth;
  fifth.every = 5;
  EXPECT_THAT(Make("h36m-fetch", {"joints_3d=univ"})->Source(fifth),
              AllOf(HasSubstr("pose/3d-univ;"), HasSubstr("every 5")));
  EXPECT_THAT(Make("mpi-inf-3dhp", {"part=train", "fps='25'"})->Source({}),
              AllOf(HasSubstr("cameras vnect"), HasSubstr("fps 25")));
  EXPECT_THAT(MessageOf([] { Make("mpi-inf-3dhp", {"camera_set=front"}); }),
              AllOf(HasSubstr("camera_set"), HasSubstr("ceiling"), HasSubstr("'front'")));
  EXPECT_THROW(Make("mpi-inf-3dhp", {"cameras=all"}), UsageError);
}

TEST(Importers, RefuseOptionsOfTheOtherPart) {
  const TemporaryFolder folder;
  StreamPoseFile(folder / "one.h5", "test", "", [&](PoseStream& stream) {
    ClipImport clips(stream, {});
    const auto message = [&](const std::vector<std::string>& settings) {
      return MessageOf([&] { Make("mpi-inf-3dhp", settings)->Read(folder / ".", clips); });
    };
    EXPECT_THAT(message({}), HasSubstr("--part"));
    EXPECT_THAT(message({"part=test", "camera_set=ceiling"}),
                HasSubstr("expected --camera-set with --part train"));
    EXPECT_THAT(message({"part=test", "fps='25'"}), HasSubstr("expected --fps with --part train"));
    EXPECT_THAT(message({"part=train", "all_frames=true"}),
                HasSubstr("expected --all-frames with --part test"));
    EXPECT_THAT(message({"part=test"}), HasSubstr("TS1 to TS6"));
    PoseData pose;  // a pose file has one at least
    pose.keypoints_2d.assign(34, 500);
    pose.keypoints_2d[0] = 600;
    clips.Append(pose, "one");
  });
}

}  // namespace
}  // namespace links
