"""The networks of LInKs and the geometry between them, written plainly in PyTorch."""

import math

import torch
from torch import nn
from torch.nn import functional

JOINTS = 17
ROOT_DEPTH = 10.0
PARENTS = [0, 1, 2, 0, 4, 5, 0, 7, 8, 9, 8, 11, 12, 8, 14, 15]  # of joints 1 to 16
SEGMENTS = {
    "legs": [1, 2, 3, 4, 5, 6],
    "torso": [7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
    "left": [4, 5, 6, 7, 8, 9, 10, 11, 12, 13],
    "right": [1, 2, 3, 7, 8, 9, 10, 14, 15, 16],
    "full": list(range(1, JOINTS)),
}


def columns(joints):
    """(B, J, K) -> (B, K J): all x, then all y, ..."""
    return joints.transpose(1, 2).flatten(1)


def points(columns_, coordinates):
    """The inverse of columns()."""
    return columns_.unflatten(1, (coordinates, -1)).transpose(1, 2)


def project(pose):
    return pose[..., :2] / (pose[..., 2:] + ROOT_DEPTH)


def matrix(rows):
    """Nine tensors (B) -> (B, 3, 3)."""
    return torch.stack([torch.stack(row, -1) for row in rows], -2)


def rotation_x(angle):
    cos, sin, zero, one = angle.cos(), angle.sin(), torch.zeros_like(angle), torch.ones_like(angle)
    return matrix([[one, zero, zero], [zero, cos, -sin], [zero, sin, cos]])


def rotation_y(angle):
    cos, sin, zero, one = angle.cos(), angle.sin(), torch.zeros_like(angle), torch.ones_like(angle)
    return matrix([[cos, zero, sin], [zero, one, zero], [-sin, zero, cos]])


def rotate(rotation, pose):
    return pose @ rotation.transpose(1, 2)


class Select(nn.Module):
    """Picks joints: (B, 17, K) -> (B, J, K)."""

    def __init__(self, joints):
        super().__init__()
        self.register_buffer("index", torch.tensor(joints), persistent=False)

    def forward(self, pose):
        return pose.index_select(1, self.index)


class CouplingBlock(nn.Module):
    """RealNVP: half of the channels scale and shift the others, then all are scaled, shifted and turned."""

    def __init__(self, channels, width, hidden_layers, clamp):
        super().__init__()
        self.clamp = clamp
        self.active = channels // 2
        self.passive = channels - self.active
        layers, inputs = [], self.passive
        for _ in range(hidden_layers):
            layers += [nn.Linear(inputs, width), nn.ReLU()]
            inputs = width
        self.network = nn.Sequential(*layers, nn.Linear(inputs, 2 * self.active))
        self.scale = nn.Parameter(torch.zeros(channels))
        self.offset = nn.Parameter(torch.zeros(channels))
        self.register_buffer("rotation", torch.eye(channels))

    def scale_and_shift(self, passive):
        log_scale, shift = (0.1 * self.network(passive)).chunk(2, 1)
        return self.clamp * torch.tanh(log_scale / self.clamp), shift

    def channel_scale(self):
        return 0.1 * functional.softplus(self.scale, beta=0.5)

    def forward(self, x):
        passive, active = x.split([self.passive, self.active], 1)
        log_scale, shift = self.scale_and_shift(passive)
        channel_scale = self.channel_scale()
        x = torch.cat([passive, active * log_scale.exp() + shift], 1) * channel_scale + self.offset
        return x @ self.rotation.T, log_scale.sum(1) + channel_scale.log().sum()

    def inverse(self, y):
        x = (y @ self.rotation - self.offset) / self.channel_scale()
        passive, active = x.split([self.passive, self.active], 1)
        log_scale, shift = self.scale_and_shift(passive)
        return torch.cat([passive, (active - shift) * (-log_scale).exp()], 1)


class Flow(nn.Module):
    """The flow of one segment; it takes whole 2D poses (B, 17, 2)."""

    def __init__(self, joints, width, blocks, hidden_layers, clamp):
        super().__init__()
        self.joints = Select(joints)
        self.blocks = nn.ModuleList(
            CouplingBlock(2 * len(joints), width, hidden_layers, clamp) for _ in range(blocks))

    def forward(self, pose):
        z, log_det = columns(self.joints(pose)), 0
        for block in self.blocks:
            z, change = block(z)
            log_det = log_det + change
        return z, log_det

    def inverse(self, z):
        for block in reversed(self.blocks):
            z = block.inverse(z)
        return points(z, 2)

    def nll(self, pose):
        """Negative log-likelihood in nats, batch mean."""
        z, log_det = self(pose)
        return (0.5 * z.square().sum(1) - log_det).mean() + 0.5 * z.shape[1] * math.log(2 * math.pi)


class ResidualBlock(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.first = nn.Linear(width, width)
        self.second = nn.Linear(width, width)

    def forward(self, x):
        change = functional.leaky_relu(self.second(functional.leaky_relu(self.first(x))))
        return functional.leaky_relu(x + change)


def residual_blocks(width, count):
    return [ResidualBlock(width) for _ in range(count)]


class Lifter(nn.Module):
    """The lifter of one segment: whole 2D poses (B, 17, 2) -> points of its joints (B, J, 3)."""

    def __init__(self, joints, width, blocks_per_branch):
        super().__init__()
        self.joints = Select(joints)
        self.entry = nn.Linear(2 * len(joints), width)
        self.shared = ResidualBlock(width)
        self.depth = nn.Sequential(*residual_blocks(width, blocks_per_branch), nn.Linear(width, len(joints)))
        self.elevation = nn.Sequential(*residual_blocks(width, blocks_per_branch), nn.Linear(width, 1))

    def points(self, keypoints, shared):
        z = (self.depth(shared) + ROOT_DEPTH).clamp(min=1).unsqueeze(-1)
        return torch.cat([keypoints * z, z - ROOT_DEPTH], -1)

    def forward(self, pose):
        keypoints = self.joints(pose)
        return self.points(keypoints, self.shared(self.entry(columns(keypoints))))

    def with_elevation(self, pose):
        keypoints = self.joints(pose)
        shared = self.shared(self.entry(columns(keypoints)))
        return self.points(keypoints, shared), self.elevation(shared).squeeze(1)


class Filler(nn.Module):
    """Completes the missing joints from the known ones: (B, 17, K) -> (B, missing, K)."""

    def __init__(self, missing, coordinates, width, blocks):
        super().__init__()
        known = [joint for joint in range(1, JOINTS) if joint not in missing]
        self.coordinates = coordinates
        self.known = Select(known)
        self.missing = Select(missing)
        self.network = nn.Sequential(
            nn.Linear(coordinates * len(known), width),
            *residual_blocks(width, blocks),
            nn.Linear(width, coordinates * len(missing)),
        )

    def error(self, pose):
        """Squared error summed over the missing coordinates, batch mean."""
        filled = points(self.network(columns(self.known(pose))), self.coordinates)
        return (filled - self.missing(pose)).square().sum((1, 2)).mean()


class Composer(nn.Module):
    """A whole 3D pose from the points of two segments; the first one's where both have a joint."""

    def __init__(self, first, second):
        super().__init__()
        self.segments = (first, second)
        order = [0] + SEGMENTS[first] + SEGMENTS[second]
        self.index = Select([order.index(joint) for joint in range(JOINTS)])

    def forward(self, lifted):
        first, second = (lifted[segment] for segment in self.segments)
        return self.index(torch.cat([torch.zeros_like(first[:, :1]), first, second], 1))
