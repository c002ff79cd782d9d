"""Chapter 03a: the ELU, its value and its gradient at any input."""

from __future__ import annotations

import numpy as np

from course_utils.grading.exercise import Case, Exercise, Wrong


def elu_forward_backward(x, alpha, dy):
    """ELU y of x, and dx for the gradient dy at its output; all of x's shape."""
    negative = np.minimum(x, 0.0)  # never positive, so that no exponential overflows
    y = np.where(x > 0, x, alpha * np.expm1(negative))
    slope = np.where(x > 0, 1.0, alpha * np.exp(negative))
    return y, slope * dy


def elu_by_parts(x, alpha, dy):
    """Add the two halves, one of which is 0; read the slope off the value."""
    left = alpha * np.expm1(np.minimum(x, 0.0))
    return np.maximum(x, 0.0) + left, dy * np.where(x > 0, 1.0, left + alpha)


def elu_by_mask(x, alpha, dy):
    """Overwrite the entries that are not positive."""
    y, dx, off = x.copy(), dy.copy(), x <= 0
    y[off] = alpha * np.expm1(x[off])
    dx[off] *= alpha * np.exp(x[off])
    return y, dx


def elu_overflowing(x, alpha, dy):
    """Compute both sides for every x."""
    return np.where(x > 0, x, alpha * np.expm1(x)), dy * np.where(x > 0, 1.0, alpha * np.exp(x))


def elu_losing_digits(x, alpha, dy):
    """Subtract 1 from an exponential that is nearly 1."""
    e = np.exp(np.minimum(x, 0.0))
    return np.where(x > 0, x, alpha * (e - 1.0)), dy * np.where(x > 0, 1.0, alpha * e)


def elu_overflowing_and_losing_digits(x, alpha, dy):
    """Write the formula as it stands."""
    e = np.exp(x)
    return np.where(x > 0, x, alpha * (e - 1.0)), dy * np.where(x > 0, 1.0, alpha * e)


def elu_slope_without_alpha(x, alpha, dy):
    """Forget alpha in the slope."""
    y, _ = elu_forward_backward(x, alpha, dy)
    return y, dy * np.exp(np.minimum(x, 0.0))


def elu_slope_plus_one(x, alpha, dy):
    """Take y + 1 for the slope, which it is for alpha = 1."""
    y, _ = elu_forward_backward(x, alpha, dy)
    return y, dy * np.where(x > 0, 1.0, y + 1.0)


def elu_slope_is_value(x, alpha, dy):
    """Take the value for the slope: e^x is its own derivative, but e^x - 1 is not."""
    y, _ = elu_forward_backward(x, alpha, dy)
    return y, dy * np.where(x > 0, 1.0, y)


def elu_without_upstream(x, alpha, dy):
    """Return the slope, whatever arrives from above."""
    y, _ = elu_forward_backward(x, alpha, dy)
    return y, np.where(x > 0, 1.0, alpha * np.exp(np.minimum(x, 0.0)))


def elu_right_slope_at_zero(x, alpha, dy):
    """Count 0 to the right side."""
    y, dx = elu_forward_backward(x, alpha, dy)
    return y, np.where(x == 0, dy, dx)


def elu_jumping(x, alpha, dy):
    """Forget to take 1 off the exponential."""
    left = alpha * np.exp(np.minimum(x, 0.0))
    return np.where(x > 0, x, left), dy * np.where(x > 0, 1.0, left)


def elu_leaky(x, alpha, dy):
    """Go straight on the left, as a Leaky ReLU does."""
    return np.where(x > 0, x, alpha * x), dy * np.where(x > 0, 1.0, alpha)


def _ordinary(rng):
    return rng.normal(scale=1.5, size=(3, 4)), float(rng.uniform(0.3, 0.7)), rng.normal(size=(3, 4))


def _large_alpha(rng):
    return rng.normal(scale=1.5, size=8), float(rng.uniform(1.5, 2.5)), rng.normal(size=8)


def _at_zero(rng):
    x = np.array([0.0, rng.normal(), 0.0, rng.normal()])
    return x, float(rng.uniform(0.3, 0.7)), rng.uniform(1.0, 2.0, size=4)


def _extreme(rng):
    x = np.array([-1000.0, -rng.uniform(50, 500), -1.0, 1.0, rng.uniform(50, 500), 1000.0])
    return x, float(rng.uniform(0.3, 0.7)), rng.normal(size=6)


