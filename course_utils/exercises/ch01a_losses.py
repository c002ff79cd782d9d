"""Chapter 01a: softmax and cross-entropy, at any logits."""

from __future__ import annotations

import math

import numpy as np

from course_utils.grading.exercise import Case, Exercise, Wrong


def softmax(logits):
    """Softmax of every row of logits (B, K); the rows of the result sum to 1."""
    shifted = logits - logits.max(axis=1, keepdims=True)  # changes nothing but keeps exp finite
    exponentials = np.exp(shifted)
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def softmax_by_logarithm(logits):
    """Subtract the logarithm of the sum, then exponentiate once."""
    top = np.max(logits, axis=1)[:, None]
    return np.exp(logits - top - np.log(np.exp(logits - top).sum(axis=1))[:, None])


def softmax_naive(logits):
    """Write the formula as it stands: exp(1000) is infinite."""
    exponentials = np.exp(logits)
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def softmax_of_columns(logits):
    """Normalise the columns."""
    return softmax(logits.T).T


def softmax_global_shift(logits):
    """Subtract the maximum of the whole batch: a row far below it becomes 0 / 0."""
    exponentials = np.exp(logits - logits.max())
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def softmax_of_batch(logits):
    """Let the whole batch, and not every row, sum to 1."""
    exponentials = np.exp(logits - logits.max())
    return exponentials / exponentials.sum()


def softmax_unnormalised(logits):
    """Forget to divide by the sum."""
    return np.exp(logits - logits.max(axis=1, keepdims=True))


def softmax_half_shifted(logits):
    """Shift the exponents above the fraction line, and not those below."""
    return np.exp(logits - logits.max(axis=1, keepdims=True)) / np.exp(logits).sum(axis=1, keepdims=True)


SOFTMAX = Exercise(
    id="ex01_4",
    chapter="01a",
    title="A softmax that survives 1000",
    skill="make a formula stable without changing its value",
    reference=softmax,
    cases=(
        Case(
            "ordinary logits",
            lambda rng: (rng.normal(scale=2.0, size=(4, 5)),),
            "Exponentiate, then divide every row by its own sum: `sum(axis=1, keepdims=True)`.",
        ),
        Case(
            "logits of 1000",
            lambda rng: (1000.0 + rng.normal(size=(3, 4)),),
            "exp(1000) is infinite. Softmax stays the same if you subtract a number from a whole row.",
        ),
        Case(
            "one row near 1000, one near -1000",
            lambda rng: (np.array([[1000.0], [-1000.0]]) + rng.normal(size=(2, 3)),),
            "Each row needs its own shift: what suits one row leaves nothing of another.",
        ),
    ),
    wrong=(
        Wrong(
            softmax_naive,
            "Right for small logits, but exp(1000) is infinite and infinity divided by infinity is nan. "
            "Subtract every row's maximum first: the result is the same, and no exponent is positive.",
        ),
        Wrong(softmax_of_columns, "Your columns sum to 1, the rows should: the classes lie along axis 1."),
        Wrong(
            softmax_global_shift,
            "You subtract the maximum of the whole batch, so a row far below it becomes 0 / 0: use "
            "`logits.max(axis=1, keepdims=True)`.",
        ),
        Wrong(softmax_of_batch, "Your whole batch sums to 1: every row must, so sum along axis 1."),
        Wrong(
            softmax_half_shifted,
            "You lower the exponents of the numerator and not those of the denominator, so the quotient "
            "changes: exponentiate the lowered logits once, and divide these by their sum.",
        ),
        Wrong(softmax_unnormalised, "Your rows do not sum to 1: divide each by its sum."),
    ),
    alternatives=(softmax_by_logarithm,),
    hints=(
        "What is `np.exp(1000.0)`, and what is that divided by itself? And which numbers must sum to 1: "
        "along which axis of a (B, K) array do they lie?",
        "Multiply numerator and denominator by exp(-m), and the quotient stays. So all logits of a row may "
        "be lowered by the same m. Choose m so that no exponent is positive; and since rows may differ by "
        "thousands, each row needs its own.",
        "Find the largest logit of each row, keeping the axis: (B, 1).\n"
        "Subtract it from its row, whose largest entry is now 0.\n"
        "Exponentiate: everything lies between 0 and 1, and each row holds a 1.\n"
        "Sum each row, again keeping the axis.\n"
        "Divide each row by its sum.",
    ),
)


def cross_entropy(logits, labels):
    """Mean over the batch of minus the log-probability of the label; logits (B, K), labels (B,)."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_sums = np.log(np.exp(shifted).sum(axis=1))  # (B,)
    return np.mean(log_sums - shifted[np.arange(len(labels)), labels])


def cross_entropy_by_examples(logits, labels):
    """Add up one example after the other."""
    total = 0.0
    for row, label in zip(logits, labels, strict=True):
        top = max(row)
        total += top + math.log(sum(math.exp(value - top) for value in row)) - row[label]
    return total / len(labels)


def cross_entropy_sum(logits, labels):
    """Sum over the batch."""
    return cross_entropy(logits, labels) * len(labels)


def cross_entropy_clipped(logits, labels):
    """Take the logarithm of the softmax, saved from log 0 by a small number."""
    p = softmax(logits)[np.arange(len(labels)), labels]
    return -np.mean(np.log(p + 1e-12))


def cross_entropy_of_zero(logits, labels):
    """Take the logarithm of the softmax: infinite where it underflows."""
    return -np.mean(np.log(softmax(logits)[np.arange(len(labels)), labels]))


def cross_entropy_over_classes(logits, labels):
    """Average over examples and classes."""
    return cross_entropy(logits, labels) / logits.shape[1]


def cross_entropy_of_winner(logits, labels):
    """Score the class predicted, not the label."""
    return cross_entropy(logits, logits.argmax(axis=1))


def cross_entropy_in_bits(logits, labels):
    """Use the logarithm to base 2."""
    return cross_entropy(logits, labels) / np.log(2.0)


def cross_entropy_negative(logits, labels):
    """Forget the minus."""
    return -cross_entropy(logits, labels)


def cross_entropy_per_example(logits, labels):
    """Forget the mean."""
    return np.array([cross_entropy(logits[i : i + 1], labels[i : i + 1]) for i in range(len(labels))])


def cross_entropy_of_whole_rows(logits, labels):
    """Take the rows numbered by the labels, with all their entries."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -np.mean(log_p[labels])


