"""What the scene of softmax must show: layers and tapes, a class and a temperature at a time."""

from __future__ import annotations

import functools
import math
import re
from typing import Any

import numpy as np

import course_utils.nn.functional as F
from course_utils.data import load_digits
from course_utils.explorers import Explorer
from course_utils.nn import Tensor
from course_utils.nn.layers import Linear, ReLU, Sequential, Softmax
from course_utils.optim import Adam

BY_HAND = {
    "one clear winner": [1, 4, -1, 2, 0, -2],
    "two rivals": [3, 0, 2.8, -1, 0.5, -2],
    "two classes": [1.5, -0.5],
    "all equal": [1] * 6,
    "a wide range": [-1, 3, -7, 9, 1, -9, 5, -3, 7, -5],
}


@functools.cache
def readings() -> tuple[np.ndarray, np.ndarray]:
    """Train the network of the digits by a loop of its own; return logits (382, 10) and labels."""
    digits = load_digits("writers", dtype=np.float64)
    rng = np.random.default_rng(0)
    layers = [Linear(64, 32, rng=rng, dtype=np.float64), ReLU(), Linear(32, 10, rng=rng, dtype=np.float64)]
    model = Sequential(*layers)
    optimizer = Adam(model.parameters(), lr=0.01)
    for _ in range(60):
        order = rng.permutation(1415)
        for batch in np.split(order, range(64, 1415, 64)):
            optimizer.zero_grad()
            F.cross_entropy(model(Tensor(digits.x_train[batch])), digits.y_train[batch]).backward()
            optimizer.step()
    return model(Tensor(digits.x_test)).data, digits.y_test


def probabilities(logits: np.ndarray, temperature: float) -> np.ndarray:
    """Return what the layer makes of rows of logits."""
    return Softmax(dim=-1)(Tensor(logits / temperature)).data


@functools.cache
def logits_and_label(source: str) -> tuple[np.ndarray, int | None]:
    """Return the logits of that name, and the digit written if they are a scan's."""
    if source in BY_HAND:
        return np.array(BY_HAND[source], dtype=float), None
    if source == "attention scores":
        rng = np.random.default_rng(0)
        keys, query = rng.normal(size=(8, 64)), rng.normal(size=64)
        return np.array([sum(key * query) for key in keys]), None
    logits, labels = readings()
    p = probabilities(logits, 1)
    sure = [float(row.max()) for row in p]
    wrong = [i for i in range(382) if logits[i].argmax() != labels[i]]
    scan = {
        "digit read right": 2,
        "digit misread": max(wrong, key=lambda i: sure[i]),
        "digit in doubt": max(range(382), key=lambda i: entropy_of(p[i])),
    }[source]
    return logits[scan], int(labels[scan])


def entropy_of(p: np.ndarray) -> float:
    """Return the entropy in bits, class by class; a probability of 0 adds nothing."""
    return sum(-one * math.log2(one) for one in p.tolist() if one > 0)


def at_temperature(z: np.ndarray, label: int, temperature: float) -> dict[str, Any]:
    """Return p, gradient, Jacobian and the four curves at one temperature, by tapes."""
    leaf = Tensor(z[None], requires_grad=True)
    loss = F.cross_entropy(leaf / temperature, np.array([label]))
    loss.backward()
    p = probabilities(z, temperature)
    dz = np.asarray(leaf.grad)[0]
    curves = {"entropy": entropy_of(p), "largest p": max(p), "loss": float(loss.data)}
    curves["gradient"] = math.hypot(*dz)
    return {"p": p, "dz": dz, **curves}


def jacobian(z: np.ndarray, temperature: float) -> np.ndarray:
    """Return dp / dz, a row of the Jacobian a tape."""
    rows = []
    for one in np.eye(len(z)):
        leaf = Tensor(z, requires_grad=True)
        (F.softmax(leaf / temperature) * one).sum().backward()
        rows.append(np.asarray(leaf.grad))
    return np.array(rows)


