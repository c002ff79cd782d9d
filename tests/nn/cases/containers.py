"""Modules that only move numbers or modules about."""

import numpy as np
import torch
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes

from course_utils.nn import Flatten, Identity
from tests.nn.proof import SEEDS, LayerCall, LayerCase


@st.composite
def flattenings(draw):
    rng = np.random.default_rng(draw(SEEDS))
    x = rng.normal(size=draw(array_shapes(min_dims=2, max_dims=5, min_side=0, max_side=3)))
    if draw(st.booleans()):
        return LayerCall({}, (x,), training=draw(st.booleans()))
    start = draw(st.integers(0, x.ndim - 1))
    end = draw(st.integers(start, x.ndim - 1))
    options = {
        "start_dim": start - x.ndim if draw(st.booleans()) else start,
        "end_dim": end - x.ndim if draw(st.booleans()) else end,
    }
    return LayerCall(options, (x,), training=draw(st.booleans()))


@st.composite
def any_inputs(draw):
    rng = np.random.default_rng(draw(SEEDS))
    x = rng.normal(size=draw(array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=3)))
    return LayerCall({}, (x,), training=draw(st.booleans()))


LAYER_CASES = [
    LayerCase(Flatten, torch.nn.Flatten, flattenings()),
    LayerCase(Identity, torch.nn.Identity, any_inputs(), n_examples=10),
]
