"""Attention and positions."""

import math

import numpy as np
import torch
from hypothesis import strategies as st
from hypothesis.extra.numpy import mutually_broadcastable_shapes

from course_utils.nn import LearnedPositions, MultiheadAttention, PositionalEncoding, TransformerEncoderLayer
from course_utils.nn import functional as F
from tests.nn.proof import SEEDS, Call, Case, LayerCall, LayerCase
from tests.nn.samples import RNG, normal

LENGTHS = st.integers(1, 5)


# ---------------------------------------------------------------- functions


def drawn_mask(draw, rng, shape, forbids):
    """Draw no mask, booleans or floats; each row lets a query look somewhere (`forbids`: True means no)."""
    kind = draw(st.sampled_from(["none", "bool", "float"]))
    if kind == "none":
        return None
    if kind == "float":
        return rng.normal(size=shape)
    allowed = rng.random(shape) < 0.6
    allowed[..., 0] = True
    return ~allowed if forbids else allowed


@st.composite
def attention_calls(draw, with_value):
    rng = np.random.default_rng(draw(SEEDS))
    n_queries, n_keys, n_features = draw(LENGTHS), draw(LENGTHS), draw(LENGTHS)
    first, second, third = draw(
        mutually_broadcastable_shapes(num_shapes=3, max_dims=3, max_side=3)
    ).input_shapes
    if draw(st.integers(0, 9)) == 0:  # an empty batch
        first = second = third = (0, 2)
    arguments = [
        rng.normal(size=(*first, n_queries, n_features)),
        rng.normal(size=(*second, n_keys, n_features)),
    ]
    if with_value:
        arguments.append(rng.normal(size=(*third, n_keys, draw(LENGTHS))))
    options = {"scale": draw(st.none() | st.floats(0.1, 2.0))}
    if draw(st.booleans()):
        options["is_causal"] = True
    else:
        scores_leading = np.broadcast_shapes(first, second)
        mask_leading = draw(st.sampled_from([(), scores_leading, (1,) * len(scores_leading)]))
        options["attn_mask"] = drawn_mask(draw, rng, (*mask_leading, n_queries, n_keys), forbids=False)
    if with_value and draw(st.integers(0, 4)) == 0:  # dropping everything needs no luck
        options |= {"dropout_p": 1.0, "rng": np.random.default_rng(0)}
    return Call(tuple(arguments), options)


def torch_attention(query, key, value, rng=None, **options):
    """Take the function's plain form: the kernels for some shapes know no gradient of a mask."""
    with torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH):
        return torch.nn.functional.scaled_dot_product_attention(query, key, value, **options)


def torch_weights(query, key, attn_mask=None, is_causal=False, scale=None):
    """Write the formula down."""
    factor = 1 / math.sqrt(query.shape[-1]) if scale is None else scale
    scores = factor * query @ key.transpose(-1, -2)
    if is_causal:
        attn_mask = torch.ones(scores.shape[-2:], dtype=torch.bool).tril()
    if attn_mask is not None and attn_mask.dtype == torch.bool:
        attn_mask = torch.zeros(attn_mask.shape, dtype=scores.dtype).masked_fill(~attn_mask, -math.inf)
    return torch.softmax(scores if attn_mask is None else scores + attn_mask, dim=-1)


CASES = [
    Case(F.scaled_dot_product_attention, torch_attention, attention_calls(with_value=True), n_examples=100),
    Case(F.attention_weights, torch_weights, attention_calls(with_value=False), n_examples=100),
]


# ---------------------------------------------------------------- layers


@st.composite
def multihead_layers(draw):
    rng = np.random.default_rng(draw(SEEDS))
    n_heads, training = draw(st.integers(1, 3)), draw(st.booleans())
    size = n_heads * draw(st.integers(1, 3))
    options = {
        "embed_dim": size,
        "num_heads": n_heads,
        "dropout": 0.0 if training else draw(st.floats(0, 1)),  # torch's draws cannot be had
        "bias": draw(st.booleans()),
        "kdim": draw(st.none() | st.integers(1, 4)),
        "vdim": draw(st.none() | st.integers(1, 4)),
        "batch_first": draw(st.booleans()),
    }
    n_queries, n_keys = draw(LENGTHS), draw(LENGTHS)
    n = draw(st.none() | st.integers(0 if training else 1, 3))  # None: one sequence, without the axis
    features = [size, options["kdim"] or size, options["vdim"] or size]
    inputs = sequences(rng, n, (n_queries, n_keys, n_keys), features, options["batch_first"])
    wanted = n == 0 or draw(st.booleans())  # of an empty batch torch gives nothing without the weights
    forward = {"need_weights": wanted, "average_attn_weights": draw(st.booleans())}
    forward |= drawn_masks(draw, rng, n, n_heads, n_queries, n_keys)
    return LayerCall(options, inputs, forward, training)


