"""Chapter 06b: a step that makes weights exactly zero."""

from __future__ import annotations

import numpy as np

from course_utils.grading.exercise import Case, Exercise, Wrong


def soft_threshold(weight, threshold):
    """Move every entry towards 0 by the threshold, and to 0 what is not farther from it."""
    return np.sign(weight) * np.maximum(np.abs(weight) - threshold, 0.0)


def proximal_step(weight, gradient, lr, lam):
    """Step down the gradient of the loss, then apply the soft threshold lr * lam of the L1 penalty."""
    return soft_threshold(weight - lr * gradient, lr * lam)


def step_by_clipping(weight, gradient, lr, lam):
    """Take off what lies within the threshold."""
    moved, threshold = weight - lr * gradient, lr * lam
    return moved - np.clip(moved, -threshold, threshold)


def step_by_three_cases(weight, gradient, lr, lam):
    """Treat entry by entry: far above 0, far below it, and near."""
    new = np.zeros(len(weight))
    for i, (w, slope) in enumerate(zip(weight, gradient, strict=True)):
        moved = w - lr * slope
        if moved > lr * lam:
            new[i] = moved - lr * lam
        elif moved < -lr * lam:
            new[i] = moved + lr * lam
    return new


def step_with_lam_as_threshold(weight, gradient, lr, lam):
    """Forget that the penalty acts for a step of length lr."""
    return soft_threshold(weight - lr * gradient, lam)


def step_losing_the_sign(weight, gradient, lr, lam):
    """Return sizes."""
    return np.maximum(np.abs(weight - lr * gradient) - lr * lam, 0.0)


def step_for_positive_weights(weight, gradient, lr, lam):
    """Subtract the threshold from all, and cut at 0: a negative weight is lost."""
    return np.maximum(weight - lr * gradient - lr * lam, 0.0)


def step_with_hard_threshold(weight, gradient, lr, lam):
    """Set small weights to 0, and leave the others as they are."""
    moved = weight - lr * gradient
    return np.where(np.abs(moved) > lr * lam, moved, 0.0)


def step_across_zero(weight, gradient, lr, lam):
    """Move by the threshold, even past 0: small weights end up on its other side."""
    moved = weight - lr * gradient
    return moved - lr * lam * np.sign(moved)


def step_along_the_subgradient(weight, gradient, lr, lam):
    """Add the penalty's slope at the old weight to the gradient."""
    return weight - lr * (gradient + lam * np.sign(weight))


def step_thresholding_first(weight, gradient, lr, lam):
    """Shrink, and then step away again."""
    return soft_threshold(weight, lr * lam) - lr * gradient


def step_without_gradient(weight, gradient, lr, lam):
    """Shrink only."""
    return soft_threshold(weight, lr * lam)


def step_of_l2(weight, gradient, lr, lam):
    """Shrink all weights by one factor."""
    return (weight - lr * gradient) / (1.0 + lr * lam)


def step_of_weight_decay(weight, gradient, lr, lam):
    """Take a share of every weight off, as weight decay does."""
    return (weight - lr * gradient) * (1.0 - lr * lam)


def step_with_penalty_twice(weight, gradient, lr, lam):
    """Put the penalty's slope into the step, and apply the threshold as well."""
    return soft_threshold(weight - lr * (gradient + lam * np.sign(weight)), lr * lam)


def step_with_old_sign(weight, gradient, lr, lam):
    """Give the size of the new weight the sign of the old one."""
    return np.sign(weight) * np.maximum(np.abs(weight - lr * gradient) - lr * lam, 0.0)


def threshold_not_written(weight, threshold):
    """Leave the helper as it came."""
    ...


def step_without_threshold_written(weight, gradient, lr, lam):
    """Call a `soft_threshold` that is still the stub."""
    return threshold_not_written(weight - lr * gradient, lr * lam)


def step_growing(weight, gradient, lr, lam):
    """Move weights away from 0."""
    moved = weight - lr * gradient
    return np.where(np.abs(moved) > lr * lam, moved + lr * lam * np.sign(moved), 0.0)


def step_uphill(weight, gradient, lr, lam):
    """Add the gradient."""
    return soft_threshold(weight + lr * gradient, lr * lam)


def _around_zero(rng):
    """Draw steps that end on both sides of 0, near and far, some of them from the other side."""
    lr, lam = 0.2, float(rng.uniform(0.5, 0.9))
    signs = np.array([1.0, 1.0, -1.0, -1.0])
    begin = np.concatenate(
        [rng.uniform(0.1, 0.9, 2) * signs[1:3], rng.uniform(1.5, 5.0, 6) * [*signs, 1, -1]]
    )
    end = np.concatenate([rng.uniform(0.1, 0.9, 4) * -signs, rng.uniform(1.2, 4.0, 4) * signs])
    places = rng.permutation(8)
    weight, moved = lr * lam * begin[places], lr * lam * end[places]  # in units of the threshold until now
    return weight, (weight - moved) / lr, lr, lam


