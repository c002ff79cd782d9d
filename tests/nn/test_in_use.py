"""The engine as the chapters use it: four small trainings that must reach what they promise, and resuming.

Counted in steps, not in seconds. The thresholds leave room for other rounding: the runs reach clearly more.
"""

import numpy as np

from course_utils.data import adding_task, encode_sentences, load_digits, minimal_pairs, sample_split
from course_utils.data.lexicon import WORDS
from course_utils.nn import (
    LSTM,
    BatchNorm2d,
    Conv2d,
    Dropout,
    Embedding,
    Flatten,
    LayerNorm,
    LearnedPositions,
    Linear,
    MaxPool2d,
    Module,
    ReLU,
    Sequential,
    TransformerEncoderLayer,
    fit,
)
from course_utils.nn import functional as F
from course_utils.nn.callbacks import (
    Callback,
    Checkpoint,
    ClipGradients,
    EarlyStopping,
    Schedule,
    WeightAveraging,
    load_checkpoint,
)
from course_utils.optim import Adam, AdamW, AveragedModel
from course_utils.optim.lr_scheduler import OneCycleLR


def steps_per_epoch(x, batch_size):
    return -(-len(x) // batch_size)


class DigitRun:
    """A convolutional network on the digits, with all that a run may carry along."""

    def __init__(self, epochs, path=None):
        digits, self.rng, self.epochs = load_digits("random"), np.random.default_rng(0), epochs
        self.x, self.y = digits.x_train.reshape(-1, 1, 8, 8), digits.y_train
        self.test = digits.x_test.reshape(-1, 1, 8, 8), digits.y_test
        self.model = Sequential(
            Conv2d(1, 12, kernel_size=3, padding=1, rng=self.rng),
            BatchNorm2d(12),
            ReLU(),
            MaxPool2d(2),  # (N, 12, 4, 4)
            Conv2d(12, 24, kernel_size=3, padding=1, rng=self.rng),
            BatchNorm2d(24),
            ReLU(),
            MaxPool2d(2),  # (N, 24, 2, 2)
            Flatten(),
            Dropout(0.2, rng=self.rng),
            Linear(96, 10, rng=self.rng),
        )
        self.optimizer = AdamW(self.model.parameters(), lr=1e-2)
        n_steps = steps_per_epoch(self.x, 64)
        cycle = OneCycleLR(self.optimizer, max_lr=1e-2, epochs=epochs, steps_per_epoch=n_steps)
        self.average = AveragedModel(self.model, decay=0.9)
        self.callbacks = [
            Schedule(cycle, every="step"),
            WeightAveraging(self.average),
            EarlyStopping(patience=9),
        ]
        self.callbacks += [Checkpoint(path)] if path else []

    def fit(self, history=None, more=()):
        return fit(
            self.model,
            F.cross_entropy,
            self.optimizer,
            self.x,
            self.y,
            epochs=self.epochs,
            batch_size=64,
            rng=self.rng,
            validation=self.test,
            callbacks=[*more, *self.callbacks],
            history=history,
        )

    def results(self, history):
        """Return everything the run has left behind, for comparison."""
        states = self.model.state_dict(), self.average.state_dict()
        arrays = [array for state in states for array in state.values()]
        return [history.steps, history.rates, history.columns], arrays


def test_a_convolutional_network_reads_digits():
    run = DigitRun(epochs=10)
    history = run.fit()
    assert len(history.steps) == 10 * 23
    scores = [
        np.mean(m.eval()(run.test[0]).data.argmax(axis=1) == run.test[1]) for m in (run.model, run.average)
    ]
    assert min(scores) > 0.97


class CtrlC(Callback):
    """Ctrl-C in the middle of an epoch."""

    def __init__(self, step):
        self.step = step

    def on_step_end(self, run):
        if run.n_steps == self.step:
            raise KeyboardInterrupt


def test_an_interrupted_run_taken_up_again_is_the_uninterrupted_one(tmp_path):
    whole, broken, resumed = DigitRun(3), DigitRun(3, tmp_path / "run.npz"), DigitRun(3, tmp_path / "run.npz")
    expected, arrays = whole.results(whole.fit())
    assert broken.fit(more=[CtrlC(step=60)]).interrupted  # in the third epoch
    more = [CtrlC(step=1000)]  # the list of callbacks must be as it was
    history = load_checkpoint(
        tmp_path / "run.npz",
        resumed.model,
        resumed.optimizer,
        rng=resumed.rng,
        callbacks=more + resumed.callbacks,
    )
    assert len(history.steps) == 2 * 23
    found, resumed_arrays = resumed.results(resumed.fit(history, more))
    assert found == expected
    for one, other in zip(arrays, resumed_arrays, strict=True):
        np.testing.assert_array_equal(one, other)


class Sum(Module):
    """An LSTM that answers after the last step."""

    def __init__(self, rng):
        self.lstm = LSTM(2, 32, batch_first=True, rng=rng)
        self.answer = Linear(32, 1, rng=rng)

    def forward(self, x):
        output, _ = self.lstm(x)  # (N, T, 32)
        return self.answer(output[:, -1])


def test_an_lstm_solves_the_adding_task():
    rng = np.random.default_rng(0)
    (x, y), test = adding_task(6400, 10, rng=rng), adding_task(500, 10, rng=rng)
    model = Sum(rng)
    history = fit(
        model,
        F.mse_loss,
        Adam(model.parameters(), lr=1e-2),
        x,
        y,
        epochs=6,
        batch_size=64,
        rng=rng,
        validation=test,
        callbacks=[ClipGradients(1.0)],
    )
    assert history["val_loss"][-1] < 0.01  # answering 1, the mean, gives 0.167


class LanguageModel(Module):
    """One causal transformer layer that predicts the next word."""

    def __init__(self, n_features, longest, rng):
        self.words = Embedding(len(WORDS), n_features, rng=rng)
        self.positions = LearnedPositions(longest, n_features, rng=rng)
        self.layer = TransformerEncoderLayer(
            n_features, 4, 4 * n_features, dropout=0.0, batch_first=True, norm_first=True, rng=rng
        )
        self.norm, self.answer = LayerNorm(n_features), Linear(n_features, len(WORDS), rng=rng)

    def forward(self, codes):
        x = self.layer(self.positions(self.words(codes)), is_causal=True)
        return self.answer(self.norm(x))


def next_word_loss(logits, codes):
    return F.cross_entropy(logits.transpose(1, 2), codes, ignore_index=0)  # classes are axis 1


def share_right(model, pairs):
    """Return how often the verb that agrees is likelier than the one that does not."""
    right, wrong = (
        encode_sentences([getattr(pair, kind) for pair in pairs])[0] for kind in ("right", "wrong")
    )
    rows, verbs = np.arange(len(pairs)), np.array([pair.verb_at for pair in pairs])
    logits = model.eval()(right[:, :-1]).data[rows, verbs - 1]  # after the word before the verb
    return np.mean(logits[rows, right[rows, verbs]] > logits[rows, wrong[rows, verbs]])


def test_a_transformer_learns_agreement():
    rng = np.random.default_rng(0)
    codes, _ = encode_sentences(sample_split(3000, 0, rng=rng, max_depth=1)[0])
    model = LanguageModel(32, 20, rng)
    optimizer = AdamW(model.parameters(), lr=1e-2)
    cycle = OneCycleLR(optimizer, 1e-2, epochs=10, steps_per_epoch=steps_per_epoch(codes, 64))
    fit(
        model,
        next_word_loss,
        optimizer,
        codes[:, :-1],
        codes[:, 1:],
        epochs=10,
        batch_size=64,
        rng=rng,
        callbacks=[Schedule(cycle, every="step"), ClipGradients(1.0)],
    )
    plain = minimal_pairs(200, rng=rng, max_depth=1, n_attractors=0)
    hard = minimal_pairs(200, rng=rng, max_depth=1, n_attractors=1)
    assert share_right(model, plain) > 0.95
    assert share_right(model, hard) > 0.9
