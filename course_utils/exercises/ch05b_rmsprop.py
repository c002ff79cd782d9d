"""Chapter 05b: one step of RMSprop."""

from __future__ import annotations

import numpy as np

from course_utils.grading.exercise import Case, Exercise, Wrong


def rmsprop_step(parameters, gradients, squares, lr, alpha, eps):
    """One step by PyTorch's rule; returns the new parameters and the new squares, as two lists."""
    new_squares = [alpha * s + (1.0 - alpha) * g**2 for s, g in zip(squares, gradients, strict=True)]
    new_parameters = [
        p - lr * g / (np.sqrt(s) + eps) for p, g, s in zip(parameters, gradients, new_squares, strict=True)
    ]
    return new_parameters, new_squares


def rmsprop_with_a_loop(parameters, gradients, squares, lr, alpha, eps):
    """Move the average a share of the way; give each weight its own rate."""
    moved, averages = [], []
    for i, gradient in enumerate(gradients):
        averages.append(squares[i] + (1 - alpha) * (gradient * gradient - squares[i]))
        rate = lr / (averages[i] ** 0.5 + eps)
        moved.append(parameters[i] - rate * gradient)
    return moved, averages


def divided(parameters, gradients, divisors, lr):
    """Move against gradients, each divided by its own number."""
    return [p - lr * g / d for p, g, d in zip(parameters, gradients, divisors, strict=True)]


def rmsprop_eps_inside(parameters, gradients, squares, lr, alpha, eps):
    """Put eps under the root."""
    _, new = rmsprop_step(parameters, gradients, squares, lr, alpha, eps)
    return divided(parameters, gradients, [np.sqrt(s + eps) for s in new], lr), new


def rmsprop_without_eps(parameters, gradients, squares, lr, alpha, eps):
    """Leave eps out."""
    return rmsprop_step(parameters, gradients, squares, lr, alpha, 0.0)


def rmsprop_eps_outside(parameters, gradients, squares, lr, alpha, eps):
    """Lose the brackets: divide by the root, then add eps to the weight."""
    moved, new = rmsprop_step(parameters, gradients, squares, lr, alpha, 0.0)
    return [p + eps for p in moved], new


def rmsprop_without_root(parameters, gradients, squares, lr, alpha, eps):
    """Divide by the mean square."""
    _, new = rmsprop_step(parameters, gradients, squares, lr, alpha, eps)
    return divided(parameters, gradients, [s + eps for s in new], lr), new


def rmsprop_of_sizes(parameters, gradients, squares, lr, alpha, eps):
    """Average sizes in the place of squares."""
    new = [alpha * s + (1 - alpha) * np.abs(g) for s, g in zip(squares, gradients, strict=True)]
    return divided(parameters, gradients, [s + eps for s in new], lr), new


def rmsprop_not_squared(parameters, gradients, squares, lr, alpha, eps):
    """Average the gradients themselves, and take the root of that."""
    new = [alpha * s + (1 - alpha) * g for s, g in zip(squares, gradients, strict=True)]
    return divided(parameters, gradients, [np.sqrt(s) + eps for s in new], lr), new


def rmsprop_adagrad(parameters, gradients, squares, lr, alpha, eps):
    """Add the squares up, as AdaGrad does."""
    new = [s + g**2 for s, g in zip(squares, gradients, strict=True)]
    return divided(parameters, gradients, [np.sqrt(s) + eps for s in new], lr), new


def rmsprop_forgetting(parameters, gradients, squares, lr, alpha, eps):
    """Keep the share 1 - alpha of the old, and take alpha of the new."""
    return rmsprop_step(parameters, gradients, squares, lr, 1.0 - alpha, eps)


def rmsprop_undamped(parameters, gradients, squares, lr, alpha, eps):
    """Add the whole square to what is kept, as a velocity does with gradients."""
    new = [alpha * s + g**2 for s, g in zip(squares, gradients, strict=True)]
    return divided(parameters, gradients, [np.sqrt(s) + eps for s in new], lr), new


def rmsprop_old_squares(parameters, gradients, squares, lr, alpha, eps):
    """Divide by the average from before this gradient."""
    _, new = rmsprop_step(parameters, gradients, squares, lr, alpha, eps)
    return divided(parameters, gradients, [np.sqrt(s) + eps for s in squares], lr), new


def rmsprop_one_rate(parameters, gradients, squares, lr, alpha, eps):
    """Give each array one rate, from the mean over its entries."""
    _, new = rmsprop_step(parameters, gradients, squares, lr, alpha, eps)
    return divided(parameters, gradients, [np.sqrt(s.mean()) + eps for s in new], lr), new


def rmsprop_keeping_roots(parameters, gradients, squares, lr, alpha, eps):
    """Return roots in the place of mean squares."""
    moved, new = rmsprop_step(parameters, gradients, squares, lr, alpha, eps)
    return moved, [np.sqrt(s) for s in new]


def rmsprop_same_squares(parameters, gradients, squares, lr, alpha, eps):
    """Return the squares as they were."""
    return rmsprop_step(parameters, gradients, squares, lr, alpha, eps)[0], squares


def rmsprop_unchanged(parameters, gradients, squares, lr, alpha, eps):
    """Give new arrays to the loop's names, which no list notices."""
    for p, g, s in zip(parameters, gradients, squares, strict=True):
        s = alpha * s + (1.0 - alpha) * g**2
        p = p - lr * g / (np.sqrt(s) + eps)
    return parameters, squares


