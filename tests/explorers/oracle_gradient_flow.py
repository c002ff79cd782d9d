"""What `GradientFlow` must show, computed again: one tape through the whole network, without its modules.

A leaf of zeros is added to the output of every layer; its gradient is that of the output. Of a training the
first `N_FOLLOWED` steps are computed again; later ones must be drawn and told as they were recorded: a
training may be chaotic, so that rounding errors grow. test_gradient_flow.py follows tame ones to their end.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import course_utils.nn.functional as F
from course_utils.data import load_digits
from course_utils.explorers import Explorer
from course_utils.explorers.layer_statistics import Flow
from course_utils.nn import Tensor, init
from course_utils.nn.module import Parameter
from course_utils.optim import SGD

N_FOLLOWED = 2

BEND = {
    "sigmoid": F.sigmoid,
    "tanh": F.tanh,
    "ReLU": F.relu,
    "Leaky ReLU": F.leaky_relu,
    "GELU": F.gelu,
    "linear": lambda x: x,
}


@dataclass
class Layer:
    """The learnt numbers of a layer, and what the last pass left there."""

    weight: Parameter
    bias: Parameter
    scale: Parameter
    shift: Parameter
    before: np.ndarray | None = None
    after: np.ndarray | None = None
    h: np.ndarray | None = None
    probe: Tensor | None = None


@dataclass
class Found:
    """Numbers of one pass; arrays have an entry for each hidden layer."""

    loss: float
    gradients: np.ndarray
    weight_gradients: np.ndarray
    spreads: np.ndarray
    products: np.ndarray
    moved: np.ndarray
    dead: np.ndarray
    alike: np.ndarray
    before: list[np.ndarray]  # rows of np.histogram, and reach at the end
    after: list[np.ndarray]


def draw_layers(
    *, initialization: str, std: float, depth: int, width: int, seed: int, **_: Any
) -> list[Layer]:
    rng = np.random.default_rng(seed)
    sizes = [64, *[width] * depth, 10]
    layers = []
    for n_in, n_out in zip(sizes[:-1], sizes[1:], strict=True):
        bound = n_in**-0.5  # torch's default
        weight = Parameter(rng.uniform(-bound, bound, (n_out, n_in)))
        bias = Parameter(rng.uniform(-bound, bound, n_out))
        layers.append(Layer(weight, bias, Parameter(np.ones(n_out)), Parameter(np.zeros(n_out))))
    rng = np.random.default_rng(seed)
    for layer in layers if initialization != "torch's default" else ():
        n_out, n_in = layer.weight.shape
        deviation = {
            "zeros": 0,
            "normal": std,
            "Xavier": np.sqrt(2 / (n_in + n_out)),
            "He": np.sqrt(2 / n_in),
        }
        if initialization == "orthogonal":
            init.orthogonal_(layer.weight, rng=rng)
        else:
            layer.weight.data = rng.normal(0, deviation[initialization], (n_out, n_in))
        if initialization == "zeros":
            layer.weight.data = np.zeros((n_out, n_in))
        layer.bias.data = np.zeros(n_out)
    return layers


def pass_through(
    layers: list[Layer], *, activation: str, normalization: str, residual: str, **_: Any
) -> float:
    """Go forward and back; each layer keeps what passed."""
    digits = load_digits(dtype=np.float64)
    x, labels = digits.x_train[:48], digits.y_train[:48]
    h = Tensor((x - x.mean()) / x.std())
    *hidden, head = layers
    for i, layer in enumerate(hidden):
        z = F.linear(h, layer.weight, layer.bias)
        if normalization == "batch":
            z = F.batch_norm(z, None, None, layer.scale, layer.shift, training=True)
        elif normalization == "layer":
            z = F.layer_norm(z, z.shape[1:], layer.scale, layer.shift)
        a = BEND[activation](z)
        layer.before, layer.after = z.data, a.data
        h = h + a if residual == "on" and i else a
        layer.h = h.data
        layer.probe = Tensor(np.zeros(h.shape), requires_grad=True)
        h = h + layer.probe
    loss = F.cross_entropy(F.linear(h, head.weight, head.bias), labels)
    loss.backward()
    return loss.item()


def size(x: Any) -> float:
    """Root mean square, of whatever size."""
    x = np.asarray(x)
    exponent = np.frexp(np.abs(x).max())[1] if np.isfinite(x).all() else 0
    return float(np.ldexp(np.sqrt(np.mean(np.ldexp(x, -exponent) ** 2)), exponent))


def in_bins(x: Any) -> np.ndarray:
    reach = np.abs(x).max()
    counts = np.histogram(x / (reach or 1), bins=31, range=(-1, 1))[0] if np.isfinite(reach) else np.zeros(31)
    return np.append(counts / x.size, reach)


def look(hidden: list[Layer], loss: float, start: list[np.ndarray]) -> Found:
    weights: list[Any] = [layer.weight for layer in hidden]
    outputs: list[Any] = [layer.h for layer in hidden]
    after: list[Any] = [layer.after for layer in hidden]
    moved = []
    for w, w0 in zip(weights, start, strict=True):
        unit = np.sqrt((w0**2).sum()) if w0.any() else np.sqrt(len(w0))
        moved.append(np.sqrt(((w.data - w0) ** 2).sum()) / unit)
    return Found(
        loss,
        gradients=np.array([size(layer.probe.grad) for layer in hidden]),  # type: ignore[union-attr]
        weight_gradients=np.array([size(w.grad) for w in weights]),
        spreads=np.array([0 if np.ptp(h) < 1e-14 * np.abs(h).max() else size(h - h.mean()) for h in outputs]),
        products=np.array([(w.data * w.grad).sum() for w in weights]),
        moved=np.array(moved),
        dead=np.array([np.mean([not np.any(unit) for unit in a.T]) for a in after]),
        alike=np.array([np.array_equal(a, np.repeat(a[:, :1], a.shape[1], axis=1)) for a in after]),
        before=[in_bins(layer.before) for layer in hidden],
        after=[in_bins(a) for a in after],
    )


@functools.lru_cache(maxsize=4)
def follow(n_steps: int, **network: Any) -> list[Found]:
    layers = draw_layers(**network)
    *hidden, _ = layers
    normalized = network["normalization"] != "none"
    learnt = [p for layer in layers for p in (layer.weight, layer.bias)]
    learnt += [p for layer in hidden for p in (layer.scale, layer.shift) if normalized]
    start = [layer.weight.data for layer in hidden]
    optimizer = SGD(learnt, lr=0.03)
    found: list[Found] = []
    with np.errstate(all="ignore"):
        for _ in range(n_steps + 1):
            optimizer.zero_grad()
            now = look(hidden, pass_through(layers, **network), start)
            sizes = (now.loss, now.gradients, now.weight_gradients, now.spreads)
            if not all(np.isfinite(numbers).all() for numbers in sizes):
                break
            found.append(now)
            if len(found) <= n_steps:
                optimizer.step()
    return found


def network_of(given: dict[str, Any]) -> dict[str, Any]:
    """Return what `follow` needs of the controls' values."""
    network = {k: v for k, v in given.items() if k not in ("layer", "training", "step")}
    network["width"] = min(
        given["width"], int((409_600 / given["depth"] / (1 + (given["training"] == "on"))) ** 0.5)
    )
    network["std"] = given["std"] if given["initialization"] == "normal" else 0.0
    return network


