"""Chapter 04a: the standard deviation of the first weights, by Xavier's and He's rules."""

from __future__ import annotations

import math

import numpy as np

from course_utils.grading.exercise import Case, Exercise, Wrong


def init_std(shape, scheme):
    """Spread (standard deviation) of first weights, "xavier" or "he", of a dense layer or convolution."""
    n_out, n_in, *window = shape
    fan_in, fan_out = n_in * math.prod(window), n_out * math.prod(window)
    return math.sqrt(2.0 / fan_in if scheme == "he" else 2.0 / (fan_in + fan_out))


def std_by_counting(shape, scheme):
    """Take the fans from a kernel laid out in full: one row for each output."""
    fan_in = int(np.prod(shape[1:]))
    fan_out = int(np.prod(shape)) // shape[1]
    fan = {"he": fan_in, "xavier": 0.5 * (fan_in + fan_out)}[scheme]
    return float(np.sqrt(1.0 / fan) * (np.sqrt(2.0) if scheme == "he" else 1.0))


def std_as_variance(shape, scheme):
    """Return the variance."""
    return init_std(shape, scheme) ** 2


def std_from_fan_out(shape, scheme):
    """Count the outputs, in He's rule, and not the inputs."""
    if scheme == "xavier":
        return init_std(shape, scheme)
    return math.sqrt(2.0 / (shape[0] * math.prod(shape[2:])))


def std_with_inputs_first(shape, scheme):
    """Read the shape as window, inputs, outputs, as other libraries store it."""
    *window, n_in, n_out = shape
    return init_std((n_out, n_in, *window), scheme)


def std_without_window(shape, scheme):
    """Count channels in the place of inputs: the area of the window is left out."""
    return init_std(shape[:2], scheme)


def std_of_two_numbers(shape, scheme):
    """Expect two numbers in every shape."""
    n_out, n_in = shape
    return init_std((n_out, n_in), scheme)


def std_with_window_side(shape, scheme):
    """Count one side of the window in the place of its area."""
    return init_std(shape[:3], scheme)


def std_with_window_of_inputs(shape, scheme):
    """Let the window count for the inputs alone."""
    fan_in = math.prod(shape[1:])
    return math.sqrt(2.0 / (fan_in if scheme == "he" else fan_in + shape[0]))


def std_of_a_linear_layer(shape, scheme):
    """Leave out He's 2, which makes up for what the ReLU takes."""
    return init_std(shape, scheme) / (math.sqrt(2.0) if scheme == "he" else 1.0)


def std_of_a_sum(shape, scheme):
    """Leave out Xavier's 2, as if the two fans were added and not averaged."""
    return init_std(shape, scheme) / (math.sqrt(2.0) if scheme == "xavier" else 1.0)


def std_as_bound(shape, scheme):
    """Return the bound of the uniform distribution of that variance."""
    return math.sqrt(3.0) * init_std(shape, scheme)


def _dense(rng, scheme):
    return [((int(n), int(n * rng.integers(2, 6))), scheme) for n in rng.integers(8, 40, size=2)]


def _convolution(rng):
    c_out, c_in = int(rng.integers(20, 40)), int(rng.integers(3, 16))
    kernel = (c_out, c_in, 3, int(rng.integers(4, 7)))
    return [(kernel, "he"), (kernel, "xavier")]


SPREAD = Exercise(
    id="ex04_1",
    chapter="04a",
    title="The spread of a start",
    skill="draw first weights so that a signal keeps its size, in a dense layer and in a convolution",
    reference=init_std,
    cases=(
        Case(
            "He, dense layers",
            lambda rng: _dense(rng, "he"),
            "He's variance is 2 / fan_in, and fan_in is the second number of a dense shape. The standard "
            "deviation is its root.",
            many=True,
        ),
        Case(
            "Xavier, dense layers",
            lambda rng: _dense(rng, "xavier"),
            "Xavier's variance is 2 / (fan_in + fan_out): both numbers of a dense shape. The standard "
            "deviation is its root.",
            many=True,
        ),
        Case(
            "a convolution, both schemes",
            _convolution,
            "An output of a convolution sums kh * kw places in each of c_in channels: all these are its "
            "inputs. Count what one input reaches in the same way.",
            many=True,
        ),
    ),
    wrong=(
        Wrong(std_as_variance, "That is the variance: the standard deviation is its square root."),
        Wrong(
            std_from_fan_out,
            "He's rule divides by the number of inputs, on which the size of a sum depends. A weight has "
            "shape (n_out, n_in): the inputs come second.",
        ),
        Wrong(
            std_with_inputs_first,
            "You read the shape from the wrong end. As in PyTorch it is: outputs, inputs, then the window.",
        ),
        Wrong(
            std_without_window,
            "Right for dense layers. In a convolution an output sums a whole window of each channel: "
            "fan_in is c_in times the window's area, kh * kw, and fan_out likewise.",
        ),
        Wrong(
            std_of_two_numbers,
            "Right for dense layers. The shape of a convolution has four numbers: `n_out, n_in, *window = "
            "shape` takes two and keeps the rest, which may be nothing.",
        ),
        Wrong(
            std_with_window_side,
            "One side of the window is not its area: each channel gives kh * kw inputs.",
        ),
        Wrong(
            std_with_window_of_inputs,
            "The window counts for fan_out, too: an input stands in kh * kw windows of every output channel.",
        ),
        Wrong(
            std_of_a_linear_layer,
            "1 / fan_in keeps the signal of a linear layer. A ReLU takes half of the mean square, and the 2 "
            "of He's rule makes up for it.",
        ),
        Wrong(
            std_of_a_sum,
            "Xavier's rule is one divided by the mean of both fans, hence 2 / (fan_in + fan_out).",
        ),
        Wrong(
            std_as_bound,
            "That is the bound a of a uniform distribution, whose standard deviation is a / sqrt(3). Asked "
            "for is the standard deviation.",
        ),
    ),
    alternatives=(std_by_counting,),
    hints=(
        "For a weight of shape (4, 8): how many numbers does one output sum? For a kernel (16, 8, 3, 3): how "
        "many places in how many channels? And how many outputs does one input reach?",
        "Both rules need counts, and the area of the window multiplies both: inputs of one output are "
        "channels in times area, outputs of one input are channels out times area. A dense layer is the case "
        "of no window, with area 1. A rule gives a variance; what you return is its root.",
        "Split the shape into outputs, inputs, and what is left: the sides of the window, or nothing.\n"
        "Multiply these sides (the product of nothing is 1).\n"
        "fan_in: inputs times that area. fan_out: outputs times that area.\n"
        'For "he" the variance is two divided by fan_in, for "xavier" two divided by the sum of both.\n'
        "Return the square root of the variance.",
    ),
)

EXERCISES = (SPREAD,)
