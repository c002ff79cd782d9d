"""The affine map."""

import numpy as np
import torch
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes

from course_utils.nn import Linear
from course_utils.nn import functional as F
from tests.nn.proof import SEEDS, Call, Case, LayerCall, LayerCase
from tests.nn.samples import normal


@st.composite
def linear_calls(draw):
    rng = np.random.default_rng(draw(SEEDS))
    n_in, n_out = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    leading = draw(array_shapes(min_dims=0, max_dims=3, max_side=4))
    bias = rng.normal(size=n_out) if draw(st.booleans()) else None
    return Call((rng.normal(size=(*leading, n_in)), rng.normal(size=(n_out, n_in))), {"bias": bias})


@st.composite
def linear_layers(draw):
    rng = np.random.default_rng(draw(SEEDS))
    options = {"in_features": draw(st.integers(1, 4)), "out_features": draw(st.integers(1, 4))}
    leading = draw(array_shapes(min_dims=0, max_dims=2, min_side=0, max_side=3))
    x = rng.normal(size=(*leading, options["in_features"]))
    return LayerCall(options | {"bias": draw(st.booleans())}, (x,), training=draw(st.booleans()))


CASES = [Case(F.linear, torch.nn.functional.linear, linear_calls())]

LAYER_CASES = [LayerCase(Linear, torch.nn.Linear, linear_layers())]

GRADCHECKS = {
    "linear": [
        ((normal(5, 3), normal(2, 3), normal(2)), {}),
        ((normal(4, 5, 3), normal(2, 3)), {}),
        ((normal(3), normal(2, 3), normal(2)), {}),
    ],
}
