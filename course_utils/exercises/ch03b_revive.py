"""Chapter 03b: reviving a network whose units have died."""

from __future__ import annotations

import numpy as np

from course_utils.exercises.ch03b_dead_units import (
    dying_network,
    network_with_a_dead_layer,
    network_with_consequences,
)
from course_utils.grading.exercise import Case, Exercise, Wrong

LEAST, MOST = 0.3, 0.7  # of the examples: how often a revived unit is active


def revive(x, weights, biases):
    """Find new biases by layers: dead units active on 30 % to 70 % of x (B, d), all others untouched."""
    h, repaired = x, []
    for weight, given in zip(weights, biases, strict=True):
        sums = h @ weight.T  # (B, n_out), still without the bias
        dead = np.all(sums + given <= 0, axis=0)
        repaired.append(np.where(dead, -np.median(sums, axis=0), given))
        h = np.maximum(sums + repaired[-1], 0.0)  # what the next layer sees from now on
    return repaired


def revive_unit_by_unit(x, weights, biases):
    """Lift each dead unit by what its sum lacks on two examples of five."""
    h, repaired = x, []
    for weight, given in zip(weights, biases, strict=True):
        bias = given.copy()
        for unit in range(len(bias)):
            z = np.sort(h @ weight[unit] + bias[unit])
            if z[-1] <= 0:
                bias[unit] -= np.quantile(z, 0.6)
        repaired.append(bias)
        h = np.clip(h @ weight.T + bias, 0.0, None)
    return repaired


def revive_everyone(x, weights, biases):
    """Give the living units a new bias, too."""
    h, repaired = x, []
    for weight in weights:
        sums = h @ weight.T
        repaired.append(-np.median(sums, axis=0))
        h = np.maximum(sums + repaired[-1], 0.0)
    return repaired


def revive_rarely_active(x, weights, biases):
    """Take a unit that is seldom active for dead."""
    h, repaired = x, []
    for weight, given in zip(weights, biases, strict=True):
        sums = h @ weight.T
        seldom = (sums + given > 0).mean(axis=0) < 0.3
        repaired.append(np.where(seldom, -np.median(sums, axis=0), given))
        h = np.maximum(sums + repaired[-1], 0.0)
    return repaired


def revive_first_layer(x, weights, biases):
    """Repair the first layer and hope for the others."""
    return [*revive(x, weights[:1], biases[:1]), *(bias.copy() for bias in biases[1:])]


def revive_from_old_activations(x, weights, biases):
    """Measure all layers in the dead network, then repair all."""
    h, repaired = x, []
    for weight, given in zip(weights, biases, strict=True):
        sums = h @ weight.T
        dead = np.all(sums + given <= 0, axis=0)
        repaired.append(np.where(dead, -np.median(sums, axis=0), given))
        h = np.maximum(sums + given, 0.0)
    return repaired


def revive_those_dead_before(x, weights, biases):
    """Note who is dead in the old network, then go through the repaired one."""
    old, h, repaired = x, x, []
    for weight, given in zip(weights, biases, strict=True):
        was_off = np.all(old @ weight.T + given <= 0, axis=0)
        sums = h @ weight.T
        repaired.append(np.where(was_off, -np.median(sums, axis=0), given))
        old, h = np.maximum(old @ weight.T + given, 0.0), np.maximum(sums + repaired[-1], 0.0)
    return repaired


def revive_with(choose, x, weights, biases):
    """Repair as `revive` does, with another bias for dead units: choose(sums, given)."""
    h, repaired = x, []
    for weight, given in zip(weights, biases, strict=True):
        sums = h @ weight.T
        dead = np.all(sums + given <= 0, axis=0)
        repaired.append(np.where(dead, choose(sums, given), given))
        h = np.maximum(sums + repaired[-1], 0.0)
    return repaired


def revive_by_zero(x, weights, biases):
    """Set the bias of dead units to 0."""
    return revive_with(lambda sums, bias: np.zeros_like(bias), x, weights, biases)


def revive_counting_bias_twice(x, weights, biases):
    """Take the median of z, which holds the old bias, for that of the sum without it."""
    return revive_with(lambda sums, bias: -np.median(sums + bias, axis=0), x, weights, biases)


def revive_barely(x, weights, biases):
    """Lift each unit until its best example passes 0."""
    return revive_with(lambda sums, bias: -sums.max(axis=0) + 1e-6, x, weights, biases)


def revive_for_all(x, weights, biases):
    """Lift each unit until all examples pass 0: it is then a straight line on the data."""
    return revive_with(lambda sums, bias: -sums.min(axis=0) + 1e-6, x, weights, biases)


STILL_DEAD = "After your repair a unit of layer {} is still off on every example."
LIVING = (
    "You change the bias of a unit in layer {} that is alive on what the repaired layers below deliver: only "
    "units that are off on every example get a new one."
)
SHARE = "A revived unit of layer {} is active on {:.0f} % of the examples; asked for are 30 % to 70 %."
FORM = "Return a list with one array of biases for each layer, each of the shape that you were given."