def recorded(flow: Flow, moved: np.ndarray) -> Found:
    """Return what the explorer has recorded of a step."""
    units = list(flow.units)
    before = [np.append(one.before.shares, one.before.reach) for one in units]
    after = [np.append(one.after.shares, one.after.reach) for one in units]
    dead, alike = np.array([one.dead for one in units]), np.array([one.alike for one in units])
    numbers = (flow.loss, flow.gradients, flow.weight_gradients, flow.spreads, flow.products, moved)
    return Found(*numbers, dead, alike, before, after)


def slope(values: np.ndarray) -> float:
    """Return the growth from layer to layer, backwards: exp of minus covariance over variance."""
    x, y = np.flatnonzero(values), np.log(values[values > 0])
    return float(np.exp(-((x - x.mean()) * (y - y.mean())).sum() / ((x - x.mean()) ** 2).sum()))


def digits_of(text: str) -> float:
    return float(text.replace("−", "-"))


def check(explorer: Explorer) -> None:
    """Compare lines, marks, histograms, the loss and all numbers in words."""
    given = explorer.values
    in_training = given["training"] == "on"
    result, artists = explorer.result, explorer.artists
    run = [recorded(flow, moved) for flow, moved in zip(result.flows, result.moved, strict=True)]
    again = follow(N_FOLLOWED if in_training else 0, **network_of(given))
    assert len(again) == min(len(run), N_FOLLOWED + 1 if in_training else 1)
    np.testing.assert_allclose(
        [now.loss for now in run[: len(again)]], [now.loss for now in again], rtol=1e-6
    )
    run[: len(again)] = again
    step = min(given["step"], len(run) - 1) if in_training else 0
    found = run[step]
    depth, chosen = given["depth"], min(given["layer"], given["depth"]) - 1
    layers = np.arange(1, depth + 1)
    for name in ("gradients", "weight_gradients", "spreads", "moved"):
        values = getattr(found, name) if name != "moved" or in_training else np.zeros(0)
        x, y = artists[name].get_data()  # type: ignore[attr-defined]
        np.testing.assert_array_equal(x, layers[: len(values)])
        np.testing.assert_allclose(
            y, np.where(values > 0, values, np.nan), rtol=1e-6, atol=1e-14, err_msg=name
        )
        zeros = artists[f"zero {name}"].get_xdata()  # type: ignore[attr-defined]
        np.testing.assert_array_equal(zeros, layers[: len(values)][values == 0], err_msg=name)
        low, high = artists[name].axes.get_ylim()  # type: ignore[union-attr]
        assert all(low <= value <= high for value in values if value > 0), f"{name} leaves the picture"
        hovered = explorer.hover(result).get(name, [])
        assert [digits_of(text.split()[-1]) for text in hovered] == pytest.approx(values, rel=0.06, abs=1e-14)
        assert [text.split(":")[0] for text in hovered] == [f"layer {i + 1}" for i in range(len(values))]
    check_marks(artists, chosen + 1, in_training)
    check_histograms(explorer, found, chosen)
    check_words(explorer, run, step, chosen)
    if in_training:
        losses = np.array([now.loss for now in run])
        top = artists["losses"].axes.get_ylim()[1]  # type: ignore[union-attr]
        x, y = artists["losses"].get_data()  # type: ignore[attr-defined]
        np.testing.assert_array_equal(x, np.arange(len(run)))
        np.testing.assert_allclose(y, np.minimum(losses, top), rtol=1e-6)
        hovered = explorer.hover(result)["losses"]
        assert [text.split(":")[0] for text in hovered] == [f"step {i}" for i in range(len(run))]
        said = [digits_of(text.split("loss ")[1]) for text in hovered]
        np.testing.assert_allclose(said, losses, rtol=0.06, atol=0.005)
        star = np.ravel(artists["now"].get_data())  # type: ignore[attr-defined]
        np.testing.assert_allclose(star, [step, min(losses[step], top)], rtol=1e-6)


