"""Chapter 01b: shuffled mini-batches."""

from __future__ import annotations

import numpy as np

from course_utils.grading.exercise import Case, Exercise, Wrong


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


def minibatches_with_an_empty_one(n, batch_size, seed):
    """Make one batch more than fit in full, whether anything is left for it or not."""
    order = np.random.default_rng(seed).permutation(n)
    return [order[k * batch_size : (k + 1) * batch_size] for k in range(n // batch_size + 1)]


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
EMPTY = "Your last batch is empty: its mean loss would be nan. Make a shorter one only if something is left."
REPEATED = (
    "Some indices come more than once: shuffle all of them with `rng.permutation(n)`, and cut that order "
    "into pieces."
)
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
    if len(np.unique(indices)) < len(indices):
        return REPEATED
    if len(indices) == n // batch_size * batch_size:
        return DROPPED
    if len(indices) != n:
        return f"Expected {n} indices, got {len(indices)}."
    if indices.min() != 0 or indices.max() != n - 1:
        return (
            f"Your numbers run from {indices.min()} to {indices.max()}: indices run from 0 to n - 1, here "
            f"{n - 1}."
        )
    return None


def check_sizes(results, calls):
    """All batches are full but for the last, which is kept, and is never empty."""
    for batches, (n, batch_size, _) in zip(results, calls, strict=True):
        sizes = [len(batch) for batch in batches]
        expected = [min(batch_size, n - start) for start in range(0, n, batch_size)]
        if sizes == [*expected, 0]:
            return EMPTY
        if sizes == expected[:-1]:
            return DROPPED
        if sizes != expected:
            return BY_NUMBER if len(sizes) == batch_size else f"Expected batches of {expected}, got {sizes}."
    return None


def check_order(results, calls):
    """Compare three epochs: the first two share their seed, the third has another."""
    first, again, other = (np.concatenate(batches).tolist() for batches in results)
    if first == sorted(first):
        return ORDERED
    if first != again:
        return NO_SEED
    return ONE_SEED if first == other else None


def _with_and_without_remainder(rng):
    seed = int(rng.integers(1000))
    return [(30, 7, seed), (24, 6, seed)]


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
            "full batches, and a shorter one at the end if something is left",
            _with_and_without_remainder,
            "Cut the shuffled indices into pieces of batch_size.",
            verify=check_sizes,
            many=True,
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
        Wrong(minibatches_with_an_empty_one, EMPTY),
        Wrong(minibatches_with_replacement, REPEATED),
        Wrong(minibatches_in_order, ORDERED),
        Wrong(minibatches_of_one_seed, ONE_SEED),
        Wrong(minibatches_without_seed, NO_SEED),
        Wrong(minibatches_by_number, BY_NUMBER),
    ),
    alternatives=(minibatches_by_split,),
    hints=(
        "For n = 5 and batch_size = 2: how many batches are there, how long is the last, and which numbers "
        "do all of them hold together? How would you get the same order again tomorrow?",
        "Shuffle once, then cut. A permutation of 0 to n - 1 holds every index exactly once, and so do its "
        "pieces together. If the generator is made from `seed` inside the function, nothing but the seed "
        "decides the order.",
        "Make a generator from the seed: `np.random.default_rng`.\n"
        "Let it permute the numbers from 0 to n - 1.\n"
        "Go through the starting places 0, batch_size, twice batch_size and so on, as long as they are "
        "below n; `range` can take such steps.\n"
        "At each, slice batch_size entries out of the order. A slice that would reach beyond the end stops "
        "there: that is the shorter last batch.\n"
        "Return the slices as a list.",
    ),
)

EXERCISES = (MINIBATCHES,)
