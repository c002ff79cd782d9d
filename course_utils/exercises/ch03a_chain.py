"""Chapter 03a: the largest slope of a chain of sigmoids, by reasoning and by measurement."""

from __future__ import annotations

import numpy as np

from course_utils.grading.exercise import Case, Exercise, Wrong


def largest_chain_slope(weights, biases):
    """Largest |dh_L / dx| over all x for h_l = sigmoid(w_l h_(l-1) + b_l), h_0 = x; weights, biases (L,)."""
    low, high = -30.0, 30.0  # of the first unit's sum: beyond, its own slope is below 1e-13
    for _ in range(4):
        sums = np.linspace(low, high, 6001)
        slopes = _slopes((sums - biases[0]) / weights[0], weights, biases)
        best, step = sums[np.argmax(slopes)], sums[1] - sums[0]
        low, high = best - step, best + step
    return slopes.max()


def _slopes(x, weights, biases):
    """Size of the chain's slope at each x: the product of all weights and all slopes on the way."""
    h, slope = x, np.ones_like(x)
    for w, b in zip(weights, biases, strict=True):
        h = 0.5 * (1.0 + np.tanh(0.5 * (w * h + b)))  # the sigmoid
        slope = slope * w * h * (1.0 - h)
    return np.abs(slope)


def chain_on_a_fine_grid(weights, biases):
    """Try every x from -21 to 21, as close together as the narrowest peak asks for."""
    return _slopes(np.linspace(-21.0, 21.0, 420_001), weights, biases).max()


def chain_by_differences(weights, biases):
    """Compute outputs only, and divide their differences by the grid's step."""
    x = np.linspace(-21.0, 21.0, 420_001)
    h = x
    for w, b in zip(weights, biases, strict=True):
        h = 0.5 + 0.5 * np.tanh((w * h + b) / 2)
    return np.abs(np.diff(h)).max() / (x[1] - x[0])


def chain_bound(weights, biases):
    """Return what no chain with these weights can exceed, reached or not."""
    return np.prod(np.abs(weights) / 4)


def chain_bound_with_sign(weights, biases):
    """Forget that weights may be negative."""
    return np.prod(weights / 4)


def chain_slopes_of_inputs(weights, biases):
    """Put a unit's input, not its output, into h (1 - h)."""
    h = np.linspace(-20.0, 20.0, 400_001)
    slope = np.ones_like(h)
    for w, b in zip(weights, biases, strict=True):
        slope = slope * w * h * (1.0 - h)
        h = 0.5 * (1.0 + np.tanh(0.5 * (w * h + b)))
    return np.abs(slope).max()


def chain_without_weights(weights, biases):
    """Multiply the slopes of the sigmoids alone."""
    return largest_chain_slope(weights, biases) / np.prod(np.abs(weights))


def chain_quarter_each(weights, biases):
    """Take a quarter for every sigmoid, and forget the weights."""
    return 0.25 ** len(weights)


def chain_at_zero(weights, biases):
    """Measure at x = 0, where a single sigmoid without a bias is steepest."""
    return _slopes(np.zeros(1), weights, biases)[0]


def chain_first_unit_centred(weights, biases):
    """Measure where the first unit is steepest."""
    return _slopes(-biases[:1] / weights[:1], weights, biases)[0]


def chain_with_sign(weights, biases):
    """Look for the largest slope, sign included: in a falling chain that is next to 0."""
    x = np.linspace(-21.0, 21.0, 420_001)
    slopes = np.prod(np.sign(weights)) * _slopes(x, weights, biases)
    return slopes.max()


def chain_product_of_maxima(weights, biases):
    """Let every unit have its own best input: the maximum of a product is no product of maxima."""
    sums = np.linspace(np.minimum(biases, biases + weights), np.maximum(biases, biases + weights), 10_001)
    sums[:, 0] = 0.0  # some x brings the first unit here; the others get h between 0 and 1
    h = 0.5 * (1.0 + np.tanh(0.5 * sums))
    return np.prod(np.abs(weights) * (h * (1.0 - h)).max(axis=0))


def chain_on_a_coarse_grid(weights, biases):
    """Step over a narrow peak."""
    return _slopes(np.linspace(-20.0, 20.0, 401), weights, biases).max()


def chain_on_a_short_grid(weights, biases):
    """Look around 0 only."""
    return _slopes(np.linspace(-5.0, 5.0, 100_001), weights, biases).max()


def _signs(rng, n):
    """Draw signs of weights whose product is negative."""
    signs = rng.choice([-1.0, 1.0], size=n)
    signs[-1] = -np.prod(signs[:-1])
    return signs


def _one_unit(rng):
    return -rng.uniform(1.0, 3.0, size=1), rng.uniform(2.0, 4.0, size=1)


def _centred(rng):
    """From the second unit on, a bias of -w / 2 makes the sum 0 where the unit before is steepest."""
    weights = rng.uniform(3.0, 6.0, size=5) * _signs(rng, 5)
    biases = -weights / 2
    biases[0] = rng.uniform(2.0, 4.0) * rng.choice([-1.0, 1.0])
    return weights, biases


def _not_together(rng):
    """Biases that no x can balance all at once; some units never reach their middle at all."""
    weights = rng.uniform(3.0, 6.0, size=4) * _signs(rng, 4)
    at = np.array([0.0, 0.9, 0.15, 1.1]) + rng.uniform(-0.03, 0.03, size=4)
    biases = -weights * at  # unit l is steepest where the unit before is at `at[l]`
    biases[0] = rng.uniform(2.0, 4.0) * rng.choice([-1.0, 1.0])
    return weights, biases


