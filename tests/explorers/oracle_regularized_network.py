"""What the regularized network must show: weights on a tape, masks drawn by hand, one plain loop."""

from __future__ import annotations

from typing import Any

import numpy as np

import course_utils.nn.functional as F
from course_utils.explorers import Explorer
from course_utils.explorers.noisy_points import points
from course_utils.nn.autodiff import Tensor
from course_utils.optim import Adam

BENDS: dict[str, Any] = {"ReLU": F.relu, "tanh": F.tanh}
RATIOS = {"L2": 0.0, "L1": 1.0, "elastic net": 0.5}
LR = 0.04


def start(units: int, seed: int) -> list[Tensor]:
    """Return the weights and biases of both layers: uniform within 1 over the root of the inputs."""
    rng, weights = np.random.default_rng([seed, 1]), []
    for n_in, n_out in ((1, units), (units, 1)):
        for shape in ((n_out, n_in), (n_out,)):
            drawn = rng.uniform(-1 / n_in**0.5, 1 / n_in**0.5, shape).astype(np.float32)
            weights.append(Tensor(drawn, requires_grad=True))
    return weights


def output(weights: list[Any], bend: Any, x: np.ndarray, mask: Any = None) -> Any:
    """Return the network's values (N, 1) for x (N,)."""
    hidden = bend(F.linear((6 * x[:, None]).astype(np.float32), *weights[:2]))
    return F.linear(hidden if mask is None else hidden * mask, *weights[2:])


def train(given: dict[str, Any]) -> tuple[list[list[np.ndarray]], Any]:
    """Return the weights before the first step and after each, and the points."""
    data, weights = points(given["n"], given["noise"], given["seed"]), start(given["units"], given["seed"])
    target, bend = data.y[:, None].astype(np.float32), BENDS[given["activation"]]
    adam, masks, p = Adam(weights, LR), np.random.default_rng([given["seed"], 2]), given["dropout"]
    history = [[w.data for w in weights]]
    for _ in range(given["step"]):
        mask = None
        if p:
            kept = masks.random((given["n"], given["units"]), dtype=np.float32) >= p
            mask = kept * np.float32(1 / (1 - p))
        adam.zero_grad()
        F.mse_loss(output(weights, bend, data.x, mask), target).backward()
        adam.step()
        if given["penalty"] != "none":
            ratio, pull = RATIOS[given["penalty"]], LR * given["strength"]
            for w in weights[::2]:
                shrunk = np.sign(w.data) * np.maximum(np.abs(w.data) - pull * ratio, 0)
                w.data = (shrunk / (1 + pull * (1 - ratio))).astype(np.float32)
        history.append([w.data for w in weights])
    return history, data


def check(explorer: Explorer) -> None:
    """Compare points, both curves, weights, errors and words."""
    given, step = explorer.values, explorer.values["step"]
    shown: dict[str, Any] = {
        name: np.column_stack(line.get_data())  # type: ignore[attr-defined]
        for name, line in explorer.artists.items()
        if name != "headline"
    }
    history, data = train(given)
    bend, close = BENDS[given["activation"]], {"rtol": 2e-3, "atol": 2e-3}
    np.testing.assert_array_equal(shown["train"], np.column_stack([data.x, data.y]))
    np.testing.assert_array_equal(shown["held out"], np.column_stack([data.x_held_out, data.y_held_out]))

    def rmse(k: int) -> list[float]:
        both = ((data.x, data.y), (data.x_held_out, data.y_held_out))
        return [float(np.sqrt(np.mean((output(history[k], bend, x)[:, 0] - y) ** 2))) for x, y in both]

    looked = list(range(0, step + 1, 5))
    path = np.array([rmse(k) for k in looked])
    best = int(shown["best"][0, 0])
    np.testing.assert_allclose(path[looked.index(best), 1], path[:, 1].min(), **close)
    np.testing.assert_allclose(shown["best"][0, 1], np.clip(path[:, 1].min(), 0.05, 2), **close)
    for name, column in (("train error", 0), ("held-out error", 1)):
        np.testing.assert_array_equal(shown[name][:, 0], looked)
        np.testing.assert_allclose(shown[name][:, 1], path[:, column].clip(0.05, 2), **close)
    for name, error in zip(("train now", "held out now"), rmse(step), strict=True):
        np.testing.assert_allclose(shown[name][0], [step, np.clip(error, 0.05, 2)], **close)
    for name, k in (("curve", step), ("stopped", best)):
        np.testing.assert_allclose(
            shown[name][:, 1], output(history[k], bend, shown[name][:, 0])[:, 0], **close
        )
    sizes, first = (np.sort(np.abs(history[k][2][0]))[::-1] for k in (step, 0))
    drawn = np.concatenate([shown["sizes"][:, 1], shown["zeros"][:, 1]])
    np.testing.assert_allclose(drawn, sizes, **close)
    np.testing.assert_array_equal(shown["start"][:, 1], first)
    assert (shown["zeros"][:, 1] == 0).all()
    assert f"{len(shown['zeros'])} of {given['units']} output weights are exactly 0" in explorer.alt
    assert abs(len(shown["zeros"]) - (sizes == 0).sum()) <= 1  # rounding may free a weight one step earlier
    assert shown["noise"][0, 1] == max(given["noise"], 0.05)
    words = explorer.artists["headline"].get_text()  # type: ignore[attr-defined]
    assert words.lower() in explorer.alt.lower()
    own, others = (float(part.split()[0]) for part in words.split("error ")[1].split("in training, "))
    np.testing.assert_allclose([own, others], rmse(step), rtol=2e-2, atol=2e-3)