def cross_entropy_half_shifted(logits, labels):
    """Lower the logits by their maximum in the sum, and not the label's own."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    return np.mean(np.log(np.exp(shifted).sum(axis=1)) - logits[np.arange(len(labels)), labels])


def cross_entropy_of_whole_columns(logits, labels):
    """Take the columns numbered by the labels, with all their entries."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    return np.mean(np.log(np.exp(shifted).sum(axis=1))) - np.mean(shifted[:, labels])


def _logits_and_labels(rng, scale, size):
    """Draw logits and labels; no label is the class that wins, so the loss is never near 0."""
    logits = rng.normal(scale=scale, size=size)
    return logits, (logits.argmax(axis=1) + rng.integers(1, size[1], size=size[0])) % size[1]


def _confidently_wrong(rng):
    logits = rng.normal(size=(3, 4))
    logits[np.arange(3), [0, 1, 3]] += 1000.0
    return logits, np.array([2, 1, 0])


CROSS_ENTROPY = Exercise(
    id="ex01_5",
    chapter="01a",
    title="Cross-entropy",
    skill="compute a loss from logits without a detour that loses digits",
    reference=cross_entropy,
    cases=(
        Case(
            "a batch of 6",
            lambda rng: _logits_and_labels(rng, 1.5, (6, 4)),
            "For each row take minus the log-probability of its label, then the mean over the batch.",
        ),
        Case(
            "a batch of 1",
            lambda rng: _logits_and_labels(rng, 1.5, (1, 3)),
            "With one example the mean is its own loss: log of the row's sum of exponentials, minus the "
            "label's logit.",
        ),
        Case(
            "confidently wrong by 1000",
            _confidently_wrong,
            "The loss must be near 1000 for each row that is wrong: keep logarithms, and never go through a "
            "probability that underflows to 0.",
        ),
    ),
    wrong=(
        Wrong(cross_entropy_sum, "You return the sum, N times too large: take the mean."),
        Wrong(cross_entropy_per_example, "You return one loss per example: add `.mean()`."),
        Wrong(
            cross_entropy_of_whole_rows,
            "`p[labels]` picks whole rows; `p[np.arange(len(labels)), labels]` picks one entry of each row.",
        ),
        Wrong(
            cross_entropy_of_whole_columns,
            "`z[:, labels]` picks whole columns; `z[np.arange(len(labels)), labels]` picks one entry of each "
            "row.",
        ),
        Wrong(
            cross_entropy_half_shifted,
            "The maximum is taken off inside the sum of exponentials and not off the label's logit: it must "
            "go from both, or the loss changes.",
        ),
        Wrong(
            cross_entropy_clipped,
            "A small number inside the logarithm caps the loss near 27.6, so the worst mistakes look alike. "
            "Stay with logarithms: log of the sum of exponentials, minus the label's logit.",
        ),
        Wrong(
            cross_entropy_of_zero,
            "The probability underflows to 0 and its logarithm is infinite, though the loss is only about "
            "1000. Never form the probability: subtract the row's maximum, then log(sum(exp)) - logit.",
        ),
        Wrong(
            cross_entropy_over_classes,
            "You average over the classes, too: only one entry of each row counts.",
        ),
        Wrong(
            cross_entropy_of_winner,
            "You score the class with the largest logit: take the entry of the label.",
        ),
        Wrong(cross_entropy_in_bits, "That is in bits: use the natural logarithm, `np.log`."),
        Wrong(
            cross_entropy_negative, "A sign: the loss is minus the log-probability, so it is never negative."
        ),
    ),
    alternatives=(cross_entropy_by_examples,),
    hints=(
        "For logits `[[1000, 0]]` and label 1, which probability does softmax give the label, and what is "
        "its logarithm? The loss is 1000: which form of the formula gets there without that probability?",
        "For a row, -ln p_t = -z_t + ln(sum of exp(z_j)). Lower all of its logits by their maximum m "
        "first: the two terms change by m in opposite ways, so the loss stays, and nothing overflows. Then "
        "comes the mean over the examples.",
        "Subtract from each row its maximum (keep the axis).\n"
        "Exponentiate, sum over the classes, and take the natural logarithm: one number for each row, "
        "(B,).\n"
        "From each row of the shifted logits pick the entry of its label: index with two arrays of length "
        "B, the row numbers and the labels.\n"
        "Subtract these entries from the logarithms of step 2.\n"
        "Return the mean.",
    ),
)

EXERCISES = (SOFTMAX, CROSS_ENTROPY)
