#include "links/skeleton/joint_definition.h"

#include "links/core/error.h"
#include "links/core/log.h"

namespace links {
namespace {

bool Differ(JointDefinition a, JointDefinition b) {
  return a != b && a != JointDefinition::kNotStated && b != JointDefinition::kNotStated;
}

}  // namespace

std::string NameOf(JointDefinition definition) {
  if (definition == JointDefinition::kNotStated) return "";
  return definition == JointDefinition::kMocap ? "mocap" : "detector";
}

JointDefinition ParseJointDefinition(const std::string& name) {
  for (const JointDefinition definition : {JointDefinition::kMocap, JointDefinition::kDetector}) {
    if (name == NameOf(definition)) return definition;
  }
  throw UsageError("expected mocap or detector as what the joints are, found '", name, "'");
}

JointDefinition Together(JointDefinition a, JointDefinition b) {
  if (Differ(a, b)) return JointDefinition::kNotStated;
  return a == JointDefinition::kNotStated ? b : a;
}

void WarnOfOtherJoints(JointDefinition joints, const std::string& what, JointDefinition others,
                       const std::string& other) {
  if (!Differ(joints, others)) return;
  const auto of = [](JointDefinition definition) {
    return definition == JointDefinition::kMocap ? "motion capture's" : "a detector's";
  };
  LogWarning(Concat(what, " joints are ", of(joints), ", ", other, " ", of(others),
                    ", whose Head, HeadTop, Thorax and Spine are other points of the body: expect larger "
                    "errors (docs/data.md)"));
}

}  // namespace links
