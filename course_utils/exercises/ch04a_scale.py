"""Chapter 04a: find the scale of the weights at which a deep network's gradient keeps its size."""

from __future__ import annotations

import math

import numpy as np

from course_utils.exercises.ch04a_networks import check_scale, leaky_network, relu_network, tanh_network
from course_utils.grading.exercise import Case, Exercise, Wrong


def find_scale(measure):
    """Find a scale of the weights at which measure(scale) lies between 1/2 and 2."""
    low = high = 1.0
    while measure(low) > 1.0:
        low /= 2.0
    while measure(high) < 1.0:
        high *= 2.0
    for _ in range(20):
        middle = math.sqrt(low * high)  # half of the way, counted in factors
        ratio = measure(middle)
        if 0.5 <= ratio <= 2.0:
            break
        low, high = (middle, high) if ratio < 1.0 else (low, middle)
    return middle


def scale_from_a_wide_range(measure):
    """Halve the logarithm of a range that is surely wide enough."""
    low, high = -4.0, 4.0
    for _ in range(25):
        middle = 0.5 * (low + high)
        if measure(10.0**middle) < 1.0:
            low = middle
        else:
            high = middle
    return 10.0**middle


def scale_by_shrinking_steps(measure):
    """Step by a factor towards the goal, and take its root whenever the side changes."""
    scale, factor, was_below = 1.0, 4.0, None
    for _ in range(40):
        ratio = measure(scale)
        if 0.5 < ratio < 2.0:
            break
        if was_below not in (None, ratio < 1.0):
            factor = factor**0.5
        was_below = ratio < 1.0
        scale = scale * factor if was_below else scale / factor
    return scale


def scale_by_theory(measure):
    """Trust He's factor for a ReLU, whatever the network."""
    return math.sqrt(2.0)


def scale_is_the_ratio(measure):
    """Return what was measured."""
    return measure(1.0)


def scale_by_one_division(measure):
    """Divide the excess out, as if the ratio grew like the scale."""
    return 1.0 / measure(1.0)


def scale_by_repeated_division(measure):
    """Divide the whole excess out again and again."""
    scale = 1.0
    for _ in range(30):
        scale = scale / measure(scale)
    return scale


def scale_by_logarithm(measure):
    """Divide the logarithm of the ratio among thirty layers, though a ratio of 0.0 has none."""
    scale = 1.0
    for _ in range(10):
        scale *= math.exp(-math.log(measure(scale)) / 30.0)
    return scale


def scale_on_a_fine_grid(measure):
    """Try a thousand scales at equal distances."""
    return min(np.linspace(0.01, 10.0, 1000), key=lambda scale: abs(measure(scale) - 1.0))


def scale_on_a_coarse_grid(measure):
    """Try a dozen scales at equal distances."""
    return float(min(np.linspace(0.25, 3.0, 12), key=lambda scale: abs(measure(scale) - 1.0)))


def scale_between_0_and_2(measure):
    """Halve an interval that is taken for granted."""
    low, high = 0.0, 2.0
    for _ in range(16):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if measure(middle) < 1.0 else (low, middle)
    return middle


def scale_the_wrong_way(measure):
    """Scale up where the gradient explodes."""
    low, high = 1e-3, 1e3
    for _ in range(12):
        middle = math.sqrt(low * high)
        low, high = (middle, high) if measure(middle) > 1.0 else (low, middle)
    return middle


def scale_of_any_finite_ratio(measure):
    """Stop as soon as the ratio is a number other than 0."""
    scale = 1.0
    while not 0.0 < measure(scale) < math.inf:
        scale = scale * 2.0 if measure(scale) < 1.0 else scale / 2.0
    return scale


def scale_among_powers_of_two(measure):
    """Double or halve until the ratio passes 1, and stop there."""
    scale = 1.0
    while measure(scale) > 1.0:
        scale /= 2.0
    while measure(scale) < 1.0:
        scale *= 2.0
    return scale