def _at_zero(rng):
    """Draw weights of exactly 0: a gradient must be larger than lam to wake one."""
    lam = float(rng.uniform(0.5, 0.9))
    gradient = lam * np.array([0.3, -0.6, 0.95, -0.95, 1.5, -2.5])
    return np.zeros(6), rng.permutation(gradient), 0.5, lam


def _no_penalty(rng):
    return rng.normal(size=5), rng.normal(size=5), 0.3, 0.0


PROXIMAL = Exercise(
    id="ex06_5",
    chapter="06b",
    title="A step to exactly zero",
    skill="make weights that do not matter exactly zero",
    reference=proximal_step,
    cases=(
        Case(
            "both sides of 0, near and far",
            _around_zero,
            "First the plain step, weight - lr * gradient. Then every entry moves towards 0 by lr * lam, and "
            "stops there.",
            points=2,
        ),
        Case(
            "weights that are 0",
            _at_zero,
            "A weight at 0 stays there unless its gradient is larger than lam: lr * |gradient| must exceed "
            "the threshold lr * lam.",
        ),
        Case(
            "no penalty",
            _no_penalty,
            "With lam = 0 the threshold is 0, and the plain step remains.",
        ),
    ),
    wrong=(
        Wrong(
            step_with_lam_as_threshold,
            "Your threshold is lam. The penalty pulls for one step only, as the gradient does: lr * lam.",
        ),
        Wrong(
            step_losing_the_sign,
            "You lost the signs: a negative weight must stay negative. Multiply the shrunken size by the "
            "sign.",
        ),
        Wrong(
            step_for_positive_weights,
            "You set every negative weight to 0. What lies below -lr * lam moves up by the threshold: work "
            "on the size, and give it its sign back.",
        ),
        Wrong(
            step_with_hard_threshold,
            "You set small weights to 0 and leave the large ones alone: that is a hard threshold. The soft "
            "one moves the large ones towards 0, too, by lr * lam.",
        ),
        Wrong(
            step_across_zero,
            "Weights nearer to 0 than the threshold are thrown to its other side. They must stop at 0: limit "
            "the size to 0 from below.",
        ),
        Wrong(
            step_along_the_subgradient,
            "You add lam * sign(weight) to the gradient. Such steps jump across 0 and hardly ever land on "
            "it: step along the loss alone, then apply the soft threshold.",
        ),
        Wrong(
            step_thresholding_first,
            "You shrink first and step then, so no weight stays at 0. The plain step comes first, the "
            "threshold last.",
        ),
        Wrong(
            step_without_gradient,
            "You only shrink: take the plain step weight - lr * gradient first.",
        ),
        Wrong(
            step_of_l2,
            "You shrink all weights by one factor, which is the step of an L2 penalty and makes none of them "
            "0. L1 takes the same amount, lr * lam, off each.",
        ),
        Wrong(
            step_of_weight_decay,
            "You take a share of every weight off, as weight decay does: that is L2, and leaves no weight at "
            "exactly 0. Here all lose the same amount, lr * lam, and those that have less become 0.",
        ),
        Wrong(
            step_with_penalty_twice,
            "You count the penalty twice, as lam * sign(weight) in the step and as the threshold. The step "
            "goes along the gradient of the loss alone.",
        ),
        Wrong(
            step_with_old_sign,
            "You use the signs of the old weights, and the step may have taken one across 0: the sign is "
            "that of weight - lr * gradient.",
        ),
        Wrong(
            step_without_threshold_written,
            "Nothing came back: does `soft_threshold` end in a `return` with its result, and does "
            "`proximal_step`?",
        ),
        Wrong(
            step_growing,
            "Your large weights move away from 0: the threshold comes off their size.",
        ),
        Wrong(step_uphill, "A sign: the step goes down the gradient, weight - lr * gradient."),
    ),
    alternatives=(step_by_clipping, step_by_three_cases),
    hints=(
        "After the plain step three weights are 2, -2 and 0.3, and the threshold is 0.5. Where does each go, "
        "if all move towards 0 by that much and none may cross it?",
        "Treat size and sign apart. The size loses the threshold and is never below 0; the sign stays. The "
        "loss makes its step first, since only what the penalty does last can leave a weight at exactly 0. "
        "Both act for a step of length lr.",
        "In `soft_threshold`: take the absolute value, and subtract the threshold.\n"
        "Replace what is negative by 0.\n"
        "Multiply by the sign that the entry had.\n"
        "In `proximal_step`: subtract lr times the gradient from the weight.\n"
        "Apply the soft threshold to that, with lr times lam as threshold, and return the result.",
    ),
)

EXERCISES = (PROXIMAL,)
