"""Chapter 06a: stopping early, and going back to the best weights."""

from __future__ import annotations

import functools
import math

import numpy as np

from course_utils.exercises.ch06a_epochs import one_minimum, small_gains, two_minima, with_nan
from course_utils.grading.exercise import Case, Exercise, Wrong


class EarlyStopping:
    """Watch a validation loss: say when to stop, and keep the best weights."""

    def __init__(self, n_weights, patience, min_delta):
        self.weights = np.zeros(n_weights)
        self.patience, self.min_delta = patience, min_delta
        self.best_loss, self.best_weights, self.best_epoch = math.inf, None, 0
        self.epoch = 0

    def step(self, change):
        """Move the weights in place."""
        self.weights += change

    def update(self, val_loss):
        """Take in an epoch's loss; return whether to stop."""
        self.epoch += 1
        if val_loss < self.best_loss - self.min_delta:
            self.best_loss, self.best_epoch = val_loss, self.epoch
            self.best_weights = self.weights.copy()
        return self.epoch - self.best_epoch >= self.patience


class StoppingByCounter:
    """Count the epochs that brought nothing, and never write into an array."""

    def __init__(self, n_weights, patience, min_delta):
        self.options = patience, min_delta
        self.weights, self.best_weights = [0.0] * n_weights, None
        self.best_loss, self.best_epoch, self.epoch, self.waited = float("inf"), 0, 0, 0

    def step(self, change):
        """Build a new list."""
        self.weights = [w + c for w, c in zip(self.weights, change, strict=True)]

    def update(self, val_loss):
        """Start to count anew at each improvement."""
        self.epoch, self.waited = self.epoch + 1, self.waited + 1
        if self.best_loss - val_loss > self.options[1]:
            self.best_loss, self.best_epoch, self.waited = val_loss, self.epoch, 0
            self.best_weights = np.array(self.weights)
        return self.waited >= self.options[0]


class StoppingByRule(EarlyStopping):
    """Leave it to a method of its own whether a loss is an improvement."""

    def improves(self, val_loss):
        """Compare as asked."""
        return val_loss < self.best_loss - self.min_delta

    def update(self, val_loss):
        """Take in an epoch's loss; return whether to stop."""
        self.epoch += 1
        if self.improves(val_loss):
            self.best_loss, self.best_epoch = val_loss, self.epoch
            self.best_weights = self.weights.copy()
        return self.epoch - self.best_epoch >= self.patience


class StoppingWithoutCopy(EarlyStopping):
    """Remember the weights themselves, which go on moving."""

    def update(self, val_loss):
        """Store the array."""
        stop = super().update(val_loss)
        if self.best_epoch == self.epoch:
            self.best_weights = self.weights
        return stop


class StoppingWithLastWeights(EarlyStopping):
    """Keep the newest weights."""

    def update(self, val_loss):
        """Copy in every epoch."""
        stop = super().update(val_loss)
        self.best_weights = self.weights.copy()
        return stop


class StoppingTooLate(EarlyStopping):
    """Wait for one epoch more than patience."""

    def update(self, val_loss):
        """Ask for more than patience."""
        super().update(val_loss)
        return self.epoch - self.best_epoch > self.patience


class StoppingTooSoon(EarlyStopping):
    """Count the best epoch itself among those that brought nothing."""

    def update(self, val_loss):
        """Wait for one epoch less."""
        super().update(val_loss)
        return self.epoch - self.best_epoch >= self.patience - 1


class StoppingAtAnyRise(EarlyStopping):
    """Compare with the epoch before, not with the best."""

    previous, rises = math.inf, 0

    def update(self, val_loss):
        """Count epochs in a row that were no better than the one before."""
        super().update(val_loss)
        better = val_loss < self.previous - self.min_delta
        self.rises = 0 if better else self.rises + 1
        self.previous = val_loss
        return self.rises >= self.patience


class StoppingByTotal(EarlyStopping):
    """Count all epochs that brought nothing, in a row or not."""

    wasted = 0

    def update(self, val_loss):
        """Never start to count anew."""
        super().update(val_loss)
        self.wasted += self.best_epoch != self.epoch
        return self.wasted >= self.patience


