"""Training steps of attention: forward, mean square of the output, backward, SGD with momentum."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import torch

from benchmarks.pairs import Pair, Step
from course_utils import nn
from course_utils.optim import SGD

BATCH_SIZE, LENGTH, D_MODEL, N_HEADS = 32, 64, 64, 4


def batch() -> np.ndarray:
    """Draw sequences (N, L, d_model)."""
    return np.random.default_rng(0).normal(size=(BATCH_SIZE, LENGTH, D_MODEL)).astype(np.float32)


def self_attention(layer: Any, x: Any) -> Any:
    """Let every position look at all of its sequence."""
    return layer(x, x, x, need_weights=False)[0]


def encoder(layer: Any, x: Any) -> Any:
    """Apply the whole block."""
    return layer(x)


def engine_step(kind: str, options: dict[str, Any], forward: Any) -> Step:
    """Prepare the step of the engine."""
    x = batch()
    layer = getattr(nn, kind)(D_MODEL, N_HEADS, **options, rng=np.random.default_rng(0))
    optimizer = SGD(layer.parameters(), lr=0.01, momentum=0.9)

    def step() -> None:
        optimizer.zero_grad()
        y = forward(layer, x)
        (y * y).mean().backward()
        optimizer.step()

    return step


def torch_step(kind: str, options: dict[str, Any], forward: Any) -> Step:
    """Prepare the same step in torch."""
    x = torch.from_numpy(batch())
    layer = getattr(torch.nn, kind)(D_MODEL, N_HEADS, **options)
    optimizer = torch.optim.SGD(layer.parameters(), lr=0.01, momentum=0.9)

    def step() -> None:
        optimizer.zero_grad()
        y = forward(layer, x)
        (y * y).mean().backward()
        optimizer.step()

    return step


def pair(kind: str, options: dict[str, Any], forward: Any) -> Pair:
    """Return both steps of one layer."""
    name = f"{kind} d {D_MODEL}, {N_HEADS} heads, length {LENGTH}, batch {BATCH_SIZE}"
    arguments = (kind, options, forward)
    return Pair(name, 2.5, partial(engine_step, *arguments), partial(torch_step, *arguments))


ENCODER = {"dim_feedforward": 4 * D_MODEL, "dropout": 0.0, "batch_first": True, "norm_first": True}

PAIRS = [
    pair("MultiheadAttention", {"batch_first": True}, self_attention),
    pair("TransformerEncoderLayer", ENCODER, encoder),
]
