"""What the scene of activations must show: curves from torch-named layers and tapes, a unit at a time."""

from __future__ import annotations

from typing import Any

import numpy as np

from course_utils.data import load_digits
from course_utils.explorers import Explorer
from course_utils.nn import Tensor, layers
from course_utils.nn.layers import Linear


def activation_layer(name: str, parameter: float) -> Any:
    """Return the layer (not the function) of that name."""
    if name == "prelu":
        return layers.PReLU(init=parameter, dtype=np.float64)
    options = {
        "leaky_relu": {"negative_slope": parameter},
        "elu": {"alpha": parameter},
        "softplus": {"beta": parameter},
    }
    plain = {"relu": "ReLU", "leaky_relu": "LeakyReLU", "elu": "ELU", "selu": "SELU", "gelu": "GELU"}
    plain |= {"silu": "SiLU"}
    return getattr(layers, plain.get(name, name.capitalize()))(**options.get(name, {}))


def slopes_by_tape(layer: Any, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the outputs and the gradient of their sum."""
    leaf = Tensor(x, requires_grad=True)
    y = layer(leaf)
    y.sum().backward()
    return y.data, np.asarray(leaf.grad)


def pre_activations(inputs: str, shift: float, scale: float) -> np.ndarray:
    """Return the pre-activations of the scene's 50 units on its 100 examples, by a Linear layer."""
    rng = np.random.default_rng(3)
    if inputs == "digits":
        x = load_digits(dtype=np.float64).x_train[:100]
        x = x / np.sqrt(np.mean(x**2))
    else:
        x = rng.normal(size=(100, 16))
    n_in = x.shape[1]
    units = Linear(n_in, 50, rng=np.random.default_rng(0), dtype=np.float64)
    units.weight.data = scale * rng.normal(size=(50, n_in)) / n_in**0.5
    units.bias.data = np.full(50, float(shift))
    return units(Tensor(x)).data


def check(explorer: Explorer) -> None:
    """Compare curves, shaded regions, histograms, both shares and the numbers in the texts."""
    given, artists = explorer.values, explorer.artists
    layer = activation_layer(given["activation"], given["parameter"])
    x = np.linspace(-6, 6, 241)
    y, slope = slopes_by_tape(layer, x)
    for name, expected in (("value", y), ("slope", slope)):
        np.testing.assert_allclose(artists[name].get_data(), [x, expected], rtol=1e-9, atol=1e-12)
    largest = max(abs(slope))
    least = given["threshold"] * largest
    check_regions(artists, x, np.abs(slope) < least)

    z = pre_activations(given["inputs"], given["shift"], given["scale"])
    outputs, slopes = slopes_by_tape(layer, z)
    saturated = np.abs(slopes) < least
    counts = {"all": np.ones_like(saturated), "saturated": saturated}
    for name, counted in counts.items():
        heights, edges, _ = artists[name].get_data()
        between = (z[..., None] >= edges[:-1]) & (z[..., None] < edges[1:]) & counted[..., None]
        np.testing.assert_allclose(heights, between.sum(axis=(0, 1)) / z.size, atol=1e-12)
    alive = sum(any(slopes[:, unit] != 0) for unit in range(50))
    shares = {"saturated": saturated.sum() / z.size, "dead": 1 - alive / 50}
    for name, share in shares.items():
        at = np.ravel(artists[f"at {name}"].get_data())
        np.testing.assert_allclose(at, [given["shift"], share], atol=1e-12)
        assert f"{name}{' units' * (name == 'dead')} {100 * share:.3g} %" in explorer.alt
    np.testing.assert_array_equal(np.ravel(artists["bias"].get_data()), [given["shift"], 0])
    check_readouts(explorer, y, slope)
    for column in (0, 7, 12, 18, 24):
        check_share_at(artists, column, given, layer, least)
    words = artists["headline"].get_text()
    assert words.lower() in explorer.alt.lower()
    assert f"largest slope {largest:.4g}," in words
    assert f"mean {outputs.mean():.4g}".replace("-", "−").replace("e−0", "e−") in explorer.alt


def check_readouts(explorer: Explorer, y: np.ndarray, slope: np.ndarray) -> None:
    """Compare what some points say with the tape's numbers."""
    said: Any = explorer.hover(explorer.result)
    for i in (0, 60, 121, 240):
        written = said["slope"][i].replace("−", "-")
        x, value, at = (float(part.split()[-1]) for part in written.replace(":", ",").split(","))
        np.testing.assert_allclose([x, value, at], [i / 20 - 6, y[i], slope[i]], rtol=1e-3, atol=1e-12)
    assert said["value"] == said["slope"]


def check_regions(artists: dict[str, Any], x: np.ndarray, saturated: np.ndarray) -> None:
    """Compare the ends of the shaded regions, which run from a point of the grid to another."""
    flips = np.flatnonzero(np.diff(np.concatenate([[0], saturated.astype(int), [0]])))
    spans = [(x[i], x[j - 1]) for i, j in zip(flips[::2], flips[1::2], strict=True) if j - i > 1]
    for name in ("value", "slope", "z"):
        outlines = [path.vertices for path in artists[f"region {name}"].get_paths() if len(path.vertices)]
        drawn = [(corners[:, 0].min(), corners[:, 0].max()) for corners in outlines]
        drawn = [(left, right) for left, right in drawn if right > left]
        np.testing.assert_allclose(np.ravel(drawn), np.ravel(spans), atol=1e-12)


def check_share_at(
    artists: dict[str, Any], column: int, given: dict[str, Any], layer: Any, least: float
) -> None:
    """Compare both shares at one of the biases on the axis."""
    shift = artists["shares dead"].get_xdata()[column]
    assert np.isclose(shift, -6 + column / 2)
    _, slopes = slopes_by_tape(layer, pre_activations(given["inputs"], shift, given["scale"]))
    saturated = np.mean(np.abs(slopes) < least)
    dead = np.mean(~np.any(slopes != 0, axis=0))
    # An entry right at the threshold may fall on either side of it.
    assert abs(artists["shares saturated"].get_ydata()[column] - saturated) < 5e-4
    assert np.isclose(artists["shares dead"].get_ydata()[column], dead)
