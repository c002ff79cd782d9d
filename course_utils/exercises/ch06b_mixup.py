"""Chapter 06b: mixing examples, and their labels with them."""

from __future__ import annotations

import numpy as np

from course_utils.grading.exercise import Case, Exercise, Wrong


def mixup(x, labels, n_classes, pairs, lam):
    """Mix example i with example pairs[i], lam to 1 - lam: inputs like x, and soft labels (B, n_classes)."""
    targets = np.eye(n_classes)[labels]  # (B, n_classes), a 1 at each label
    return lam * x + (1.0 - lam) * x[pairs], lam * targets + (1.0 - lam) * targets[pairs]


def mixup_one_by_one(x, labels, n_classes, pairs, lam):
    """Add shares up, example by example."""
    mixed, soft = np.zeros(x.shape), np.zeros((len(x), n_classes))
    for i, partner in enumerate(pairs):
        mixed[i] = x[partner] + lam * (x[i] - x[partner])
        soft[i, labels[i]] += lam
        soft[i, labels[partner]] += 1 - lam
    return mixed, soft


def mixup_in_one_product(x, labels, n_classes, pairs, lam):
    """Write the mixing as a matrix."""
    mixing = lam * np.eye(len(x)) + (1 - lam) * np.eye(len(x))[pairs]  # (B, B)
    soft = mixing @ (labels[:, None] == np.arange(n_classes))
    return (mixing @ x.reshape(len(x), -1)).reshape(x.shape), soft


def mixup_with_own_labels(x, labels, n_classes, pairs, lam):
    """Mix the inputs only."""
    return mixup(x, labels, n_classes, pairs, lam)[0], np.eye(n_classes)[labels]


def mixup_with_stronger_labels(x, labels, n_classes, pairs, lam):
    """Give the mixture the label of whoever has the larger share."""
    winners = labels if lam >= 0.5 else labels[pairs]
    return mixup(x, labels, n_classes, pairs, lam)[0], np.eye(n_classes)[winners]


def mixup_of_class_numbers(x, labels, n_classes, pairs, lam):
    """Mix the numbers of the classes: halfway between 2 and 8 is a 5."""
    return mixup(x, labels, n_classes, pairs, lam)[0], lam * labels + (1.0 - lam) * labels[pairs]


def mixup_of_rounded_class_numbers(x, labels, n_classes, pairs, lam):
    """Mix the numbers of the classes, and round to a class."""
    between = np.round(lam * labels + (1.0 - lam) * labels[pairs]).astype(int)
    return mixup(x, labels, n_classes, pairs, lam)[0], np.eye(n_classes)[between]


def mixup_with_shares_turned(x, labels, n_classes, pairs, lam):
    """Give the partner the share lam, in the inputs and the labels."""
    return mixup(x, labels, n_classes, pairs, 1.0 - lam)


def mixup_with_labels_turned(x, labels, n_classes, pairs, lam):
    """Give the partner's label the share lam, but not its input."""
    return mixup(x, labels, n_classes, pairs, lam)[0], mixup(x, labels, n_classes, pairs, 1.0 - lam)[1]


def mixup_halving_labels(x, labels, n_classes, pairs, lam):
    """Give both labels one half, whatever the shares."""
    return mixup(x, labels, n_classes, pairs, lam)[0], mixup(x, labels, n_classes, pairs, 0.5)[1]


def mixup_overwriting(x, labels, n_classes, pairs, lam):
    """Write the shares into place: if both are of one class, the second replaces the first."""
    soft, rows = np.zeros((len(x), n_classes)), np.arange(len(x))
    soft[rows, labels] = lam
    soft[rows, labels[pairs]] = 1.0 - lam
    return mixup(x, labels, n_classes, pairs, lam)[0], soft


def mixup_in_sequence(x, labels, n_classes, pairs, lam):
    """Mix in place, so that later examples meet partners that are mixtures already."""
    mixed, soft = x.copy(), np.eye(n_classes)[labels]
    for i, partner in enumerate(pairs):
        mixed[i] = lam * mixed[i] + (1.0 - lam) * mixed[partner]
        soft[i] = lam * soft[i] + (1.0 - lam) * soft[partner]
    return mixed, soft


def mixup_with_neighbours(x, labels, n_classes, pairs, lam):
    """Ignore the pairs, and mix with the batch turned round."""
    return mixup(x, labels, n_classes, np.arange(len(x))[::-1], lam)


def mixup_of_classes_seen(x, labels, n_classes, pairs, lam):
    """Count the classes in the batch."""
    return mixup(x, labels, labels.max() + 1, pairs, lam)


def mixup_with_whole_shares(x, labels, n_classes, pairs, lam):
    """Add both labels in full: two ones in a row."""
    targets = np.eye(n_classes)[labels]
    return mixup(x, labels, n_classes, pairs, lam)[0], np.maximum(targets, targets[pairs])


