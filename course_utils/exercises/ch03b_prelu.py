"""Chapter 03b: PReLU, and the gradient of its slopes."""

from __future__ import annotations

import numpy as np

from course_utils.grading.exercise import Case, Exercise, Wrong


def prelu_forward_backward(x, weight, dy):
    """PReLU y (B, C) of x (B, C) with slopes weight (C,); returns y, dx (B, C) and dweight (C,)."""
    slope = np.where(x > 0, 1.0, weight)  # (B, C)
    return slope * x, slope * dy, np.sum(dy * np.minimum(x, 0.0), axis=0)


def prelu_by_channels(x, weight, dy):
    """Treat one channel after the other, with a mask."""
    y, dx, dweight = x.copy(), dy.copy(), np.zeros(len(weight))
    for c, w in enumerate(weight):
        off = x[:, c] <= 0
        y[off, c] = w * x[off, c]
        dx[off, c] = w * dy[off, c]
        dweight[c] = dy[off, c] @ x[off, c]
    return y, dx, dweight


def prelu_by_einsum(x, weight, dy):
    """Add up a positive and a negative part."""
    negative = np.minimum(x, 0)
    dx = dy * (x > 0) + dy * weight * (x <= 0)
    return np.maximum(x, 0) + weight * negative, dx, np.einsum("bc,bc->c", dy, negative)


def prelu_by_maximum(x, weight, dy):
    """Take the larger of x and w x, which is right for slopes between 0 and 1."""
    _, dx, dweight = prelu_forward_backward(x, weight, dy)
    return np.maximum(x, weight * x), dx, dweight


def prelu_mean_over_batch(x, weight, dy):
    """Average what the examples contribute."""
    y, dx, dweight = prelu_forward_backward(x, weight, dy)
    return y, dx, dweight / len(x)


def prelu_sum_over_channels(x, weight, dy):
    """Sum along the wrong axis."""
    y, dx, _ = prelu_forward_backward(x, weight, dy)
    return y, dx, np.sum(dy * np.minimum(x, 0.0), axis=1)


def prelu_one_slope(x, weight, dy):
    """Sum over everything, as if all channels shared a slope."""
    y, dx, dweight = prelu_forward_backward(x, weight, dy)
    return y, dx, np.full(len(weight), dweight.sum())


def prelu_slopes_of_examples(x, weight, dy):
    """Leave the contributions of the examples apart."""
    y, dx, _ = prelu_forward_backward(x, weight, dy)
    return y, dx, dy * np.minimum(x, 0.0)


def prelu_unmasked(x, weight, dy):
    """Let positive inputs move the slope, too."""
    y, dx, _ = prelu_forward_backward(x, weight, dy)
    return y, dx, np.sum(dy * x, axis=0)


def prelu_without_upstream(x, weight, dy):
    """Leave what arrives from above out of the slope's gradient."""
    y, dx, _ = prelu_forward_backward(x, weight, dy)
    return y, dx, np.sum(np.minimum(x, 0.0), axis=0)


def prelu_through_dx(x, weight, dy):
    """Carry the gradient through the slope first: dx in the place of dy."""
    y, dx, _ = prelu_forward_backward(x, weight, dy)
    return y, dx, np.sum(dx * np.minimum(x, 0.0), axis=0)


def prelu_blocked(x, weight, dy):
    """Stop the error on the left, as a ReLU does."""
    y, _, dweight = prelu_forward_backward(x, weight, dy)
    return y, dy * (x > 0), dweight


def prelu_right_slope_at_zero(x, weight, dy):
    """Count 0 to the right side."""
    y, dx, dweight = prelu_forward_backward(x, weight, dy)
    return y, np.where(x == 0, dy, dx), dweight


def _draw(rng, shape, low, high):
    """Draw inputs of both signs in every channel, and slopes between low and high."""
    x = rng.normal(size=shape)
    x[0], x[1] = np.abs(x[0]), -np.abs(x[1])
    return x, rng.uniform(low, high, size=shape[1]), rng.normal(size=shape)


def _any_slope(rng):
    x, _, dy = _draw(rng, (5, 4), 0.1, 0.5)
    return x, np.array([-0.6, 1.7, -1.3, 1.2]) * rng.uniform(0.9, 1.1), dy