class StoppingWithoutMinDelta(EarlyStopping):
    """Take any improvement, however small."""

    def __init__(self, n_weights, patience, min_delta):
        super().__init__(n_weights, patience, 0.0)


class StoppingWithMinDeltaAdded(EarlyStopping):
    """Take a loss for better that is a little worse."""

    def __init__(self, n_weights, patience, min_delta):
        super().__init__(n_weights, patience, -min_delta)


class StoppingOnCreeping(EarlyStopping):
    """Lower the best loss with every small gain, so that small gains never add up."""

    def update(self, val_loss):
        """Keep the smallest loss, and compare the next one with that."""
        stop = super().update(val_loss)
        self.best_loss = min(self.best_loss, val_loss)
        return stop


class StoppingOnTies(StoppingByRule):
    """Take an equal loss for an improvement."""

    def improves(self, val_loss):
        """Ask for at most, not for below."""
        return val_loss <= self.best_loss - self.min_delta


class StoppingByShares(StoppingByRule):
    """Take min_delta for a share of the best loss."""

    def improves(self, val_loss):
        """Multiply where one must subtract."""
        return self.epoch == 1 or val_loss < self.best_loss * (1 - self.min_delta)


class StoppingFooledByFirstNan(StoppingByRule):
    """Take the first loss for the best without a look at it."""

    def improves(self, val_loss):
        """Compare from the second epoch on."""
        return self.epoch == 1 or val_loss < self.best_loss - self.min_delta


class StoppingOrNothing(EarlyStopping):
    """Say True when it is time, and nothing before."""

    def update(self, val_loss):
        """Forget the other return."""
        return super().update(val_loss) or None


class StoppingWithTalkativeStep(EarlyStopping):
    """Return the weights from each step."""

    def step(self, change):
        """Move, and tell."""
        self.weights = self.weights + change
        return self.weights


class StoppingFooledByNan(StoppingByRule):
    """Ask whether the loss is not better: nan is neither better nor worse."""

    def improves(self, val_loss):
        """Take what is not worse for better."""
        return not val_loss >= self.best_loss - self.min_delta


class StoppingUnlessWorse(StoppingByRule):
    """Ask whether the loss is worse, and take all else for better."""

    def improves(self, val_loss):
        """Let equal losses and nan pass for improvements."""
        return not val_loss > self.best_loss - self.min_delta


class StoppingFromZero(EarlyStopping):
    """Count epochs from 0."""

    def __init__(self, n_weights, patience, min_delta):
        super().__init__(n_weights, patience, min_delta)
        self.epoch = -1
        self.best_epoch = -1


class StoppingAtTheTop(StoppingByRule):
    """Look for the largest number, as for an accuracy."""

    def __init__(self, n_weights, patience, min_delta):
        super().__init__(n_weights, patience, min_delta)
        self.best_loss = -math.inf

    def improves(self, val_loss):
        """Take the larger for the better."""
        return val_loss > self.best_loss + self.min_delta


CloseCase = functools.partial(Case, rtol=1e-4, atol=1e-5)  # the weights may be float32

