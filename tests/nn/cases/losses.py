"""Losses."""

import warnings

import numpy as np
import torch
import torch.nn.functional as TF
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes

from course_utils.nn import functional as F
from tests.nn.proof import SEEDS, Call, Case
from tests.nn.samples import RNG, away_from_zero, normal

REDUCTIONS = st.sampled_from(["mean", "sum", "none"])
SHAPES = array_shapes(min_dims=0, max_dims=3, max_side=4)
SCALES = st.sampled_from([0.1, 3.0, 100.0])


@st.composite
def labelled_calls(draw, smoothing):
    """Scores (B, K, ...), labels of which some or all may be ignored, weights, smoothing."""
    rng = np.random.default_rng(draw(SEEDS))
    n_classes, inner = draw(st.integers(1, 5)), draw(array_shapes(min_dims=0, max_dims=2, max_side=3))
    batch = draw(st.integers(1, 5))
    scores = rng.normal(scale=draw(SCALES), size=(batch, n_classes, *inner))
    scores[(slice(1), slice(None), *(slice(1) for _ in inner))] *= 0.01  # one example that is not settled
    labels = rng.integers(0, n_classes, size=(batch, *inner))
    options = {"ignore_index": draw(st.sampled_from([-100, -1, 0, n_classes - 1, 77]))}
    ignored = rng.random(labels.shape) < draw(st.sampled_from([0.0, 0.3, 1.0]))
    labels[ignored] = options["ignore_index"]
    if draw(st.booleans()):
        options["weight"] = rng.uniform(0.2, 2.0, size=n_classes)
    if smoothing and draw(st.booleans()):
        options["label_smoothing"] = draw(st.floats(0.01, 1.0))
    return Call((scores, labels), options | {"reduction": draw(REDUCTIONS)})


@st.composite
def binary_calls(draw, weights, logits):
    """Logits or probabilities, targets of 0, 1 or between, and weights of shapes that broadcast."""
    rng = np.random.default_rng(draw(SEEDS))
    shape = draw(SHAPES)
    x = rng.normal(scale=draw(SCALES), size=shape) if logits else rng.uniform(0.01, 0.99, size=shape)
    x = np.asarray(x)
    x.flat[0] = rng.uniform(0.5, 1.0)  # one entry that is not settled: the others are compared on its scale
    target = rng.uniform(size=shape) if draw(st.booleans()) else rng.integers(0, 2, size=shape) * 1.0
    options = {"reduction": draw(REDUCTIONS)}
    for name in weights:
        if draw(st.booleans()):
            options[name] = np.asarray(rng.uniform(0.2, 2.0, size=draw(broadcasting(shape))))
    return Call((x, np.asarray(target)), options)


@st.composite
def broadcasting(draw, shape):
    """A shape that broadcasts to `shape`: some axes of length 1, some at the left left out."""
    kept = shape[draw(st.integers(0, len(shape))) :]
    return tuple(length if draw(st.booleans()) else 1 for length in kept)


@st.composite
def pairs(draw, options):
    rng = np.random.default_rng(draw(SEEDS))
    shape = draw(SHAPES)
    x, target = (np.asarray(rng.normal(scale=2.0, size=shape)) for _ in range(2))
    return Call((x, target), draw(st.fixed_dictionaries({"reduction": REDUCTIONS}, optional=options)))


@st.composite
def divergences(draw):
    rng = np.random.default_rng(draw(SEEDS))
    shape, log_target = draw(array_shapes(min_dims=1, max_dims=3, max_side=4)), draw(st.booleans())
    target = rng.uniform(0.01, 1.0, size=shape)
    options = {"reduction": draw(st.sampled_from(["mean", "batchmean", "sum", "none"]))}
    x = -5 - np.abs(rng.normal(scale=3.0, size=shape))  # below every ln target: the terms do not cancel
    return Call((x, np.log(target) if log_target else target), options | {"log_target": log_target})


@st.composite
def hinges(draw):
    rng = np.random.default_rng(draw(SEEDS))
    shape = draw(SHAPES)
    target = np.asarray(rng.choice([-1, 1], size=shape))
    options = {"margin": draw(st.floats(0.0, 2.0)), "reduction": draw(REDUCTIONS)}
    return Call(
        (np.asarray(rng.normal(size=shape)), target if draw(st.booleans()) else target * 1.0), options
    )


