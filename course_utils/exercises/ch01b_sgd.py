"""Chapter 01b: one step of SGD with momentum."""

from __future__ import annotations

import numpy as np

from course_utils.grading.exercise import Case, Exercise, Wrong


def sgd_step(parameters, gradients, velocities, lr, momentum):
    """One step by PyTorch's rule; returns the new parameters and the new velocities, as two lists."""
    new_velocities = [momentum * v + g for v, g in zip(velocities, gradients, strict=True)]
    new_parameters = [p - lr * v for p, v in zip(parameters, new_velocities, strict=True)]
    return new_parameters, new_velocities


def sgd_step_with_a_loop(parameters, gradients, velocities, lr, momentum):
    """Treat one array after the other."""
    moved, speeds = [], []
    for i in range(len(parameters)):
        speeds.append(np.add(gradients[i], np.multiply(momentum, velocities[i])))
        moved.append(np.subtract(parameters[i], np.multiply(lr, speeds[-1])))
    return moved, speeds


def sgd_uphill(parameters, gradients, velocities, lr, momentum):
    """Add the step."""
    return sgd_step(parameters, gradients, velocities, -lr, momentum)


def sgd_dampened(parameters, gradients, velocities, lr, momentum):
    """Weigh the gradient by 1 - momentum."""
    return sgd_step(parameters, [(1 - momentum) * g for g in gradients], velocities, lr, momentum)


def sgd_rate_in_velocity(parameters, gradients, velocities, lr, momentum):
    """Put the learning rate into the velocity."""
    return sgd_step(parameters, [lr * g for g in gradients], velocities, 1.0, momentum)


def sgd_textbook(parameters, gradients, velocities, lr, momentum):
    """Let the velocity hold the whole step, rate and sign included."""
    new_velocities = [momentum * v - lr * g for v, g in zip(velocities, gradients, strict=True)]
    return [p + v for p, v in zip(parameters, new_velocities, strict=True)], new_velocities


def sgd_old_velocity(parameters, gradients, velocities, lr, momentum):
    """Step along the velocity from before the update."""
    _, new_velocities = sgd_step(parameters, gradients, velocities, lr, momentum)
    return [p - lr * v for p, v in zip(parameters, velocities, strict=True)], new_velocities


def sgd_forgetful(parameters, gradients, velocities, lr, momentum):
    """Ignore momentum."""
    return sgd_step(parameters, gradients, velocities, lr, 0.0)


def sgd_in_loop_variables(parameters, gradients, velocities, lr, momentum):
    """Assign the new arrays to the loop's variables, which changes no list."""
    return parameters, velocities


def sgd_same_velocity(parameters, gradients, velocities, lr, momentum):
    """Return the velocities as they were."""
    return sgd_step(parameters, gradients, velocities, lr, momentum)[0], velocities


def sgd_pairs(parameters, gradients, velocities, lr, momentum):
    """Return a pair of parameter and velocity for each array."""
    return list(zip(*sgd_step(parameters, gradients, velocities, lr, momentum), strict=True))


def sgd_parameters_alone(parameters, gradients, velocities, lr, momentum):
    """Keep the new velocities to oneself."""
    return sgd_step(parameters, gradients, velocities, lr, momentum)[0]


def _step(rng, lr, momentum, moving):
    sizes = ((3, 4), (3,), (2, 3))
    draw = [[rng.normal(size=size) for size in sizes] for _ in range(3)]
    velocities = draw[2] if moving else [np.zeros(size) for size in sizes]
    return draw[0], draw[1], velocities, lr, momentum


SGD_STEP = Exercise(
    id="ex01_7",
    chapter="01b",
    title="One step of SGD with momentum",
    skill="write an optimizer's update so that it equals PyTorch's",
    reference=sgd_step,
    cases=(
        Case(
            "without momentum",
            lambda rng: _step(rng, 0.1, 0.0, moving=False),
            "Without momentum the velocity is the gradient, and each parameter moves by -lr times it. "
            "Return two lists.",
        ),
        Case(
            "the first step with momentum",
            lambda rng: _step(rng, 0.1, 0.9, moving=False),
            "From rest the new velocity equals the gradient: momentum * 0 + gradient.",
        ),
        Case(
            "a later step, at a new rate",
            lambda rng: _step(rng, 0.01, 0.9, moving=True),
            "First the velocity: momentum * velocity + gradient. Then the parameter: parameter - lr * new "
            "velocity.",
        ),
    ),
    wrong=(
        Wrong(sgd_uphill, "You climb: a step goes against the velocity, parameter - lr * velocity."),
        Wrong(
            sgd_dampened,
            "You weigh the gradient by 1 - momentum. That is another convention (`dampening`); PyTorch's "
            "rule adds the whole gradient.",
        ),
        Wrong(
            sgd_rate_in_velocity,
            "The learning rate is in the velocity: keep it out, and multiply by it in the step, or a new "
            "rate would not act on past gradients.",
        ),
        Wrong(
            sgd_textbook,
            "Your velocity holds -lr: PyTorch's rule keeps rate and sign out of it, and applies both in the "
            "step, parameter - lr * velocity.",
        ),
        Wrong(
            sgd_old_velocity, "You step along the old velocity: update it first, then step along the new one."
        ),
        Wrong(sgd_forgetful, "Momentum has no effect: the new velocity is momentum * velocity + gradient."),
        Wrong(
            sgd_same_velocity, "You return the velocities you were given: the next step needs the new ones."
        ),
        Wrong(
            sgd_in_loop_variables,
            "You return both lists as you got them: `p = ...` in a loop gives the name `p` a new value and "
            "leaves the list alone. Append each new array to a new list.",
        ),
        Wrong(
            sgd_pairs,
            "You return one pair for each array: return two lists, all parameters and then all velocities.",
        ),
        Wrong(
            sgd_parameters_alone,
            "You return the parameters alone: the next step needs the velocities, too. Return two lists, "
            "`return parameters, velocities`.",
        ),
    ),
    alternatives=(sgd_step_with_a_loop,),
    returns=("parameters", "velocities"),
    hints=(
        "Work the statement's example on paper: where does 2.45 come from, and where 0.755? Which velocity "
        "does the parameter move along, the old or the new one?",
        "The velocity is a fading memory of gradients: it keeps the share `momentum` of itself and gets "
        "the whole gradient on top. Rate and sign stay out of it. Each parameter then moves against its "
        "new velocity, by `lr` times its size.",
        "Walk through parameters, gradients and velocities side by side, one array of each at a time "
        "(`zip`).\n"
        "Scale the old velocity by `momentum` and add the gradient: the new velocity, which goes into one "
        "list.\n"
        "From the parameter subtract `lr` times that new velocity, and put the result into another list. "
        "Make new arrays; do not write into those you were given.\n"
        "Return two lists, parameters first.",
    ),
)

EXERCISES = (SGD_STEP,)
