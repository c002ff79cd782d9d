"""Dropout, with torch's side multiplied by the mask that an equal generator draws."""

import numpy as np
import torch
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes

from course_utils.nn import Dropout
from course_utils.nn import functional as F
from tests.nn.proof import SEEDS, Call, Case, LayerCall, LayerCase
from tests.nn.samples import normal

probabilities = st.sampled_from([0.5, 0.0, 1.0]) | st.floats(0.05, 0.95)


class Repeating(np.random.Generator):
    """A generator that draws the same numbers at every call, so that two sides see one mask."""

    def __init__(self, seed):
        super().__init__(np.random.PCG64(seed))
        self.seed = seed

    def random(self, *arguments, **options):
        return np.random.default_rng(self.seed).random(*arguments, **options)


def torch_dropout(x, p=0.5, training=True, *, rng):
    if not training or p == 0:
        return x * 1
    kept = torch.tensor(rng.random(tuple(x.shape), dtype=np.float32) >= p)
    return x * kept / (1 - p) if p < 1 else x * kept


class TorchDropout(torch.nn.Module):
    """Takes its masks from a generator that starts like that of the proof's layers."""

    def __init__(self, p=0.5):
        super().__init__()
        self.p, self.rng = p, np.random.default_rng(0)

    def forward(self, x):
        return torch_dropout(x, self.p, self.training, rng=self.rng)


@st.composite
def dropout_calls(draw):
    rng = np.random.default_rng(draw(SEEDS))
    x = np.asarray(rng.normal(size=draw(array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=5))))
    options = {"p": draw(probabilities), "training": draw(st.booleans()), "rng": Repeating(draw(SEEDS))}
    return Call((x,), options)


@st.composite
def dropout_layers(draw):
    rng = np.random.default_rng(draw(SEEDS))
    x = rng.normal(size=draw(array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=5)))
    return LayerCall({"p": draw(probabilities)}, (x,), training=draw(st.booleans()))


CASES = [Case(F.dropout, torch_dropout, dropout_calls())]

LAYER_CASES = [LayerCase(Dropout, TorchDropout, dropout_layers())]

GRADCHECKS = {
    "dropout": [
        ((normal(4, 5),), {"rng": Repeating(3)}),
        ((normal(4, 5),), {"p": 0.2, "rng": Repeating(4)}),
        ((normal(2, 3),), {"training": False, "rng": Repeating(5)}),
    ],
}