SCALE = Exercise(
    id="ex04_4",
    chapter="04a",
    title="Find the scale",
    skill="start any deep network where its gradient neither vanishes nor explodes, by measurement",
    reference=find_scale,
    cases=(
        Case(
            "30 ReLU layers",
            relu_network,
            "Find a scale where the ratio is below 1 and one where it is above 1; in between, halve the way "
            "again and again, in factors: the root of their product is the middle.",
            budget=40,
            verify=check_scale,
        ),
        Case(
            "60 leaky ReLU layers, weights far too small",
            leaky_network,
            "The ratio is 0.0 at scale 1: double the scale until it is above 1. In 60 layers a few per cent "
            "make the difference.",
            budget=40,
            verify=check_scale,
        ),
        Case(
            "40 tanh layers with biases",
            tanh_network,
            "No formula gives this scale. Far too large weights saturate tanh, and the ratio falls to 0.0 "
            "again: walk down from 1 by halving.",
            budget=40,
            verify=check_scale,
        ),
    ),
    wrong=(
        Wrong(
            scale_by_theory,
            "The root of 2 is He's factor for ReLU layers whose weights have the variance 1 / fan_in, on "
            "average over networks. This network is another, so measure it.",
        ),
        Wrong(
            scale_is_the_ratio,
            "You return the ratio at scale 1. Asked for is a scale; use the ratio to decide which one to "
            "measure next.",
        ),
        Wrong(
            scale_by_one_division,
            "1 / measure(1.0) would do if the ratio grew like the scale. Each layer on the way back "
            "multiplies by it, so the ratio grows like a high power.",
        ),
        Wrong(
            scale_by_repeated_division,
            "You divide the scale by the whole ratio, which overshoots by far: the ratio grows like a high "
            "power of the scale. And it may be 0.0, or inf.",
        ),
        Wrong(
            scale_by_logarithm,
            "Logarithms are a good idea, but 0.0 has none, and far from the right scale measure returns 0.0 "
            "or inf. Walk by factors until it returns neither.",
        ),
        Wrong(
            scale_on_a_fine_grid,
            "Too many calls: a grid spends most of them where the answer cannot be. Let each measurement "
            "decide on which side you go on, and step by factors.",
        ),
        Wrong(
            scale_on_a_coarse_grid,
            "Your grid has equal distances and an end: the right scale may lie between two of its points or "
            "outside. Bracket it first, then narrow the bracket.",
        ),
        Wrong(
            scale_between_0_and_2,
            "You take for granted that the scale lies between 0 and 2. First look for one scale on each side "
            "of a ratio of 1, by doubling or halving.",
        ),
        Wrong(
            scale_the_wrong_way,
            "You scale up where the gradient explodes. A ratio above 1 calls for a smaller scale.",
        ),
        Wrong(
            scale_of_any_finite_ratio,
            "A ratio that is neither 0.0 nor inf is not yet a good one: it has to lie between 1/2 and 2.",
        ),
        Wrong(
            scale_among_powers_of_two,
            "You have passed the right scale: it lies between your last two powers of two. Go on between "
            "them.",
        ),
    ),
    alternatives=(scale_from_a_wide_range, scale_by_shrinking_steps),
    hints=(
        "If the ratio is 0.001 at one scale and 500 at another, where must the right scale be? Which scale "
        "would you measure next, and what does the answer rule out?",
        "One scale that is too small and one that is too large enclose the right one; doubling or halving "
        "from 1 finds such a pair. Then measure in the middle, and keep the half that still encloses it. "
        "Scales act by factors, so the middle of 1 and 4 is 2. Comparing with 1 works for 0.0 and inf, too.",
        "Start with 1 for both ends.\n"
        "As long as the ratio at the lower end is above 1, halve that end.\n"
        "As long as the ratio at the upper end is below 1, double that end.\n"
        "Middle: the square root of the product of both ends. Measure there.\n"
        "If the ratio lies between 1/2 and 2, return the middle.\n"
        "If it is below 1, the middle becomes the lower end, else the upper one; go on with step 4.",
    ),
)

EXERCISES = (SCALE,)