def sequences(rng, n, lengths, features, batch_first):
    """Draw one array of sequences for each length and number of features."""
    shapes = [
        (length, size) if n is None else (n, length, size) if batch_first else (length, n, size)
        for length, size in zip(lengths, features, strict=True)
    ]
    return tuple(rng.normal(size=shape) for shape in shapes)


def drawn_masks(draw, rng, n, n_heads, n_queries, n_keys):
    """Draw the masks of a layer so that no query is left without a key; torch wants one dtype of both."""
    if draw(st.integers(0, 3)) == 0:
        return {"attn_mask": ~np.tri(n_queries, n_keys, dtype=bool), "is_causal": True}
    heads = n_heads if n is None else n * n_heads
    shape = draw(st.sampled_from([(n_queries, n_keys), (heads, n_queries, n_keys)]))
    attn_mask = drawn_mask(draw, rng, shape, forbids=True)
    padding = drawn_mask(draw, rng, (n_keys,) if n is None else (n, n_keys), forbids=True)
    if attn_mask is not None and padding is not None and attn_mask.dtype != padding.dtype:
        padding = None
    return {"attn_mask": attn_mask, "key_padding_mask": padding}


@st.composite
def encoder_layers(draw):
    rng = np.random.default_rng(draw(SEEDS))
    n_heads, training = draw(st.integers(1, 2)), draw(st.booleans())
    options = {
        "d_model": n_heads * draw(st.integers(3, 4)),
        "nhead": n_heads,
        "dim_feedforward": draw(st.integers(1, 6)),
        "dropout": 0.0 if training else draw(st.floats(0, 1)),
        "activation": draw(st.sampled_from(["relu", "gelu"])),
        "layer_norm_eps": draw(st.sampled_from([1e-5, 0.1])),
        "batch_first": draw(st.booleans()),
        "norm_first": draw(st.booleans()),
        "bias": draw(st.booleans()),
    }
    length, n = draw(LENGTHS), draw(st.none() | st.integers(1, 3))
    inputs = sequences(rng, n, (length,), (options["d_model"],), options["batch_first"])
    masks = drawn_masks(draw, rng, n, n_heads, length, length)
    forward = {
        {"attn_mask": "src_mask", "key_padding_mask": "src_key_padding_mask"}.get(name, name): mask
        for name, mask in masks.items()
    }
    return LayerCall(options, inputs, forward, training)


class TorchSines(torch.nn.Module):
    """Paper's formula, entry by entry."""

    def __init__(self, max_length, d_model, base=10000.0):
        super().__init__()
        self.rows = [
            [(math.cos if j % 2 else math.sin)(t / base ** ((j - j % 2) / d_model)) for j in range(d_model)]
            for t in range(max_length)
        ]

    def forward(self, x):
        return x + torch.tensor(self.rows, dtype=x.dtype)[: x.shape[-2]]


class TorchRows(torch.nn.Module):
    """Sum of the input and an embedding of 0, 1, 2, ..."""

    def __init__(self, max_length, d_model):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(max_length, d_model))

    def forward(self, x):
        return x + torch.nn.functional.embedding(torch.arange(x.shape[-2]), self.weight)


@st.composite
def position_layers(draw, with_base):
    rng = np.random.default_rng(draw(SEEDS))
    options = {"max_length": draw(st.integers(1, 6)), "d_model": draw(st.integers(1, 5))}
    if with_base:
        options["base"] = draw(st.sampled_from([10000.0, 100.0, 2.0]))
    leading = draw(st.sampled_from([(), (1,), (3,), (2, 2), (0,)]))
    length = draw(st.integers(1, options["max_length"]))
    x = rng.normal(size=(*leading, length, options["d_model"]))
    return LayerCall(options, (x,), training=draw(st.booleans()))


LAYER_CASES = [
    LayerCase(MultiheadAttention, torch.nn.MultiheadAttention, multihead_layers(), n_examples=80),
    LayerCase(TransformerEncoderLayer, torch.nn.TransformerEncoderLayer, encoder_layers(), n_examples=60),
    LayerCase(PositionalEncoding, TorchSines, position_layers(with_base=True)),
    LayerCase(LearnedPositions, TorchRows, position_layers(with_base=False)),
]


GRADCHECKS = {
    "scaled_dot_product_attention": [
        ((normal(3, 2), normal(4, 2), normal(4, 3)), {}),
        ((normal(2, 3, 2), normal(1, 4, 2), normal(4, 3)), {"is_causal": True, "scale": 0.3}),
        ((normal(2, 3, 2), normal(4, 2), normal(2, 4, 1), normal(3, 4)), {}),
        ((normal(3, 2), normal(4, 2), normal(4, 3), RNG.random((3, 4)) < 0.5), {}),
    ],
    "attention_weights": [
        ((normal(3, 2), normal(4, 2)), {"scale": 2.0}),
        ((normal(2, 3, 2), normal(4, 2)), {"is_causal": True}),
        ((normal(3, 2), normal(2, 4, 2), normal(2, 3, 4)), {}),
    ],
}
