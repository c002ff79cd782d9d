"""Chapter 04b: the running statistics that batch norm uses in evaluation."""

from __future__ import annotations

import numpy as np

from course_utils.grading.exercise import Case, Exercise, Wrong
from course_utils.grading.steps import construct, fetch, method


class RunningStatistics:
    """Mean and variance of each feature (C,) that batch norm remembers for evaluation."""

    def __init__(self, n_features, momentum):
        self.momentum = momentum
        self.mean, self.var = np.zeros(n_features), np.ones(n_features)

    def update(self, x):
        """Take in a batch (B, C)."""
        self.mean = (1.0 - self.momentum) * self.mean + self.momentum * x.mean(axis=0)
        self.var = (1.0 - self.momentum) * self.var + self.momentum * x.var(axis=0, ddof=1)


class StatisticsByDifferences:
    """Go the share `momentum` of the way from the old value to the batch's."""

    def __init__(self, n_features, momentum):
        self.share, self.mean, self.var = momentum, [0.0] * n_features, [1.0] * n_features

    def update(self, x):
        """Move each feature in place."""
        for c, column in enumerate(np.transpose(x)):
            middle = sum(column) / len(column)
            self.mean[c] += self.share * (middle - self.mean[c])
            spread = sum((value - middle) ** 2 for value in column) / (len(column) - 1)
            self.var[c] += self.share * (spread - self.var[c])


class BiasedStatistics(RunningStatistics):
    """Divide the variance by B."""

    def update(self, x):
        """Take the biased variance."""
        old = self.var
        super().update(x)
        self.var = (1.0 - self.momentum) * old + self.momentum * x.var(axis=0)


class SluggishStatistics(RunningStatistics):
    """Keep the share `momentum` of the old, as optimizers do."""

    def __init__(self, n_features, momentum):
        super().__init__(n_features, 1.0 - momentum)


class StatisticsOfLastBatch(RunningStatistics):
    """Remember nothing but the last batch."""

    def update(self, x):
        """Forget the old."""
        self.mean, self.var = x.mean(axis=0), x.var(axis=0, ddof=1)


class StatisticsOfAllBatches(RunningStatistics):
    """Average over all batches so far, with equal weights."""

    def __init__(self, n_features, momentum):
        super().__init__(n_features, momentum)
        self.n_batches = 0

    def update(self, x):
        """Give the newest of n batches the weight 1 / n."""
        self.n_batches += 1
        self.momentum = 1.0 / self.n_batches
        super().update(x)


class StatisticsFromFirstBatch(RunningStatistics):
    """Start from the first batch, not from 0 and 1."""

    started = False

    def update(self, x):
        """Take the first batch as it is."""
        kept = self.momentum
        self.momentum = kept if self.started else 1.0
        super().update(x)
        self.momentum, self.started = kept, True


class StatisticsFromZero(RunningStatistics):
    """Start the variance at 0, too."""

    def __init__(self, n_features, momentum):
        super().__init__(n_features, momentum)
        self.var = np.zeros(n_features)


class StatisticsAsNumbers(RunningStatistics):
    """Start from two numbers, and let the first batch make arrays of them."""

    def __init__(self, n_features, momentum):
        super().__init__(n_features, momentum)
        self.mean, self.var = np.zeros(()), np.ones(())


class DeviationStatistics(RunningStatistics):
    """Average standard deviations."""

    def update(self, x):
        """Take the root of the batch's variance."""
        old = self.var
        super().update(x)
        self.var = (1.0 - self.momentum) * old + self.momentum * x.std(axis=0, ddof=1)


class StatisticsAroundRunningMean(RunningStatistics):
    """Measure deviations from the running mean, not from the batch's own."""

    def update(self, x):
        """Update the mean first."""
        old = self.var
        super().update(x)
        spread = np.sum((x - self.mean) ** 2, axis=0) / (len(x) - 1)
        self.var = (1.0 - self.momentum) * old + self.momentum * spread


class GrowingStatistics(RunningStatistics):
    """Add the batch's share without letting the old one fade."""

    def update(self, x):
        """Add."""
        self.mean = self.mean + self.momentum * x.mean(axis=0)
        self.var = self.var + self.momentum * x.var(axis=0, ddof=1)


