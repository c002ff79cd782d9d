"""Chapter 01a: a perceptron's update, and the sigmoid with its slope."""

from __future__ import annotations

import numpy as np

from course_utils.grading.exercise import Case, Exercise, Wrong


def perceptron_update(weight, bias, x, y):
    """Learn from one example (y is -1 or +1): move towards y * x after a mistake, else stay."""
    if y * (x @ weight + bias) > 0:
        return weight, bias
    return weight + y * x, bias + y


def update_as_product(weight, bias, x, y):
    """Multiply the step by 1 after a mistake and by 0 otherwise."""
    mistake = int(y * (np.dot(weight, x) + bias) <= 0)
    return weight + mistake * y * x, bias + mistake * y


def update_always(weight, bias, x, y):
    """Update after right answers, too."""
    return weight + y * x, bias + y


def update_without_label(weight, bias, x, y):
    """Add the example whatever its class."""
    return (weight, bias) if y * (x @ weight + bias) > 0 else (weight + x, bias + 1)


def update_without_bias(weight, bias, x, y):
    """Leave the bias as it is."""
    return (weight, bias) if y * (x @ weight + bias) > 0 else (weight + y * x, bias)


def update_not_on_border(weight, bias, x, y):
    """Take a score of exactly 0 for right."""
    return (weight, bias) if y * (x @ weight + bias) >= 0 else (weight + y * x, bias + y)


def update_by_score_without_bias(weight, bias, x, y):
    """Leave the bias out of the score."""
    return (weight, bias) if y * (x @ weight) > 0 else (weight + y * x, bias + y)


def update_backwards(weight, bias, x, y):
    """Move away from the example."""
    return (weight, bias) if y * (x @ weight + bias) > 0 else (weight - y * x, bias - y)


def _example(rng, y, right):
    """Draw weight, bias and x such that the score has the sign of y (right) or the opposite.

    The bias decides: without it the score would have the other sign.
    """
    weight, x = rng.normal(size=4), rng.normal(size=4)
    bias = -rng.uniform(1.5, 2.5) * (x @ weight)
    flip = 1 if (y * (x @ weight + bias) > 0) == right else -1
    return flip * weight, flip * bias, x, y


PERCEPTRON = Exercise(
    id="ex01_1",
    chapter="01a",
    title="The perceptron's update",
    skill="turn a learning rule into code",
    reference=perceptron_update,
    cases=(
        Case(
            "a mistake on class +1",
            lambda rng: _example(rng, 1, right=False),
            "After a mistake the weight moves by y * x and the bias by y.",
        ),
        Case(
            "a mistake on class -1",
            lambda rng: _example(rng, -1, right=False),
            "For y = -1 the same rule subtracts x: the weight moves by y * x, the bias by y.",
        ),
        Case(
            "a right answer",
            lambda rng: _example(rng, -1, right=True),
            "The answer is right if y * (w . x + b) > 0: return weight and bias as they are.",
        ),
        Case(
            "a score of exactly 0",
            lambda rng: (np.zeros(4), 0.0, rng.normal(size=4), 1),
            "A score of 0 decides nothing; count it as a mistake, or a perceptron that starts at 0 never "
            "moves.",
        ),
    ),
    wrong=(
        Wrong(update_always, "You update after every example: a perceptron learns from its mistakes only."),
        Wrong(
            update_without_label, "The label is missing from the step: for y = -1 the weight must move by -x."
        ),
        Wrong(
            update_without_bias, "The bias stays: it moves by y, as the weight of an input that is always 1."
        ),
        Wrong(
            update_not_on_border,
            "A score of exactly 0 counts as a mistake: use `<= 0`, or the first step fails.",
        ),
        Wrong(update_by_score_without_bias, "The score is `weight @ x + bias`; you left the bias out."),
        Wrong(update_backwards, "You step away from the right side: add y * x, do not subtract it."),
    ),
    alternatives=(update_as_product,),
    returns=("weight", "bias"),
    hints=(
        "In the statement's example, is `y` times the score positive? What does that say about the answer? "
        "And what should happen in the other case, and at a score of exactly 0?",
        "The sign of y (w . x + b) tells right from wrong. Only a mistake moves anything, and it moves "
        "weight and bias so that this very number grows. The bias is the weight of an input that is always "
        "1: it follows the same rule, with 1 in the place of x.",
        "The score: weight times `x`, summed, plus bias.\n"
        "Multiply it by `y`.\n"
        "If that is positive, the answer was right: return weight and bias as they came.\n"
        "Otherwise (0 included) return two new values: the weight with `y` times `x` added, and the bias "
        "with `y` added. Make a new array for the weight: `+=` would write into the one you were given.",
    ),
)


