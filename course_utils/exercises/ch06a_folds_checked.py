"""Chapter 06a: what is asked of folds, many of which are right, and what to say where it is not so."""

from __future__ import annotations

import numpy as np

EXERCISES = ()  # they stand in ch06a_folds.py

FORM = "Return a list of n_splits arrays of indices, one for each fold: the examples that it holds out."
TRAINING = (
    "Each index comes n_splits - 1 times: these are the examples to learn from. Asked for are those that "
    "each fold holds out."
)
PAIRS = "Each of your folds holds several arrays. Asked for is one: the indices of what the fold holds out."
MASKS = "Your folds hold True and False. Asked for are indices: `np.flatnonzero` turns a mask into them."
NAMES = "Your folds hold the labels. Asked for are the examples' indices, from 0 to {}."
REPEATED = "Index {} comes {} times in your folds. They share nothing: deal every index out exactly once."
DROPPED = (
    "{} of {} indices are in no fold, such as {}: what is left over after an even deal must go somewhere, "
    "too."
)
NO_CLASS = (
    "No fold holds an example of class {}. The numbers of the classes may have gaps: take them from the "
    "labels, as `np.unique(labels)` does."
)
CLASSES = (
    "Class {} comes {} times in one fold and {} times in another: deal each class out by itself, so that its "
    "counts differ by at most one."
)
SIZES = (
    "Your folds hold from {} to {} examples. Each class leaves a few over: begin the next class at the fold "
    "after the last one served, and sizes differ by at most one."
)
ORDERED = (
    "The seed changes nothing: shuffle each class before you deal it out, by a generator made of the seed."
)
INSIDE = (
    "The seed changes the order inside the folds only. It must decide who is in which fold: shuffle before "
    "you deal."
)
RENUMBERED = (
    "The seed changes only which fold is the first and which the last: the same examples stay together. "
    "Shuffle each class before you deal it out."
)
NO_SEED = "The same seed gives other folds each time: make the generator from `seed` inside the function."


def check_coverage(folds, labels, n_splits, seed):
    """Ask that every index is in exactly one fold."""
    if not isinstance(folds, (list, tuple)) or len(folds) != n_splits:
        return FORM
    if any(isinstance(fold, (list, tuple)) and any(map(np.ndim, fold)) for fold in folds):
        return PAIRS
    if any(np.ndim(fold) != 1 for fold in folds):
        return FORM
    parts = [np.asarray(fold) for fold in folds if len(fold)]  # what is empty has no type of its own
    if any(part.dtype.kind not in "iu" for part in parts):
        masked = all(part.dtype.kind == "b" for part in parts)
        return MASKS if masked else "Your folds hold no integers: return arrays of indices."
    return _check_indices(np.concatenate([np.zeros(0, dtype=int), *parts]).astype(int), labels, n_splits)


def _check_indices(indices, labels, n_splits):
    """Ask that these are the numbers from 0 to N - 1, each once."""
    if indices.size and not 0 <= indices.min() <= indices.max() < len(labels):
        return (
            f"Your numbers run from {indices.min()} to {indices.max()}: indices run from 0 to "
            f"{len(labels) - 1}."
        )
    if np.array_equal(np.sort(indices), np.sort(labels)):
        return NAMES.format(len(labels) - 1)
    times = np.bincount(indices, minlength=len(labels))
    if n_splits > 2 and (times == n_splits - 1).all():
        return TRAINING
    if times.max() > 1:
        return REPEATED.format(times.argmax(), times.max())
    missing = [label for label in np.unique(labels) if not times[labels == label].any()]
    if missing:
        return NO_CLASS.format(missing[0])
    lost = np.flatnonzero(times == 0)
    return DROPPED.format(len(lost), len(labels), lost[0]) if lost.size else None


def check_classes(results, calls):
    """Ask that the counts of a class differ by at most one from fold to fold."""
    for folds, (labels, n_splits, seed) in zip(results, calls, strict=True):
        found = check_coverage(folds, labels, n_splits, seed)
        if found:
            return found
        for number in np.unique(labels):
            counts = [int(np.sum(labels[np.asarray(fold, dtype=int)] == number)) for fold in folds]
            if max(counts) - min(counts) > 1:
                return CLASSES.format(number, min(counts), max(counts))
    return None


def check_sizes(results, calls):
    """Ask that the folds' sizes differ by at most one, too."""
    found = check_classes(results, calls)
    if found:
        return found
    for folds in results:
        sizes = [len(fold) for fold in folds]
        if max(sizes) - min(sizes) > 1:
            return SIZES.format(min(sizes), max(sizes))
    return None


def check_order(results, calls):
    """Compare three deals: the first two share their seed, the third has another."""
    for folds, call in zip(results, calls, strict=True):
        found = check_coverage(folds, *call)
        if found:
            return found
    first, again, other = ([np.asarray(fold).tolist() for fold in folds] for folds in results)
    if first != again:
        return NO_SEED
    if first == other:
        return ORDERED
    one, two = list(map(sorted, first)), list(map(sorted, other))
    if one == two:
        return INSIDE
    return RENUMBERED if sorted(one) == sorted(two) else None
