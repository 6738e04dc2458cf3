#include "links/metrics/protocol.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "links/core/error.h"
#include "links/data/human36m_names.h"
#include "links/report/evaluation_file.h"
#include "support/temporary_folder.h"

namespace links {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

PoseData Named(std::vector<std::string> subjects, std::vector<std::string> actions) {
  PoseData poses;
  poses.keypoints_2d.resize(subjects.size() * 2 * kJoints);
  poses.subject = std::move(subjects);
  poses.action = std::move(actions);
  return poses;
}

std::string Note(const Report::Notes& notes, const std::string& key) {
  for (const auto& [name, text] : notes) {
    if (name == key) return text;
  }
  return "";
}

TEST(Protocol, PicksTheSubjectsUnlessTheUserDoes) {
  EXPECT_THAT(Protocol("h36m").Select({}).subjects, ElementsAre("S9", "S11"));
  EXPECT_THAT(Protocol("mpi-inf-3dhp").Select({}).subjects,
              ElementsAre("TS1", "TS2", "TS3", "TS4", "TS5", "TS6"));
  EXPECT_TRUE(Protocol("cmu").Select({}).subjects.empty());
  EXPECT_TRUE(Protocol("none").Select({}).subjects.empty());
  PoseSelection own;
  own.subjects = {"S9"};
  own.stride = 64;
  EXPECT_THAT(Protocol("h36m").Select(own).subjects, ElementsAre("S9"));
  EXPECT_EQ(Protocol("h36m").Select(own).stride, 64);
  EXPECT_THROW(Protocol("h3.6m"), UsageError);
}

TEST(Protocol, NamesAndHelpListEveryOne) {
  EXPECT_THAT(Protocol::Names(), ElementsAre("none", "h36m", "mpi-inf-3dhp", "cmu"));
  EXPECT_EQ(
      Protocol::Help(),
      "h36m (S9 and S11, mean over the 15 actions), mpi-inf-3dhp (TS1 to TS6, per sequence, activity and "
      "scene), cmu (per subject), none");
  try {
    Protocol("h3.6m");
    FAIL();
  } catch (const UsageError& error) {
    EXPECT_STREQ(error.what(), "expected a protocol none, h36m, mpi-inf-3dhp or cmu, found 'h3.6m'");
  }
}

TEST(Protocol, TheTablesKnowEveryOne) {
  const TemporaryFolder folder;
  for (const std::string& name : Protocol::Names()) {
    Report report;
    report.protocol = name;
    report.settings = {{"data", "none"}};
    EXPECT_EQ(ReadEvaluation(folder.Write("evaluation.json", ReportJson(report))).protocol, name);
  }
}

TEST(Protocol, Human36mAveragesOverActionsAndNamesThoseMissing) {
  const PoseData poses = Named({"S9", "S11", "S9"}, {"Walking", "Eating", "Walking"});
  const std::vector<Grouping> groupings = Protocol("h36m").Groupings(poses);
  ASSERT_EQ(groupings.size(), 1u);
  EXPECT_EQ(groupings[0].name, "action");
  EXPECT_TRUE(groupings[0].mean);
  EXPECT_EQ(groupings[0].group, poses.action);
  const std::string missing = Note(Protocol("h36m").Notes(poses), "actions missing");
  EXPECT_THAT(missing, HasSubstr("SittingDown"));
  EXPECT_THAT(missing, testing::Not(HasSubstr("Eating")));
  EXPECT_EQ(Note(Protocol("h36m").Notes(poses), "subjects"), "S11, S9");

  std::vector<std::string> all(kHuman36mActions.begin(), kHuman36mActions.end());
  EXPECT_EQ(Note(Protocol("h36m").Notes(Named(std::vector<std::string>(15, "S9"), all)), "actions missing"),
            "");
}

TEST(Protocol, Mpi3dhpSplitsBySequenceActivityAndScene) {
  const PoseData poses = Named({"TS1", "TS2", "TS3", "TS4", "TS5", "TS6"},
                               {"Sitting", "Sitting", "Sports", "Sports", "Sitting", "Miscellaneous"});
  const std::vector<Grouping> groupings = Protocol("mpi-inf-3dhp").Groupings(poses);
  ASSERT_EQ(groupings.size(), 3u);
  EXPECT_EQ(groupings[0].name, "sequence");
  EXPECT_EQ(groupings[0].group, poses.subject);
  EXPECT_EQ(groupings[1].name, "activity");
  EXPECT_EQ(groupings[1].group, poses.action);
  EXPECT_EQ(groupings[2].name, "scene");
  EXPECT_THAT(groupings[2].group,
              ElementsAre("green screen", "green screen", "studio", "studio", "outdoor", "outdoor"));
  for (const Grouping& grouping : groupings) EXPECT_FALSE(grouping.mean) << grouping.name;
  EXPECT_THAT(Note(Protocol("mpi-inf-3dhp").Notes(poses), "PCK and AUC"), HasSubstr("official"));
}

TEST(Protocol, NeedsTheNamesItSplitsBy) {
  PoseData poses = Named({"S9"}, {});
  EXPECT_THROW(Protocol("h36m").Groupings(poses), Error);
  EXPECT_THROW(Protocol("mpi-inf-3dhp").Groupings(poses), Error);
  EXPECT_TRUE(Protocol("none").Groupings(poses).empty());
  poses.subject.clear();
  EXPECT_THROW(Protocol("cmu").Groupings(poses), Error);
  // The subjects of the training part are no scenes.
  EXPECT_THROW(Protocol("mpi-inf-3dhp").Groupings(Named({"S1"}, {"Seq1"})), Error);
}

}  // namespace
}  // namespace links
