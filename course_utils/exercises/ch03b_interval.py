"""Chapter 03b: an interval for the difference of two methods that share their seeds."""

from __future__ import annotations

import numpy as np

from course_utils.grading.exercise import Case, Exercise, Wrong


def paired_interval(a, b, t):
    """Mean of a - b, and the low and the high end of its interval; a and b (n,) share their seeds."""
    differences = a - b
    mean = differences.mean()
    half = t * differences.std(ddof=1) / np.sqrt(len(differences))
    return mean, mean - half, mean + half


def interval_by_sums(a, b, t):
    """Write the standard deviation out."""
    d, n = np.asarray(a) - np.asarray(b), len(a)
    mean = sum(d) / n
    error = (sum((d - mean) ** 2) / (n - 1) / n) ** 0.5
    return mean, mean - t * error, mean + t * error


def interval_by_other_denominators(a, b, t):
    """Divide by n in the variance and by n - 1 under the root, which comes to the same."""
    d = np.subtract(a, b)
    ends = np.mean(d) + t * np.std(d) / np.sqrt(d.size - 1) * np.array([-1.0, 1.0])
    return np.mean(d), *ends


def interval_biased(a, b, t):
    """Divide by n in the variance, NumPy's default."""
    d = a - b
    half = t * d.std() / np.sqrt(len(d))
    return d.mean(), d.mean() - half, d.mean() + half


def interval_unpaired(a, b, t):
    """Treat the two as independent: what the seeds do to both stays in."""
    d = a - b
    half = t * np.sqrt((a.var(ddof=1) + b.var(ddof=1)) / len(d))
    return d.mean(), d.mean() - half, d.mean() + half


def interval_unpaired_and_biased(a, b, t):
    """Treat the two as independent, and divide by n in their variances."""
    d = a - b
    half = t * np.sqrt((a.var() + b.var()) / len(d))
    return d.mean(), d.mean() - half, d.mean() + half


def interval_of_one_run(a, b, t):
    """Forget that a mean scatters less than one run."""
    d = a - b
    half = t * d.std(ddof=1)
    return d.mean(), d.mean() - half, d.mean() + half


def interval_over_n(a, b, t):
    """Divide by n, not by its root."""
    d = a - b
    half = t * d.std(ddof=1) / len(d)
    return d.mean(), d.mean() - half, d.mean() + half


def interval_corrected_twice(a, b, t):
    """Take n - 1 in both places."""
    d = a - b
    half = t * d.std(ddof=1) / np.sqrt(len(d) - 1)
    return d.mean(), d.mean() - half, d.mean() + half


def interval_without_t(a, b, t):
    """Go one standard error to each side."""
    return paired_interval(a, b, 1.0)


def interval_of_many(a, b, t):
    """Take 1.96, as if the scatter were known or n large."""
    return paired_interval(a, b, 1.96)


def interval_half_as_wide(a, b, t):
    """Take the half width for the width."""
    return paired_interval(a, b, t / 2)


def interval_turned(a, b, t):
    """Subtract the other way round."""
    return paired_interval(b, a, t)


def interval_of_sizes(a, b, t):
    """Drop the signs of the differences."""
    return paired_interval(np.abs(a - b), np.zeros(len(a)), t)


def interval_width(a, b, t):
    """Return the half width in the place of the ends."""
    mean, low, _ = paired_interval(a, b, t)
    return mean, mean - low, mean - low


def _scores(rng, n, t, gain):
    """Draw accuracies in percent: a seed that is hard for one method is hard for the other."""
    common = rng.normal(scale=3.0, size=n)
    b = 90.0 + common + rng.normal(scale=0.4, size=n)
    a = 90.0 + common + rng.normal(scale=0.4, size=n) + gain
    a[0], b[0] = min(a[0], b[0]), max(a[0], b[0])  # the methods take turns in being ahead
    a[1], b[1] = max(a[1], b[1]), min(a[1], b[1])
    return a, b, t


def _steady(rng):
    b = 90.0 + rng.normal(scale=2.0, size=6)
    return b + 1.5, b, 2.571


INTERVAL = Exercise(
    id="ex03_8",
    chapter="03b",
    title="A paired interval",
    skill="say how far five seeds can tell two methods apart",
    reference=paired_interval,
    cases=(
        Case(
            "five seeds",
            lambda rng: _scores(rng, 5, 2.776, 0.4),
            "Work on the five differences a - b alone: their mean, and to each side t times their standard "
            "deviation (n - 1) over the square root of n.",
        ),
        Case(
            "twelve seeds, the other method ahead",
            lambda rng: _scores(rng, 12, 2.201, -0.5),
            "The difference is a - b, so it is negative where b leads; with n = 12 the interval is narrower.",
        ),
        Case(
            "the same gain with every seed",
            _steady,
            "The scores scatter and their differences do not: the interval has no width, low and high are "
            "the mean.",
        ),
    ),
    wrong=(
        Wrong(
            interval_biased,
            "Your standard deviation divides by n, NumPy's default, and is too small for a sample: "
            "`ddof=1` divides by n - 1.",
        ),
        Wrong(
            interval_unpaired,
            "You add the scatter of a and that of b, as if the seeds were different ones. They are shared: "
            "take differences seed by seed, and what a seed does to both methods cancels.",
        ),
        Wrong(
            interval_unpaired_and_biased,
            "You add the variances of a and b, as if their seeds were different ones: take differences seed "
            "by seed. And NumPy divides by n unless you say `ddof=1`.",
        ),
        Wrong(
            interval_of_one_run,
            "That is how far single differences scatter. Their mean scatters less: divide by the square root "
            "of n.",
        ),
        Wrong(
            interval_over_n,
            "You divide by n: variances of means shrink like 1/n, standard deviations like 1 over the square "
            "root of n.",
        ),
        Wrong(
            interval_corrected_twice,
            "You take n - 1 twice. It belongs in the standard deviation; under the root stands n, the number "
            "of differences.",
        ),
        Wrong(
            interval_without_t,
            "t is missing: one standard error to each side covers the truth far less often than 95 %.",
        ),
        Wrong(
            interval_of_many,
            "1.96 would do if the scatter were known. Estimated from a few seeds it may be too small, which "
            "the larger `t` makes up for.",
        ),
        Wrong(
            interval_half_as_wide,
            "Half as wide as it should be: t standard errors go to each side of the mean.",
        ),
        Wrong(interval_turned, "A sign: the difference is a - b, positive where a is ahead."),
        Wrong(
            interval_of_sizes,
            "You drop the signs of the differences: a seed on which b wins must pull the mean down.",
        ),
        Wrong(
            interval_width,
            "You return how far the ends lie from the mean. Asked for are the ends: mean minus that, and "
            "mean plus that.",
        ),
    ),
    alternatives=(interval_by_sums, interval_by_other_denominators),
    returns=("mean", "low", "high"),
    hints=(
        "A hard seed costs both methods three points. Does that change their difference? So should it widen "
        "the interval? And which scatters more, one difference or the mean of five?",
        "Pairing turns two samples into one: the differences, seed by seed. The scatter of their mean is "
        "that of one difference over the square root of their number. Since it is estimated from few values, "
        "divide by n - 1 in it, and go t of them to each side.",
        "Subtract, seed by seed: a minus b, signs kept.\n"
        "Their mean is the first result.\n"
        "Their standard deviation, with n - 1 in its denominator (`ddof`).\n"
        "Divide that by the square root of n, and multiply by `t`: the half width.\n"
        "Return the mean, then the mean minus the half width, then the mean plus it.",
    ),
)

EXERCISES = (INTERVAL,)
