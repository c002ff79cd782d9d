"""Chapter 05b: one step of Adam, its start corrected."""

from __future__ import annotations

import numpy as np

from course_utils.grading.exercise import Case, Exercise, Wrong


def adam_step(parameter, gradient, m, v, t, lr, betas, eps):
    """Step t = 1, 2, ... of Adam by PyTorch's rule; returns the new parameter, m and v, all of one shape."""
    beta1, beta2 = betas
    m = beta1 * m + (1.0 - beta1) * gradient
    v = beta2 * v + (1.0 - beta2) * gradient**2
    mean, mean_square = m / (1.0 - beta1**t), v / (1.0 - beta2**t)
    return parameter - lr * mean / (np.sqrt(mean_square) + eps), m, v


def adam_as_in_torch(parameter, gradient, m, v, t, lr, betas, eps):
    """Divide rate and root by the corrections, and not the averages."""
    new_m = m + (1 - betas[0]) * (gradient - m)
    new_v = np.add(betas[1] * v, (1 - betas[1]) * np.square(gradient))
    divisor = np.sqrt(new_v) / np.sqrt(1 - betas[1] ** t) + eps
    return parameter - lr / (1 - betas[0] ** t) * new_m / divisor, new_m, new_v


def moments(gradient, m, v, betas):
    """Update both averages."""
    return betas[0] * m + (1 - betas[0]) * gradient, betas[1] * v + (1 - betas[1]) * gradient**2


def adam_uncorrected(parameter, gradient, m, v, t, lr, betas, eps):
    """Leave the corrections out."""
    m, v = moments(gradient, m, v, betas)
    return parameter - lr * m / (np.sqrt(v) + eps), m, v


def adam_half_corrected(parameter, gradient, m, v, t, lr, betas, eps):
    """Correct the mean alone."""
    m, v = moments(gradient, m, v, betas)
    return parameter - lr * m / (1 - betas[0] ** t) / (np.sqrt(v) + eps), m, v


def adam_keeping_corrected(parameter, gradient, m, v, t, lr, betas, eps):
    """Hand on the corrected averages."""
    moved, m, v = adam_step(parameter, gradient, m, v, t, lr, betas, eps)
    return moved, m / (1 - betas[0] ** t), v / (1 - betas[1] ** t)


def adam_eps_inside(parameter, gradient, m, v, t, lr, betas, eps):
    """Put eps under the root."""
    m, v = moments(gradient, m, v, betas)
    mean, mean_square = m / (1 - betas[0] ** t), v / (1 - betas[1] ** t)
    return parameter - lr * mean / np.sqrt(mean_square + eps), m, v


def adam_eps_too_early(parameter, gradient, m, v, t, lr, betas, eps):
    """Add eps before the correction, which enlarges it."""
    m, v = moments(gradient, m, v, betas)
    divisor = (np.sqrt(v) + eps) / np.sqrt(1 - betas[1] ** t)
    return parameter - lr * m / (1 - betas[0] ** t) / divisor, m, v


def adam_not_squared(parameter, gradient, m, v, t, lr, betas, eps):
    """Average the gradients in v, too, and take the root of that."""
    new_m = betas[0] * m + (1 - betas[0]) * gradient
    new_v = betas[1] * v + (1 - betas[1]) * gradient
    mean, mean_square = new_m / (1 - betas[0] ** t), new_v / (1 - betas[1] ** t)
    return parameter - lr * mean / (np.sqrt(mean_square) + eps), new_m, new_v


def adam_of_sizes(parameter, gradient, m, v, t, lr, betas, eps):
    """Average the sizes of gradients in v, and take no root."""
    m = betas[0] * m + (1 - betas[0]) * gradient
    v = betas[1] * v + (1 - betas[1]) * np.abs(gradient)
    return parameter - lr * m / (1 - betas[0] ** t) / (v / (1 - betas[1] ** t) + eps), m, v


def adam_without_root(parameter, gradient, m, v, t, lr, betas, eps):
    """Divide by the mean square."""
    m, v = moments(gradient, m, v, betas)
    return parameter - lr * m / (1 - betas[0] ** t) / (v / (1 - betas[1] ** t) + eps), m, v