def _narrow(rng):
    """Draw a large first weight: the peak, hundredths wide, falls between two points of a grid of tenths."""
    weights = np.array([rng.uniform(80.0, 110.0), *rng.uniform(3.0, 6.0, size=2)]) * _signs(rng, 3)
    at = np.array([0.0, 0.7, 0.4]) + rng.uniform(-0.03, 0.03, size=3)
    biases = -weights * at
    centre = (rng.integers(20, 40) + rng.uniform(0.4, 0.6)) / 10
    biases[0] = -weights[0] * centre * rng.choice([-1.0, 1.0])
    return weights, biases


def _far_out(rng):
    weights = np.array([rng.uniform(1.0, 2.0), *rng.uniform(3.0, 6.0, size=2)]) * _signs(rng, 3)
    at = np.array([0.0, 0.6, 0.3]) + rng.uniform(-0.03, 0.03, size=3)
    biases = -weights * at
    biases[0] = -weights[0] * rng.uniform(12.0, 15.0) * rng.choice([-1.0, 1.0])
    return weights, biases


CHAIN = Exercise(
    id="ex03_4",
    chapter="03a",
    title="The largest slope of a chain",
    skill="bound a slope by reasoning, and measure whether the bound is reached",
    reference=largest_chain_slope,
    cases=(
        Case(
            "a single unit",
            _one_unit,
            "The slope at x is w * h * (1 - h). Its largest size is |w| / 4, where w * x + b = 0.",
            rtol=1e-3,
        ),
        Case(
            "every unit centred at once",
            _centred,
            "These biases bring every sum to 0 at the same x, so the bound |w1 / 4| * |w2 / 4| * ... is "
            "reached. Do you multiply the weights and the slopes of all units? If you fall short by little, "
            "your grid steps over the top: refine it.",
            rtol=1e-3,
        ),
        Case(
            "units that no x centres together",
            _not_together,
            "x moves all sums together, and no x suits every unit. Multiply the factors at each x first, "
            "then take the largest product.",
            rtol=1e-3,
        ),
        Case(
            "a narrow peak",
            _narrow,
            "The slope is above half its maximum over a stretch of hundredths only. A grid with steps of "
            "0.0001 hits the top; so does a second, finer grid around the best point of a first that misses "
            "no peak.",
            rtol=1e-3,
        ),
        Case(
            "a peak far from 0",
            _far_out,
            "The largest slope may lie anywhere between x = -20 and x = 20: how far does your search reach?",
            rtol=1e-3,
        ),
    ),
    wrong=(
        Wrong(
            chain_bound,
            "That is the bound, |w1 / 4| * |w2 / 4| * ... It is reached only if one x brings every sum to 0. "
            "With other biases the slope stays below: measure it over many x.",
        ),
        Wrong(
            chain_bound_with_sign,
            "A slope's size is asked for, and weights may be negative: take absolute values. Even then it is "
            "a bound, reached only if one x brings every sum to 0.",
        ),
        Wrong(
            chain_slopes_of_inputs,
            "h * (1 - h) is a sigmoid's slope if h is its output. Yours is what comes in: compute the new h "
            "first.",
        ),
        Wrong(
            chain_product_of_maxima,
            "You take every unit's own best input and multiply the results. One x serves all units, and it "
            "may suit no two of them: multiply at each x first, then take the largest.",
        ),
        Wrong(
            chain_without_weights,
            "The weights are missing: the sum w * h + b rises w times as fast as h, so every unit "
            "contributes w * h * (1 - h), with the h it puts out.",
        ),
        Wrong(
            chain_quarter_each,
            "A quarter for each sigmoid, but the weights multiply the slope, too; and the quarter is reached "
            "only where a unit's sum is 0.",
        ),
        Wrong(
            chain_at_zero,
            "That is the slope at x = 0. With biases a unit is steepest elsewhere: try many x.",
        ),
        Wrong(
            chain_first_unit_centred,
            "There the first unit is steepest, and the others may be flat. Try many x, and take the largest "
            "product.",
        ),
        Wrong(
            chain_with_sign,
            "In a chain that falls every slope is negative, and the largest of them is the one next to 0: "
            "take absolute values first.",
        ),
        Wrong(
            chain_on_a_coarse_grid,
            "Your grid steps over narrow peaks: with steps of 0.1 it may miss one that is a few hundredths "
            "wide. Refine it.",
        ),
        Wrong(
            chain_on_a_short_grid,
            "You look too close to 0: the largest slope may lie anywhere between x = -20 and x = 20.",
        ),
    ),
    alternatives=(chain_on_a_fine_grid, chain_by_differences),
    hints=(
        "By how much can a single unit, w and sigmoid, stretch a small change, and for which sum w h + b? "
        "When can ten units all do so for the same x? And what if they can't?",
        "Slopes multiply along the chain: a weight and a sigmoid's slope for every unit, the latter at most "
        "a quarter. That gives a bound. Whether one x comes near it depends on the biases, so it must be "
        "measured: for many x at once, on a grid that reaches far enough and misses no peak.",
        "Make an array of many x, from below -20 to above 20, with steps far below 0.01.\n"
        "Start with h equal to x, and with a slope of 1 for each x.\n"
        "For every unit in turn: compute its sum from h, then its sigmoid, the new h.\n"
        "Multiply the slope by the weight and by the sigmoid's slope, which follows from the new h.\n"
        "After the last unit take absolute values, and return the largest.",
    ),
)

EXERCISES = (CHAIN,)