def _batch(rng, labels, n_classes, *size):
    """Draw a batch in which the partners go round in a circle, so that none is its own."""
    labels = np.array(labels)
    circle = rng.permutation(len(labels))
    pairs = np.empty(len(labels), dtype=int)
    pairs[circle] = np.roll(circle, 1)
    return rng.normal(size=(len(labels), *size)), labels, n_classes, pairs, float(rng.uniform(0.55, 0.7))


def _different(rng):
    return _batch(rng, rng.permutation(6), 6, 4)


def _alike(rng):
    """Draw partners of one class, among others, and no example of the last two classes."""
    x, labels, n_classes, _, lam = _batch(rng, [2, 2, 0, 3, 3, 0, 1], 6, 3)
    return x, labels, n_classes, np.array([1, 3, 5, 0, 4, 6, 2]), 1.0 - lam


MIXUP = Exercise(
    id="ex06_7",
    chapter="06b",
    title="Mixup",
    skill="mix examples, and say of what the mixture is made",
    reference=mixup,
    cases=(
        Case(
            "six classes",
            _different,
            "Row i of both results is lam times that of example i plus 1 - lam times that of example "
            "pairs[i]; as a label counts a row with a 1 at its class.",
        ),
        Case(
            "partners of one class, and classes that do not occur",
            _alike,
            "Two examples of one class give a whole label of that class, and every class has a column, in "
            "the batch or not: each row sums to 1.",
        ),
        Case(
            "pictures",
            lambda rng: _batch(rng, rng.permutation([0, 1, 2, 2, 1]), 3, 4, 4),
            "x may be (B, H, W): the mixture has the shape of x.",
        ),
    ),
    wrong=(
        Wrong(
            mixup_with_own_labels,
            "You mix the inputs and leave the labels: the network is told that a mixture is all of one "
            "class. Mix the labels in the same shares.",
        ),
        Wrong(
            mixup_with_stronger_labels,
            "You give the mixture the label of whoever has the larger share. Its label is a mixture, too: "
            "lam for one class, 1 - lam for the other.",
        ),
        Wrong(
            mixup_of_class_numbers,
            "You mix the numbers of the classes. Halfway between a 2 and an 8 is no 5: make a row of zeros "
            "with a 1 of each label first, and mix the rows.",
        ),
        Wrong(
            mixup_of_rounded_class_numbers,
            "You mix the numbers of the classes and round, which names a class that has no part in it. Mix "
            "rows that hold a 1 at the class.",
        ),
        Wrong(
            mixup_with_shares_turned,
            "The shares are exchanged: example i itself has lam, its partner 1 - lam.",
        ),
        Wrong(
            mixup_with_labels_turned,
            "In your labels the shares are exchanged: the label of example i has lam, as its input has.",
        ),
        Wrong(
            mixup_halving_labels,
            "You give both labels a half. They have the shares of the inputs, lam and 1 - lam.",
        ),
        Wrong(
            mixup_overwriting,
            "If both partners are of one class, your second assignment replaces the first, and the row does "
            "not sum to 1: add the shares.",
        ),
        Wrong(
            mixup_in_sequence,
            "You mix in place, so some partners are mixtures already when their turn comes. Take all "
            "partners from the batch that was given.",
        ),
        Wrong(
            mixup_with_neighbours,
            "You mix with the batch turned round: the partner of example i is example pairs[i].",
        ),
        Wrong(
            mixup_of_classes_seen,
            "You count the classes of this batch. Every class has a column, even if none of its examples is "
            "here: use n_classes.",
        ),
        Wrong(
            mixup_with_whole_shares,
            "Your rows hold two ones. The shares lam and 1 - lam belong into the labels, too, so that each "
            "row sums to 1.",
        ),
    ),
    alternatives=(mixup_one_by_one, mixup_in_one_product),
    returns=("mixed", "soft"),
    hints=(
        "A picture is three quarters a 2 and one quarter an 8. Which ten numbers should a network aim at? "
        "And what if both were a 2?",
        "Write each label as a row of zeros with a single 1. Such rows can be mixed just as the inputs are, "
        "with the same shares; where both partners agree, the shares add up to 1 again. The partners of a "
        "whole batch are fetched by indexing with `pairs`.",
        "Make the rows: zeros, with a 1 at each label; as many columns as there are classes.\n"
        "Fetch the partners' inputs and the partners' rows by indexing with `pairs`.\n"
        "Mixed inputs: lam times the inputs, plus the rest of 1 times the partners' inputs.\n"
        "Soft labels: the same, with the rows.\n"
        "Return the inputs, then the labels.",
    ),
)

EXERCISES = (MIXUP,)
