"""The table of vectors."""

import numpy as np
import torch
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes

from course_utils.nn import Embedding
from course_utils.nn import functional as F
from tests.nn.proof import SEEDS, Call, Case, LayerCall, LayerCase
from tests.nn.samples import normal


@st.composite
def lookups(draw):
    """Draw indices (often repeated, perhaps none), the table's size and a padding row."""
    rng = np.random.default_rng(draw(SEEDS))
    n_rows, n_features = draw(st.integers(1, 5)), draw(st.integers(1, 4))
    shape = draw(array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4))
    dtype = draw(st.sampled_from([np.int64, np.int32]))
    indices = rng.integers(0, n_rows, size=shape, dtype=dtype)
    padding_idx = draw(st.none() | st.integers(-n_rows, n_rows - 1))
    return rng, np.asarray(indices), (n_rows, n_features), padding_idx


@st.composite
def embedding_calls(draw):
    rng, indices, size, padding_idx = draw(lookups())
    return Call((indices, rng.normal(size=size)), {"padding_idx": padding_idx})


@st.composite
def embedding_layers(draw):
    _, indices, (n_rows, n_features), padding_idx = draw(lookups())
    options = {"num_embeddings": n_rows, "embedding_dim": n_features, "padding_idx": padding_idx}
    return LayerCall(options, (indices,), training=draw(st.booleans()))


CASES = [Case(F.embedding, torch.nn.functional.embedding, embedding_calls(), takes_nan=False)]

LAYER_CASES = [LayerCase(Embedding, torch.nn.Embedding, embedding_layers())]

GRADCHECKS = {
    "embedding": [
        ((np.array([[0, 2], [2, 2]]), normal(3, 2)), {}),
        ((np.array(1), normal(3, 2)), {}),
    ],
}
