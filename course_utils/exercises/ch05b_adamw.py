"""Chapter 05b: one step of AdamW, whose weight decay stays out of the averages."""

from __future__ import annotations

import numpy as np

from course_utils.grading.exercise import Case, Exercise, Wrong


def adamw_step(parameter, gradient, m, v, t, lr, betas, eps, weight_decay):
    """Step t = 1, 2, ... of AdamW by PyTorch's rule; returns the new parameter, m and v."""
    beta1, beta2 = betas
    m = beta1 * m + (1.0 - beta1) * gradient
    v = beta2 * v + (1.0 - beta2) * gradient**2
    mean, mean_square = m / (1.0 - beta1**t), v / (1.0 - beta2**t)
    shrunk = (1.0 - lr * weight_decay) * parameter
    return shrunk - lr * mean / (np.sqrt(mean_square) + eps), m, v


def adam_direction(gradient, m, v, t, betas, eps):
    """Adam's step for lr = 1, and its averages."""
    m = betas[0] * m + (1 - betas[0]) * gradient
    v = betas[1] * v + (1 - betas[1]) * gradient * gradient
    root = np.sqrt(v / (1 - betas[1] ** t))
    return m / (1 - betas[0] ** t) / (root + eps), m, v


def adamw_in_one_step(parameter, gradient, m, v, t, lr, betas, eps, weight_decay):
    """Add the decay to Adam's direction, after the division."""
    direction, m, v = adam_direction(gradient, m, v, t, betas, eps)
    return parameter - lr * (direction + weight_decay * parameter), m, v


def adamw_as_penalty(parameter, gradient, m, v, t, lr, betas, eps, weight_decay):
    """Add the decay to the gradient: an L2 penalty, as in Adam."""
    direction, m, v = adam_direction(gradient + weight_decay * parameter, m, v, t, betas, eps)
    return parameter - lr * direction, m, v


def adamw_divided(parameter, gradient, m, v, t, lr, betas, eps, weight_decay):
    """Keep the averages clean, and divide the decay by the root all the same."""
    _, m, v = adam_direction(gradient, m, v, t, betas, eps)
    top = m / (1 - betas[0] ** t) + weight_decay * parameter
    return parameter - lr * top / (np.sqrt(v / (1 - betas[1] ** t)) + eps), m, v


def adamw_without_decay(parameter, gradient, m, v, t, lr, betas, eps, weight_decay):
    """Forget the decay."""
    direction, m, v = adam_direction(gradient, m, v, t, betas, eps)
    return parameter - lr * direction, m, v


def adamw_decay_without_rate(parameter, gradient, m, v, t, lr, betas, eps, weight_decay):
    """Shrink by weight_decay, whatever lr is."""
    direction, m, v = adam_direction(gradient, m, v, t, betas, eps)
    return (1 - weight_decay) * parameter - lr * direction, m, v


def adamw_decay_by_multiplying(parameter, gradient, m, v, t, lr, betas, eps, weight_decay):
    """Keep the share lr * weight_decay in the place of losing it."""
    direction, m, v = adam_direction(gradient, m, v, t, betas, eps)
    return lr * weight_decay * parameter - lr * direction, m, v


def adamw_growing(parameter, gradient, m, v, t, lr, betas, eps, weight_decay):
    """Add the decay to the weight."""
    return adamw_step(parameter, gradient, m, v, t, lr, betas, eps, -weight_decay)


def adamw_decay_last(parameter, gradient, m, v, t, lr, betas, eps, weight_decay):
    """Shrink the weight after the step, and the step with it."""
    direction, m, v = adam_direction(gradient, m, v, t, betas, eps)
    return (1 - lr * weight_decay) * (parameter - lr * direction), m, v


def adamw_gradient_at_shrunk(parameter, gradient, m, v, t, lr, betas, eps, weight_decay):
    """Shrink the gradient, too."""
    keep = 1 - lr * weight_decay
    direction, m, v = adam_direction(keep * gradient, m, v, t, betas, eps)
    return keep * parameter - lr * direction, m, v


def adamw_by_signs(parameter, gradient, m, v, t, lr, betas, eps, weight_decay):
    """Take the same length off every weight, as an L1 penalty does."""
    direction, m, v = adam_direction(gradient, m, v, t, betas, eps)
    return parameter - lr * weight_decay * np.sign(parameter) - lr * direction, m, v


def adamw_twice(parameter, gradient, m, v, t, lr, betas, eps, weight_decay):
    """Shrink the weight, and penalise it in the gradient as well."""
    direction, m, v = adam_direction(gradient + weight_decay * parameter, m, v, t, betas, eps)
    return (1 - lr * weight_decay) * parameter - lr * direction, m, v


def adamw_uncorrected(parameter, gradient, m, v, t, lr, betas, eps, weight_decay):
    """Leave Adam's corrections out."""
    _, m, v = adam_direction(gradient, m, v, t, betas, eps)
    return (1 - lr * weight_decay) * parameter - lr * m / (np.sqrt(v) + eps), m, v


def adamw_keeping_corrected(parameter, gradient, m, v, t, lr, betas, eps, weight_decay):
    """Hand on the corrected averages."""
    moved, m, v = adamw_step(parameter, gradient, m, v, t, lr, betas, eps, weight_decay)
    return moved, m / (1 - betas[0] ** t), v / (1 - betas[1] ** t)