def torch_kl_div(*arguments, **options):
    with warnings.catch_warnings():  # it says that "mean" is not the divergence of the definition
        warnings.simplefilter("ignore")
        return TF.kl_div(*arguments, **options)


def torch_hinge_loss(scores, target, margin, reduction):
    """Compute what torch has no function for."""
    losses = torch.clamp(margin - target * scores, min=0)
    return {"mean": torch.mean, "sum": torch.sum, "none": torch.clone}[reduction](losses)


WEIGHTS = frozenset({"weight", "pos_weight"})
DELTAS = st.floats(0.1, 4.0)

CASES = [
    Case(F.cross_entropy, TF.cross_entropy, labelled_calls(smoothing=True), WEIGHTS, n_examples=150),
    Case(F.nll_loss, TF.nll_loss, labelled_calls(smoothing=False), WEIGHTS, n_examples=100),
    Case(F.kl_div, torch_kl_div, divergences()),
    Case(
        F.binary_cross_entropy_with_logits,
        TF.binary_cross_entropy_with_logits,
        binary_calls(("weight", "pos_weight"), logits=True),
        WEIGHTS,
        n_examples=100,
    ),
    Case(
        F.binary_cross_entropy,
        TF.binary_cross_entropy,
        binary_calls(("weight",), logits=False),
        WEIGHTS,
        takes_nan=False,  # torch refuses it
    ),
    Case(F.hinge_loss, torch_hinge_loss, hinges(), frozenset({"target"})),
    Case(F.mse_loss, TF.mse_loss, pairs({})),
    Case(F.l1_loss, TF.l1_loss, pairs({})),
    Case(F.huber_loss, TF.huber_loss, pairs({"delta": DELTAS})),
    Case(F.smooth_l1_loss, TF.smooth_l1_loss, pairs({"beta": DELTAS | st.just(0.0)})),
]

LABELS = np.array([0, 2, 1, 1])
PROBABILITIES = RNG.uniform(0.1, 0.9, size=(2, 4))
WEIGHED = {"weight": np.array([0.5, 2.0, 1.5]), "ignore_index": 2}

GRADCHECKS = {
    "cross_entropy": [
        *(((normal(4, 3), LABELS), {"reduction": reduction}) for reduction in ("mean", "sum", "none")),
        ((normal(4, 3), LABELS), WEIGHED | {"label_smoothing": 0.3}),
        ((normal(2, 3, 2), LABELS.reshape(2, 2)), WEIGHED | {"reduction": "none"}),
    ],
    "nll_loss": [((normal(4, 3), LABELS), {}), ((normal(4, 3), LABELS), WEIGHED)],
    "kl_div": [
        ((normal(2, 4), PROBABILITIES), {}),
        ((normal(2, 4), normal(2, 4)), {"log_target": True, "reduction": "batchmean"}),
    ],
    "binary_cross_entropy_with_logits": [
        ((normal(4), PROBABILITIES[0]), {}),
        ((normal(4), np.array([0, 1, 1, 0])), {"reduction": "none"}),
        ((normal(2, 4), PROBABILITIES), {"weight": np.array([[2.0], [3.0]]), "pos_weight": np.array(4.0)}),
    ],
    "binary_cross_entropy": [
        ((PROBABILITIES[0], PROBABILITIES[1]), {}),
        ((PROBABILITIES, np.array([[0, 1, 1, 0]] * 2)), {"weight": np.arange(1.0, 5.0)}),
    ],
    "hinge_loss": [
        ((np.array([0.5, 2.0, -0.5, 3.0]), np.array([1, 1, -1, -1])), {}),
        ((np.array([0.5, -0.5]), np.array([1, 1])), {"margin": 0.0, "reduction": "none"}),
    ],
    "mse_loss": [((normal(4, 2), normal(4, 2)), {}), ((normal(3), normal(3)), {"reduction": "sum"})],
    "l1_loss": [((away_from_zero(4, 2) * 3, normal(4, 2) * 0.1), {})],
    "huber_loss": [((normal(5), normal(5)), {}), ((normal(5), normal(5)), {"delta": 0.3})],
    "smooth_l1_loss": [
        ((normal(5), normal(5)), {}),
        ((normal(5), normal(5)), {"beta": 0.3, "reduction": "none"}),
        ((away_from_zero(4) * 3, normal(4) * 0.1), {"beta": 0.0}),
    ],
}
