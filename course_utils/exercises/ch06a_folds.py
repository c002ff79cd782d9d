"""Chapter 06a: folds for cross-validation that hold all classes in like shares."""

from __future__ import annotations

import numpy as np

from course_utils.exercises.ch06a_folds_checked import (
    INSIDE,
    NO_SEED,
    ORDERED,
    RENUMBERED,
    TRAINING,
    check_classes,
    check_coverage,
    check_order,
    check_sizes,
)
from course_utils.grading.exercise import Case, Exercise, Wrong


def stratified_folds(labels, n_splits, seed):
    """Deal the indices of labels (N,) to n_splits folds, each class evenly; return a list of arrays."""
    order = np.random.default_rng(seed).permutation(len(labels))
    by_class = order[np.argsort(labels[order], kind="stable")]  # classes in turn, each in random order
    return [by_class[k::n_splits] for k in range(n_splits)]


def folds_dealt_like_cards(labels, n_splits, seed):
    """Hand one index to each fold in turn, class after class, going on where the last one ended."""
    rng = np.random.default_rng(seed)
    folds: list[list[int]] = [[] for _ in range(n_splits)]
    # class after class, each in random order
    classes = [rng.permutation(np.flatnonzero(labels == name)) for name in np.unique(labels)]
    for turn, index in enumerate(np.concatenate(classes)):
        folds[turn % n_splits].append(index)
    return [np.array(fold) for fold in folds]


def folds_in_order(labels, n_splits, seed):
    """Cut the indices as they come: a sorted file gives folds of a single class."""
    return np.array_split(np.arange(len(labels)), n_splits)


def folds_by_chance(labels, n_splits, seed):
    """Shuffle and cut, and let chance mix the classes."""
    return np.array_split(np.random.default_rng(seed).permutation(len(labels)), n_splits)


def folds_of_classes(labels, n_splits, seed):
    """Sort by class, then cut: whole classes end up in one fold."""
    order = np.random.default_rng(seed).permutation(len(labels))
    return np.array_split(order[np.argsort(labels[order], kind="stable")], n_splits)


def folds_not_shuffled(labels, n_splits, seed):
    """Deal each class out as it comes."""
    by_class = np.argsort(labels, kind="stable")
    return [by_class[k::n_splits] for k in range(n_splits)]


def folds_shuffled_inside(labels, n_splits, seed):
    """Shuffle each fold once it is dealt."""
    rng, by_class = np.random.default_rng(seed), np.argsort(labels, kind="stable")
    return [rng.permutation(by_class[k::n_splits]) for k in range(n_splits)]


def folds_renumbered(labels, n_splits, seed):
    """Deal each class out as it comes, and let the seed choose which fold is first."""
    by_class = np.argsort(labels, kind="stable")
    return [by_class[k::n_splits] for k in np.random.default_rng(seed).permutation(n_splits)]


def folds_of_places(labels, n_splits, seed):
    """Take places in the shuffled row for the examples that stand there."""
    order = np.random.default_rng(seed).permutation(len(labels))
    by_class = np.argsort(labels[order], kind="stable")
    return [by_class[k::n_splits] for k in range(n_splits)]


def folds_of_training_indices(labels, n_splits, seed):
    """Return what is learned from, not what is held out."""
    folds = stratified_folds(labels, n_splits, seed)
    return [np.setdiff1d(np.arange(len(labels)), fold) for fold in folds]


def folds_without_the_rest(labels, n_splits, seed):
    """Give each fold the same number of a class, and drop what is left over."""
    rng, parts = np.random.default_rng(seed), []
    for name in np.unique(labels):
        members = rng.permutation(np.flatnonzero(labels == name))
        each = len(members) // n_splits
        parts.append(members[: each * n_splits].reshape(n_splits, each))
    return list(np.concatenate(parts, axis=1))


def folds_favouring_the_first(labels, n_splits, seed):
    """Start each class at fold 0, so that the first folds get all that is left over."""
    rng = np.random.default_rng(seed)
    cut = [
        np.array_split(rng.permutation(np.flatnonzero(labels == name)), n_splits)
        for name in np.unique(labels)
    ]
    return [np.concatenate(pieces) for pieces in zip(*cut, strict=True)]


