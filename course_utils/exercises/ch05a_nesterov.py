"""Chapter 05a: one step of SGD with Nesterov's momentum."""

from __future__ import annotations

import numpy as np

from course_utils.grading.exercise import Case, Exercise, Wrong


def nesterov_step(parameters, gradients, velocities, lr, momentum):
    """One step by PyTorch's rule; returns the new parameters and the new velocities, as two lists."""
    moved, speeds = [], []
    for parameter, gradient, velocity in zip(parameters, gradients, velocities, strict=True):
        speed = momentum * velocity + gradient
        speeds.append(speed)
        moved.append(parameter - lr * (gradient + momentum * speed))
    return moved, speeds


def nesterov_written_out(parameters, gradients, velocities, lr, momentum):
    """Put the new velocity into the step: (1 + momentum) gradient + momentum^2 old velocity."""
    new_velocities = [np.add(g, np.multiply(momentum, v)) for g, v in zip(gradients, velocities, strict=True)]
    new_parameters = [
        p - lr * (1 + momentum) * g - lr * momentum**2 * v
        for p, g, v in zip(parameters, gradients, velocities, strict=True)
    ]
    return new_parameters, new_velocities


def nesterov_plain(parameters, gradients, velocities, lr, momentum):
    """Step along the new velocity, as ordinary momentum does."""
    _, speeds = nesterov_step(parameters, gradients, velocities, lr, momentum)
    return [p - lr * v for p, v in zip(parameters, speeds, strict=True)], speeds


def nesterov_without_gradient(parameters, gradients, velocities, lr, momentum):
    """Move ahead along the velocity once more, by momentum, without a fresh gradient."""
    _, speeds = nesterov_step(parameters, gradients, velocities, lr, momentum)
    return [p - lr * (1 + momentum) * v for p, v in zip(parameters, speeds, strict=True)], speeds


def nesterov_gradient_twice(parameters, gradients, velocities, lr, momentum):
    """Add the gradient to the whole new velocity."""
    _, speeds = nesterov_step(parameters, gradients, velocities, lr, momentum)
    moved = [p - lr * (g + v) for p, g, v in zip(parameters, gradients, speeds, strict=True)]
    return moved, speeds


def nesterov_only_ahead(parameters, gradients, velocities, lr, momentum):
    """Step by momentum times the new velocity alone."""
    _, speeds = nesterov_step(parameters, gradients, velocities, lr, momentum)
    return [p - lr * momentum * v for p, v in zip(parameters, speeds, strict=True)], speeds


def nesterov_keeping_direction(parameters, gradients, velocities, lr, momentum):
    """Keep the direction of the step as the velocity."""
    moved, speeds = nesterov_step(parameters, gradients, velocities, lr, momentum)
    return moved, [g + momentum * v for g, v in zip(gradients, speeds, strict=True)]


def nesterov_textbook(parameters, gradients, velocities, lr, momentum):
    """Let the velocity hold rate and sign: v = momentum v - lr g, step by momentum v - lr g."""
    speeds = [momentum * v - lr * g for v, g in zip(velocities, gradients, strict=True)]
    moved = [p + momentum * v - lr * g for p, v, g in zip(parameters, speeds, gradients, strict=True)]
    return moved, speeds


def nesterov_dampened(parameters, gradients, velocities, lr, momentum):
    """Weigh the gradient in the velocity by 1 - momentum."""
    speeds = [momentum * v + (1 - momentum) * g for v, g in zip(velocities, gradients, strict=True)]
    moved = [p - lr * (g + momentum * v) for p, g, v in zip(parameters, gradients, speeds, strict=True)]
    return moved, speeds


def nesterov_rate_in_velocity(parameters, gradients, velocities, lr, momentum):
    """Let the velocity hold the rate: v = momentum v + lr g."""
    speeds = [momentum * v + lr * g for v, g in zip(velocities, gradients, strict=True)]
    moved = [p - lr * g - momentum * v for p, v, g in zip(parameters, speeds, gradients, strict=True)]
    return moved, speeds


def nesterov_rate_on_gradient_alone(parameters, gradients, velocities, lr, momentum):
    """Lose the brackets: lr scales the gradient and not the velocity."""
    _, speeds = nesterov_step(parameters, gradients, velocities, lr, momentum)
    moved = [p - lr * g - momentum * v for p, g, v in zip(parameters, gradients, speeds, strict=True)]
    return moved, speeds


def nesterov_uphill(parameters, gradients, velocities, lr, momentum):
    """Add the step."""
    return nesterov_step(parameters, gradients, velocities, -lr, momentum)


def nesterov_same_velocity(parameters, gradients, velocities, lr, momentum):
    """Return the velocities as they were."""
    return nesterov_step(parameters, gradients, velocities, lr, momentum)[0], velocities


def nesterov_unchanged(parameters, gradients, velocities, lr, momentum):
    """Give new arrays to the loop's names, which no list notices."""
    for p, g, v in zip(parameters, gradients, velocities, strict=True):
        v = momentum * v + g
        p = p - lr * (g + momentum * v)
    return parameters, velocities


def nesterov_in_pairs(parameters, gradients, velocities, lr, momentum):
    """Return a pair for each array."""
    return list(zip(*nesterov_step(parameters, gradients, velocities, lr, momentum), strict=True))


def nesterov_first_array(parameters, gradients, velocities, lr, momentum):
    """Return from inside the loop."""
    return nesterov_step(parameters[:1], gradients[:1], velocities[:1], lr, momentum)