def rmsprop_parameters_alone(parameters, gradients, squares, lr, alpha, eps):
    """Keep the new squares to oneself."""
    return rmsprop_step(parameters, gradients, squares, lr, alpha, eps)[0]


def rmsprop_uphill(parameters, gradients, squares, lr, alpha, eps):
    """Add the step."""
    return rmsprop_step(parameters, gradients, squares, -lr, alpha, eps)


def _step(rng, lr, alpha, eps, moving):
    sizes = ((3, 2), (4,))
    parameters, gradients = ([rng.normal(size=size) for size in sizes] for _ in range(2))
    squares = [rng.uniform(0.5, 2.0, size) if moving else np.zeros(size) for size in sizes]
    return parameters, gradients, squares, lr, alpha, eps


def _at_rest(rng):
    parameters, gradients, squares, *options = _step(rng, 0.01, 0.9, 1e-8, moving=False)
    gradients[0][1] = 0.0  # inputs that were never on
    return parameters, gradients, squares, *options


RMSPROP = Exercise(
    id="ex05_4",
    chapter="05b",
    title="RMSprop",
    skill="give each weight a rate of its own from the recent size of its gradients",
    reference=rmsprop_step,
    cases=(
        Case(
            "a step on the way",
            lambda rng: _step(rng, 0.01, 0.9, 1e-8, moving=True),
            "First the mean square: alpha * old + (1 - alpha) * gradient². Then each parameter moves by -lr "
            "* gradient / (root of the new mean square + eps), entry by entry.",
        ),
        Case(
            "the first step, with a large eps",
            lambda rng: _step(rng, 0.1, 0.75, 0.05, moving=False),
            "From 0 the mean square is (1 - alpha) * gradient². `eps` is added after the root.",
        ),
        Case(
            "weights without a gradient",
            _at_rest,
            "Where every gradient so far was 0, so is the mean square: eps keeps the division defined, and "
            "the weight stays.",
            strict=True,
        ),
    ),
    wrong=(
        Wrong(
            rmsprop_eps_inside,
            "You add eps under the root; PyTorch adds it after the root. With eps = 1e-8 that is a divisor "
            "of at least 1e-4 against 1e-8: it matters where gradients are small.",
        ),
        Wrong(
            rmsprop_without_eps,
            "`eps` has no effect, and a weight whose gradients were all 0 gets 0 / 0: add eps to the root.",
        ),
        Wrong(
            rmsprop_eps_outside,
            "Your eps is added to the weight: without brackets the division comes first. Divide by (root + "
            "eps).",
        ),
        Wrong(
            rmsprop_without_root,
            "You divide by the mean square: take its root. Otherwise doubling all gradients would halve the "
            "step; with the root it leaves the step alone.",
        ),
        Wrong(
            rmsprop_of_sizes,
            "You average the sizes of the gradients. RMS stands for root mean square: average the squares, "
            "then take the root.",
        ),
        Wrong(
            rmsprop_not_squared,
            "You average the gradients without squaring them: where they are negative, there is no root. "
            "The average is of gradient².",
        ),
        Wrong(
            rmsprop_adagrad,
            "That is AdaGrad: a sum of squares only grows, so its steps only shrink. RMSprop lets old "
            "squares fade: alpha * old + (1 - alpha) * gradient².",
        ),
        Wrong(
            rmsprop_forgetting,
            "Your alpha works the other way round: it is the share of the old average that is kept.",
        ),
        Wrong(
            rmsprop_undamped,
            "You add the whole square, as a velocity does with gradients. An average takes 1 - alpha of the "
            "new, so that its weights add up to 1.",
        ),
        Wrong(
            rmsprop_old_squares,
            "You divide by the average from before. Take this gradient in first: then a sudden large "
            "gradient is divided by something that knows of it.",
        ),
        Wrong(
            rmsprop_one_rate,
            "You give a whole array one rate. Each weight has its own: divide entry by entry, without a "
            "mean over entries.",
        ),
        Wrong(
            rmsprop_keeping_roots,
            "Your parameters are right, but you hand on the roots: the next step needs the mean squares.",
        ),
        Wrong(
            rmsprop_same_squares,
            "You return the squares you were given: the next step needs the new ones.",
        ),
        Wrong(
            rmsprop_unchanged,
            "You return the arrays you were given: in a loop `p = ...` gives the name to a new array, and "
            "the list still holds the old one. Collect the new arrays in new lists.",
        ),
        Wrong(
            rmsprop_parameters_alone,
            "You return the parameters alone: the next step needs the squares, too. Return two lists.",
        ),
        Wrong(rmsprop_uphill, "You climb: the step is subtracted from the parameter."),
    ),
    alternatives=(rmsprop_with_a_loop,),
    returns=("parameters", "squares"),
    hints=(
        "In the statement's example, where do 7 and 1.8866 come from? What would the step be if all "
        "gradients had always been ten times as large?",
        "An average of squared gradients fades at the rate alpha: it keeps that share of the old and takes "
        "the rest from the newest square. Its root is the size that this weight's gradients lately had, and "
        "the gradient is measured in it.",
        "Walk through parameters, gradients and squares side by side (`zip`).\n"
        "Square the gradient; mix: alpha of the old average, 1 - alpha of the new square. This goes into one "
        "list.\n"
        "Divisor: the root of the new average, and eps on top.\n"
        "From the parameter subtract lr times gradient over divisor, entry by entry, into another list.\n"
        "Return the two lists, parameters first.",
    ),
)

EXERCISES = (RMSPROP,)