def folds_drawn_again(labels, n_splits, seed):
    """Draw every fold from all examples, class by class."""
    rng, folds = np.random.default_rng(seed), []
    classes = [np.flatnonzero(labels == name) for name in np.unique(labels)]
    for _ in range(n_splits):
        drawn = [rng.choice(members, len(members) // n_splits, replace=False) for members in classes]
        folds.append(np.concatenate(drawn))
    return folds


def folds_of_one_seed(labels, n_splits, seed):
    """Ignore the seed and use always the same."""
    return stratified_folds(labels, n_splits, 0)


def folds_without_seed(labels, n_splits, seed):
    """Ignore the seed and use none."""
    return stratified_folds(labels, n_splits, None)


def _labels(rng, *sizes):
    """Draw labels in random order: so many of each class, whose names are numbers with gaps."""
    names = np.sort(rng.choice(20, len(sizes), replace=False))
    return rng.permutation(np.repeat(names, sizes))


def _any(rng):
    return _labels(rng, 17, 11, 9), 4, int(rng.integers(1000))


def _uneven(rng):
    """Draw a rare class, one with fewer examples than folds, and a file sorted by class."""
    seed = int(rng.integers(1000))
    return [
        (_labels(rng, 40, 6), 3, seed),
        (_labels(rng, 21, 14, 3), 5, seed + 1),
        (np.sort(_labels(rng, 20, 20, 20)), 5, seed + 2),
    ]


def _leaving_some_over(rng):
    seed, many = int(rng.integers(1000)), [((4,) * 10, 5), ((7,) * 15, 8)]
    small = [(_labels(rng, 6, 6, 6, 6, 6, 6, 6), 5, seed), (_labels(rng, 5, 9, 13), 4, seed + 1)]
    # one who fills up the smallest fold, whatever comes, seldom gets through all of these
    return small + [(_labels(rng, *sizes), n_splits, seed + 2) for sizes, n_splits in 2 * many]


def _three_deals(rng):
    seed, labels = int(rng.integers(1, 1000)), _labels(rng, 16, 16, 8)
    return [(labels, 4, seed), (labels, 4, seed), (labels, 4, seed + 1)]


FOLDS = Exercise(
    id="ex06_2",
    chapter="06a",
    title="Stratified folds",
    skill="cut data into folds that are alike, each example held out exactly once",
    reference=stratified_folds,
    cases=(
        Case(
            "every index in exactly one fold",
            _any,
            "Return a list of n_splits arrays of indices that together hold 0 to N - 1.",
            verify=check_coverage,
        ),
        Case(
            "classes in like shares, rare ones too",
            _uneven,
            "Deal the indices of each class out to the folds in turn.",
            verify=check_classes,
            many=True,
        ),
        Case(
            "sizes that differ by at most one",
            _leaving_some_over,
            "Go on with the next class where the last one ended.",
            verify=check_sizes,
            many=True,
        ),
        Case(
            "shuffled, and by the seed alone",
            _three_deals,
            "Make a generator from the seed, and shuffle with it before you deal.",
            verify=check_order,
            many=True,
        ),
    ),
    wrong=(
        Wrong(
            folds_in_order,
            "You cut the data as they come. Where a file is sorted by class, a fold then holds a single one: "
            "deal each class out by itself, shuffled.",
        ),
        Wrong(
            folds_by_chance,
            "You shuffle all examples and cut. Chance mixes the classes only roughly, and a fold may miss a "
            "rare one: deal each class out by itself.",
        ),
        Wrong(
            folds_of_classes,
            "You sort by class and cut the row into runs, so a class falls into one or two folds. Take every "
            "n_splits-th index of the sorted row.",
        ),
        Wrong(folds_not_shuffled, ORDERED),
        Wrong(folds_shuffled_inside, INSIDE),
        Wrong(folds_renumbered, RENUMBERED),
        Wrong(
            folds_of_places,
            "Your `argsort` of the shuffled labels gives places in the shuffled row, not indices of "
            "examples: look up in the permutation who stands there.",
        ),
        Wrong(folds_of_training_indices, TRAINING),
        Wrong(
            folds_without_the_rest,
            "You give each fold the same number of a class and drop what is left over: that must go "
            "somewhere, too.",
        ),
        Wrong(
            folds_favouring_the_first,
            "Every class begins at the first fold, which so gets all that is left over: begin each class at "
            "the fold after the last one served.",
        ),
        Wrong(
            folds_drawn_again,
            "You draw each fold from all examples, so some are in several folds and some in none. Shuffle "
            "once, then deal.",
        ),
        Wrong(
            folds_of_one_seed,
            "Another seed gives the same folds: pass `seed` to `np.random.default_rng`.",
        ),
        Wrong(folds_without_seed, NO_SEED),
    ),
    alternatives=(folds_dealt_like_cards,),
    hints=(
        "You deal 7 aces and 9 kings to 4 players, aces first. How many of each does a player get, and with "
        "whom must the kings begin, so that all hold 4 cards?",
        "Put the examples in a row, class after class, each class shuffled. Dealing that row to the folds in "
        "turn gives each an even part of every class, and of the whole: whoever is served last in one class "
        "is followed by the next fold in the next class.",
        "Make a generator from the seed, and let it permute all indices.\n"
        "Bring them into an order in which equal labels stand together, and keep the random order within a "
        "class (a stable `argsort` of the permuted labels does so).\n"
        "Fold k takes places k, k + n_splits, k + 2 n_splits and so on of that row: a slice with a step.\n"
        "Return the n_splits slices as a list.",
    ),
)

EXERCISES = (FOLDS,)
