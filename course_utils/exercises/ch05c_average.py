"""Chapter 05c: an exponential moving average of the weights."""

from __future__ import annotations

import copy

import numpy as np

from course_utils.grading.exercise import Case, Exercise, Wrong
from course_utils.grading.steps import construct, fetch, lend


class WeightAverage:
    """Exponential moving average of a list of weight arrays; the first weights are copied."""

    def __init__(self, decay):
        self.decay = decay
        self.average = None

    def update(self, weights):
        """Take in the weights (a list of arrays) after a step."""
        if self.average is None:
            self.average = [np.array(weight) for weight in weights]
            return
        pairs = zip(self.average, weights, strict=True)
        self.average = [self.decay * old + (1.0 - self.decay) * new for old, new in pairs]


class AverageInPlace:
    """Go the share 1 - decay of the way from the average to the weights, in arrays of one's own."""

    def __init__(self, decay):
        self.share, self.average = 1 - decay, []

    def update(self, weights):
        """Copy first, then move."""
        if not self.average:
            self.average = [weight.copy() for weight in weights]
        for mean, weight in zip(self.average, weights, strict=True):
            mean += self.share * (weight - mean)


class AverageByDeepCopy:
    """Keep all that counts in one list, copied with all its arrays."""

    def __init__(self, decay):
        self.shares, self.average = (decay, 1 - decay), None

    def update(self, weights):
        """Copy the list deeply, then mix in the copy."""
        mixed = copy.deepcopy(weights)
        for i, old in enumerate(self.average or []):
            mixed[i] = self.shares[0] * old + self.shares[1] * mixed[i]
        self.average = mixed


class AverageFromZeros(WeightAverage):
    """Start from zeros, and leave it at that."""

    def update(self, weights):
        """Mix, even at the first update."""
        if self.average is None:
            self.average = [np.zeros_like(weight) for weight in weights]
        super().update(weights)


class AverageCorrected(WeightAverage):
    """Start from zeros and divide by 1 - decay**t, as Adam does."""

    def __init__(self, decay):
        super().__init__(decay)
        self.raw, self.n_updates = AverageFromZeros(decay), 0

    def update(self, weights):
        """Keep a raw average, and show the corrected one."""
        self.raw.update(weights)
        self.n_updates += 1
        self.average = [array / (1.0 - self.decay**self.n_updates) for array in self.raw.average or []]


class AverageSwapped(WeightAverage):
    """Take the share `decay` of the new weights."""

    def __init__(self, decay):
        super().__init__(1.0 - decay)


class AverageOfAll(WeightAverage):
    """Give all weights so far the same share."""

    def __init__(self, decay):
        super().__init__(decay)
        self.n_updates = 0

    def update(self, weights):
        """Let the newest of n count 1 / n."""
        self.n_updates += 1
        self.decay = 1.0 - 1.0 / self.n_updates
        super().update(weights)


class AverageOfTheLast(WeightAverage):
    """Remember nothing but the last weights."""

    def update(self, weights):
        """Forget the old."""
        self.average = [weight.copy() for weight in weights]


class AverageUndamped(WeightAverage):
    """Add the whole new weights, as a velocity does."""

    def update(self, weights):
        """Let the sum of all shares grow."""
        if self.average is None:
            super().update(weights)
        else:
            pairs = zip(self.average, weights, strict=True)
            self.average = [self.decay * old + new for old, new in pairs]


class AverageWarmedUp(WeightAverage):
    """Keep less of the early averages, as TensorFlow's does."""

    def __init__(self, decay):
        super().__init__(decay)
        self.most, self.n_updates = decay, 0

    def update(self, weights):
        """Let the decay grow with the number of updates."""
        self.decay = min(self.most, self.n_updates / (9 + self.n_updates))
        self.n_updates += 1
        super().update(weights)


class AverageLate(WeightAverage):
    """Lag behind by one update: the newest weights wait for the next."""

    def __init__(self, decay):
        super().__init__(decay)
        self.waiting = None

    def update(self, weights):
        """Take in what was given last time."""
        super().update(weights if self.waiting is None else self.waiting)
        self.waiting = [weight.copy() for weight in weights]


class AverageReturned(WeightAverage):
    """Hand the average to the caller, too."""

    def update(self, weights):
        """Return what is to be fetched."""
        super().update(weights)
        return self.average


class AverageWithoutCopy(WeightAverage):
    """Keep the first weights themselves, in which training goes on."""

    def update(self, weights):
        """Store the list as it is."""
        if self.average is None:
            self.average = weights
        else:
            super().update(weights)


