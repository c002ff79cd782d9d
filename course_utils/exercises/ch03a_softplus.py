"""Chapter 03a: a softplus that neither overflows nor loses digits."""

from __future__ import annotations

import numpy as np

from course_utils.grading.exercise import Case, Exercise, Wrong


def softplus(x, beta):
    """Compute ln(1 + exp(beta x)) / beta for x of any shape, without overflow or lost digits."""
    z = beta * x
    return (np.maximum(z, 0.0) + np.log1p(np.exp(-np.abs(z)))) / beta


def softplus_by_logaddexp(x, beta):
    """Add e^0 and e^z on the scale of logarithms."""
    return np.logaddexp(0.0, beta * np.asarray(x)) / beta


def softplus_mirrored_by_mask(x, beta):
    """Use softplus(z) = z + softplus(-z) for positive z."""
    z = beta * x
    rest = np.log1p(np.exp(np.where(z > 0, -z, z)))
    return np.where(z > 0, z + rest, rest) / beta


def softplus_naive(x, beta):
    """Write the formula as it stands."""
    return np.log(1.0 + np.exp(beta * x)) / beta


def softplus_overflowing(x, beta):
    """Keep the digits for negative x, and overflow for large x."""
    return np.log1p(np.exp(beta * x)) / beta


def softplus_losing_digits(x, beta):
    """Take the maximum out, but add the tiny rest to 1."""
    z = beta * x
    return (np.maximum(z, 0.0) + np.log(1.0 + np.exp(-np.abs(z)))) / beta


def softplus_clipped(x, beta):
    """Cut large values off."""
    return np.log1p(np.exp(np.clip(beta * x, -50.0, 50.0))) / beta


def softplus_undivided(x, beta):
    """Forget to divide by beta."""
    return beta * softplus(x, beta)


def softplus_half_divided(x, beta):
    """Divide the small part alone."""
    z = beta * x
    return np.maximum(z, 0.0) + np.log1p(np.exp(-np.abs(z))) / beta


def softplus_of_one(x, beta):
    """Ignore beta."""
    return softplus(x, 1.0)


def softplus_divided_only(x, beta):
    """Divide by beta, but leave it out of the exponential."""
    return softplus(x, 1.0) / beta


def softplus_of_absolute(x, beta):
    """Make the exponential safe and forget to put x back."""
    return np.log1p(np.exp(-np.abs(beta * x))) / beta


def softplus_its_slope(x, beta):
    """Return the slope, a sigmoid."""
    return np.exp(-np.logaddexp(0.0, -beta * x))


SOFTPLUS = Exercise(
    id="ex03_2",
    chapter="03a",
    title="A softplus for every x",
    skill="rewrite a formula so that it is right for any number",
    reference=softplus,
    cases=(
        Case(
            "an array of ordinary values",
            lambda rng: (rng.normal(scale=2.0, size=6), float(rng.uniform(1.5, 3.0))),
            "The formula is ln(1 + e^(beta x)) / beta: beta stands in the exponential and under the "
            "logarithm's result.",
        ),
        Case(
            "an array with two axes, beta below 1",
            lambda rng: (rng.normal(scale=3.0, size=(2, 3)), float(rng.uniform(0.3, 0.7))),
            "x may have any shape, and the result has the same; beta may be below 1.",
        ),
        Case(
            "x from -1000 to 1000",
            lambda rng: (
                np.array([-1000.0, -rng.uniform(50, 500), 0.0, rng.uniform(50, 500), 1000.0]),
                float(rng.uniform(1.5, 3.0)),
            ),
            "For large z, ln(1 + e^z) = z + ln(1 + e^(-z)): give `np.exp` only numbers that are not "
            "positive, such as `-np.abs(z)`, and add what is missing.",
            strict=True,
        ),
        Case(
            "x around -40",
            lambda rng: (-rng.uniform(38.0, 42.0, size=4), 1.0),
            "Here the result is about e^(-40). Added to 1 it vanishes, since float64 holds 16 digits: "
            "`np.log1p(e)` computes ln(1 + e) without adding.",
            atol=1e-30,
        ),
    ),
    wrong=(
        Wrong(
            softplus_naive,
            "Right for ordinary x. At 1000 the exponential overflows: make its argument `-np.abs(z)` and add "
            "what is missing. At -40 the 1 swallows it: take `np.log1p`.",
        ),
        Wrong(
            softplus_overflowing,
            "Right but for the largest x: exp(1000) overflows, even inside `np.where`, which computes both "
            "of its values for every x. ln(1 + e^z) = z + ln(1 + e^(-z)), so `-np.abs(z)` will do in the "
            "exponential.",
        ),
        Wrong(
            softplus_losing_digits,
            "Nothing overflows any more, but at x = -40 you get 0: 1 + e^(-40) is 1 in float64. `np.log1p` "
            "keeps the small part.",
        ),
        Wrong(
            softplus_clipped,
            "Cutting z off silences the overflow and makes large results wrong: softplus(1000) is 1000. "
            "Rewrite the formula; no z has to be cut off.",
        ),
        Wrong(
            softplus_undivided, "Divide by beta at the end: far to the right the softplus is x, not beta * x."
        ),
        Wrong(
            softplus_half_divided,
            "You divide the logarithm alone: what you took out of it, z where z is positive, must be divided "
            "by beta, too.",
        ),
        Wrong(softplus_of_one, "beta has no effect: it multiplies x, and divides the logarithm."),
        Wrong(
            softplus_divided_only,
            "You divide by beta, but the exponential knows nothing of it: it is e^(beta x).",
        ),
        Wrong(
            softplus_of_absolute,
            "Your curve is the same on both sides of 0. With `-np.abs(z)` in the exponential the part z "
            "itself is missing where z is positive: add `np.maximum(z, 0)`.",
        ),
        Wrong(
            softplus_its_slope,
            "That is the sigmoid, the slope of the softplus. Asked for is the softplus itself.",
        ),
    ),
    alternatives=(softplus_by_logaddexp, softplus_mirrored_by_mask),
    hints=(
        "How large can the number get that you give to `np.exp`? What is ln(1 + e^z) close to at z = 1000, "
        "and at z = -40? And what does Python say to `1 + 1e-17`?",
        "Take the larger part out of the logarithm: for positive z, 1 + e^z = e^z (1 + e^(-z)), so the "
        "logarithm is z plus a small rest. For negative z nothing need be taken out. In both cases the rest "
        "is ln(1 + e), where e is the exponential of minus the size of z, at most 1.",
        "z: beta times `x`.\n"
        "e: the exponential of minus the absolute value of z, between 0 and 1.\n"
        "The rest: `np.log1p` of e, which keeps its digits however small e is.\n"
        "To it add z where z is positive, 0 elsewhere.\n"
        "Divide all by beta, and return it.",
    ),
)

EXERCISES = (SOFTPLUS,)
