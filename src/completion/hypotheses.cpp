#include "links/completion/hypotheses.h"

#include <ATen/CPUGeneratorImpl.h>
#include <torch/types.h>

#include "links/geometry/camera.h"
#include "links/lifter/available_compositions.h"

namespace links {
namespace {

constexpr uint64_t kSeed = 68;

}  // namespace

Perturbations DrawPerturbations(int64_t count, torch::Device device) {
  const at::Generator generator = at::detail::createCPUGenerator(kSeed);
  std::vector<torch::Tensor> noise, hidden;
  for (int64_t h = 0; h < count; ++h) {
    noise.push_back(kHypothesisNoise * torch::randn({kJoints, 2}, generator));
    hidden.push_back(torch::rand({kJoints}, generator) < kHypothesisHidden);
  }
  Perturbations drawn = {torch::stack(noise), torch::stack(hidden)};
  drawn.noise.select(1, kRoot).zero_();
  drawn.hidden.select(1, kRoot).fill_(false);
  return {drawn.noise.to(device), drawn.hidden.to(device)};
}

Hypotheses OtherAnswers(PoseLifters& lifters, Completion& completion, const torch::Tensor& keypoints,
                        const torch::Tensor& seen, const CompletedPoses& answer,
                        const Perturbations& perturbations, const SpreadFactors& factors) {
  const torch::Tensor root_unseen = seen.narrow(1, kRoot, 1).logical_not();
  const torch::Tensor rays = keypoints - (answer.root * root_unseen).unsqueeze(1);
  const torch::Tensor ray = seen.logical_and(answer.lifted.logical_not());
  const auto of = [&](double value) { return torch::full_like(rays.select(-1, 0), value); };
  const torch::Tensor factor =
      torch::where(seen, torch::where(ray, of(factors.ray), of(factors.lifted)), of(factors.guessed));
  const std::vector<Composition> compositions = AvailableCompositions(lifters);
  std::vector<torch::Tensor> others;
  for (int64_t h = 0; h < perturbations.count(); ++h) {
    const std::vector<Composition> one = {compositions[static_cast<size_t>(h) % compositions.size()]};
    const torch::Tensor noisy = keypoints + perturbations.noise[h];
    const torch::Tensor shown = seen.logical_and(perturbations.hidden[h].logical_not());
    const torch::Tensor of_seen = CompletePoses(lifters, completion, noisy, seen, one).joints;
    const torch::Tensor of_unseen = CompletePoses(lifters, completion, noisy, shown, one).joints;
    const torch::Tensor depth = answer.joints.select(-1, 2);
    const torch::Tensor other_depth = depth + factor * (of_seen.select(-1, 2) - depth);
    const torch::Tensor other_place = answer.joints + factor.unsqueeze(-1) * (of_unseen - answer.joints);
    others.push_back(torch::where(seen.unsqueeze(-1), Lift(rays, other_depth), other_place));
    others.back().select(1, kRoot).zero_();
  }
  const torch::Tensor joints = torch::stack(others);
  return {joints, (joints - answer.joints).square().sum(-1).mean(0).sqrt()};
}

}  // namespace links