def _at_zero(rng):
    x, weight, dy = _draw(rng, (4, 3), 0.1, 0.5)
    x[2] = 0.0
    dy[2] = rng.uniform(1.0, 2.0, size=3)
    return x, weight, dy


PRELU = Exercise(
    id="ex03_5",
    chapter="03b",
    title="PReLU, with its slope's gradient",
    skill="carry a gradient back to a parameter of an activation",
    reference=prelu_forward_backward,
    cases=(
        Case(
            "a batch of 6, three channels",
            lambda rng: _draw(rng, (6, 3), 0.1, 0.5),
            "Where x is not positive, y = w * x: its derivative by x is w, and by w it is x. A slope serves "
            "all examples of its channel, so sum over the batch.",
        ),
        Case(
            "as many examples as channels",
            lambda rng: _draw(rng, (4, 4), 0.1, 0.5),
            "With B = C every sum has a shape that fits: dweight has one number for each channel, so the "
            "batch, axis 0, must go.",
        ),
        Case(
            "slopes below 0 and above 1",
            _any_slope,
            "A learned slope may be anything: choose by the sign of x, not by the larger of x and w * x.",
        ),
        Case(
            "x exactly 0",
            _at_zero,
            "At 0 the gradient at x could be dy or w * dy: as in PyTorch, `x > 0` is false there, so it is w "
            "* dy.",
        ),
    ),
    wrong=(
        Wrong(
            prelu_by_maximum,
            "`np.maximum(x, w * x)` is right for slopes between 0 and 1 only. A learned slope may leave that "
            "range: choose by the sign of x.",
        ),
        Wrong(
            prelu_mean_over_batch,
            "dweight is B times too small: the contributions of the examples add up. If the loss is a mean, "
            "its 1/B is in `dy` already.",
        ),
        Wrong(
            prelu_sum_over_channels,
            "You sum over the channels and get one number for each example: a slope belongs to a channel, "
            "so sum over the batch, `axis=0`.",
        ),
        Wrong(
            prelu_one_slope,
            "You sum over everything, as if all channels shared one slope. Here each has its own: sum over "
            "the batch only, `axis=0`.",
        ),
        Wrong(
            prelu_slopes_of_examples,
            "Your dweight has one number for each example and channel. A slope serves all examples, so their "
            "contributions add up: `axis=0`.",
        ),
        Wrong(
            prelu_unmasked,
            "Positive inputs move your slope: there y = x, which does not depend on it. Only inputs that are "
            "not positive count.",
        ),
        Wrong(
            prelu_without_upstream,
            "dweight leaves out `dy`: how much the slope matters depends on what arrives at each output.",
        ),
        Wrong(
            prelu_through_dx,
            "You multiply by dx, which holds the slope already. x and the slope are two arguments of one "
            "product: both gradients start from `dy`.",
        ),
        Wrong(
            prelu_blocked,
            "Your dx is 0 on the left, as for a ReLU. There the slope is w, so w * dy passes: that is what "
            "keeps a unit alive.",
        ),
        Wrong(
            prelu_right_slope_at_zero,
            "At exactly 0 your dx takes the slope 1; the statement, like PyTorch, takes w.",
        ),
    ),
    alternatives=(prelu_by_channels, prelu_by_einsum),
    returns=("y", "dx", "dweight"),
    hints=(
        "On the left y is a product of two factors. What is its derivative by the one, and by the other? How "
        "many outputs does the slope of one channel reach?",
        "A product has two gradients: each factor gets `dy` times the other factor. On the right the slope "
        "does not appear, so it gets nothing from there. One slope serves a whole column of x, so what the "
        "examples contribute to it adds up.",
        "The slope of each entry: 1 where `x` is positive, elsewhere the weight of its channel; `np.where` "
        "spreads it over the batch.\n"
        "y: that slope times `x`.\n"
        "dx: that slope times `dy`.\n"
        "For the weights: `dy` times `x` where `x` is not positive, 0 elsewhere.\n"
        "Sum that over the batch, so that one number remains for each channel.\n"
        "Return y, dx and dweight, in this order.",
    ),
)

EXERCISES = (PRELU,)
