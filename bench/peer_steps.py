"""The training steps of LInKs, written plainly in PyTorch: all networks, their losses and the stages."""

import math
from typing import Callable, NamedTuple

import torch
from torch import nn

from peer_networks import SEGMENTS, Composer, Filler, Flow, Lifter, Select
from peer_networks import project, rotate, rotation_x, rotation_y

PARTS = ["legs", "torso", "left", "right"]
PARENTS = [0, 1, 2, 0, 4, 5, 0, 7, 8, 9, 8, 11, 12, 8, 14, 15]  # of joints 1 to 16
GROUPS = {"legs_torso": [("legs", "torso")], "left_right": [("left", "right"), ("right", "left")]}


def uniform_angle(*shape, device):
    """Uniform in [-pi, pi)."""
    return (torch.rand(*shape, device=device) * 2 - 1) * math.pi


class Networks(nn.Module):
    """All networks of LInKs and the steps' losses; a loss is (total, {term: its value before the weight})."""

    def __init__(self, config, bone_ratios):
        super().__init__()
        self.sigma = config["sigma"]
        self.weights = config["loss"]
        self.scenarios = list(config["scenarios"])
        self.flows = nn.ModuleDict({s: Flow(joints, **config["flows"]) for s, joints in SEGMENTS.items()})
        self.lifters = nn.ModuleDict({s: Lifter(SEGMENTS[s], **config["lifters"]) for s in PARTS})
        self.fillers = nn.ModuleDict({
            f"o{k}d_{name}": Filler(missing, k, **config["fillers"])
            for name, missing in config["scenarios"].items() for k in (3, 2)})
        self.composers = nn.ModuleDict({
            group: nn.ModuleList(Composer(*pair) for pair in pairs) for group, pairs in GROUPS.items()})
        self.parents = Select(PARENTS)
        self.register_buffer("bone_ratios", bone_ratios, persistent=False)

    @torch.no_grad()
    def sample(self, pose):
        """Eq. 3: new poses around those of the batch."""
        z, _ = self.flows["full"](pose)
        body = self.flows["full"].inverse(z + self.sigma * z * torch.randn_like(z))
        return torch.cat([torch.zeros_like(body[:, :1]), body], 1)

    def flow_loss(self, pose, segments):
        """Eq. 4 for the flows of these segments."""
        sampled, terms = self.sample(pose), {}
        for segment in segments:
            terms[f"{segment}/nll_real"] = self.flows[segment].nll(pose)
            terms[f"{segment}/nll_sampled"] = self.flows[segment].nll(sampled)
        return sum(terms.values()), terms

    def bone_error(self, pose):
        lengths = (pose[:, 1:] - self.parents(pose)).norm(dim=-1)
        relative = lengths / lengths.mean(1, keepdim=True)
        return (relative - self.bone_ratios).square().sum(1).mean()

    def group_terms(self, group, keypoints, azimuth, noise):
        """The terms of eq. 10 for lifters that learn together, summed over the poses that they compose."""
        composers = self.composers[group]
        segments = composers[0].segments
        first = {segment: self.lifters[segment].with_elevation(keypoints) for segment in segments}
        lifted = {segment: first[segment][0] for segment in segments}
        elevation = sum(first[segment][1] for segment in segments) / len(segments)
        angle = -elevation.mean() + elevation.std() * noise
        rotation = rotation_x(angle) @ rotation_y(azimuth) @ rotation_x(elevation)

        poses = [compose(lifted) for compose in composers]
        turned = [rotate(rotation, pose) for pose in poses]
        views = [project(pose) for pose in turned]
        # Each segment is judged and lifted again in the view of the pose that it leads.
        view_of = {segments[0]: views[0], segments[1]: views[-1]}
        relifted = {segment: self.lifters[segment](view_of[segment]) for segment in segments}
        again = [compose(relifted) for compose in composers]
        back = [rotate(rotation.transpose(1, 2), pose) for pose in again]

        changes = [(pose - pose_back).flatten(1) for pose, pose_back in zip(poses, back)]
        return {
            "likelihood": sum(self.flows[segment].nll(view_of[segment]) for segment in segments),
            "consistency_3d": sum((a - b).flatten(1).norm(dim=1).mean() for a, b in zip(turned, again)),
            "reprojection_2d": sum((project(pose) - keypoints).abs().sum((1, 2)).mean() for pose in back),
            "deformation": sum((change[0::2] - change[1::2]).norm(dim=1).mean() for change in changes),
            "bone": sum(self.bone_error(pose) for pose in poses),
        }

    def lifting_loss(self, pose):
        """Eq. 10 for both groups, on the real poses followed by as many samples."""
        keypoints = torch.cat([pose, self.sample(pose)])
        azimuth = uniform_angle(len(GROUPS), len(keypoints), device=pose.device)
        noise = torch.randn(len(GROUPS), len(keypoints), device=pose.device)
        total, terms = 0, {}
        for row, group in enumerate(GROUPS):
            for name, term in self.group_terms(group, keypoints, azimuth[row], noise[row]).items():
                total = total + self.weights[name] * term
                terms[f"{group}/{name}"] = term
        return total, terms

    def occlusion_loss(self, pose):
        """Eq. 7 for every filler; the teacher is the frozen legs + torso lifters on the whole 2D pose."""
        truth = self.lift(pose)
        angle = uniform_angle(len(pose), device=pose.device)
        both, terms = torch.cat([truth, rotate(rotation_y(angle), truth)]), {}
        for name in self.scenarios:
            terms[f"o3d/{name}"] = 2 * self.fillers[f"o3d_{name}"].error(both)
            terms[f"o2d/{name}"] = self.fillers[f"o2d_{name}"].error(pose)
        return sum(terms.values()), terms

    @torch.no_grad()
    def lift(self, pose):
        """The 3D pose of the legs + torso lifters, (B, 17, 3)."""
        return self.composers["legs_torso"][0]({s: self.lifters[s](pose) for s in ("legs", "torso")})


class Stage(NamedTuple):
    """What is timed: a loss of (networks, batch), and the prefixes of the parameters that descend on it.
    Without these, `poses` poses are lifted."""

    loss: Callable
    trained: tuple = ()
    poses: int = None


STAGES = {
    "full_flow": Stage(lambda n, batch: n.flow_loss(batch, ["full"]), ("flows.full.",)),
    "segment_flows": Stage(lambda n, batch: n.flow_loss(batch, PARTS), tuple(f"flows.{s}." for s in PARTS)),
    "five_flows": Stage(lambda n, batch: n.flow_loss(batch, list(SEGMENTS)), ("flows.",)),
    "lifters": Stage(Networks.lifting_loss, ("lifters.",)),
    "occlusion": Stage(Networks.occlusion_loss, ("fillers.",)),
    "lift_1": Stage(Networks.lift, poses=1),
    "lift_65536": Stage(Networks.lift, poses=65536),
}