def check_revived(result, x, weights, biases):
    """Walk up the repaired network: who was dead, who has changed, how often are the revived active."""
    if not isinstance(result, (list, tuple)) or len(result) != len(biases):
        return FORM
    seen = x
    for layer, (weight, given, new) in enumerate(zip(weights, biases, result, strict=True), 1):
        new = np.asarray(new, dtype=float)
        if new.shape != given.shape or not np.isfinite(new).all():
            return FORM
        before, after = seen @ weight.T + given, seen @ weight.T + new
        was_dead = before.max(axis=0) <= 0
        share = (after > 0).mean(axis=0)
        if not np.allclose(new[~was_dead], given[~was_dead], rtol=1e-9, atol=1e-12):
            return LIVING.format(layer)
        if (share == 0).any():
            return STILL_DEAD.format(layer)
        outside = share[was_dead & ((share < LEAST) | (share > MOST))]
        if outside.size:
            return SHARE.format(layer, 100 * outside[0])
        seen = after.clip(min=0.0)
    return None


REVIVE = Exercise(
    id="ex03_7",
    chapter="03b",
    title="Revive a network",
    skill="repair a dead network from the first layer up, and leave the living alone",
    reference=revive,
    cases=(
        Case(
            "one layer",
            lambda rng: dying_network(rng, (3, (0.05, 0.4, 0.6, 0.9))),
            "Compute the unit's sums without its bias: minus their median as the bias makes it active on "
            "half of the examples.",
            verify=check_revived,
        ),
        Case(
            "two layers",
            lambda rng: dying_network(rng, (3, (0.1, 0.5, 0.6, 0.9)), (2, (0.3, 0.5, 0.9))),
            "Both layers hold dead units. Repair the first, send the examples through it, then look at the "
            "second.",
            verify=check_revived,
        ),
        Case(
            "a repair that wakes one unit above and kills another",
            network_with_consequences,
            "Who is dead in layer 2 depends on what layer 1 delivers after its repair.",
            points=2,
            verify=check_revived,
        ),
        Case(
            "a layer that is dead as a whole",
            network_with_a_dead_layer,
            "Nothing passes layer 2, so layer 3 can be judged only once layer 2 is repaired.",
            verify=check_revived,
        ),
    ),
    wrong=(
        Wrong(
            revive_everyone,
            "You give every unit a new bias. Those that are alive have learned theirs: change only units "
            "that are off on every example.",
        ),
        Wrong(
            revive_rarely_active,
            "A unit that is active on a few examples is alive: it gets gradients from them. The 30 % are "
            "asked of revived units, not of the others.",
        ),
        Wrong(
            revive_first_layer,
            "You repair the first layer only. Dead units further up stay dead, whatever arrives: go on "
            "through all layers.",
        ),
        Wrong(
            revive_from_old_activations,
            "You measure every layer in the old network. Once layer 1 is repaired, layer 2 sees other "
            "values: compute the activations anew, with the new biases, before you go on.",
        ),
        Wrong(
            revive_those_dead_before,
            "You note who is dead in the old network. A repair below may have woken a unit, or killed one: "
            "judge each layer on what the repaired ones below deliver.",
        ),
        Wrong(
            revive_by_zero,
            "A bias of 0 does not revive a unit whose weighted inputs are all negative. How far each must be "
            "lifted has to be read off the data.",
        ),
        Wrong(
            revive_counting_bias_twice,
            "The median of z holds the old bias already, so yours counts it twice. Take the sums without "
            "the bias, or change the old bias by minus the median of z.",
        ),
        Wrong(
            revive_barely,
            "You lift each unit until its best example just passes 0: it hangs on one example and will soon "
            "be dead again. Aim at half of the examples.",
        ),
        Wrong(
            revive_for_all,
            "You lift each unit until every example passes 0. Then it never bends: a linear unit on these "
            "data. Aim at half of the examples.",
        ),
    ),
    alternatives=(revive_unit_by_unit,),
    hints=(
        "For a single dead unit: which bias puts half of its sums above 0? And when you have changed biases "
        "in layer 1, are the inputs of layer 2 still those that you had computed?",
        "Go upwards, one layer at a time, and always with what the repaired layers below deliver. In each, "
        "find the dead and change nobody else. The median splits the examples in halves: lift the sums so "
        "that it comes to lie at 0.",
        "Start with the data as the input of the first layer, and with an empty list.\n"
        "For each layer: multiply the input by the transposed weights, without the bias.\n"
        "Add the given bias, and mark the units that are nowhere above 0.\n"
        "Make new biases: for marked units minus the median of their sums along the examples, for others the "
        "given one (`np.where`). Append them to the list.\n"
        "Add the new biases to the sums and apply the ReLU: the input of the next layer.\n"
        "Return the list.",
    ),
)

EXERCISES = (REVIVE,)