def check_marks(artists: dict[str, Any], layer: int, in_training: bool) -> None:
    """Compare ticks with where they stand, and the straight lines with what they mean."""
    np.testing.assert_array_equal(artists["chosen"].get_xdata(), [layer, layer])
    np.testing.assert_array_equal(artists["threshold"].get_ydata(), [0.01, 0.01] if in_training else [])
    for name, artist in artists.items():
        if name.startswith("level ") and artist.get_visible():
            np.testing.assert_allclose(digits_of(artist.get_text()), artist.get_position()[1], rtol=1e-9)
        if name.startswith("layer ") and artist.get_visible():
            assert artist.get_text() == str(artist.get_position()[0])
    if in_training:
        np.testing.assert_allclose(artists["guessing"].get_ydata(), np.log([10, 10]))
        assert digits_of(artists["top"].get_text()) == artists["losses"].axes.get_ylim()[1]


def check_histograms(explorer: Explorer, found: Found, chosen: int) -> None:
    for name, rows in (("before", found.before), ("after", found.after)):
        *shares, reach = rows[chosen]
        drawn = explorer.artists[name].get_data().values  # type: ignore[attr-defined]
        whole = drawn < 1.08  # the others are cut
        expected = np.array(shares)[whole]
        scale = expected.sum() / (drawn[whole].sum() or 1)
        np.testing.assert_allclose(drawn[whole] * scale, expected, atol=2e-3)  # rounding at the edges of bins
        cut = explorer.artists[f"cut {name}"].get_text()  # type: ignore[attr-defined]
        assert cut == ("" if whole.all() else f"{max(shares):.0%}".replace("%", " %"))
        right = explorer.artists[f"right {name}"].get_text()  # type: ignore[attr-defined]
        np.testing.assert_allclose(digits_of(right or "0"), reach, rtol=0.06)


