"""Normalisation over the batch, over each example, over groups of channels."""

import numpy as np
import torch
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes

from course_utils.nn import BatchNorm1d, BatchNorm2d, GroupNorm, LayerNorm
from course_utils.nn import functional as F
from tests.nn.proof import SEEDS, Call, Case, LayerCall, LayerCase
from tests.nn.samples import normal

SEVERAL = (
    4  # values to normalise at least: of fewer, the gradient cancels to rounding (test_normalization.py)
)
epsilons = st.sampled_from([1e-5, 1e-3, 0.1])


def generator(draw):
    """Deal numbers unlike the proof's upstream gradient, along which the gradient would cancel."""
    return np.random.default_rng([1, draw(SEEDS)])


def maybe(draw, array):
    return array if draw(st.booleans()) else None


def numbers(rng, *shape):
    """Draw channels that differ in mean and spread."""
    spread = (shape[1], *[1] * (len(shape) - 2)) if len(shape) > 1 else ()
    return rng.normal(size=shape) * rng.uniform(0.5, 3, size=spread) + rng.normal(size=spread)


@st.composite
def batches(draw, min_axes, max_axes, training):
    """Draw a shape (B, C, ...); in training with several values for each channel, else perhaps none."""
    smallest = 1 if training else 0
    shape = list(draw(array_shapes(min_dims=min_axes, max_dims=max_axes, min_side=1, max_side=4)))
    shape[0] = draw(st.integers(smallest, 5))
    if training and shape[0] * np.prod(shape[2:]) < SEVERAL:
        shape[0] = SEVERAL
    return tuple(shape)


@st.composite
def batch_norm_calls(draw):
    rng = generator(draw)
    training = draw(st.booleans())
    shape = draw(batches(2, 5, training))
    n_channels = shape[1]
    running = [rng.normal(size=n_channels), rng.uniform(0.5, 2, size=n_channels)]
    options = {
        "weight": maybe(draw, rng.normal(size=n_channels)),
        "bias": maybe(draw, rng.normal(size=n_channels)),
        "training": training,
        "eps": draw(epsilons),
    }
    without = training and draw(st.booleans())
    return Call((numbers(rng, *shape), *([None, None] if without else running)), options)


def torch_batch_norm(x, running_mean, running_var, **options):
    kept = [None if running is None else running.clone() for running in (running_mean, running_var)]
    return torch.nn.functional.batch_norm(x, *kept, **options)  # torch writes into what it gets


@st.composite
def normalized_shapes(draw):
    """Draw the shape of one example, of several entries."""
    shape = draw(array_shapes(min_dims=1, max_dims=2, max_side=5))
    return shape if np.prod(shape) >= SEVERAL else (*shape[:-1], SEVERAL)


@st.composite
def layer_norm_calls(draw):
    rng = generator(draw)
    shape = draw(normalized_shapes())
    leading = draw(array_shapes(min_dims=0, max_dims=2, min_side=0, max_side=4))
    options = {
        "weight": maybe(draw, rng.normal(size=shape)),
        "bias": maybe(draw, rng.normal(size=shape)),
        "eps": draw(epsilons),
    }
    return Call((2 * rng.normal(size=(*leading, *shape)) + 1, shape), options)


@st.composite
def grouped_shapes(draw):
    """Draw the number of groups and a shape (B, C, ...) with several values in each group, perhaps no B."""
    n_groups, a_group = draw(st.integers(1, 3)), draw(st.integers(1, 5))
    positions = draw(array_shapes(min_dims=0, max_dims=2, max_side=3))
    if a_group * np.prod(positions) < SEVERAL:
        a_group = SEVERAL
    return n_groups, (draw(st.integers(0, 4)), n_groups * a_group, *positions)


@st.composite
def group_norm_calls(draw):
    rng = generator(draw)
    n_groups, shape = draw(grouped_shapes())
    weight = maybe(draw, rng.normal(size=shape[1]))
    bias = None if weight is None else maybe(draw, rng.normal(size=shape[1]))  # torch fails on a bias alone
    options = {"weight": weight, "bias": bias, "eps": draw(epsilons)}
    return Call((numbers(rng, *shape), n_groups), options)


@st.composite
def batch_norm_layers(draw, min_axes, max_axes):
    rng = generator(draw)
    training, tracking = draw(st.booleans()), draw(st.booleans())
    shape = draw(batches(min_axes, max_axes, training or not tracking))
    options = {
        "num_features": shape[1],
        "eps": draw(epsilons),
        "momentum": draw(st.sampled_from([0.1, 0.0, 0.7, 1.0, None])),
        "affine": draw(st.booleans()),
        "bias": draw(st.booleans()),
        "track_running_stats": tracking,
    }
    return LayerCall(options, (numbers(rng, *shape),), training=training)


@st.composite
def layer_norm_layers(draw):
    rng = generator(draw)
    shape = draw(normalized_shapes())
    leading = draw(array_shapes(min_dims=0, max_dims=2, min_side=0, max_side=3))
    options = {
        "normalized_shape": shape[0] if len(shape) == 1 and draw(st.booleans()) else shape,
        "eps": draw(epsilons),
        "elementwise_affine": draw(st.booleans()),
        "bias": draw(st.booleans()),
    }
    x = 2 * rng.normal(size=(*leading, *shape)) + 1
    return LayerCall(options, (x,), training=draw(st.booleans()))


@st.composite
def group_norm_layers(draw):
    rng = generator(draw)
    n_groups, shape = draw(grouped_shapes())
    options = {
        "num_groups": n_groups,
        "num_channels": shape[1],
        "eps": draw(epsilons),
        "affine": draw(st.booleans()),
        "bias": draw(st.booleans()),
    }
    return LayerCall(options, (numbers(rng, *shape),), training=draw(st.booleans()))


CASES = [
    Case(
        F.batch_norm,
        torch_batch_norm,
        batch_norm_calls(),
        constant=frozenset({"running_mean", "running_var"}),
    ),
    Case(F.layer_norm, torch.nn.functional.layer_norm, layer_norm_calls()),
    Case(F.group_norm, torch.nn.functional.group_norm, group_norm_calls()),
]

LAYER_CASES = [
    LayerCase(BatchNorm1d, torch.nn.BatchNorm1d, batch_norm_layers(2, 3)),
    LayerCase(BatchNorm2d, torch.nn.BatchNorm2d, batch_norm_layers(4, 4)),
    LayerCase(LayerNorm, torch.nn.LayerNorm, layer_norm_layers()),
    LayerCase(GroupNorm, torch.nn.GroupNorm, group_norm_layers()),
]

GRADCHECKS = {
    "batch_norm": [
        ((normal(4, 3), None, None, normal(3), normal(3), True), {}),
        ((normal(2, 3, 2, 2), None, None, normal(3), None, True), {"eps": 0.1}),
        ((normal(3, 2), None, None, None, None, True), {}),
    ],
    "layer_norm": [
        ((normal(4, 3), 3, normal(3), normal(3)), {}),
        ((normal(2, 2, 3), (2, 3), normal(2, 3)), {"eps": 0.1}),
    ],
    "group_norm": [
        ((normal(2, 4), 2, normal(4), normal(4)), {}),
        ((normal(2, 4, 2, 3), 2, None, normal(4)), {"eps": 0.1}),
    ],
}
