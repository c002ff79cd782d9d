"""What early stopping must show: `fit` with modules, and its own callback on the same validation set."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from course_utils.data import load_digits
from course_utils.explorers import Explorer
from course_utils.nn import Linear, Module, ReLU, Sequential
from course_utils.nn import functional as F
from course_utils.nn.callbacks import Callback, EarlyStopping
from course_utils.nn.callbacks.base import Run
from course_utils.nn.training import fit
from course_utils.optim import Adam

FIRST_OTHER = 1029  # the ninth sheet
SIZES = {"10": 10, "25": 25, "all": 300}
CLOSE: dict[str, Any] = {"rtol": 2e-3, "atol": 2e-3}


class Watcher(Callback):
    """Keep the logits of all scans before training and after each epoch."""

    def __init__(self, x: np.ndarray):
        self.x = x
        self.logits: list[np.ndarray] = []

    def on_train_begin(self, run: Run) -> None:
        """Look at the network as it was drawn."""
        self.on_epoch_end(run)

    def on_epoch_end(self, run: Run) -> None:
        """Look at it."""
        self.logits.append(answer(run.model, self.x))


def answer(model: Module, x: np.ndarray) -> np.ndarray:
    """Return the logits (N, 10)."""
    return np.asarray(model(x).data)


@functools.lru_cache(maxsize=4)
def draw(n: int, wrong: str, seed: int) -> dict[str, tuple[np.ndarray, ...]]:
    """Return pixels, right labels and labels used, of what is learnt, and of each set that is looked at."""
    share = int(wrong.removesuffix(" %")) / 100
    digits, rng = load_digits("writers"), np.random.default_rng([seed, 1])
    mine, others = rng.permutation(FIRST_OTHER), rng.permutation(1415 - FIRST_OTHER)[:200] + FIRST_OTHER
    rank, luck = rng.random(300), rng.random(200)
    slips, slips_too = rng.integers(1, 10, 300), rng.integers(1, 10, 200)
    x, y = digits.x_train, digits.y_train
    given = y[mine[:n]].copy()
    for i in sorted(range(n), key=lambda i: rank[i])[: round(share * n)]:
        given[i] = (given[i] + slips[i]) % 10
    same = mine[300:500]
    unchecked = np.where(luck < share, (y[same] + slips_too) % 10, y[same])
    return {
        "train": (x[mine[:n]], y[mine[:n]], given),
        "same writers": (x[same], y[same], y[same]),
        "same, unchecked labels": (x[same], y[same], unchecked),
        "other writers": (x[others], y[others], y[others]),
        "new": (digits.x_test, digits.y_test, digits.y_test),
    }


def train(given: dict[str, Any], epochs: int, *callbacks: Callback, validation: Any = None) -> Sequential:
    """Train by `fit`; return the model."""
    data = draw(given["n"], given["wrong"], given["seed"])
    rng = np.random.default_rng([given["seed"], 2])
    model = Sequential(Linear(64, 32, rng=rng), ReLU(), Linear(32, 10, rng=rng))
    fit(
        model,
        F.cross_entropy,
        Adam(model.parameters(), lr=float(given["lr"])),
        data["train"][0],
        data["train"][2],
        epochs=epochs,
        batch_size=SIZES[given["batch"]],
        rng=np.random.default_rng([given["seed"], 3]),
        validation=validation,
        callbacks=callbacks,
        progress=False,
    )
    return model


@functools.lru_cache(maxsize=4)
def watch(**given: Any) -> dict[str, list[np.ndarray]]:
    """Return the logits on each set, by epoch from 0 to 100."""
    data = draw(given["n"], given["wrong"], given["seed"])
    watcher = Watcher(np.concatenate([parts[0] for parts in data.values()]))
    train(given, 100, watcher)
    ends = np.cumsum([len(parts[0]) for parts in data.values()])[:-1]
    by_set = zip(*(np.split(one, ends) for one in watcher.logits), strict=True)
    return {name: list(logits) for name, logits in zip(data, by_set, strict=True)}


def losses(logits: list[np.ndarray], labels: np.ndarray, n: int | None = None) -> np.ndarray:
    """Return the mean cross-entropy by epoch, in float64."""
    scores = np.array(logits, dtype=np.float64)[:, :n]
    top = scores.max(axis=2)
    logsum = top + np.log(np.exp(scores - top[..., None]).sum(axis=2))
    return (logsum - scores[:, np.arange(scores.shape[1]), labels[:n]]).mean(axis=1)


def shares(logits: list[np.ndarray], labels: np.ndarray, n: int | None = None) -> np.ndarray:
    """Return which part of the labels is answered, by epoch."""
    return np.array([np.mean(one[:n].argmax(axis=1) == labels[:n]) for one in logits])


def check(explorer: Explorer) -> None:
    """Compare curves, marks, bars, scans and words."""
    given, artists = explorer.values, dict[str, Any](explorer.artists)
    epoch, n_val, where = given["epoch"], given["n_val"], given["validation"]
    data = draw(given["n"], given["wrong"], given["seed"])
    names = ("n", "wrong", "lr", "batch", "seed")
    logits = {name: seen[: epoch + 1] for name, seen in watch(**{key: given[key] for key in names}).items()}

    callback = EarlyStopping(patience=given["patience"], min_delta=given["min_delta"])
    length = Watcher(data["new"][0][:1])
    validation = (data[where][0][:n_val], data[where][2][:n_val])
    restored = train(given, epoch, callback, length, validation=validation)
    best, ended = callback.best_epoch or 0, len(length.logits) - 1
    stop = ended if callback.n_epochs_without >= given["patience"] else None

    validated = losses(logits[where], data[where][2], n_val)
    new = losses(logits["new"], data["new"][2])
    right = shares(logits["new"], data["new"][2])
    x, y, labels = data["train"]
    spoilt = labels != y
    high = artists["now"].axes.get_ylim()[1]
    curves = {"train": losses(logits["train"], labels), "validation": validated, "new": new}
    for name, expected in curves.items():
        epochs, drawn = artists[name].get_data()
        np.testing.assert_array_equal(epochs, np.arange(epoch + 1))
        np.testing.assert_allclose(drawn, np.minimum(expected, high), **CLOSE)
    assert high == 14 or all(curve.max() < high for curve in curves.values())
    parts = {"right": right, "right validation": shares(logits[where], data[where][2], n_val)}
    for name, part in parts.items():
        np.testing.assert_allclose(artists[name].get_data()[1], part, atol=0.01)
    learnt = artists["learnt"].get_data()[1]
    if spoilt.any():
        back = [np.mean(one[spoilt].argmax(axis=1) == labels[spoilt]) for one in logits["train"]]
        np.testing.assert_allclose(learnt, back, atol=0.01)
    else:
        assert np.isnan(learnt).all()

    hindsight = 1 + int(new[1:].argmin()) if epoch else 0
    for name, at, curve in (
        ("best", best, validated),
        ("hindsight", hindsight, new),
        ("now", epoch, validated),
    ):
        at_drawn, height = np.ravel(artists[name].get_data())
        assert at_drawn == at, name
        np.testing.assert_allclose(height, min(curve[at], high), **CLOSE)
    end = epoch if stop is None else stop
    for name, edges in (("wait", (best, end)), ("beyond", (end, epoch + (end < epoch)))):
        assert (artists[name].get_xy()[:, 0].min(), artists[name].get_xy()[:, 0].max()) == edges
    for name in ("stop", "stop shares"):
        assert set(artists[name].get_data()[0]) == (set() if stop is None else {stop})

    final = np.mean(answer(restored, data["new"][0]).argmax(axis=1) == data["new"][1])
    outcomes = [(final, best), (None if stop is None else right[stop], stop), (right[-1], epoch)]
    for row, (part, at) in enumerate([*outcomes, (right[hindsight], hindsight)]):
        name = artists[f"name {row}"].get_text()
        assert name == "no stop yet" if at is None else name.endswith(f"({at})")
        width = artists[f"bar {row}"].get_xy()[:, 0].max()
        np.testing.assert_allclose(width, 0 if part is None else part, atol=1e-6)
        if part is not None:
            loss, percent = artists[f"number {row}"].get_text().removesuffix(" %").split(", ")
            np.testing.assert_allclose(float(percent), 100 * part, atol=0.051)
            np.testing.assert_allclose(float(loss), new[at], rtol=1e-2)

    shown = [*np.flatnonzero(spoilt), *np.flatnonzero(~spoilt)][:6]
    says = {"right": y, "given": labels}
    says |= {"best": logits["train"][best].argmax(axis=1), "now": logits["train"][epoch].argmax(axis=1)}
    for column, scan in enumerate(shown):
        tile = artists["scans"].get_array()[:, 9 * column : 9 * column + 8]
        np.testing.assert_array_equal(tile, x[scan].reshape(8, 8))
        for name, answers in says.items():
            assert artists[f"{name} {column}"].get_text() == str(answers[scan])
    check_words(explorer, best, stop, float(final), float(right[-1]), new)


def check_words(
    explorer: Explorer, best: int, stop: int | None, restored: float, now: float, new: np.ndarray
) -> None:
    """The headline names the stop, how it looks in hindsight, and both shares."""
    words, epoch = explorer.artists["headline"].get_text(), len(new) - 1  # type: ignore[attr-defined]
    assert words.lower() in explorer.alt.lower()
    if epoch == 0:
        assert words.startswith("not begun")
    elif stop is None:
        waits = f"waited {epoch - best} of {explorer.values['patience']}, best {best}"
        assert words.startswith(f"epoch {epoch}, {waits if epoch > best else 'improving'}: new writers ")
    else:
        lowest = int(new[1:].argmin()) + 1
        how = "too early" if best < lowest else "too late"
        if new[best] <= 1.05 * new[lowest]:
            how = "about right"
        assert words.startswith(f"stop at epoch {stop}, {how}: restored {round(100 * restored, 1):g} % right")
        assert f"The stop came {stop - best} epoch" in explorer.alt
    assert f"{round(100 * now, 1):g} %" in words
