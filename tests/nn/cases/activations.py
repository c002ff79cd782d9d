"""Activations."""

import numpy as np
import torch
import torch.nn.functional as TF
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes

from course_utils.nn import functional as F
from course_utils.nn import layers
from tests.nn.proof import SEEDS, Call, Case, LayerCall, LayerCase
from tests.nn.samples import away_from_zero, normal, positive

SHAPES = array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)
SLOPES = st.floats(-0.5, 1.5)
POSITIVE = st.floats(0.1, 3.0)
OPTIONS = {
    "sigmoid": {},
    "tanh": {},
    "hardtanh": {"min_val": st.floats(-3.0, -0.1), "max_val": POSITIVE},
    "relu": {},
    "leaky_relu": {"negative_slope": SLOPES},
    "elu": {"alpha": POSITIVE},
    "selu": {},
    "silu": {},
    "softplus": {"beta": POSITIVE, "threshold": st.floats(0.5, 25.0)},
    "gelu": {"approximate": st.sampled_from(["none", "tanh"])},
}
"""The functions that work entry by entry, with what to draw their options from."""

LAYERS = {
    "sigmoid": "Sigmoid",
    "tanh": "Tanh",
    "hardtanh": "Hardtanh",
    "relu": "ReLU",
    "leaky_relu": "LeakyReLU",
    "elu": "ELU",
    "selu": "SELU",
    "silu": "SiLU",
    "softplus": "Softplus",
    "gelu": "GELU",
}


@st.composite
def entrywise_calls(draw, options):
    rng = np.random.default_rng(draw(SEEDS))
    x = np.asarray(rng.normal(scale=draw(st.sampled_from([0.1, 3.0, 30.0])), size=draw(SHAPES)))
    if x.size:
        x.flat[0] = rng.uniform(0.5, 1.0)  # no slope is small here: the flat ones are compared on this scale
    return Call((x,), draw(st.fixed_dictionaries({}, optional=options)))


@st.composite
def entrywise_layers(draw, options):
    call = draw(entrywise_calls(options))
    return LayerCall(call.options, call.arguments, training=draw(st.booleans()))


@st.composite
def prelu_calls(draw):
    """One slope with any shape, or one for each channel."""
    rng = np.random.default_rng(draw(SEEDS))
    channels = draw(st.integers(1, 4))
    if channels == 1:
        shape = draw(SHAPES)
    else:
        batch, rest = draw(st.integers(0, 3)), draw(array_shapes(min_dims=0, max_dims=2, max_side=3))
        shape = (batch, channels, *rest)
    return Call((np.asarray(rng.normal(size=shape)), rng.normal(size=channels)))


@st.composite
def prelu_layers(draw):
    x, weight = draw(prelu_calls()).arguments
    options = {"num_parameters": len(weight), "init": draw(SLOPES)}
    return LayerCall(options, (x,), training=draw(st.booleans()))


@st.composite
def softmax_calls(draw):
    """Any axis, counted from the left or from the right; sometimes nothing along another one."""
    rng = np.random.default_rng(draw(SEEDS))
    shape = list(draw(array_shapes(min_dims=1, max_dims=4, max_side=5)))
    axis = draw(st.integers(0, len(shape) - 1))
    others = [i for i in range(len(shape)) if i != axis]
    if others and draw(st.integers(0, 9)) == 0:
        shape[draw(st.sampled_from(others))] = 0
    x = rng.normal(scale=draw(st.sampled_from([0.1, 3.0, 100.0])), size=shape)
    first_line = tuple(slice(None) if i == axis else slice(1) for i in range(len(shape)))
    x[first_line] *= 0.01  # nothing near 0 or 1 here: what is, is compared on this scale
    return Call((x,), {"dim": draw(st.sampled_from([axis, axis - len(shape)]))})


@st.composite
def softmax_layers(draw):
    call = draw(softmax_calls())
    return LayerCall(call.options, call.arguments, training=draw(st.booleans()))


CASES = [
    *(Case(getattr(F, n), getattr(TF, n), entrywise_calls(o)) for n, o in OPTIONS.items()),
    Case(F.prelu, TF.prelu, prelu_calls()),
    Case(F.softmax, torch.softmax, softmax_calls()),
    Case(F.log_softmax, torch.log_softmax, softmax_calls()),
]

LAYER_CASES = [
    *(
        LayerCase(getattr(layers, name), getattr(torch.nn, name), entrywise_layers(OPTIONS[function]))
        for function, name in LAYERS.items()
    ),
    LayerCase(layers.PReLU, torch.nn.PReLU, prelu_layers()),
    LayerCase(layers.Softmax, torch.nn.Softmax, softmax_layers()),
    LayerCase(layers.LogSoftmax, torch.nn.LogSoftmax, softmax_layers()),
]

GRADCHECKS = {
    "sigmoid": [((normal(3, 4),), {})],
    "tanh": [((normal(3, 4),), {})],
    "hardtanh": [((away_from_zero(3, 4),), {"min_val": -0.25, "max_val": 3.0}), ((positive(3),), {})],
    "relu": [((away_from_zero(3, 4),), {})],
    "leaky_relu": [((away_from_zero(3, 4),), {"negative_slope": 0.3})],
    "prelu": [((away_from_zero(2, 3, 4), normal(3)), {}), ((away_from_zero(4), normal(1)), {})],
    "elu": [((away_from_zero(3, 4),), {}), ((away_from_zero(3, 4),), {"alpha": 0.3})],
    "selu": [((away_from_zero(3, 4),), {})],
    "silu": [((normal(3, 4),), {})],
    "softplus": [((normal(3, 4),), {}), ((normal(3, 4),), {"beta": 2.0})],
    "gelu": [((normal(3, 4),), {}), ((normal(3, 4),), {"approximate": "tanh"})],
    "softmax": [((normal(3, 4),), {}), ((normal(3, 4, 2),), {"dim": 1})],
    "log_softmax": [((normal(3, 4),), {}), ((normal(3, 4),), {"dim": 0})],
}