def adam_correcting_roots(parameter, gradient, m, v, t, lr, betas, eps):
    """Correct the root as if it were the mean square."""
    m, v = moments(gradient, m, v, betas)
    divisor = np.sqrt(v) / (1 - betas[1] ** t) + eps
    return parameter - lr * m / (1 - betas[0] ** t) / divisor, m, v


def adam_swapped_betas(parameter, gradient, m, v, t, lr, betas, eps):
    """Take the first for the squares."""
    return adam_step(parameter, gradient, m, v, t, lr, betas[::-1], eps)


def adam_from_step_0(parameter, gradient, m, v, t, lr, betas, eps):
    """Count from 0, so that t + 1 stands in the correction."""
    return adam_step(parameter, gradient, m, v, t + 1, lr, betas, eps)


def adam_as_if_first(parameter, gradient, m, v, t, lr, betas, eps):
    """Correct every step as if it were the first."""
    m, v = moments(gradient, m, v, betas)
    return parameter - lr * m / (1 - betas[0]) / (np.sqrt(v / (1 - betas[1])) + eps), m, v


def adam_power_of_difference(parameter, gradient, m, v, t, lr, betas, eps):
    """Raise 1 - beta to the power t, and not beta."""
    m, v = moments(gradient, m, v, betas)
    divisor = np.sqrt(v / (1 - betas[1]) ** t) + eps
    return parameter - lr * m / (1 - betas[0]) ** t / divisor, m, v


def adam_forgetting(parameter, gradient, m, v, t, lr, betas, eps):
    """Keep the share 1 - beta of the old, and take beta of the new."""
    m, v = moments(gradient, m, v, (1 - betas[0], 1 - betas[1]))
    mean, mean_square = m / (1 - betas[0] ** t), v / (1 - betas[1] ** t)
    return parameter - lr * mean / (np.sqrt(mean_square) + eps), m, v


def adam_same_moments(parameter, gradient, m, v, t, lr, betas, eps):
    """Return the averages as they were."""
    return adam_step(parameter, gradient, m, v, t, lr, betas, eps)[0], m, v


def adam_gradient_over_root(parameter, gradient, m, v, t, lr, betas, eps):
    """Step along the gradient, not along its mean: RMSprop."""
    m, v = moments(gradient, m, v, betas)
    return parameter - lr * gradient / (np.sqrt(v / (1 - betas[1] ** t)) + eps), m, v


def adam_old_moments(parameter, gradient, m, v, t, lr, betas, eps):
    """Step by the averages from before this gradient, and then update them."""
    mean, mean_square = m / (1 - betas[0] ** t), v / (1 - betas[1] ** t)
    return parameter - lr * mean / (np.sqrt(mean_square) + eps), *moments(gradient, m, v, betas)


def adam_velocity(parameter, gradient, m, v, t, lr, betas, eps):
    """Add the whole gradient to m, as SGD's momentum does."""
    _, new_v = moments(gradient, m, v, betas)
    new_m = betas[0] * m + gradient
    mean, mean_square = new_m / (1 - betas[0] ** t), new_v / (1 - betas[1] ** t)
    return parameter - lr * mean / (np.sqrt(mean_square) + eps), new_m, new_v


def _first(rng):
    zeros = np.zeros((2, 3))
    return rng.normal(size=(2, 3)), rng.normal(size=(2, 3)), zeros, zeros.copy(), 1, 0.01, (0.9, 0.999), 1e-8


def _later(rng):
    m, v = rng.normal(size=(2, 3)), rng.uniform(0.5, 2.0, size=(2, 3))
    return (
        rng.normal(size=(2, 3)),
        rng.normal(size=(2, 3)),
        m,
        v,
        int(rng.integers(3, 9)),
        0.02,
        (0.8, 0.95),
        1e-8,
    )


def _small(rng):
    parameter, gradient, m, v, *rest = _later(rng)
    return parameter, 1e-4 * gradient, 1e-4 * m, 1e-8 * v, *rest[:-1], 1e-4


