"""Chapter 01b: one step of SGD with momentum, and mini-batches."""

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


def sgd_old_velocity(parameters, gradients, velocities, lr, momentum):
    """Step along the velocity from before the update."""
    _, new_velocities = sgd_step(parameters, gradients, velocities, lr, momentum)
    return [p - lr * v for p, v in zip(parameters, velocities, strict=True)], new_velocities


def sgd_forgetful(parameters, gradients, velocities, lr, momentum):
    """Ignore momentum."""
    return sgd_step(parameters, gradients, velocities, lr, 0.0)


def sgd_same_velocity(parameters, gradients, velocities, lr, momentum):
    """Return the velocities as they were."""
    return sgd_step(parameters, gradients, velocities, lr, momentum)[0], velocities


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
            sgd_old_velocity, "You step along the old velocity: update it first, then step along the new one."
        ),
        Wrong(sgd_forgetful, "Momentum has no effect: the new velocity is momentum * velocity + gradient."),
        Wrong(
            sgd_same_velocity, "You return the velocities you were given: the next step needs the new ones."
        ),
    ),
    alternatives=(sgd_step_with_a_loop,),
    returns=("parameters", "velocities"),
)


def minibatches(n, batch_size, seed):
    """Return 0 to n - 1 in random order, as a list of arrays of batch_size; the last may be shorter."""
    order = np.random.default_rng(seed).permutation(n)
    return [order[start : start + batch_size] for start in range(0, n, batch_size)]


def minibatches_by_split(n, batch_size, seed):
    """Shuffle in place, then split at multiples of the batch size."""
    order = np.arange(n)
    np.random.default_rng(seed).shuffle(order)
    return np.split(order, np.arange(batch_size, n, batch_size))


def minibatches_in_order(n, batch_size, seed):
    """Forget to shuffle."""
    return [np.arange(start, min(start + batch_size, n)) for start in range(0, n, batch_size)]


def minibatches_dropping(n, batch_size, seed):
    """Drop the last, shorter batch."""
    return minibatches(n, batch_size, seed)[: n // batch_size]


def minibatches_with_replacement(n, batch_size, seed):
    """Draw every index independently."""
    drawn = np.random.default_rng(seed).integers(0, n, size=n)
    return [drawn[start : start + batch_size] for start in range(0, n, batch_size)]


def minibatches_of_one_seed(n, batch_size, seed):
    """Ignore the seed and use always the same."""
    return minibatches(n, batch_size, 0)


def minibatches_without_seed(n, batch_size, seed):
    """Ignore the seed and use none."""
    return minibatches(n, batch_size, None)


def minibatches_by_number(n, batch_size, seed):
    """Make batch_size batches."""
    return np.array_split(np.random.default_rng(seed).permutation(n), batch_size)


DROPPED = "You drop the last, shorter batch: keep it, or some examples are never seen in an epoch."
REPEATED = "Some indices come twice and others never: draw without replacement, with `rng.permutation(n)`."
ORDERED = "Your batches come in the order of the data: shuffle first, or a batch may hold a single class."
ONE_SEED = "Another seed gives the same order: pass `seed` to `np.random.default_rng`."
NO_SEED = "The same seed gives another order each time: make the generator from `seed` inside the function."
BY_NUMBER = (
    "You make batch_size batches: each should hold batch_size indices, however many batches that takes."
)


def check_coverage(batches, n, batch_size, seed):
    """Every index comes exactly once."""
    indices = np.concatenate([np.asarray(batch) for batch in batches]) if len(batches) else np.zeros(0, int)
    if indices.dtype.kind not in "iu":
        return "Your batches hold no integers: return arrays of indices."
    if len(indices) == n and not np.array_equal(np.sort(indices), np.arange(n)):
        return REPEATED
    if len(indices) != n:
        return (
            DROPPED
            if len(indices) == n // batch_size * batch_size
            else f"Expected {n} indices, got {len(indices)}."
        )
    return None


def check_sizes(batches, n, batch_size, seed):
    """All batches are full but for the last, which is kept."""
    sizes = [len(batch) for batch in batches]
    expected = [min(batch_size, n - start) for start in range(0, n, batch_size)]
    if sizes == expected:
        return None
    if sizes == expected[:-1]:
        return DROPPED
    return BY_NUMBER if len(sizes) == batch_size else f"Expected batches of {expected}, got {sizes}."


def check_order(results, calls):
    """Compare three epochs: the first two share their seed, the third has another."""
    first, again, other = (np.concatenate(batches).tolist() for batches in results)
    if first == sorted(first):
        return ORDERED
    if first != again:
        return NO_SEED
    return ONE_SEED if first == other else None


def _three_epochs(rng):
    seed = int(rng.integers(1, 1000))
    return [(60, 8, seed), (60, 8, seed), (60, 8, seed + 1)]


MINIBATCHES = Exercise(
    id="ex01_8",
    chapter="01b",
    title="Shuffled mini-batches",
    skill="show a network every example exactly once an epoch, reproducibly",
    reference=minibatches,
    cases=(
        Case(
            "every index exactly once",
            lambda rng: (23, 5, int(rng.integers(1000))),
            "Return a list of arrays of indices that together hold 0 to n - 1.",
            verify=check_coverage,
        ),
        Case(
            "full batches, and a shorter one at the end",
            lambda rng: (30, 7, int(rng.integers(1000))),
            "Cut the shuffled indices into pieces of batch_size.",
            verify=check_sizes,
        ),
        Case(
            "shuffled, and by the seed alone",
            _three_epochs,
            "Make a generator from the seed, and shuffle with it.",
            verify=check_order,
            many=True,
        ),
    ),
    wrong=(
        Wrong(minibatches_dropping, DROPPED),
        Wrong(minibatches_with_replacement, REPEATED),
        Wrong(minibatches_in_order, ORDERED),
        Wrong(minibatches_of_one_seed, ONE_SEED),
        Wrong(minibatches_without_seed, NO_SEED),
        Wrong(minibatches_by_number, BY_NUMBER),
    ),
    alternatives=(minibatches_by_split,),
)

EXERCISES = (SGD_STEP, MINIBATCHES)
