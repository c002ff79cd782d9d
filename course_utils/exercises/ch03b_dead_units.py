"""Chapter 03b: counting dead units, and networks in which units have died."""

from __future__ import annotations

import numpy as np

from course_utils.grading.exercise import Case, Exercise, Wrong


def count_dead(x, weight, bias):
    """Count the ReLU units that are 0 on all of x (B, d); weight (H, d), bias (H,)."""
    z = x @ weight.T + bias  # (B, H)
    return int(np.all(z <= 0, axis=0).sum())


def count_dead_by_maximum(x, weight, bias):
    """Look at each unit's largest sum."""
    return np.count_nonzero((x @ weight.T + bias).max(axis=0) <= 0)


def count_dead_by_output(x, weight, bias):
    """Look for units whose outputs sum to 0: none is negative."""
    n_dead = 0
    for w, b in zip(weight, bias, strict=True):
        n_dead += sum(max(0.0, example @ w + b) for example in x) == 0
    return n_dead


def count_dead_off_once(x, weight, bias):
    """Count units that are off on some example: any for all."""
    return np.any(x @ weight.T + bias <= 0, axis=0).sum()


def count_dead_on_average(x, weight, bias):
    """Count units whose sum is negative on average."""
    return ((x @ weight.T + bias).mean(axis=0) <= 0).sum()


def count_dead_mostly_off(x, weight, bias):
    """Count units that are off on more than half of the examples."""
    return ((x @ weight.T + bias <= 0).mean(axis=0) > 0.5).sum()


def count_dead_below_zero(x, weight, bias):
    """Take a unit at exactly 0 for alive."""
    return np.all(x @ weight.T + bias < 0, axis=0).sum()


def count_dead_examples(x, weight, bias):
    """Count the examples on which all units are off: the wrong axis."""
    return np.all(x @ weight.T + bias <= 0, axis=1).sum()


def count_dead_without_bias(x, weight, bias):
    """Leave the bias out of the sum."""
    return np.all(x @ weight.T <= 0, axis=0).sum()


def count_living(x, weight, bias):
    """Count the others."""
    return len(bias) - count_dead(x, weight, bias)


def count_dead_share(x, weight, bias):
    """Return the share of dead units."""
    return count_dead(x, weight, bias) / len(bias)


def count_dead_mask(x, weight, bias):
    """Say which units are dead, not how many."""
    return np.all(x @ weight.T + bias <= 0, axis=0)


def count_dead_zeros(x, weight, bias):
    """Count all outputs that are 0, over units and examples."""
    return (x @ weight.T + bias <= 0).sum()


def count_dead_negative_bias(x, weight, bias):
    """Judge a unit by its bias."""
    return (bias <= 0).sum()