ADAM = Exercise(
    id="ex05_5",
    chapter="05b",
    title="Adam",
    skill="write Adam with its bias correction, equal to PyTorch's",
    reference=adam_step,
    cases=(
        Case(
            "the first step",
            _first,
            "At t = 1 the corrected averages are the gradient and its square, so every parameter moves by "
            "lr against the gradient's sign.",
        ),
        Case(
            "a later step, other betas",
            _later,
            "Update m and v first, correct both by their own 1 - beta**t, and hand on the uncorrected ones.",
            points=2,
        ),
        Case(
            "gradients as small as eps",
            _small,
            "`eps` is added to the root of the corrected mean square: after the correction and after the "
            "root, and in brackets with it, as the division comes last.",
        ),
    ),
    wrong=(
        Wrong(
            adam_uncorrected,
            "The corrections are missing: averages that start at 0 are too small at first. With the usual "
            "betas the first step is then 0.1 / sqrt(0.001), about 3.16 times, too long.",
        ),
        Wrong(
            adam_half_corrected,
            "You correct m and not v. With the usual betas v is a thousandth of what it should be at t = 1, "
            "and the step 32 times too long.",
        ),
        Wrong(
            adam_keeping_corrected,
            "Your parameter is right, but you hand on corrected averages, which the next step would correct "
            "once more. Keep m and v as they are; correct copies.",
        ),
        Wrong(adam_eps_inside, "You add eps under the root: it comes after the root."),
        Wrong(
            adam_eps_too_early,
            "You add eps before the correction, which then enlarges it, too. Correct the mean square, take "
            "the root, then add eps.",
        ),
        Wrong(
            adam_not_squared,
            "Your v averages the gradients without squaring them: negative ones have no root. Average "
            "gradient².",
        ),
        Wrong(
            adam_of_sizes,
            "Your v averages sizes of gradients. It is an average of squares, whose root is taken in the "
            "step.",
        ),
        Wrong(
            adam_without_root,
            "You divide by the mean square: without its root, gradients ten times as large make steps a "
            "tenth as long. With it the step stays the same.",
        ),
        Wrong(
            adam_correcting_roots,
            "You divide the root by 1 - beta2**t. What is too small by that factor is v: correct it first, "
            "then take the root.",
        ),
        Wrong(
            adam_swapped_betas,
            "You use the betas the other way round: the first is for m, the second for v.",
        ),
        Wrong(
            adam_from_step_0,
            "Your correction is one step ahead: t is 1 at the first step already, so 1 - beta**t it is.",
        ),
        Wrong(
            adam_as_if_first,
            "You divide by 1 - beta at every step: that is right for t = 1 only. The start fades, so the "
            "correction is 1 - beta to the power t.",
        ),
        Wrong(
            adam_power_of_difference,
            "You raise 1 - beta to the power t. The power belongs to beta alone, 1 - beta**t: at t = 1 both "
            "agree, later the correction fades to 1, and yours would grow for ever.",
        ),
        Wrong(
            adam_forgetting,
            "Your betas work the other way round: beta is the share of the old average that is kept.",
        ),
        Wrong(
            adam_same_moments,
            "Your parameter is right, but you return the `m` and `v` you were given: the next step needs the "
            "new ones.",
        ),
        Wrong(
            adam_gradient_over_root,
            "m has no effect on the parameter: that is RMSprop. Adam steps along the corrected mean of the "
            "gradients.",
        ),
        Wrong(
            adam_old_moments,
            "You step by the averages from before. Take the new gradient in first.",
        ),
        Wrong(
            adam_velocity,
            "You add the whole gradient to m, as SGD's momentum does. m is an average: it takes 1 - beta1 of "
            "the gradient.",
        ),
    ),
    alternatives=(adam_as_in_torch,),
    returns=("parameter", "m", "v"),
    hints=(
        "At t = 1, starting from zeros: which share of the gradient is in m, and which share of its square "
        "in v? By what must each be divided to become the gradient and its square again?",
        "Two fading averages, of gradients and of their squares. Started at 0, after t steps their weights "
        "add up to 1 minus the beta to the power t only; dividing by that makes averages of them. The step "
        "is the corrected mean over the root of the corrected mean square.",
        "New m: beta1 of the old, 1 - beta1 of the gradient.\n"
        "New v: beta2 of the old, 1 - beta2 of the squared gradient.\n"
        "Divide each by 1 minus its beta to the power t, under new names: m and v themselves go on as they "
        "are.\n"
        "Divisor: the root of the corrected v, and eps on top.\n"
        "From the parameter subtract lr times the corrected m over the divisor.\n"
        "Return the new parameter, m and v.",
    ),
)

EXERCISES = (ADAM,)
