"""Chapter 01b: counting mistakes in a confusion matrix."""

from __future__ import annotations

import numpy as np

from course_utils.grading.exercise import Case, Exercise, Wrong


def confusion_matrix(y_true, y_pred, n_classes):
    """Return the counts (n_classes, n_classes): row = true class, column = predicted class."""
    counts = np.zeros((n_classes, n_classes), dtype=int)
    np.add.at(counts, (y_true, y_pred), 1)
    return counts


def confusion_by_loop(y_true, y_pred, n_classes):
    """Count one example after the other."""
    counts = [[0] * n_classes for _ in range(n_classes)]
    for truth, guess in zip(y_true, y_pred, strict=True):
        counts[truth][guess] += 1
    return np.array(counts)


def confusion_by_bincount(y_true, y_pred, n_classes):
    """Give each pair of classes a number and count those."""
    return np.bincount(y_true * n_classes + y_pred, minlength=n_classes**2).reshape(n_classes, n_classes)


def confusion_transposed(y_true, y_pred, n_classes):
    """Put the predicted class into the rows."""
    return confusion_matrix(y_pred, y_true, n_classes)


def confusion_losing_repeats(y_true, y_pred, n_classes):
    """Add 1 by fancy indexing, which counts every pair once."""
    counts = np.zeros((n_classes, n_classes), dtype=int)
    counts[y_true, y_pred] += 1
    return counts


def confusion_of_one_row(y_true, y_pred, n_classes):
    """Repeat one list in the place of making n_classes of them."""
    counts = [[0] * n_classes] * n_classes
    for truth, guess in zip(y_true, y_pred, strict=True):
        counts[truth][guess] += 1
    return np.array(counts)


def confusion_normalised(y_true, y_pred, n_classes):
    """Divide every row by its sum."""
    counts = confusion_matrix(y_true, y_pred, n_classes)
    return counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)


def confusion_of_present_classes(y_true, y_pred, n_classes):
    """Leave out classes that do not occur."""
    present = np.union1d(y_true, y_pred)
    return confusion_matrix(y_true, y_pred, n_classes)[np.ix_(present, present)]


def confusion_of_hits(y_true, y_pred, n_classes):
    """Count right answers only."""
    return np.diag(np.diag(confusion_matrix(y_true, y_pred, n_classes)))


def _labels(rng, n, classes):
    """Draw labels and predictions; some pairs repeat, and mistakes are not symmetric."""
    y_true = rng.choice(classes, size=n)
    y_true[: 2 * len(classes)] = np.repeat(classes, 2)  # every class occurs at least twice
    y_pred = np.where(rng.random(n) < 0.6, y_true, rng.choice(classes, size=n))
    y_true[-4:], y_pred[-4:] = classes[0], classes[1]  # one mistake, made four times
    y_pred[:2], y_pred[2:4] = classes[0], classes[1]
    return y_true, y_pred


CONFUSION = Exercise(
    id="ex01_10",
    chapter="01b",
    title="The confusion matrix",
    skill="count which classes are taken for which",
    reference=confusion_matrix,
    cases=(
        Case(
            "three classes",
            lambda rng: (*_labels(rng, 60, [0, 1, 2]), 3),
            "Entry [i, j] counts the examples of class i that were taken for class j.",
        ),
        Case(
            "classes that do not occur",
            lambda rng: (*_labels(rng, 40, [0, 1, 3]), 5),
            "The matrix is (n_classes, n_classes), with rows and columns of zeros for classes that do not "
            "occur.",
        ),
    ),
    wrong=(
        Wrong(
            confusion_transposed,
            "Rows and columns are swapped: a row is a true class, a column a predicted one.",
        ),
        Wrong(
            confusion_losing_repeats,
            "`counts[y_true, y_pred] += 1` adds 1 only once to each entry, however often a pair comes: use "
            "`np.add.at`, `np.bincount` or a loop.",
        ),
        Wrong(
            confusion_of_one_row,
            "Your rows are one and the same list, since `[row] * n` repeats it: make each row anew, as in "
            "`[[0] * n for _ in range(n)]`, or use `np.zeros`.",
        ),
        Wrong(confusion_normalised, "You return shares: the confusion matrix holds counts."),
        Wrong(
            confusion_of_present_classes,
            "Classes that never occur are missing: the matrix always has n_classes rows and columns.",
        ),
        Wrong(
            confusion_of_hits,
            "Only right answers are counted: the mistakes beside the diagonal are the point.",
        ),
    ),
    alternatives=(confusion_by_loop, confusion_by_bincount),
    hints=(
        "Truths 0, 1, 1 and guesses 0, 1, 0: which entry of the matrix does each example raise? What "
        "should happen if the same pair of truth and guess comes four times?",
        "Each example is a pair that names one entry, row = truth and column = guess, and adds 1 to it, "
        "each time anew. Starting from n_classes by n_classes zeros gives classes that never occur their "
        "row and column, too.",
        "Make integer zeros, n_classes by n_classes.\n"
        "Walk through truths and guesses side by side.\n"
        "For each pair, add 1 to the entry in the truth's row and the guess's column. A loop does it well; "
        "without one, `np.add.at` counts repeated pairs, while `+=` on indices counts each pair once.\n"
        "Return the matrix: counts, not shares.",
    ),
)

EXERCISES = (CONFUSION,)
