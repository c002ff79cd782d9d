"""Chapter 05a: choose learning rate and momentum for a quadratic, so that it is solved in time."""

from __future__ import annotations

import math

import numpy as np

from course_utils.grading.exercise import Case, Exercise, Wrong

GOAL = 0.01  # of the length at the start may be left


def tune(curvatures, n_steps):
    """Learning rate and momentum that leave less than 1 % of any start after n_steps steps."""
    low, high = math.sqrt(min(curvatures)), math.sqrt(max(curvatures))
    return 4.0 / (high + low) ** 2, ((high - low) / (high + low)) ** 2


def tune_by_trial(curvatures, n_steps):
    """Run a grid of pairs on all curvatures at once, and take the best."""
    c = np.unique(curvatures)
    momentum, share = np.meshgrid(1.0 - np.geomspace(0.02, 1.0, 40), np.linspace(0.1, 0.99, 60))
    lr = share * 2.0 * (1.0 + momentum) / c[-1]  # beyond 2 (1 + momentum) / c it diverges
    w, v = np.ones((*lr.shape, len(c))), np.zeros((*lr.shape, len(c)))
    for _ in range(n_steps):
        v = momentum[..., None] * v + c * w
        w = w - lr[..., None] * v
    best = np.argmin(np.abs(w).max(axis=-1))
    return lr.flat[best], momentum.flat[best]


def tune_by_condition(curvatures, n_steps):
    """Take a little more momentum than the best, and the rate that belongs to it."""
    root = math.sqrt(max(curvatures) / min(curvatures))
    momentum = ((root - 1.0) / (root + 1.0)) ** 1.8
    return (1.0 + math.sqrt(momentum)) ** 2 / max(curvatures), momentum


def tune_without_momentum(curvatures, n_steps):
    """Take the best rate there is without momentum."""
    return 2.0 / (max(curvatures) + min(curvatures)), 0.0


def tune_at_the_limit(curvatures, n_steps):
    """Go to the limit of plain gradient descent, where the steepest direction just swings."""
    return 2.0 / max(curvatures), 0.0


def tune_by_habit(curvatures, n_steps):
    """Take the momentum 0.9 that always does."""
    return 1.0 / max(curvatures), 0.9


def tune_with_much_momentum(curvatures, n_steps):
    """Think that more momentum is always faster."""
    return 1.0 / max(curvatures), 0.99


def tune_without_roots(curvatures, n_steps):
    """Forget the roots of the curvatures."""
    low, high = min(curvatures), max(curvatures)
    return 4.0 / (high + low) ** 2, ((high - low) / (high + low)) ** 2


def tune_momentum_without_roots(curvatures, n_steps):
    """Forget the roots in the momentum alone."""
    low, high = min(curvatures), max(curvatures)
    return tune(curvatures, n_steps)[0], ((high - low) / (high + low)) ** 2


def tune_with_cautious_rate(curvatures, n_steps):
    """Keep the best rate of plain gradient descent beside momentum."""
    return 2.0 / (max(curvatures) + min(curvatures)), tune(curvatures, n_steps)[1]


def tune_by_the_mean(curvatures, n_steps):
    """Take the rate from the average curvature."""
    return 1.0 / np.mean(curvatures), tune(curvatures, n_steps)[1]


def tune_by_the_flattest(curvatures, n_steps):
    """Take the step that solves the flattest direction at once."""
    return 1.0 / min(curvatures), 0.0


def tune_in_given_order(curvatures, n_steps):
    """Take the first curvature for the smallest and the last for the largest."""
    return tune([curvatures[0], curvatures[-1]], n_steps)


def tune_swapped(curvatures, n_steps):
    """Return the momentum first."""
    return tune(curvatures, n_steps)[::-1]


def check_tuned(result, curvatures, n_steps):
    """Run gradient descent from the end of every axis: no start is harder than the hardest of these."""
    form = "Return two numbers: a positive learning rate, and a momentum of at least 0 and below 1."
    if not isinstance(result, (list, tuple, np.ndarray)) or len(result) != 2:
        return form
    try:
        lr, momentum = (float(number) for number in result)
    except (TypeError, ValueError):  # texts, lists, arrays
        return form
    if not (0.0 < lr < math.inf and 0.0 <= momentum < 1.0):
        return form
    w, v = np.ones(len(curvatures)), np.zeros(len(curvatures))
    with np.errstate(all="ignore"):
        for _ in range(n_steps):
            v = momentum * v + curvatures * w
            w = w - lr * v
    left = np.nan_to_num(np.abs(w), nan=math.inf)
    worst = int(np.argmax(left))
    if left[worst] < GOAL:
        return None
    c = float(curvatures[worst])
    found = f"With lr = {lr:.4g} and momentum = {momentum:.4g}, the direction of curvature {c:.4g}"
    if left[worst] >= 1.0:
        return (
            f"{found} is no shorter after {n_steps} steps than at the start: the step is too long. (The "
            "limit is 2 / curvature without momentum, and 1 + momentum times that with it.)"
        )
    found = f"{found} still has {100 * left[worst]:.2g} % of its start after {n_steps} steps: "
    if lr * c < (1.0 - math.sqrt(momentum)) ** 2:
        return f"{found}it creeps, without a swing. A longer step or more momentum helps it."
    if lr * c > (1.0 + math.sqrt(momentum)) ** 2:
        return f"{found}it is thrown from side to side. A shorter step helps it, or more momentum."
    return f"{found}it swings, and fades by the root of the momentum a step. Less momentum helps it."