def adamw_by_one_length(parameter, gradient, m, v, t, lr, betas, eps, weight_decay):
    """Subtract lr * weight_decay, and forget to scale it by the weight."""
    direction, m, v = adam_direction(gradient, m, v, t, betas, eps)
    return parameter - lr * weight_decay - lr * direction, m, v


def _first(rng):
    zeros = np.zeros((2, 3))
    parameter, gradient = rng.normal(scale=2.0, size=(2, 3)), rng.normal(size=(2, 3))
    return parameter, gradient, zeros, zeros.copy(), 1, 0.1, (0.9, 0.999), 1e-8, 0.5


def _later(rng):
    parameter, gradient, m = rng.normal(scale=2.0, size=4), rng.normal(size=4), rng.normal(size=4)
    t = int(rng.integers(3, 9))
    return parameter, gradient, m, rng.uniform(0.5, 2.0, size=4), t, 0.05, (0.8, 0.95), 1e-8, 0.4


def _idle(rng):
    size = 5
    parameter = rng.normal(scale=2.0, size=size)
    return parameter, np.zeros(size), np.zeros(size), np.zeros(size), 4, 0.1, (0.9, 0.999), 1e-8, 0.2


ADAMW = Exercise(
    id="ex05_6",
    chapter="05b",
    title="AdamW",
    skill="let weights decay beside Adam's step and not through it",
    reference=adamw_step,
    cases=(
        Case(
            "the first step",
            _first,
            "Multiply the parameter by 1 - lr * weight_decay, then step as Adam does; m and v see the "
            "gradient alone.",
        ),
        Case(
            "a later step",
            _later,
            "m and v are Adam's, from the gradient without any decay. The decay acts on the old parameter, "
            "and the step is then subtracted whole.",
            points=2,
        ),
        Case(
            "weights without a gradient",
            _idle,
            "With no gradient, Adam's step is 0, and every weight keeps the share 1 - lr * weight_decay.",
        ),
    ),
    wrong=(
        Wrong(
            adamw_as_penalty,
            "You add the decay to the gradient: that is Adam with an L2 penalty. It enters m and v and is "
            "divided by the root, so weights with large gradients hardly decay. Shrink the parameter itself.",
        ),
        Wrong(
            adamw_divided,
            "Your averages are right, but your decay is divided by the root: weights with large gradients "
            "hardly decay then. Subtract lr * weight_decay * parameter undivided.",
        ),
        Wrong(
            adamw_without_decay,
            "`weight_decay` has no effect: that is Adam. Multiply the parameter by 1 - lr * weight_decay "
            "before the step.",
        ),
        Wrong(
            adamw_decay_without_rate,
            "You shrink by weight_decay alone. In PyTorch's rule lr multiplies the decay, too, so that a "
            "schedule acts on both.",
        ),
        Wrong(
            adamw_decay_by_multiplying,
            "You keep the share lr * weight_decay of the parameter: that is the share to lose.",
        ),
        Wrong(adamw_growing, "A sign: your weights grow. Decay pulls them towards 0."),
        Wrong(
            adamw_decay_last,
            "You shrink the parameter after the step, and with it the step. Shrink first, then subtract the "
            "step.",
        ),
        Wrong(
            adamw_gradient_at_shrunk,
            "You shrink the gradient as well: it stays as it comes, only the parameter decays.",
        ),
        Wrong(
            adamw_by_signs,
            "You take the same length off every weight, as an L1 penalty does. Decay takes the same share "
            "of every weight.",
        ),
        Wrong(
            adamw_twice,
            "You decay twice: in the gradient, where AdamW has nothing to do with it, and in the parameter.",
        ),
        Wrong(
            adamw_uncorrected,
            "The decay is right, but Adam's corrections are missing: divide m and v by 1 minus their beta to "
            "the power t.",
        ),
        Wrong(
            adamw_keeping_corrected,
            "Your parameter is right, but you hand on corrected averages, which the next step would correct "
            "once more. Keep m and v as they are; correct copies.",
        ),
        Wrong(
            adamw_by_one_length,
            "You subtract the number lr * weight_decay, which pushes negative weights away from 0. Decay is "
            "in proportion: lr * weight_decay * parameter.",
        ),
    ),
    alternatives=(adamw_in_one_step,),
    returns=("parameter", "m", "v"),
    hints=(
        "In the statement's example, what would be left of the weight if the gradient were 0? And what would "
        "Adam's first step be without decay?",
        "Two things that know nothing of each other: the weight loses a fixed share, lr times the decay; and "
        "Adam steps, with averages that saw the gradient alone. Whatever goes into the gradient would be "
        "divided by the root, and that is what AdamW avoids.",
        "New m and v from the gradient alone, as in Adam.\n"
        "Correct both, each by 1 minus its beta to the power t, under new names.\n"
        "Step: lr times the corrected m, over the root of the corrected v plus eps.\n"
        "Multiply the old parameter by 1 minus lr times the decay.\n"
        "Subtract the step from that.\n"
        "Return the parameter, m and v. You may call your `adam_step`.",
    ),
)

EXERCISES = (ADAMW,)