class AverageForgotten(WeightAverage):
    """Keep the average in a variable of the method, which ends with it."""

    def update(self, weights):
        """Compute it for nobody."""
        average = self.average
        if average is None:
            average = [weight.copy() for weight in weights]
        else:
            average = [
                self.decay * old + (1.0 - self.decay) * new for old, new in zip(average, weights, strict=True)
            ]


class AverageOfLists(WeightAverage):
    """Multiply lists by numbers."""

    def update(self, weights):
        """Treat the list as if it were an array."""
        if self.average is None:
            self.average = [weight.copy() for weight in weights]
        else:
            self.average = self.decay * self.average + (1.0 - self.decay) * weights


def _weights(rng):
    return [rng.normal(size=(2, 3)), rng.normal(size=4)]


def _updates(rng, decay, n_updates):
    steps = [construct(decay)]
    for _ in range(n_updates):
        steps += [lend("update", _weights(rng)), fetch("average")]
    return steps


def _two_at_once(rng):
    steps = [construct(0.5, object=0), construct(0.9, object=1)]
    steps += [lend("update", _weights(rng), object=n) for n in (0, 1, 1, 0, 1)]
    return [*steps, fetch("average", object=0), fetch("average", object=1)]


AVERAGE = Exercise(
    id="ex05_8",
    chapter="05c",
    title="An average along the way",
    skill="average the weights of a run while it runs",
    reference=WeightAverage,
    cases=(
        Case(
            "the first weights",
            lambda rng: _updates(rng, 0.9, 1),
            "After one update `average` is a list of arrays equal to the weights given, and `update` returns "
            "nothing.",
        ),
        Case(
            "six updates",
            lambda rng: _updates(rng, 0.8, 6),
            "From the second update on, each array keeps the share decay of the average and takes 1 - decay "
            "of the new weights.",
            points=2,
        ),
        Case(
            "two averages of different decay",
            _two_at_once,
            "Each object has a decay and an average of its own: store them on `self`.",
        ),
    ),
    wrong=(
        Wrong(
            AverageFromZeros,
            "Your average starts from zeros, and so is too short for long: with decay 0.99 the first hundred "
            "updates are pulled towards 0. Copy the first weights.",
        ),
        Wrong(
            AverageCorrected,
            "You start from zeros and correct for it, as Adam does: a fine rule, but another one. Here, as "
            "in PyTorch, the first weights are copied, and so count more.",
        ),
        Wrong(
            AverageSwapped,
            "Your decay works the other way round: it is the share of the old average that is kept.",
        ),
        Wrong(
            AverageOfAll,
            "You give all weights the same share, which is stochastic weight averaging. Here old ones fade "
            "by decay with each update.",
        ),
        Wrong(
            AverageOfTheLast,
            "You remember the last weights alone: keep the share decay of the average.",
        ),
        Wrong(
            AverageUndamped,
            "You add the new weights in full, as a velocity adds gradients. The shares of an average add up "
            "to 1: take 1 - decay of the new.",
        ),
        Wrong(
            AverageWarmedUp,
            "Your decay starts small and grows, a warm-up that some libraries have. Here it is the same from "
            "the second update on.",
        ),
        Wrong(
            AverageLate,
            "Your average is one update behind: the weights given must be in it when `update` returns.",
        ),
        Wrong(
            AverageReturned,
            "Your `update` returns something; it is to return nothing. Whoever wants the average fetches the "
            "attribute `average`, so leave the `return` out.",
        ),
        Wrong(
            AverageWithoutCopy,
            "Your average holds the very arrays that it was given first. Training goes on in them and takes "
            "the average along: copy each array (`.copy()`), not the list alone.",
        ),
        Wrong(
            AverageForgotten,
            "`average` stays None: a variable of a method ends with the call. What the object is to remember "
            "has to be stored on it: `self.average = ...`.",
        ),
        Wrong(
            AverageOfLists,
            "`weights` is a list, and a list cannot be scaled: mix array by array, walking through the "
            "average and the weights side by side (`zip`).",
        ),
    ),
    alternatives=(AverageInPlace, AverageByDeepCopy),
    hints=(
        "In the statement's example, the weights 4, 8 and 0 with decay 0.5 give 4, then 6, then 3. How would "
        "you get 3 from 6 and 0, and what is different at the first update?",
        "The object remembers a number and a list of arrays. The first update has nothing to mix with, so it "
        "copies. Each later one makes a new average from the old and the new weights, with shares that add "
        "up to 1.",
        "When the object is made: store the decay, and None for the average.\n"
        "In an update, if there is no average yet: a list of copies of the arrays, and done.\n"
        "Otherwise walk through average and weights side by side.\n"
        "Mix each pair: decay of the old, the rest of the new.\n"
        "The list of these is the new average. An update returns nothing.",
    ),
)

EXERCISES = (AVERAGE,)
