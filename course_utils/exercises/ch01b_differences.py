"""Chapter 01b: measuring a gradient by differences."""

from __future__ import annotations

import numpy as np

from course_utils.grading.exercise import Case, Exercise, Wrong


def numerical_gradient(f, x, eps):
    """Central differences: (f(x + eps) - f(x - eps)) / (2 eps), one entry of x at a time."""
    gradient = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[index] = eps
        gradient[index] = (f(x + step) - f(x - step)) / (2 * eps)
    return gradient


def gradient_by_columns(f, x, eps):
    """Take the steps as the rows of a scaled identity matrix."""
    steps = eps * np.eye(x.size)
    return np.array(
        [(f(x + s.reshape(x.shape)) - f(x - s.reshape(x.shape))) / (2 * eps) for s in steps]
    ).reshape(x.shape)


def gradient_in_place(f, x, eps):
    """Change one entry of a copy and put it back."""
    x, gradient = x.copy(), np.empty(x.shape)
    for index, kept in np.ndenumerate(x.copy()):
        x[index] = kept + eps
        above = f(x)
        x[index] = kept - eps
        gradient[index] = (above - f(x)) / (2 * eps)
        x[index] = kept
    return gradient


def gradient_forward(f, x, eps):
    """Use forward differences."""
    gradient = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[index] = eps
        gradient[index] = (f(x + step) - f(x)) / eps
    return gradient


def gradient_doubled(f, x, eps):
    """Divide by eps instead of 2 eps."""
    return 2 * numerical_gradient(f, x, eps)


def gradient_unbracketed(f, x, eps):
    """Divide by 2 and multiply by eps."""
    return numerical_gradient(f, x, eps) * eps**2


def gradient_at_its_own_step(f, x, eps):
    """Ignore eps."""
    return numerical_gradient(f, x, 1e-5)


def gradient_of_aliases(f, x, eps):
    """Step up, then back to where one was: what looks like a copy of x is x itself."""
    return gradient_forward(f, x, eps) / 2


def gradient_all_at_once(f, x, eps):
    """Move all entries together."""
    return np.full(x.shape, (f(x + eps) - f(x - eps)) / (2 * eps))


def gradient_as_one_number(f, x, eps):
    """Move all entries together, and return the one number that this gives."""
    return (f(x + eps) - f(x - eps)) / (2 * eps)


def gradient_of_a_sum(f, x, eps):
    """Move all entries together, and forget the brackets, too."""
    return (f(x + eps) - f(x - eps)) / 2 * eps


def gradient_between_aliases(f, x, eps):
    """Step up one name of x and down another: both are the same array, back where it was."""
    return np.zeros(x.shape)


def gradient_by_rows(f, x, eps):
    """Loop over the first axis, as if x were a vector."""
    gradient = np.zeros(len(x))
    for row in range(len(x)):
        step = np.zeros_like(x)
        step[row] = eps
        gradient[row] = (f(x + step) - f(x - step)) / (2 * eps)
    return gradient


def gradient_leaving_traces(f, x, eps):
    """Change x in place and do not put it back."""
    gradient = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        x[index] += eps
        above = f(x)
        x[index] -= 2 * eps
        gradient[index] = (above - f(x)) / (2 * eps)
    return gradient


def gradient_flat(f, x, eps):
    """Return the entries in a row."""
    return numerical_gradient(f, x, eps).ravel()


def _cubic(rng):
    """Make a function, and a step so large that its size shows in the result."""
    a = rng.uniform(1.0, 2.0, size=5)
    return lambda x: float(np.sum(a * x**3) + np.prod(x[:2])), rng.uniform(0.5, 1.5, size=5), 0.1


def _waves(rng):
    a = rng.uniform(0.5, 1.5, size=(2, 3))
    return lambda x: float(np.sum(np.exp(a * x)) + np.sum(x) ** 2), rng.uniform(0.5, 1.0, size=(2, 3)), 1e-4


NUMERICAL = Exercise(
    id="ex01_9",
    chapter="01b",
    title="A gradient by differences",
    skill="measure a gradient, to check one that was derived",
    reference=numerical_gradient,
    cases=(
        Case(
            "a function of five numbers",
            _cubic,
            "For each entry of x: step up by eps, step down by eps, and divide the difference of f by 2 * "
            "eps.",
            budget=100,
        ),
        Case(
            "a function of a matrix",
            _waves,
            "x may have any shape, and the gradient has the same: `np.ndindex(x.shape)` runs over all "
            "entries.",
            budget=100,
        ),
    ),
    wrong=(
        Wrong(
            gradient_forward,
            "That is a forward difference, whose error shrinks only like eps. Step to both sides: (f(x + "
            "eps) - f(x - eps)) / (2 * eps).",
        ),
        Wrong(gradient_doubled, "Twice too large: from x - eps to x + eps is a distance of 2 * eps."),
        Wrong(
            gradient_unbracketed,
            "`/ 2 * eps` divides by 2 and then multiplies by eps: put brackets around (2 * eps).",
        ),
        Wrong(
            gradient_at_its_own_step,
            "Your step is one of your own: take the argument `eps`, whatever its value.",
        ),
        Wrong(
            gradient_of_aliases,
            "Half of a forward difference: your second step only undoes the first. `b = x` is the same "
            "array, not a copy; `x.copy()` makes one.",
        ),
        Wrong(
            gradient_as_one_number,
            "You move all entries of x together, which gives one number: move one at a time, and get one "
            "number for each.",
        ),
        Wrong(
            gradient_of_a_sum,
            "Two things: all entries of x move together, though each needs its own turn; and `/ 2 * eps` "
            "divides by 2, then multiplies by eps.",
        ),
        Wrong(
            gradient_between_aliases,
            "Every slope is 0: is f called twice at the same point? After `up = x` both names mean one "
            "array; `x.copy()` makes another.",
        ),
        Wrong(
            gradient_by_rows,
            "You move a whole row of a matrix at once: `for index in np.ndindex(x.shape)` visits every "
            "entry, whatever the shape.",
        ),
        Wrong(
            gradient_all_at_once,
            "You move all entries of x together: move one at a time and hold the others.",
        ),
        Wrong(
            gradient_leaving_traces,
            "Your steps stay in x, so later entries are measured at another point: put each entry back, or "
            "step on a copy.",
        ),
        Wrong(gradient_flat, "The values are right but lie in a row: give the gradient the shape of x."),
    ),
    alternatives=(gradient_by_columns, gradient_in_place),
    hints=(
        "If f depends on five numbers, how many slopes are there, and how often must f be called for each? "
        "While one entry moves, what do the others do?",
        "The slope along one entry is the rise of f from a step below to a step above, divided by the "
        "distance between the two points, which is twice eps. Every entry gets its own turn while all "
        "others rest, whatever the shape of x.",
        "Start with zeros in the shape of `x`, for the result.\n"
        "For every index of `x`, whatever its shape (`np.ndindex`): make a step, zeros of the same shape "
        "with `eps` at this index.\n"
        "Call f at `x` plus the step and at `x` minus the step; both are new arrays, so `x` itself stays.\n"
        "Divide the difference by twice `eps`, in brackets, and write it into the result at this index.\n"
        "Return the result.",
    ),
)

EXERCISES = (NUMERICAL,)