class StatisticsOfEverything(RunningStatistics):
    """Take one mean and one variance over all features."""

    def update(self, x):
        """Forget the axis."""
        self.mean = (1.0 - self.momentum) * self.mean + self.momentum * x.mean()
        self.var = (1.0 - self.momentum) * self.var + self.momentum * x.var(ddof=1)


def _draw(rng, n_examples, n_features=3):
    spread = rng.uniform(1.5, 3.0, size=n_features)
    return rng.uniform(2.0, 4.0, size=n_features) + spread * rng.normal(size=(n_examples, n_features))


def _updates(rng, momentum, sizes):
    steps = [construct(3, momentum), fetch("mean"), fetch("var")]
    for n_examples in sizes:
        steps += [method("update", _draw(rng, n_examples)), fetch("mean"), fetch("var")]
    return steps


def _two_layers(rng):
    steps = [construct(3, 0.1, object=0), construct(3, 0.3, object=1)]
    steps += [method("update", _draw(rng, 5), object=n) for n in (0, 1, 0)]
    return [*steps, *(fetch(name, object=n) for n in (0, 1) for name in ("mean", "var"))]


RUNNING = Exercise(
    id="ex04_7",
    chapter="04b",
    title="Running statistics",
    skill="keep the statistics that a normalised network needs when it is used",
    reference=RunningStatistics,
    cases=(
        Case(
            "one batch",
            lambda rng: _updates(rng, 0.1, (8,)),
            "At the start mean is 0 and var is 1. An update keeps 1 - momentum of the old and takes momentum "
            "of the batch's mean and of its unbiased variance.",
        ),
        Case(
            "five batches of several sizes",
            lambda rng: _updates(rng, 0.25, (8, 3, 5, 2, 8)),
            "Every update starts from what the last one left, whatever the batch's size; a new object starts "
            "from 0 and 1, set in `__init__`.",
            points=2,
        ),
        Case(
            "two layers at once",
            _two_layers,
            "Each object keeps statistics and a momentum of its own: store them on `self`.",
        ),
    ),
    wrong=(
        Wrong(
            BiasedStatistics,
            "Your variance divides by B. What batch norm remembers is an estimate for all data, so it "
            "divides by B - 1: `ddof=1`.",
        ),
        Wrong(
            SluggishStatistics,
            "Your momentum works the other way round: here it is the share of the new batch, and 1 - "
            "momentum that of the old. (In SGD it is the share of the old.)",
        ),
        Wrong(
            StatisticsOfLastBatch,
            "You remember the last batch alone: keep 1 - momentum of what was there before.",
        ),
        Wrong(
            StatisticsOfAllBatches,
            "You average all batches with equal weights. With momentum the old ones fade, so that the "
            "statistics can follow a network that changes.",
        ),
        Wrong(
            StatisticsFromFirstBatch,
            "Your first batch counts in full. The rule holds from the first update on, starting from mean 0 "
            "and variance 1.",
        ),
        Wrong(StatisticsFromZero, "The variance starts at 1, not at 0."),
        Wrong(
            StatisticsAsNumbers,
            "Your start is a single number: make one for each feature, with `np.zeros(n_features)` and "
            "`np.ones(n_features)`.",
        ),
        Wrong(DeviationStatistics, "You average standard deviations: `var` holds variances."),
        Wrong(
            StatisticsAroundRunningMean,
            "You measure the batch's variance around the running mean. A batch's variance is around its own "
            "mean.",
        ),
        Wrong(GrowingStatistics, "The old value must fade: multiply it by 1 - momentum before you add."),
        Wrong(StatisticsOfEverything, "Every feature has its own mean and variance: use `axis=0`."),
    ),
    alternatives=(StatisticsByDifferences,),
    hints=(
        "After the example's batch the mean is 0.2 and the variance 1.1. Which share of them comes from the "
        "start, and which from the batch 1, 3? What would another such batch give?",
        "The object has two arrays and one number to remember between calls, so they live on `self`. Each "
        "update mixes old and new: the share momentum comes from the batch, the rest from what was there. "
        "The batch's variance stands for data not seen yet, hence B - 1.",
        "When the object is made: store the momentum, zeros for the mean and ones for the variance, each of "
        "length n_features.\n"
        "In an update: the mean of each column of the batch.\n"
        "The variance of each column, divided by B - 1 (`ddof`).\n"
        "The new mean: 1 - momentum times the old, plus momentum times that of the batch.\n"
        "The variance by the same rule. An update returns nothing.",
    ),
)

EXERCISES = (RUNNING,)