def _curvatures(rng, condition, n_between):
    """Draw curvatures with the largest and the smallest in the middle; the scale is any."""
    between = np.sqrt(condition) * rng.uniform(0.7, 1.4, size=n_between)
    largest_and_smallest = [*between[:1], condition, 1.0, *between[1:]]
    return np.exp(rng.uniform(-2.0, 2.0)) * np.array(largest_and_smallest)


def _round_bowl(rng):
    return _curvatures(rng, rng.uniform(3.0, 4.5), 2), 14


def _valley(rng):
    condition = rng.uniform(80.0, 120.0)
    return _curvatures(rng, condition, 3), round(6.2 * math.sqrt(condition))


def _ravine(rng):
    condition = rng.uniform(2500.0, 4000.0)
    return _curvatures(rng, condition, 4), round(7.3 * math.sqrt(condition))


def _sphere(rng):
    return np.full(3, rng.uniform(3.0, 9.0)), 3


TUNE = Exercise(
    id="ex05_3",
    chapter="05a",
    title="In time to the bottom",
    skill="choose step and momentum from the curvatures, so that gradient descent arrives in time",
    reference=tune,
    cases=(
        Case(
            "a bowl that is nearly round",
            _round_bowl,
            "With a condition number around 4 little momentum is right, about 0.1: much of it makes the path "
            "swing.",
            verify=check_tuned,
        ),
        Case(
            "a valley, condition number about 100",
            _valley,
            "Without momentum the best rate needs about 2.3 times the condition number of steps: too many "
            "here. Momentum brings that down to a multiple of its root.",
            points=2,
            verify=check_tuned,
        ),
        Case(
            "a ravine, condition number about 3000",
            _ravine,
            "Here the momentum has to be above 0.9, and the rate nearly 4 divided by the largest curvature.",
            points=2,
            verify=check_tuned,
        ),
        Case(
            "all directions alike",
            _sphere,
            "Where all curvatures are c, one step of 1 / c without momentum arrives: the best momentum is 0.",
            verify=check_tuned,
        ),
    ),
    wrong=(
        Wrong(
            tune_without_momentum,
            "That is the best rate without momentum: it needs a number of steps proportional to the "
            "condition number. Momentum needs its root only, but the rate must go with it.",
        ),
        Wrong(
            tune_at_the_limit,
            "At 2 / curvature the steepest direction swings forever without getting shorter: the limit is no "
            "place to be. And the flattest direction still crawls.",
        ),
        Wrong(
            tune_by_habit,
            "0.9 is a habit, and no law: velocities fade by its root at each step, which is too slow for a "
            "round bowl, and a ravine needs more. Let the condition number choose.",
        ),
        Wrong(
            tune_with_much_momentum,
            "More momentum is not always faster: with 0.99 the path overshoots and swings for hundreds of "
            "steps. What is best depends on the condition number.",
        ),
        Wrong(
            tune_without_roots,
            "The roots are missing: momentum is about the roots of the largest and the smallest curvature. "
            "(A rate must be one over a curvature; yours is one over its square.)",
        ),
        Wrong(
            tune_momentum_without_roots,
            "Your rate is right, but your momentum holds the curvatures themselves: far too near 1. Take "
            "their roots there, too.",
        ),
        Wrong(
            tune_with_cautious_rate,
            "Your momentum is the best one, but the rate is the best without momentum. Momentum bears "
            "larger ones, up to 1 + momentum times the old limit, and here it has to use that.",
        ),
        Wrong(
            tune_by_the_mean,
            "A rate from the mean curvature is too long for the steepest direction, and that one decides "
            "whether it diverges.",
        ),
        Wrong(
            tune_by_the_flattest,
            "That step solves the flattest direction at once, and blows up all that are more than twice as "
            "steep. The steepest one bounds the rate.",
        ),
        Wrong(
            tune_in_given_order,
            "You take the first and the last curvature for the extremes: they come in no order, so use `min` "
            "and `max`.",
        ),
        Wrong(tune_swapped, "You return the momentum first: return the learning rate, then the momentum."),
    ),
    alternatives=(tune_by_trial, tune_by_condition),
    returns=("lr", "momentum"),
    hints=(
        "Which direction forbids a larger rate, and which one would like it? What did the section find for "
        "the rate and the momentum at which both fade equally fast?",
        "Only the largest and the smallest curvature matter: whatever is good for both is good for all "
        "between. With the best pair all directions fade by the same factor a step, the root of the "
        "momentum; with roots of curvatures in the place of curvatures, it looks like the best factor "
        "without momentum.",
        "Take the square roots of the smallest and of the largest curvature.\n"
        "Add them, and subtract the smaller from the larger.\n"
        "Learning rate: four, divided by the squared sum.\n"
        "Momentum: the difference divided by the sum, squared.\n"
        "Return rate and momentum; `n_steps` is needed only if you would rather try out many pairs.",
    ),
)

EXERCISES = (TUNE,)
