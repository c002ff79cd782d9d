"""Chapter 06's exercises as learners answer them: unusual right answers, and mistakes with their hints."""

import pytest

from course_utils.grading.check import check

FOLDS = "def stratified_folds(labels, n_splits, seed):\n    rng = np.random.default_rng(seed)\n"
ROW = "    row = rng.permutation(len(labels))\n    row = row[np.argsort(labels[row], kind='stable')]\n"
STOP = (
    "class EarlyStopping:\n    def __init__(self, n_weights, patience, min_delta):\n"
    "        self.weights, self.patience, self.min_delta = np.zeros(n_weights), patience, min_delta\n"
    "        self.best_loss, self.best_epoch, self.best_weights, self.epoch = {start}, 0, None, 0\n"
    "    def step(self, change):\n        {step}\n"
    "    def update(self, val_loss):\n        self.epoch += 1\n        if {better}:\n"
    "            self.best_loss, self.best_epoch = val_loss, self.epoch\n"
    "            self.best_weights = {kept}\n"
    "        return self.epoch - self.best_epoch >= self.patience"
)
RIDGE = (
    "def ridge_loss_and_gradient(x, y, weight, bias, lam):\n"
    "    x, y, w, bias, lam = (np.asarray(value, dtype=np.float32) for value in (x, y, weight, bias, lam))\n"
    "    e = x @ w + bias - y\n"
    "    loss = (e**2).mean() + lam / 2 * (w**2).sum()\n"
    "    return loss, 2 * e @ x / np.float32(len(y)) + lam * w, 2 * e.mean()"
)
THREE_HUNDRED = (
    "def beat_the_baseline(x, y, x_new):\n    middles = [x[y == k].mean(axis=0) for k in range(10)]\n"
    "    labels = np.zeros(300, dtype=int)\n    for i in range(300):\n"
    "        labels[i] = np.argmin([((x_new[i] - m) ** 2).sum() for m in middles])\n    return labels"
)
NETWORK = (
    "def beat_the_baseline(x, y, x_new):\n    rng, m, off = np.random.default_rng(0), x.mean(axis=0), {off}\n"
    "    x, x_new, n = x - m, x_new - m, {n}\n"
    "    w = [rng.normal(0, np.sqrt(2 / 64), (64, n)), rng.normal(0, np.sqrt(2 / n), (n, 10))]\n"
    "    v = [0, 0]\n"
    "    for _ in range(100):\n        mask = (rng.random((len(x), n)) >= off) / (1 - off)\n"
    "        h = np.maximum(x @ w[0], 0) * mask\n        p = np.exp(h @ w[1])\n"
    "        dz = (p / p.sum(axis=1, keepdims=True) - np.eye(10)[y]) / len(x)\n"
    "        slopes = x.T @ (dz @ w[1].T * (h > 0) * mask), h.T @ dz\n"
    "        v = [0.9 * a + b for a, b in zip(v, slopes)]\n        w = [a - 0.2 * b for a, b in zip(w, v)]\n"
    "    h = np.maximum(x_new @ w[0], 0) * (rng.random((len(x_new), n)) >= off)\n"
    "    return (h @ w[1]).argmax(axis=1)"
)


def stop(start="np.inf", step="self.weights += change", better=None, kept="self.weights.copy()"):
    better = better or "val_loss < self.best_loss - self.min_delta"
    return STOP.format(start=start, step=step, better=better, kept=kept)


def outcome(id, source):
    return check(id, sources=["import copy\n\nimport numpy as np", source])


@pytest.mark.parametrize(
    ("id", "source"),
    [
        ("ex06_3", stop(kept="copy.deepcopy(self.weights)")),
        ("ex06_3", stop(kept="self.weights.astype(np.float32)")),
        ("ex06_4", RIDGE),
        ("ex06_8", THREE_HUNDRED),
    ],
)
def test_right_answers_of_other_kinds(id, source):
    result = outcome(id, source)
    assert result.passed, repr(result)


@pytest.mark.parametrize(
    ("id", "source", "said"),
    [
        (
            "ex06_2",
            f"{FOLDS}    row = [i for k in range(len(set(labels))) for i in np.flatnonzero(labels == k)]\n"
            "    return [np.array(row[k::n_splits]) for k in range(n_splits)]",
            "may have gaps",
        ),
        (
            "ex06_2",
            f"{FOLDS}{ROW}    return [labels[row[k::n_splits]] for k in range(n_splits)]",
            "hold the labels",
        ),
        (
            "ex06_2",
            f"{FOLDS}{ROW}    return [(np.setdiff1d(row, row[k::n_splits]), row[k::n_splits]) "
            "for k in range(n_splits)]",
            "several arrays",
        ),
        (
            "ex06_2",
            f"{FOLDS}{ROW}    places = np.arange(len(row))\n"
            "    return [np.isin(places, row[k::n_splits]) for k in range(n_splits)]",
            "np.flatnonzero",
        ),
        (
            "ex06_2",
            f"{FOLDS}{ROW}    return [row[k:-1:n_splits] for k in range(n_splits)]",
            "1 of 37 indices",
        ),
        (
            "ex06_2",
            f"{FOLDS}    folds, counts = [[] for _ in range(n_splits)], {{}}\n"
            "    for i in rng.permutation(len(labels)):\n"
            "        count = counts.setdefault(labels[i], [0] * n_splits)\n"
            "        k = min(range(n_splits), key=lambda k: (count[k], len(folds[k])))\n"
            "        count[k] += 1\n        folds[k].append(i)\n    return folds",
            "begin the next class",
        ),
        ("ex06_3", stop(start="0.0"), "infinite at first"),
        ("ex06_3", stop(step="self.weights -= change"), "adds the change"),
        (
            "ex06_3",
            stop(start="None", better="self.best_loss is None or val_loss < self.best_loss - self.min_delta"),
            "take the first loss",
        ),
        ("ex06_8", NETWORK.format(off=0.0, n=8), "it has memorised them"),
        ("ex06_8", NETWORK.format(off=0.5, n=40), "dropout or noise still on"),
        (
            "ex06_8",
            "def beat_the_baseline(x, y, x_new):\n    return (np.nan * x_new @ x[:10].T).argmax(axis=1)",
            "call all 300 digits 0",
        ),
        ("ex06_8", "def beat_the_baseline(x, y, x_new):\n    return np.full(300, np.nan)", "labels are nan"),
    ],
)
def test_mistakes_meet_their_hint(id, source, said):
    result = outcome(id, source)
    assert result.status == "failed", repr(result)
    assert said in result.hint, repr(result)
