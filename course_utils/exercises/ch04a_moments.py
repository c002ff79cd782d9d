"""Chapter 04a: mean, variance and second moment of what a ReLU layer hands on."""

from __future__ import annotations

import math

import numpy as np

from course_utils.grading.exercise import Case, Exercise, Wrong


def relu_layer_moments(second_moment, fan_in, weight_variance):
    """Mean, variance and second moment of the output of a wide ReLU layer, from its input's second moment."""
    z_variance = fan_in * weight_variance * second_moment
    mean = math.sqrt(z_variance / (2.0 * math.pi))
    half = z_variance / 2.0  # the positive half of a symmetric z has half of its mean square
    return mean, half - mean**2, half


def moments_in_closed_form(second_moment, fan_in, weight_variance):
    """Write each moment as a multiple of the sum's variance."""
    z_variance = np.prod([second_moment, fan_in, weight_variance])
    factors = np.array([0.5 - 0.5 / np.pi, 0.5])
    variance, second = z_variance * factors
    return float(np.sqrt(z_variance) / np.sqrt(2.0 * np.pi)), float(variance), float(second)


def moments_of_one_product(second_moment, fan_in, weight_variance):
    """Take one product of input and weight for the whole sum."""
    return relu_layer_moments(second_moment, 1, weight_variance)


def moments_without_mean(second_moment, fan_in, weight_variance):
    """Let the output have mean 0, as the sum has."""
    half = fan_in * weight_variance * second_moment / 2.0
    return 0.0, half, half


def moments_with_one_spread(second_moment, fan_in, weight_variance):
    """Return the second moment for the variance, too."""
    mean, _, second = relu_layer_moments(second_moment, fan_in, weight_variance)
    return mean, second, second


def moments_halving_the_variance(second_moment, fan_in, weight_variance):
    """Let the ReLU halve the variance, and add the mean's square to it."""
    mean, _, second = relu_layer_moments(second_moment, fan_in, weight_variance)
    return mean, second, second + mean**2


def moments_of_the_sum(second_moment, fan_in, weight_variance):
    """Stop before the ReLU."""
    z_variance = fan_in * weight_variance * second_moment
    return 0.0, z_variance, z_variance


def moments_of_absolute_value(second_moment, fan_in, weight_variance):
    """Fold the negative half over in the place of cutting it off."""
    z_variance = fan_in * weight_variance * second_moment
    return math.sqrt(2.0 * z_variance / math.pi), z_variance * (1.0 - 2.0 / math.pi), z_variance


def moments_from_input_variance(second_moment, fan_in, weight_variance):
    """Take off the square of the input's mean (it comes from a ReLU) before the sum."""
    return relu_layer_moments(second_moment * (1.0 - 1.0 / math.pi), fan_in, weight_variance)


def moments_from_weight_std(second_moment, fan_in, weight_variance):
    """Square the weights' variance, as if it were their standard deviation."""
    return relu_layer_moments(second_moment, fan_in, weight_variance**2)


def moments_from_input_rms(second_moment, fan_in, weight_variance):
    """Square the input's mean square, as if it were its root."""
    return relu_layer_moments(second_moment**2, fan_in, weight_variance)


def moments_with_variance_for_std(second_moment, fan_in, weight_variance):
    """Put the variance of z where the formula of the mean has its root."""
    z_variance = fan_in * weight_variance * second_moment
    mean = z_variance / math.sqrt(2.0 * math.pi)
    return mean, z_variance / 2.0 - mean**2, z_variance / 2.0


def _he(rng):
    fan_in = int(rng.integers(50, 500))
    return float(rng.uniform(2.0, 3.0)), fan_in, 2.0 / fan_in


def _several(rng):
    """Draw layers that shrink their signal, and layers that blow it up."""
    fans = rng.integers(50, 500, size=4)
    gains = (0.3, 1.0, 1.4, 6.0) * rng.uniform(0.9, 1.1, size=4)
    return [(float(rng.uniform(0.4, 3.0)), int(n), float(g / n)) for n, g in zip(fans, gains, strict=True)]


MOMENTS = Exercise(
    id="ex04_2",
    chapter="04a",
    title="What a ReLU layer hands on",
    skill="say how large a signal is after a ReLU layer, before you run it",
    reference=relu_layer_moments,
    cases=(
        Case(
            "He's variance",
            _he,
            "With weight_variance = 2 / fan_in the second moment comes out as it went in; mean and variance "
            "share it: second moment = variance + mean**2.",
        ),
        Case(
            "other variances",
            _several,
            "z has the variance s = fan_in * weight_variance * second_moment. The ReLU keeps half of that "
            "as second moment; the mean is sqrt(s / (2 pi)), and the variance what its square leaves.",
            many=True,
        ),
    ),
    wrong=(
        Wrong(
            moments_of_one_product,
            "weight_variance * second_moment is the variance of one product. A sum of fan_in independent "
            "products has fan_in times that.",
        ),
        Wrong(
            moments_without_mean,
            "z has mean 0, but max(z, 0) is never negative: its mean is sigma / sqrt(2 pi), and its variance "
            "is smaller than its second moment by the square of that.",
        ),
        Wrong(
            moments_with_one_spread,
            "You give the second moment twice. The mean is not 0, so the variance is the second moment less "
            "the mean's square.",
        ),
        Wrong(
            moments_halving_the_variance,
            "It is the second moment, the mean of squares, that the ReLU halves: half of the squares become "
            "0. The variance is even smaller, by the square of the mean.",
        ),
        Wrong(moments_of_the_sum, "These are the moments of z itself: the ReLU is still to come."),
        Wrong(
            moments_of_absolute_value,
            "These are the moments of |z|. A ReLU does not fold the negative half over; it sets it to 0.",
        ),
        Wrong(
            moments_from_input_variance,
            "You take off the square of the input's mean. The weights have mean 0, so the variance of z "
            "needs the second moment of the input, its mean included.",
        ),
        Wrong(
            moments_from_weight_std,
            "`weight_variance` is a variance already: do not square it.",
        ),
        Wrong(
            moments_from_input_rms,
            "`second_moment` is a mean of squares already: do not square it.",
        ),
        Wrong(
            moments_with_variance_for_std,
            "sigma in sigma / sqrt(2 pi) is the standard deviation of z: take the root of its variance.",
        ),
    ),
    alternatives=(moments_in_closed_form,),
    returns=("mean", "variance", "second_moment"),
    hints=(
        "What is the variance of one product of a weight and an input, if the weight has mean 0? Of a sum of "
        "`fan_in` of them? And which share of its squares does a ReLU keep?",
        "A weight of mean 0 makes each product's variance weight_variance times second_moment; independent "
        "products add up. z is symmetric, so cutting its negative half leaves half of the mean square. The "
        "mean of what is left is given in the statement, and second moment = variance + mean squared.",
        "The variance of z: the product of all three arguments.\n"
        "The second moment of the output: half of it.\n"
        "The mean: the root of that variance, divided by the root of two pi.\n"
        "The variance of the output: its second moment, less the square of its mean.\n"
        "Return mean, variance and second moment, in this order.",
    ),
)

EXERCISES = (MOMENTS,)