def nesterov_without_momentum(parameters, gradients, velocities, lr, momentum):
    """Ignore momentum."""
    return nesterov_step(parameters, gradients, velocities, lr, 0.0)


def nesterov_parameters_alone(parameters, gradients, velocities, lr, momentum):
    """Keep the new velocities to oneself."""
    return nesterov_step(parameters, gradients, velocities, lr, momentum)[0]


def _step(rng, lr, momentum, moving):
    sizes = ((2, 3), (4,))
    draw = [[rng.normal(size=size) for size in sizes] for _ in range(3)]
    velocities = draw[2] if moving else [np.zeros(size) for size in sizes]
    return draw[0], draw[1], velocities, lr, momentum


NESTEROV = Exercise(
    id="ex05_2",
    chapter="05a",
    title="Nesterov's momentum",
    skill="turn momentum into Nesterov's with one change, and tell the two apart",
    reference=nesterov_step,
    cases=(
        Case(
            "from rest",
            lambda rng: _step(rng, 0.1, 0.9, moving=False),
            "From rest the new velocity is the gradient. The step is lr times (gradient + momentum * new "
            "velocity), so 1 + momentum times the gradient already.",
        ),
        Case(
            "a later step",
            lambda rng: _step(rng, 0.05, 0.8, moving=True),
            "The velocity as before: momentum * velocity + gradient. Then step along gradient + momentum * "
            "new velocity.",
        ),
        Case(
            "without momentum",
            lambda rng: _step(rng, 0.3, 0.0, moving=True),
            "With momentum 0 nothing of the velocity is kept or looked ahead along: the step is -lr times "
            "the gradient.",
        ),
    ),
    wrong=(
        Wrong(
            nesterov_plain,
            "That is ordinary momentum. (gradient + momentum * old velocity is the new velocity.) Nesterov's "
            "step uses the new one in that sum: gradient + momentum * new velocity.",
        ),
        Wrong(
            nesterov_without_gradient,
            "You step along new velocity + momentum * new velocity. The look ahead replaces the velocity in "
            "the step, it does not come on top: gradient + momentum * new velocity.",
        ),
        Wrong(
            nesterov_gradient_twice,
            "You add the gradient to the whole velocity, which holds it already. Take momentum times the "
            "velocity.",
        ),
        Wrong(
            nesterov_only_ahead,
            "Your step leaves the fresh gradient out: it is gradient + momentum * new velocity.",
        ),
        Wrong(
            nesterov_keeping_direction,
            "Your parameters are right, but you keep the direction of the step as the velocity. The velocity "
            "is momentum * velocity + gradient, as in ordinary momentum; the look ahead is for the step "
            "alone.",
        ),
        Wrong(
            nesterov_textbook,
            "Your velocity holds -lr, as in many textbooks. PyTorch's keeps rate and sign out of it and "
            "applies both in the step.",
        ),
        Wrong(
            nesterov_dampened,
            "You weigh the gradient by 1 - momentum in the velocity, as a running average does. Here it is "
            "added in full.",
        ),
        Wrong(
            nesterov_rate_in_velocity,
            "Your velocity takes lr * gradient in. PyTorch's takes the gradient as it is; lr scales the "
            "whole step, so that a new rate acts on the old velocity, too.",
        ),
        Wrong(
            nesterov_rate_on_gradient_alone,
            "lr scales your gradient alone: set brackets, lr * (gradient + momentum * new velocity).",
        ),
        Wrong(nesterov_uphill, "You climb: the step is subtracted from the parameter."),
        Wrong(
            nesterov_same_velocity,
            "You return the velocities you were given: the next step needs the new ones.",
        ),
        Wrong(
            nesterov_unchanged,
            "You return the arrays you were given: in a loop `p = ...` gives the name to a new array, and "
            "the list still holds the old one. Collect the new arrays in new lists.",
        ),
        Wrong(
            nesterov_in_pairs,
            "You return one pair for each array. Asked for are two lists: all parameters, then all "
            "velocities.",
        ),
        Wrong(
            nesterov_first_array,
            "Your lists hold the first array alone: does your `return` stand inside the loop?",
        ),
        Wrong(
            nesterov_without_momentum,
            "Momentum has no effect: it stands in the velocity, and once more in the step.",
        ),
        Wrong(
            nesterov_parameters_alone,
            "You return the parameters alone: the next step needs the velocities, too. Return two lists.",
        ),
    ),
    alternatives=(nesterov_written_out,),
    returns=("parameters", "velocities"),
    hints=(
        "In the statement's example, where does 2.45 come from? Ordinary momentum would end at 0.755: what "
        "else is in the step that ends at 0.5795, and what does the next step need to remember?",
        "The velocity is that of ordinary momentum. Only the step differs: it takes the velocity as it would "
        "be one step later if the same gradient came again. So the fresh gradient counts in full, and "
        "momentum shrinks the new velocity once.",
        "Walk through parameters, gradients and velocities side by side (`zip`).\n"
        "Scale the old velocity by `momentum` and add the gradient: the new velocity, which goes into one "
        "list.\n"
        "Direction of the step: scale the new velocity by `momentum`, and add the gradient again.\n"
        "Subtract `lr` times the direction from the parameter; the result goes into another list.\n"
        "Return the two lists, parameters first.",
    ),
)

EXERCISES = (NESTEROV,)
