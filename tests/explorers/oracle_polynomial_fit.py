"""What the polynomial fit must show: its curve by SciPy, and conditions that only the best weights meet."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import eval_legendre

import course_utils.nn.functional as F
from course_utils.explorers import Explorer
from course_utils.explorers.noisy_points import points
from course_utils.nn.autodiff import Tensor
from course_utils.nn.penalties import elastic_net_penalty, proximal_step

RATIOS = {"L2": 0.0, "L1": 1.0, "elastic net": 0.5}


def values(x: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the polynomial's values: Legendre polynomials of mean square 1 on [-1, 1]."""
    return sum(w * np.sqrt(2 * k + 1) * eval_legendre(k, x) for k, w in enumerate(weights))  # type: ignore[return-value]


def gradient(weights: np.ndarray, data: Any) -> np.ndarray:
    """Return the gradient of half the mean squared error, from a tape."""
    rows = np.column_stack([values(data.x, row) for row in np.eye(len(weights))])
    w = Tensor(weights[:, None], requires_grad=True)
    (0.5 * F.mse_loss(rows @ w, data.y[:, None])).backward()
    return np.asarray(w.grad)[:, 0]


def check_weights(weights: np.ndarray, data: Any, penalty: str, strength: float) -> None:
    """The loss has no slope; a step of the public engine (ISTA) leaves the weights where they are."""
    slope = gradient(weights, data)
    if penalty == "none":
        np.testing.assert_allclose(slope, 0, atol=1e-9 * max(1, np.abs(weights).max()))
        return
    ratio = RATIOS[penalty]
    moved = Tensor((weights - 0.01 * slope)[1:], requires_grad=True)
    if len(weights) > 1:
        proximal_step([moved], 0.01, l1=strength * ratio, l2=strength * (1 - ratio))
        np.testing.assert_allclose(moved.data, weights[1:], atol=1e-9)
        np.testing.assert_array_equal(moved.data == 0, weights[1:] == 0)
    np.testing.assert_allclose(slope[0], 0, atol=1e-9)
    free = Tensor(weights[1:][weights[1:] != 0], requires_grad=True)
    if free.data.size:
        (strength * elastic_net_penalty([free], ratio)).backward()
        inside = np.flatnonzero(weights[1:] != 0) + 1
        np.testing.assert_allclose(slope[inside], -np.asarray(free.grad), atol=1e-8)


def check(explorer: Explorer) -> None:
    """Compare points, curve, weights, errors and words."""
    given, artists = explorer.values, explorer.artists
    shown: dict[str, Any] = {
        name: np.column_stack(line.get_data())  # type: ignore[attr-defined]
        for name, line in artists.items()
        if name != "headline"
    }
    data = points(given["n"], given["noise"], given["seed"])
    np.testing.assert_array_equal(shown["train"], np.column_stack([data.x, data.y]))
    np.testing.assert_array_equal(shown["held out"], np.column_stack([data.x_held_out, data.y_held_out]))
    weights = np.full(given["degree"] + 1, np.nan)
    for name in ("weights", "zeros"):
        weights[shown[name][:, 0].astype(int)] = shown[name][:, 1]
    assert not np.isnan(weights).any()
    assert (shown["weights"][:, 1] != 0).all()
    assert (shown["zeros"][:, 1] == 0).all()
    np.testing.assert_array_equal(shown["stems"][1::3, 1], weights)
    check_weights(weights, data, given["penalty"], given["strength"])
    size = max(1.0, float(np.abs(weights).max()))
    curve = values(shown["curve"][:, 0], weights).clip(-100, 100)
    np.testing.assert_allclose(shown["curve"][:, 1], curve, atol=1e-9 * size)
    own, others = (
        float(np.sqrt(np.mean((values(x, weights) - y) ** 2)))
        for x, y in ((data.x, data.y), (data.x_held_out, data.y_held_out))
    )
    here = given["degree" if given["penalty"] == "none" else "strength"]
    for name, error in (("train now", own), ("held out now", others)):
        np.testing.assert_allclose(shown[name][0], [here, np.clip(error, 0.01, 10)], rtol=1e-6)
    check_path(explorer, shown, here)
    assert shown["noise"][0, 1] == max(given["noise"], 0.01)
    words = artists["headline"].get_text()  # type: ignore[attr-defined]
    said = f"{float(f'{others:.3g}'):.4g}".replace("e-0", "e−").replace("e+0", "e+")
    assert others < 1e-6 or words.endswith(f"{said} held out")
    assert words.lower() in explorer.alt.lower()
    assert f"{int((weights == 0).sum())} of {len(weights)} are exactly 0" in explorer.alt


def check_path(explorer: Explorer, shown: dict[str, Any], here: float) -> None:
    """The errors over the axis: at some places the errors of a fit there; the best is the least."""
    given = explorer.values
    name = "degree" if given["penalty"] == "none" else "strength"
    places, held_out = shown["held-out error"].T
    best = explorer.result.path[:, 1].argmin()
    np.testing.assert_allclose(shown["best"], [[places[best], held_out[best]]])
    assert held_out[best] == held_out.min()
    for i in range(0, len(places), 12 if name == "strength" else 5):
        place = int(places[i]) if name == "degree" else float(places[i])
        other = type(explorer).compute(**{**given, name: place})
        errors = other.rmse.clip(0.01, 10)
        np.testing.assert_allclose(held_out[i], errors[1], rtol=1e-5)
        np.testing.assert_allclose(shown["train error"][i], [place, errors[0]], rtol=1e-5)
