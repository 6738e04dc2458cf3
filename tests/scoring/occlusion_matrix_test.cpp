#include "links/scoring/occlusion_matrix.h"

#include <gtest/gtest.h>

#include "links/core/atomic_file.h"
#include "support/temporary_folder.h"

namespace links {
namespace {

Result Masked(const std::string& scenario, double error) {
  Result result{"legs_torso", scenario, "mask", "all", "all", "all", {}};
  result.metrics.pa_mpjpe = error;
  return result;
}

TEST(OcclusionMatrix, PairsLieOnBothSidesAndSingleJointsOnTheDiagonal) {
  const TemporaryFolder folder;
  Report report;
  report.results = {Masked("single/RHip", 1.5), Masked("pair/RHip+RKnee", 2.5)};
  Result visible = Masked("pair/RHip+RAnkle", 9);
  visible.joints = "visible";
  report.results.push_back(visible);
  WriteOcclusionMatrix(report, folder / "matrix.csv");
  const std::string csv = ReadFile(folder / "matrix.csv");
  EXPECT_EQ(csv.substr(0, csv.find("RAnkle,,") + 9),
            "pa_mpjpe,RHip,RKnee,RAnkle,LHip,LKnee,LAnkle,Spine,Thorax,Head,HeadTop,LShoulder,LElbow,LWrist,"
            "RShoulder,RElbow,RWrist\n"
            "RHip,1.5,2.5,,,,,,,,,,,,,,\n"
            "RKnee,2.5,,,,,,,,,,,,,,,\n"
            "RAnkle,,,");
}

}  // namespace
}  // namespace links
