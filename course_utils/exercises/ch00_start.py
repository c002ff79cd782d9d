"""Chapter 00: a first exercise and a first question, to learn how answers are given and graded."""

from __future__ import annotations

import math

import numpy as np

from course_utils.grading.exercise import Case, Exercise, Option, Quiz, Wrong


def neuron(x, weight, bias):
    """Weighted sum of the inputs plus the bias: w . x + b."""
    return x @ weight + bias


def neuron_with_a_loop(x, weight, bias):
    """Add up one product after the other."""
    total = bias
    for value, strength in zip(x, weight, strict=True):
        total = total + value * strength
    return total


def neuron_as_sum(x, weight, bias):
    """Multiply elementwise, then add up exactly."""
    return math.fsum(np.multiply(x, weight)) + bias


def without_bias(x, weight, bias):
    """Forget the bias."""
    return x @ weight


def bias_for_every_input(x, weight, bias):
    """Add the bias once for each input."""
    return np.sum(x * weight + bias)


def without_sum(x, weight, bias):
    """Return the products without adding them up."""
    return x * weight + bias


def plain_sum(x, weight, bias):
    """Forget the weights."""
    return np.sum(x) + bias


NEURON = Exercise(
    id="ex00_1",
    chapter="00",
    title="A single neuron",
    skill="write a function, check it, and read the feedback",
    reference=neuron,
    cases=(
        Case(
            "three inputs",
            lambda rng: (rng.normal(size=3), rng.normal(size=3), rng.uniform(0.5, 1.5)),
            "Multiply each input by its weight, add the products up, then add the bias: `x @ weight + bias`.",
        ),
        Case(
            "ten inputs",
            lambda rng: (rng.normal(size=10), rng.normal(size=10), -rng.uniform(0.5, 1.5)),
            "It has to work for any number of inputs: `x @ weight` does, and so does a loop.",
        ),
    ),
    wrong=(
        Wrong(without_bias, "The bias is missing: a neuron adds `bias` to the weighted sum."),
        Wrong(
            bias_for_every_input,
            "The bias is added once for each input; it belongs there once, after the sum.",
        ),
        Wrong(
            without_sum, "You return one product for each input: a neuron adds them up to a single number."
        ),
        Wrong(plain_sum, "The weights are missing: multiply each input by its own weight before adding up."),
    ),
    alternatives=(neuron_with_a_loop, neuron_as_sum),
    hints=(
        "Work the example by hand: `x = [1, 2]`, `weight = [3, -1]`, `bias = 0.5`. How many products are "
        "there, what becomes of them, and how often is the bias added?",
        "Each number in `x` is multiplied by the number at the same place in `weight`. The products are "
        "added up to a single number, whatever the length of the arrays; to this number the bias is added, "
        "once.",
        "Multiply `x` and `weight` entry by entry: `*` does so for arrays, a loop over pairs does it, too.\n"
        "Add up the products, to one number.\n"
        "Add `bias` to that number, once.\n"
        "Return it. (One of NumPy's operators does steps 1 and 2 together: `@`.)",
    ),
)

PREDICTING = Quiz(
    id="q00_1",
    chapter="00",
    title="Why predict first",
    skill="know what a prediction is good for",
    question="Why does this course ask you to predict a result, with a confidence, before you run the cell?",
    options=(
        Option(
            "So that the right predictions count towards the points of the chapter.",
            "Tempting, since predictions are scored. Their score shows how well you judge your own "
            "knowledge; the points come from exercises and questions alone.",
        ),
        Option(
            "Because a committed guess turns a surprise into something you notice, and shows how well you "
            "know what you know.",
            "A result that contradicts your own guess sticks, and the confidences show whether '80 % sure' "
            "means right in 8 of 10 cases.",
        ),
        Option(
            "Because a cell cannot run before its question is answered.",
            "Tempting, since the question stands before the cell. But nothing waits for you: Run All passes "
            "the questions by. Only a prediction made before the answer is shown is scored, though.",
        ),
    ),
    answer="b",
    hints=("Think of a result that surprised you. Would it have done so if you had expected nothing?",),
)

EXERCISES = (NEURON, PREDICTING)