EARLY_STOPPING = Exercise(
    id="ex06_3",
    chapter="06a",
    title="Early stopping",
    skill="stop a training run, and go back to where it was best",
    reference=EarlyStopping,
    cases=(
        CloseCase(
            "one minimum",
            one_minimum,
            "`step` adds the change to `weights`. `update` counts an epoch; if the loss is below best_loss -"
            " min_delta (with best_loss infinite at first), it stores loss, epoch and a copy of the weights."
            " It returns whether the best epoch lies patience epochs back, or more.",
        ),
        CloseCase(
            "a second, deeper minimum",
            two_minima,
            "Every improvement on the best loss starts a new wait; a loss that is merely lower than the one "
            "before does not.",
        ),
        CloseCase(
            "small gains that add up",
            small_gains,
            "An improvement is a loss below best_loss - min_delta, and only an improvement changes "
            "best_loss.",
        ),
        CloseCase(
            "a loss that is nan",
            with_nan,
            "A nan is no improvement, not even as the first loss: ask whether the loss is smaller, which is "
            "False for nan.",
        ),
    ),
    wrong=(
        Wrong(
            StoppingWithoutCopy,
            "Your best weights are the array that `step` goes on changing, so they end up as the last ones. "
            "Store a copy: `.copy()`.",
        ),
        Wrong(
            StoppingWithLastWeights,
            "You keep the weights of the newest epoch. Copy them only when the loss is the best so far.",
        ),
        Wrong(
            StoppingTooLate,
            "You stop one epoch too late: with patience 3 the third epoch in a row without improvement is "
            "the last.",
        ),
        Wrong(
            StoppingTooSoon,
            "You stop one epoch too soon: the best epoch itself is not among those that brought nothing.",
        ),
        Wrong(
            StoppingAtAnyRise,
            "You compare with the epoch before. A curve may fall a little and still be far above its best: "
            "compare with best_loss.",
        ),
        Wrong(
            StoppingByTotal,
            "You count all epochs without improvement. Patience is about epochs in a row: every improvement "
            "sets the count back to 0.",
        ),
        Wrong(
            StoppingWithoutMinDelta,
            "You count every gain, however small: only a loss below best_loss - min_delta is an improvement.",
        ),
        Wrong(
            StoppingWithMinDeltaAdded,
            "A sign: your bound is best_loss + min_delta, so a loss that is a little worse counts as better.",
        ),
        Wrong(
            StoppingOnCreeping,
            "You lower best_loss with every small gain, so small gains never add up to an improvement. Leave "
            "it as it is until one counts.",
        ),
        Wrong(
            StoppingOnTies,
            "You take an equal loss for an improvement. It must be below best_loss - min_delta: `<`, not "
            "`<=`.",
        ),
        Wrong(
            StoppingByShares,
            "You take min_delta for a share of the best loss. Here it is subtracted: a loss below best_loss "
            "- min_delta is an improvement.",
        ),
        Wrong(
            StoppingFooledByFirstNan,
            "You take the first loss for the best, whatever it is. If it is nan, no loss is ever below it: "
            "start with a best_loss of infinity, and compare the first loss like all others.",
        ),
        Wrong(
            StoppingOrNothing,
            "As long as training may go on, your `update` returns None: return False there. (A comparison is "
            "True or False by itself.)",
        ),
        Wrong(
            StoppingWithTalkativeStep,
            "Your `step` returns something. It need only change the attribute `weights`: leave its `return` "
            "out.",
        ),
        Wrong(
            StoppingFooledByNan,
            "You take a nan for an improvement: every comparison with it is False, also whether it is worse. "
            "Ask whether the loss is smaller.",
        ),
        Wrong(
            StoppingUnlessWorse,
            "You ask whether the loss is worse and take all else for better: an equal loss, and a nan, with "
            "which every comparison is False. Ask whether it is smaller.",
        ),
        Wrong(
            StoppingFromZero,
            "You count epochs from 0: the first `update` is epoch 1.",
        ),
        Wrong(
            StoppingAtTheTop,
            "You look for the largest number. That suits an accuracy; of losses the smallest is the best.",
        ),
    ),
    alternatives=(StoppingByCounter, StoppingByRule),
    hints=(
        "The losses are 1, 0.5, 0.7, 0.6, 0.8 and patience is 3. After which epoch do you stop, and whose "
        "weights do you want back? Where are these by then, if `step` adds to the array in place?",
        "The object remembers the best loss, its epoch, a copy of the weights from then, and how many epochs "
        "have passed. The wait is the number of epochs since the best one, so an improvement sets it back by "
        "itself. Whatever later steps do to the weights must not reach the copy.",
        "When the object is made: weights of zeros, a best loss that anything beats (infinity), no epochs.\n"
        "A step adds the change to the weights.\n"
        "An update counts the epoch first.\n"
        "If the loss is smaller than the best one less min_delta: store the loss, the epoch, and a copy of "
        "the weights.\n"
        "Return whether the epochs since the best one have reached patience.",
    ),
)

EXERCISES = (EARLY_STOPPING,)