def _tiny(rng):
    return -rng.uniform(1, 9, size=4) * 1e-12, float(rng.uniform(0.3, 0.7)), rng.normal(size=4)


ELU = Exercise(
    id="ex03_1",
    chapter="03a",
    title="ELU, forwards and backwards",
    skill="write an activation and its pullback so that no input breaks them",
    reference=elu_forward_backward,
    cases=(
        Case(
            "an array with two axes",
            _ordinary,
            "Right of 0 the value is x and the slope 1; left of it alpha * (e^x - 1) and alpha * e^x. dx is "
            "`dy` times the slope, entry by entry.",
        ),
        Case(
            "alpha above 1",
            _large_alpha,
            "alpha may be any positive number: it stands in the value and in the slope of the left side.",
        ),
        Case(
            "x exactly 0",
            _at_zero,
            "At 0 the two sides meet, and their slopes differ unless alpha is 1. `x > 0` is false there, so "
            "take the left side's slope.",
        ),
        Case(
            "x from -1000 to 1000",
            _extreme,
            "Give `np.exp` and `np.expm1` only numbers that are not positive: `np.minimum(x, 0)` leaves the "
            "left side as it is.",
            strict=True,
        ),
        Case(
            "x a millionth of a millionth below 0",
            _tiny,
            "e^x is nearly 1 here, and subtracting 1 leaves few right digits: `np.expm1` computes e^x - 1 in "
            "one go.",
            atol=1e-20,
        ),
    ),
    wrong=(
        Wrong(
            elu_overflowing,
            "Right for ordinary x, but exp(1000) overflows, even inside `np.where`, which computes both "
            "sides for every x. Give the exponential `np.minimum(x, 0)`.",
        ),
        Wrong(
            elu_losing_digits,
            "Close to 0 the result is off: e^x is so near 1 that subtracting 1 loses most digits. "
            "`np.expm1` keeps them.",
        ),
        Wrong(
            elu_overflowing_and_losing_digits,
            "Two things: `np.where` computes both sides for every x, so the exponential overflows at 1000; "
            "and close to 0 subtracting 1 loses digits, which `np.expm1` keeps.",
        ),
        Wrong(
            elu_slope_without_alpha,
            "Your value holds alpha and your slope does not: the derivative of alpha * (e^x - 1) is alpha * "
            "e^x.",
        ),
        Wrong(
            elu_slope_plus_one,
            "y + 1 is the left side's slope for alpha = 1 only. From y = alpha * e^x - alpha the slope is "
            "y + alpha.",
        ),
        Wrong(
            elu_slope_is_value,
            "e^x is its own derivative, but e^x - 1 is not: the constant has the slope 0, so what is left is "
            "alpha * e^x.",
        ),
        Wrong(
            elu_without_upstream,
            "`dy` has no effect: dx is the slope times the gradient that arrives at the output, entry by "
            "entry.",
        ),
        Wrong(
            elu_right_slope_at_zero,
            "At exactly 0 you take the slope 1; the statement, like PyTorch, counts 0 to the left side.",
        ),
        Wrong(
            elu_jumping,
            "Your curve jumps at 0: e^0 is 1, so take 1 off the exponential before you multiply by alpha.",
        ),
        Wrong(
            elu_leaky,
            "That is a Leaky ReLU, straight on the left. An ELU bends there, alpha * (e^x - 1), and levels "
            "off at -alpha.",
        ),
    ),
    alternatives=(elu_by_parts, elu_by_mask),
    returns=("y", "dx"),
    hints=(
        "What is the derivative of alpha (e^x - 1)? Which of the two sides does x = 0 belong to? And what "
        "happens to the exponential of the left side at x = 1000, where you don't need it?",
        "Two formulas, chosen entry by entry, for the value and for the slope; the chain rule multiplies the "
        "slope by what arrives from above. The exponential may be computed everywhere if its argument is "
        "first kept from being positive: that changes nothing on the left, where it counts.",
        "Cut the positive part of `x` off: a new array that is `x` on the left and 0 on the right.\n"
        "Value: `x` where it is positive, elsewhere alpha times `np.expm1` of the new array.\n"
        "Slope: 1 where `x` is positive, elsewhere alpha times `np.exp` of the new array. Zero belongs to "
        "this side.\n"
        "dx: the slope times `dy`, entry by entry.\n"
        "Return the value and dx, in this order.",
    ),
)

EXERCISES = (ELU,)