def check(explorer: Explorer) -> None:
    """Compare bars, values, star, heat map, curve, marks and the numbers in the texts."""
    given, artists = explorer.values, explorer.artists
    temperature = given["temperature"]
    logits, label = logits_and_label(given["logits"])
    z = given["scale"] * logits + given["shift"]
    if label is None:
        ranked = sorted(range(len(z)), key=lambda k: -z[k])  # ties: the first stays first
        label = ranked[{"largest logit": 0, "second largest": 1, "smallest logit": -1}[given["true_class"]]]
    now = at_temperature(z, label, temperature)
    for name, expected in (("z", z), ("p", now["p"]), ("dz", temperature * now["dz"])):
        steps, edges, _ = artists[name].get_data()
        np.testing.assert_allclose(steps[::2], expected, rtol=1e-7, atol=1e-9)
        assert not steps[1::2].any()
        np.testing.assert_allclose((edges[::2] + edges[1::2]) / 2, np.arange(len(z)))
        tips = artists[f"tips {name}"].get_data()
        np.testing.assert_allclose(tips, [expected, np.arange(len(z))], rtol=1e-7, atol=1e-9)
        low, high = artists[name].axes.get_xlim()
        assert low <= min(expected) <= max(expected) <= high
    axes = artists["z"].axes
    for name, at in zip(("low", "high"), axes.get_xlim(), strict=True):
        words = artists[f"tick z {name}"].get_text()
        assert words == "" or math.isclose(float(words.replace("−", "-")), at)
    zero = (axes.transData + axes.figure.transFigure.inverted()).transform((0, 0))[0]
    assert math.isclose(artists["tick z zero"].get_position()[0], zero)
    np.testing.assert_array_equal(np.ravel(artists["star p"].get_data()), [1, label])
    for i, p in enumerate(now["p"]):
        assert read(artists[f"value {i}"].get_text(), p)
    for name, one in (("tick low", -1), ("tick high", 1)):
        assert read(artists[name].get_text(), one / temperature)
    slopes = jacobian(z, temperature)
    shades = np.asarray(artists["jacobian"].get_array(), dtype=float)
    np.testing.assert_allclose(shades * abs(shades), 4 * temperature * slopes, atol=1e-7)
    assert abs(slopes.sum(axis=1)).max() * temperature < 1e-12
    assert read(artists["largest"].get_text().split()[-1], abs(slopes).max())
    check_curve(explorer, z, label, now)
    check_words(explorer, now, label)
    assert ("sureness" in artists) == ("digit" in given["logits"])
    if "digit" in given["logits"]:
        check_writers(explorer)


def read(text: str, value: float) -> bool:
    """Return whether a short text says about this number."""
    if text[0] in "<>":
        bound = float(text[1:].replace("−", "-"))
        return value < bound if text[0] == "<" else value > bound
    return math.isclose(float(text.replace("−", "-")), value, rel_tol=0.051)


def check_curve(explorer: Explorer, z: np.ndarray, label: int, now: dict[str, Any]) -> None:
    """Compare the curve at some temperatures, and its mark."""
    curve, artists = explorer.values["curve"], explorer.artists
    low, high = {"loss": (0.03, 300), "gradient": (0.001, 100)}.get(curve, (0, math.inf))
    x, y = artists["curve"].get_data()
    for i in (0, 20, 47, 80, 104):
        assert math.isclose(x[i], 0.05 * 400 ** (i / 104))
        expected = at_temperature(z, label, float(x[i]))[curve]
        np.testing.assert_allclose(y[i], np.clip(expected, low, high), rtol=1e-6, atol=1e-9)
    mark = np.ravel(artists["now"].get_data())
    height = np.clip(now[curve], low, high)
    np.testing.assert_allclose(mark, [explorer.values["temperature"], height], rtol=1e-7, atol=1e-9)


def check_words(explorer: Explorer, now: dict[str, Any], label: int) -> None:
    """Compare the numbers in the headline and in the alternative text."""
    text = explorer.alt.replace("−", "-")
    said = re.search(r"True class (.): loss (.*) nats, gradient at the logits of size (.*)\. Largest", text)
    assert said, text
    assert said[1] == ("0123456789" if "digit" in explorer.values["logits"] else "ABCDEFGHIJ")[label]
    entropy = re.search(r"entropy (below 1e-9|\S+) of", text)
    assert entropy
    for words, value in ((said[2], now["loss"]), (said[3], now["gradient"]), (entropy[1], now["entropy"])):
        if words.startswith("below"):
            assert value < 1.01e-9
        else:
            assert math.isclose(float(words), value, rel_tol=6e-4)
    words = explorer.artists["headline"].get_text()
    state, numbers = words.split(": ")
    assert state.lower() in text.lower()
    p, entropy_said, loss = re.findall(r"(?:p|entropy|loss) (\S+?)(?:,|$| of)", numbers)
    for short, value in ((p, max(now["p"])), (entropy_said, now["entropy"]), (loss, now["loss"])):
        assert read(short, value)


def check_writers(explorer: Explorer) -> None:
    """Compare what is said of all new writers."""
    logits, labels = readings()
    scale, artists = explorer.values["scale"], explorer.artists
    best = float(np.ravel(artists["best"].get_data())[0])
    assert artists["best"].get_visible() == (best <= 20)

    def mean_loss(temperature: float) -> float:
        p = probabilities(logits * scale, temperature)
        return float(-np.log(p[np.arange(382), labels]).mean())

    for factor in (0.98, 1.02):
        assert mean_loss(factor * best) > mean_loss(best)
    sure = probabilities(logits * scale, explorer.values["temperature"]).max(axis=1).mean()
    _, mean_p, right = artists["sureness"].get_text().split("\n")
    assert read(mean_p.removeprefix("mean p ").rstrip(","), sure)
    accuracy = np.mean([row.argmax() == label for row, label in zip(logits, labels, strict=True)])
    assert right == f"{100 * accuracy:.3g} % right"
    if explorer.values["curve"] == "loss":
        x, y = artists["writers"].get_data()
        high = x / scale > 0.5  # there no probability is 0
        np.testing.assert_allclose(y[high], [mean_loss(t) for t in x[high]], rtol=1e-6)
