"""What the playground must show: the same network from weights on a tape, trained in one plain loop."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.ndimage import map_coordinates

import course_utils.nn.functional as F
from course_utils.explorers import Explorer
from course_utils.explorers.playground_picture import PALETTE
from course_utils.explorers.playground_runs import DATA
from course_utils.nn.autodiff import Tensor
from course_utils.optim import SGD, Adam

BENDS: dict[str, Any] = {"ReLU": F.relu, "tanh": F.tanh, "sigmoid": F.sigmoid, "identity": lambda x: x}


def output(weights: list[Any], bend: Any, x: Any) -> Any:
    """Return the logits (N, 1): weights and biases of the layers in turn, a bend between two layers."""
    for i in range(0, len(weights), 2):
        x = F.linear(bend(x) if i else x, weights[i], weights[i + 1])
    return x


def train(values: dict[str, Any]) -> dict[str, Any]:
    """Train from scratch; return points, losses on both sets, and the last weights."""
    x, y = DATA[values["data"]](200, values["noise"], np.random.default_rng(7))
    x, target = x.astype(np.float32), y[:, None].astype(np.float32)
    rng = np.random.default_rng(values["seed"])
    sizes = [2, *[values["units"]] * values["depth"], 1]
    weights = []
    for n_in, n_out in zip(sizes, sizes[1:], strict=False):
        bound = 1 / n_in**0.5
        for shape in ((n_out, n_in), (n_out,)):
            start = rng.uniform(-bound, bound, shape).astype(np.float32)
            weights.append(Tensor(start, requires_grad=True))
    bend, lr = BENDS[values["activation"]], values["lr"]
    if values["optimizer"] == "Adam":
        optimizer: Any = Adam(weights, lr)
    else:
        optimizer = SGD(weights, lr, momentum=0.9 if "momentum" in values["optimizer"] else 0.0)
    losses, held_out = [], []
    with np.errstate(all="ignore"):
        while True:
            loss = F.binary_cross_entropy_with_logits(output(weights, bend, x[:100]), target[:100])
            losses.append(loss.item())
            arrays = [weight.data for weight in weights]
            held_out.append(F.binary_cross_entropy_with_logits(output(arrays, bend, x[100:]), target[100:]))
            if len(losses) == values["step"] + 1:
                break
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if not all(np.abs(weight.data).max() <= 1e4 for weight in weights):
                break
    return {"x": x, "y": y, "losses": losses, "held_out": held_out, "weights": arrays, "bend": bend}


def check(explorer: Explorer) -> None:
    """Compare points, curves, map, border and the shares in the headline."""
    seen = train(explorer.values)
    artists: dict[str, Any] = explorer.artists
    last = len(seen["losses"]) - 1
    for name, part in (("train", slice(0, 100)), ("held out", slice(100, 200))):
        x, y = seen["x"][part], seen["y"][part]
        for label in (0, 1):
            np.testing.assert_array_equal(np.transpose(artists[f"{name} {label}"].get_data()), x[y == label])
    steps, losses = artists["loss"].get_data()
    np.testing.assert_array_equal(steps, np.arange(last + 1))
    np.testing.assert_allclose(losses, seen["losses"], rtol=1e-3, atol=1e-6)
    steps, losses = artists["held out"].get_data()
    np.testing.assert_array_equal(steps, sorted({*range(0, last + 1, 5), last}))
    expected = np.array(seen["held_out"])[np.asarray(steps, int)]
    np.testing.assert_allclose(losses, expected, rtol=1e-3, atol=1e-6)
    for name, value in (("now", seen["losses"][-1]), ("held out now", seen["held_out"][-1])):
        at, height = np.ravel(artists[name].get_data())
        assert at == last
        np.testing.assert_allclose(height, np.clip(value, 1e-3, 100), rtol=1e-3)
    words = artists["headline"].get_text()
    assert words.lower() in explorer.alt.lower()
    with np.errstate(all="ignore"):
        right = (output(seen["weights"], seen["bend"], seen["x"])[:, 0] > 0) == seen["y"]
    shares = f"right {100 * right[:100].mean():.0f} % in training, {100 * right[100:].mean():.0f} % held out"
    assert shares in words
    assert words.endswith(f"{last} step" + "s" * (last != 1))
    check_plane(artists, seen)


def check_plane(artists: dict[str, Any], seen: dict[str, Any]) -> None:
    """At the grid's points the map has the colour of their probability, and the border a logit of zero."""
    axis = np.linspace(-2.4, 2.4, 40, dtype=np.float32)
    where = np.array([(right, up) for up in axis for right in axis])
    with np.errstate(all="ignore"):
        logits = output(seen["weights"], seen["bend"], where)[:, 0].reshape(40, 40)
    rgb = artists["map"].get_data()  # (288, 288, 3), from below
    at = (np.arange(288) + 0.5) / 288 * 39  # middles of pixels, counted in steps of the grid
    with np.errstate(over="ignore"):
        grid = 1 / (1 + np.exp(-logits.astype(np.float64)))
    p = 12 * map_coordinates(grid, np.meshgrid(at, at, indexing="ij"), order=1)
    clear = np.abs(p - np.rint(p)) > 1e-3  # not on the edge between two bands
    assert clear.mean() > 0.5 or np.ptp(p) < 0.1 or np.ptp(p) > 11
    assert (rgb[clear] == PALETTE[np.minimum(p[clear].astype(int), 11)]).all()
    x, y = (np.asarray(part) for part in artists["border"].get_data())
    x, y = x[~np.isnan(x)], y[~np.isnan(y)]
    assert (len(x) > 0) == ((logits > 0).any() and (logits < 0).any() if logits.min() != 0 else len(x) > 0)
    for right, up in zip(x[::7], y[::7], strict=True):  # crossings lie on the grid's lines, between two signs
        column = np.searchsorted(axis, right + 1e-5).clip(1, 39)
        row = np.searchsorted(axis, up + 1e-5).clip(1, 39)
        around = logits[max(row - 2, 0) : row + 1, max(column - 2, 0) : column + 1]
        assert around.min() <= 0 <= around.max()
