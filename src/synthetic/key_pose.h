#pragma once

#include "body_model.h"
#include "motion.h"

namespace links {

/// Upright, at ease, the weight on both legs.
BodyPose SampleStand(Random& random);

/// Moves an arm as in talking or handling something in front of the body.
void SampleGesture(BodyPose& pose, int side, Random& random);

/// The `key`-th key pose of an action that goes from key pose to key pose (all but walking and running);
/// `side` is the side that leads in the clip.
BodyPose SampleKeyPose(Action action, int side, int key, Random& random);

}  // namespace links