def check_words(explorer: Explorer, run: list[Found], step: int, chosen: int) -> None:
    found, artists, alt = run[step], explorer.artists, explorer.alt
    words = artists["headline"].get_text()  # type: ignore[attr-defined]
    assert words.lower() in alt.lower()
    _, theory = artists["theory"].get_data()  # type: ignore[attr-defined]
    if found.gradients.all():
        ratio = found.gradients[0] / found.gradients[-1]
        far = ratio < 1 / 30 or ratio > 30
        a_layer = slope(found.gradients)
        if far:
            assert words.startswith(
                "vanishing: gradients shrink" if ratio < 1 else "exploding: gradients grow"
            )
        else:
            names = ("shrinking", "growing") if not 1 / 1.5 < a_layer < 1.5 else ("level", "level")
            assert words.startswith(f"{names[int(a_layer > 1)]}: gradients change")
        factor, *in_theory = (digits_of(part.split()[0].rstrip(")")) for part in words.split("×")[1:])
        np.testing.assert_allclose(factor, slope(found.gradients), rtol=0.06)
        assert len(in_theory) == (len(theory) > 0)
        if in_theory:
            np.testing.assert_allclose(theory[-1], found.gradients[-1], rtol=1e-6)
            np.testing.assert_allclose(in_theory[0], slope(np.array(theory)), rtol=0.06)
    else:
        assert words.startswith("cut off")
        assert ("any hidden layer" in words) == (not found.gradients.any())
    told = alt.split(f"Layer {chosen + 1}: ")[1].rstrip(".")
    told = told.replace("all layers ", "")
    values = dict(fact.rsplit(" ", 1) for fact in told.split(", ") if "unit" not in fact)
    expected = {
        "gradient of activations": found.gradients,
        "gradient of weights": found.weight_gradients,
        "spread of activations": found.spreads,
        "W · dL/dW": found.products,
    }
    assert values.keys() == expected.keys()
    for name, numbers in expected.items():
        np.testing.assert_allclose(
            digits_of(values[name]), numbers[chosen], rtol=0.06, atol=1e-14, err_msg=name
        )
    units = artists["title after"].get_text().removeprefix("after: ")  # type: ignore[attr-defined]
    if found.alike[chosen]:
        assert "units all alike" in told
        assert units == "all units alike"
    else:
        share = f"{found.dead[chosen]:.0%}".replace("%", " %")
        assert f"units {share} dead" in told
        assert units == f"{share} dead units"
    line = artists["subline"].get_text()  # type: ignore[attr-defined]
    assert line.lower() in alt.lower()
    if explorer.values["training"] == "off":
        check_comparison(line, found)
        loss = artists["loss (guessing: 2.30)"].get_text()  # type: ignore[attr-defined]
        assert f"Loss {loss} (guessing: 2.30)." in alt
        np.testing.assert_allclose(digits_of(loss), found.loss, rtol=0.06, atol=0.005)
    else:
        n_moved = int((found.moved >= 0.01).sum())
        if explorer.values["step"] > 0:
            assert f"{n_moved} of {len(found.moved)} layers moved" in alt
        assert ("Diverged" in alt) == (step < explorer.values["step"])


def check_comparison(line: str, found: Found) -> None:
    """Compare what is said of the first layer and the last."""
    if not found.gradients.any():
        assert line == "all weights are 0"
        return
    assert line.startswith(f"layer 1 against {len(found.gradients)}: gradients of activations ×")
    said = [digits_of(part.split(",")[0]) for part in line.split("×")[1:]]
    of_activations, *of_weights = (
        numbers[0] / numbers[-1] for numbers in (found.gradients, found.weight_gradients) if numbers[-1] > 0
    )
    np.testing.assert_allclose(said, [of_activations, *of_weights], rtol=0.06)
    is_level = 1 / 30 <= of_activations <= 30
    hidden = not is_level and bool(of_weights) and 1 / 30 < of_weights[0] < 30
    assert line.endswith(", which hide it") == hidden