def sigmoid_and_slope(z):
    """Sigmoid of z and its derivative there, for any z, without overflow."""
    small = np.exp(-np.abs(z))  # between 0 and 1, so nothing overflows
    value = np.where(np.asarray(z) >= 0, 1.0, small) / (1.0 + small)
    return value, small / (1.0 + small) ** 2


def sigmoid_by_tanh(z):
    """Write the sigmoid as a tanh, which is stable, and the slope by its value."""
    value = 0.5 * (1.0 + np.tanh(0.5 * np.asarray(z, dtype=float)))
    return value, value * (1.0 - value)


def slope_with_plus(z):
    """Take value * (1 + value) for the slope."""
    value, _ = sigmoid_and_slope(z)
    return value, value * (1.0 + value)


def slope_from_input(z):
    """Put z, not its sigmoid, into the formula of the slope."""
    return sigmoid_and_slope(z)[0], z * (1.0 - np.asarray(z))


def slope_of_tanh(z):
    """Take the slope of the tanh."""
    value, _ = sigmoid_and_slope(z)
    return value, 1.0 - value**2


def sigmoid_mirrored(z):
    """Forget the minus in the exponent."""
    return sigmoid_and_slope(-np.asarray(z))


def sigmoid_overflowing(z):
    """Write the formula as it stands: exp overflows for very negative z."""
    value = 1.0 / (1.0 + np.exp(-z))
    return value, value * (1.0 - value)


SIGMOID = Exercise(
    id="ex01_2",
    chapter="01a",
    title="The sigmoid and its slope",
    skill="compute a function and its derivative, at any input",
    reference=sigmoid_and_slope,
    cases=(
        Case(
            "an array of ordinary values",
            lambda rng: (rng.normal(scale=2.0, size=6),),
            "The sigmoid is 1 / (1 + exp(-z)); its slope is value * (1 - value). Return both, value first.",
        ),
        Case(
            "an array with two axes",
            lambda rng: (rng.normal(size=(2, 3)),),
            "Use NumPy's functions, so that an array of any shape comes back with the same shape.",
        ),
        Case(
            "z from -1000 to 1000",
            lambda rng: (np.array([-1000.0, -rng.uniform(50, 500), 0.0, rng.uniform(50, 500), 1000.0]),),
            "Give `np.exp` only numbers that are not positive, such as `-np.abs(z)`: then nothing overflows, "
            "and no z has to be cut off.",
            strict=True,
        ),
    ),
    wrong=(
        Wrong(slope_with_plus, "A sign: the slope is value * (1 - value), with a minus."),
        Wrong(
            slope_from_input, "The slope is value * (1 - value) with the sigmoid's value, not with z itself."
        ),
        Wrong(slope_of_tanh, "1 - value**2 is the slope of tanh; the sigmoid's is value * (1 - value)."),
        Wrong(sigmoid_mirrored, "Your curve falls where it should rise: the exponent is -z."),
        Wrong(
            sigmoid_overflowing,
            "Right for ordinary z, but exp(1000) overflows, even inside `np.where`, which computes both of "
            "its forms for every z. Never give `np.exp` a positive number: `np.exp(-np.abs(z))` suits both "
            "signs.",
        ),
    ),
    alternatives=(sigmoid_by_tanh,),
    returns=("value", "slope"),
    hints=(
        "Which numbers do you give to `np.exp`, and how large can they get? At z = -1000, what is exp(-z), "
        "and what value should the sigmoid have?",
        "There are two forms of the same value: 1 / (1 + exp(-z)) and exp(z) / (1 + exp(z)). The first "
        "suits z >= 0, the second z <= 0, and the exponential is then the same in both: e = exp(-|z|), "
        "between 0 and 1. The slope follows from the value.",
        "e: exponentiate minus the absolute value of z; it lies between 0 and 1 for every z.\n"
        "The numerator is 1 where z is at least 0, and e elsewhere: `np.where` may choose, now that both "
        "are finite.\n"
        "The value: numerator divided by 1 + e.\n"
        "The slope: the value, times one minus the value.\n"
        "Return value and slope, in this order.",
    ),
)


EXERCISES = (PERCEPTRON, SIGMOID)