def _units(rng, x, n_dead, n_rare, n_half, n_always):
    """Draw units that are never, on one or two examples, on about half, and always active on x."""
    kinds = rng.permutation(np.repeat([0, 1, 2, 3], [n_dead, n_rare, n_half, n_always]))
    weight = rng.normal(size=(len(kinds), x.shape[1]))
    sums = np.sort(x @ weight.T, axis=0)  # (B, H), each unit's from the smallest to the largest
    places = {0: (-1, -1), 1: (-3, -2), 2: (len(x) // 2 - 1, len(x) // 2), 3: (0, 0)}
    bias = np.array([-sums[list(places[kind]), unit].mean() for unit, kind in enumerate(kinds)])
    return x, weight, bias + np.array([-0.5, 0.0, 0.0, 0.5])[kinds]


def _ordinary(rng):
    return _units(rng, rng.normal(size=(30, 5)), int(rng.integers(3, 6)), 4, 3, 1)


def _positive(rng):
    """Make inputs that are all positive, so that a bias cannot be read off the weights' signs."""
    return _units(rng, rng.uniform(0.5, 1.5, size=(20, 4)), int(rng.integers(2, 4)), 3, 4, 5)


def _on_the_border(rng):
    """Use whole numbers, so that sums are exact: two units reach exactly 0, and never more."""
    x = rng.integers(1, 5, size=(9, 3)).astype(float)
    weight = -rng.integers(1, 4, size=(7, 3)).astype(float)
    bias = -(x @ weight.T).max(axis=0) + np.array([0.0, 0.0, -1.0, -2.0, 1.0, 1.0, 30.0])
    return x, weight, bias


def _dying_layer(rng, h, n_dead, shares):
    """Draw units that no h above 0 wakes, and units active on these shares of h, in any order."""
    weight = rng.normal(size=(n_dead + len(shares), h.shape[1]))
    weight[:n_dead] = -np.abs(weight[:n_dead]) - 0.1
    bias = -rng.uniform(0.2, 1.0, size=len(weight))
    for unit, share in enumerate(shares, n_dead):
        bias[unit] = -np.quantile(h @ weight[unit], 1.0 - share)
    order = rng.permutation(len(weight))
    return weight[order], bias[order]


def dying_network(rng, *layers):
    """Draw x (60, 4), weights and biases; for each layer: how many units are dead, how active the others."""
    x = h = rng.uniform(0.5, 1.5, size=(60, 4))
    weights: list[np.ndarray] = []
    biases: list[np.ndarray] = []
    for n_dead, shares in layers:
        weight, bias = _dying_layer(rng, h, n_dead, shares)
        weights, biases = [*weights, weight], [*biases, bias]
        h = np.maximum(h @ weight.T + bias, 0.0)
    return x, weights, biases


def network_with_consequences(rng):
    """Draw two layers: whoever revives the last unit below wakes one above and kills another."""
    x, (below,), (bias,) = dying_network(rng, (1, (0.5, 0.7)))
    along = rng.normal(size=4)
    along *= 2.0 / np.linalg.norm(along)
    z = x @ along
    below = np.vstack([below, along, along])  # one fires on a tenth of the examples, one on none
    bias = np.append(bias, [-np.quantile(z, 0.9), -z.max() - 1.0])
    above = -rng.uniform(0.1, 0.3, size=(4, 5))
    above[:3, 3:] = [[-0.2, 20.0], [60.0, -90.0], [-0.2, -0.2]]  # woken, killed, dead in any case
    above[3] *= -1.0
    return x, [below, above], [bias, np.array([-1.0, -0.01, -0.5, 0.1])]


def network_with_a_dead_layer(rng):
    """Draw three layers: nothing passes the second, so the third sees nothing but zeros."""
    x, weights, biases = dying_network(rng, (2, (0.4, 0.5, 0.6, 0.8)), (1, (0.5, 0.5, 0.5, 0.5, 0.5)))
    last = rng.uniform(0.5, 1.5, size=(5, 6))
    last[:2] *= -1.0
    return x, [*weights, last], [biases[0], biases[1] - 20.0, np.array([-0.3, -0.5, -0.1, -0.2, 0.1])]


COUNT_DEAD = Exercise(
    id="ex03_6",
    chapter="03b",
    title="Count the dead",
    skill="tell a dead unit from one that rests",
    reference=count_dead,
    cases=(
        Case(
            "units that are never, rarely, often and always active",
            _ordinary,
            "z = x @ weight.T + bias has one column for each unit. A unit is dead if no entry of its column "
            "is positive.",
        ),
        Case(
            "inputs that are all positive",
            _positive,
            "Weights and bias decide together with the data: compute z for every example, and look at each "
            "unit's column.",
        ),
        Case(
            "sums that reach exactly 0",
            _on_the_border,
            "A ReLU's slope at exactly 0 is taken to be 0: a unit whose largest z is 0 never learns, and "
            "counts as dead.",
        ),
    ),
    wrong=(
        Wrong(
            count_dead_off_once,
            "You count units that are off on some example. Every useful ReLU is: it is dead only if it is "
            "off on all of them, `np.all`.",
        ),
        Wrong(
            count_dead_on_average,
            "You ask whether z is negative on average. A unit that fires on a single example still gets a "
            "gradient from it, and is not dead.",
        ),
        Wrong(
            count_dead_mostly_off,
            "Off on most examples is not dead: one example on which a unit is active can move it. Dead is "
            "off on all.",
        ),
        Wrong(
            count_dead_below_zero,
            "You take units that reach exactly 0 for alive. Output and slope are 0 there, too: compare with "
            "`<= 0`.",
        ),
        Wrong(
            count_dead_examples,
            "You count examples on which every unit is off. A unit is a column of z: look along the "
            "examples, `axis=0`.",
        ),
        Wrong(
            count_dead_without_bias,
            "The bias is missing: z = x @ weight.T + bias. It is what pushes most dead units below 0.",
        ),
        Wrong(count_living, "Those are the living ones: count the units that are off on every example."),
        Wrong(count_dead_share, "That is the share of dead units; asked for is their number."),
        Wrong(
            count_dead_mask,
            "You say of every unit whether it is dead: sum these truth values to get their number.",
        ),
        Wrong(
            count_dead_zeros,
            "You count every zero in the layer's output, example by example. Ask first, for each unit, "
            "whether all of its column is 0; then count the units.",
        ),
        Wrong(
            count_dead_negative_bias,
            "A bias of 0 or less does not kill: weights and inputs may outweigh it. Compute z for every "
            "example.",
        ),
    ),
    alternatives=(count_dead_by_maximum, count_dead_by_output),
    hints=(
        "z is a table with a row for each example and a column for each unit. What does the column of a dead "
        "unit look like? And that of one which is active on a single example?",
        "A unit learns from every example on which its sum is positive, and from no other. It is dead if "
        "there is none: the whole column is 0 or less. That is one yes or no for each unit, and the number "
        "of yeses is the answer.",
        "Compute the sums: `x` times the transposed weights, plus the bias; one column for each unit.\n"
        "Compare every entry with 0; exactly 0 counts as off.\n"
        "For each column, that is along the examples, ask whether all entries are off.\n"
        "Count the columns for which that is so, and return the number.",
    ),
)

EXERCISES = (COUNT_DEAD,)
