"""Chapter 01b: measuring a gradient by differences, and a classifier by its confusion matrix."""

from __future__ import annotations

import numpy as np

from course_utils.grading.exercise import Case, Exercise, Wrong


def numerical_gradient(f, x, eps):
    """Central differences: (f(x + eps) - f(x - eps)) / (2 eps), one entry of x at a time."""
    gradient = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[index] = eps
        gradient[index] = (f(x + step) - f(x - step)) / (2 * eps)
    return gradient


def gradient_by_columns(f, x, eps):
    """Take the steps as the rows of a scaled identity matrix."""
    steps = eps * np.eye(x.size)
    return np.array(
        [(f(x + s.reshape(x.shape)) - f(x - s.reshape(x.shape))) / (2 * eps) for s in steps]
    ).reshape(x.shape)


def gradient_in_place(f, x, eps):
    """Change one entry of a copy and put it back."""
    x, gradient = x.copy(), np.empty(x.shape)
    for index, kept in np.ndenumerate(x.copy()):
        x[index] = kept + eps
        above = f(x)
        x[index] = kept - eps
        gradient[index] = (above - f(x)) / (2 * eps)
        x[index] = kept
    return gradient


def gradient_forward(f, x, eps):
    """Use forward differences."""
    gradient = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[index] = eps
        gradient[index] = (f(x + step) - f(x)) / eps
    return gradient


def gradient_doubled(f, x, eps):
    """Divide by eps instead of 2 eps."""
    return 2 * numerical_gradient(f, x, eps)


def gradient_all_at_once(f, x, eps):
    """Move all entries together."""
    return np.full(x.shape, (f(x + eps) - f(x - eps)) / (2 * eps))


def gradient_leaving_traces(f, x, eps):
    """Change x in place and do not put it back."""
    gradient = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        x[index] += eps
        above = f(x)
        x[index] -= 2 * eps
        gradient[index] = (above - f(x)) / (2 * eps)
    return gradient


def gradient_flat(f, x, eps):
    """Return the entries in a row."""
    return numerical_gradient(f, x, eps).ravel()


def _cubic(rng):
    """Make a function whose forward difference is off by far more than its central one."""
    a = rng.uniform(1.0, 2.0, size=5)
    return lambda x: float(np.sum(a * x**3) + np.prod(x[:2])), rng.uniform(0.5, 1.5, size=5), 1e-3


def _waves(rng):
    a = rng.uniform(0.5, 1.5, size=(2, 3))
    return lambda x: float(np.sum(np.exp(a * x)) + np.sum(x) ** 2), rng.uniform(0.5, 1.0, size=(2, 3)), 1e-4


NUMERICAL = Exercise(
    id="ex01_9",
    chapter="01b",
    title="A gradient by differences",
    skill="measure a gradient, to check one that was derived",
    reference=numerical_gradient,
    cases=(
        Case(
            "a function of five numbers",
            _cubic,
            "For each entry of x: step up by eps, step down by eps, and divide the difference of f by 2 * "
            "eps.",
            budget=100,
        ),
        Case(
            "a function of a matrix",
            _waves,
            "x may have any shape, and the gradient has the same: `np.ndindex(x.shape)` runs over all "
            "entries.",
            budget=100,
        ),
    ),
    wrong=(
        Wrong(
            gradient_forward,
            "That is a forward difference, whose error shrinks only like eps. Step to both sides: (f(x + "
            "eps) - f(x - eps)) / (2 * eps).",
        ),
        Wrong(gradient_doubled, "Twice too large: from x - eps to x + eps is a distance of 2 * eps."),
        Wrong(
            gradient_all_at_once,
            "You move all entries of x together: move one at a time and hold the others.",
        ),
        Wrong(
            gradient_leaving_traces,
            "Your steps stay in x, so later entries are measured at another point: put each entry back, or "
            "step on a copy.",
        ),
        Wrong(gradient_flat, "The values are right but lie in a row: give the gradient the shape of x."),
    ),
    alternatives=(gradient_by_columns, gradient_in_place),
)


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
)

EXERCISES = (NUMERICAL, CONFUSION)
