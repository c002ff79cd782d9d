"""What bias and variance must show: slopes of 0 on a tape, and means over x by quadrature."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import eval_legendre

import course_utils.nn.functional as F
from course_utils.explorers import Explorer
from course_utils.explorers.bias_variance_fits import draws, mean_noise
from course_utils.explorers.noisy_points import Points, points, truth
from course_utils.explorers.penalized_polynomials import fit
from course_utils.nn.autodiff import Tensor
from course_utils.nn.penalties import elastic_net_penalty

NODES, MASS = np.polynomial.legendre.leggauss(40)  # exact for polynomials of degree up to 79
CONTROLS = {"degree": "degree", "penalty": "strength", "points": "n", "fits averaged": "members"}
OFF = 1e-5 / 6  # where no penalty stands on the axis of strengths


def rows(x: np.ndarray, degree: int) -> np.ndarray:
    """Return Legendre polynomials of mean square 1 on [-1, 1] at x: (len(x), degree + 1)."""
    return np.column_stack([np.sqrt(2 * k + 1) * eval_legendre(k, x) for k in range(degree + 1)])


def fits(given: dict[str, Any], y: np.ndarray) -> np.ndarray:
    """Return weights (degree + 1, R) for the columns of y (n, R)."""
    x = points(given["n"], 0.0, given["seed"]).x
    kind = "L2" if given["penalty"] == "ridge" else "none"
    return fit(Points(x, y, x[:0], x[:0]), given["degree"], kind, given["strength"])


def check_slopes(given: dict[str, Any], weights: np.ndarray, y: np.ndarray) -> None:
    """All fits stand where their own loss has no slope."""
    w, b = (Tensor(part, requires_grad=True) for part in (weights[1:], weights[:1]))
    design = rows(points(given["n"], 0.0, given["seed"]).x, given["degree"])
    loss = 0.5 * y.shape[1] * F.mse_loss(design[:, 1:] @ w + design[:, :1] @ b, y)
    if given["penalty"] == "ridge":
        loss = loss + given["strength"] * elastic_net_penalty([w], 0.0)
    loss.backward()
    for part in (w, b):
        np.testing.assert_allclose(np.asarray(part.grad), 0, atol=1e-9 * max(1, np.abs(weights).max()))


def expected(given: dict[str, Any]) -> np.ndarray:
    """Return bias squared, variance and noise: the fit to the truth, and fits to one error in one point."""
    x, at = points(given["n"], 0.0, given["seed"]).x, rows(NODES, given["degree"])
    gap = at @ fits(given, truth(x)[:, None])[:, 0] - truth(NODES)
    spread = np.square(at @ fits(given, np.eye(given["n"]))).sum(axis=1)
    m, c, noise = given["members"], given["correlation"], given["noise"] ** 2
    bias, variance = (MASS @ part / 2 for part in (gap**2, spread))
    return np.array([bias, noise * (1 + (m - 1) * c) / m * variance, noise])


def data_sets(given: dict[str, Any]) -> np.ndarray:
    """Return y of all data sets, (n, R)."""
    names = ("seed", "n", "n_sets", "members", "correlation")
    noise = mean_noise(**{name: given[name] for name in names})
    return (truth(points(given["n"], 0.0, given["seed"]).x) + given["noise"] * noise).T


def measured(given: dict[str, Any], weights: np.ndarray) -> np.ndarray:
    """Return bias squared, variance and the error on fresh points of fits (degree + 1, R)."""
    values, n_sets = rows(NODES, given["degree"]) @ weights, given["n_sets"]  # (40, R)
    mean = values.mean(axis=1, keepdims=True)
    variance = np.square(values - mean).sum(axis=1) / (n_sets - 1)
    bias = np.square(mean[:, 0] - truth(NODES)) - variance / n_sets
    found = draws(given["seed"])
    fresh = truth(found.x_fresh)[:, None] + given["noise"] * found.fresh[:n_sets].T
    error = np.square(rows(found.x_fresh, given["degree"]) @ weights - fresh).mean()
    return np.array([MASS @ bias / 2, MASS @ variance / 2, error])


def moved(given: dict[str, Any], place: float) -> dict[str, Any]:
    """Return settings at another place of the axis."""
    if given["axis"] == "penalty":
        return {**given, "penalty": "none" if place < 5e-6 else "ridge", "strength": place}
    return {**given, CONTROLS[given["axis"]]: int(place)}


def check(explorer: Explorer) -> None:
    """Compare fits, errors, bars and words."""
    given, artists = explorer.values, explorer.artists
    shown: dict[str, Any] = {
        name: np.column_stack(line.get_data())  # type: ignore[attr-defined]
        for name, line in artists.items()
        if hasattr(line, "get_data")
    }
    y = data_sets(given)
    weights = fits(given, y)
    check_slopes(given, weights, y)
    check_fits(explorer, shown, weights)
    check_axis(explorer, shown)
    parts, found = expected(given), measured(given, weights)
    off = given["axis"] == "penalty" and given["penalty"] == "none"
    here = OFF if off else given[CONTROLS[given["axis"]]]
    marks = {
        "degree": "now",
        "penalty": "now penalty",
        "points": "now points",
        "fits averaged": "now members",
    }
    mark = "off" if off else marks[given["axis"]]
    np.testing.assert_allclose(shown[mark], [[here, np.clip(parts.sum(), 1e-4, 10)]], rtol=1e-6)
    assert all(len(shown[name]) == (name == mark) for name in (*marks.values(), "off"))
    check_bars(artists, found, given["noise"] ** 2)
    check_words(explorer, parts, found)


def check_fits(explorer: Explorer, shown: dict[str, Any], weights: np.ndarray) -> None:
    """Compare the sample, its fit, up to 20 fits, and mean, band and gap of all."""
    given, artists = explorer.values, explorer.artists
    data = points(given["n"], given["noise"], given["seed"])
    np.testing.assert_array_equal(shown["sample"], np.column_stack([data.x, data.y]))
    x = shown["mean"][:, 0]
    at, size = rows(x, given["degree"]), 1e-9 * max(1.0, float(np.abs(weights).max()))
    single = (at @ fits(given, data.y[:, None]))[:, 0].clip(-100, 100)
    np.testing.assert_allclose(shown["sample fit"], np.column_stack([x, single]), atol=size)
    curves = at @ weights
    drawn = shown["fits"].reshape(-1, len(x) + 1, 2)
    assert len(drawn) == min(given["n_sets"], 20)
    assert np.isnan(drawn[:, -1]).all()
    np.testing.assert_allclose(drawn[:, :-1, 1], curves.T[: len(drawn)].clip(-100, 100), atol=size)
    mean, deviation = curves.mean(axis=1), curves.std(axis=1, ddof=1)
    np.testing.assert_allclose(shown["mean"][:, 1], mean.clip(-100, 100), atol=size)
    sides = {"band": (mean - deviation, mean + deviation), "gap": (truth(x), mean)}
    for name, (one, other) in sides.items():
        corners = artists[name].get_xy()[: 2 * len(x)]  # type: ignore[attr-defined]
        np.testing.assert_array_equal(corners[:, 0], [*x, *x[::-1]])
        y = np.concatenate([one, other[::-1]]).clip(-100, 100)
        np.testing.assert_allclose(corners[:, 1], y, atol=size)


def check_axis(explorer: Explorer, shown: dict[str, Any]) -> None:
    """At some places of the axis, lines and marks are those of that setting."""
    given, places = explorer.values, shown["total"][:, 0]
    for i in (0, len(places) // 2, len(places) - 1):
        bias, variance, noise = expected(moved(given, places[i]))
        whole = {"bias": bias, "variance": variance, "noise": noise, "total": bias + variance + noise}
        for name, value in whole.items():
            np.testing.assert_allclose(shown[name][i], [places[i], np.clip(value, 1e-4, 10)], rtol=1e-6)
    marks = shown["measured fresh"][:, 0]
    assert set(marks) <= set(places)
    for i in (1, len(marks) - 1):
        there = moved(given, marks[i])
        found = measured(there, fits(there, data_sets(there)))
        for name, value in zip(("bias", "variance", "fresh"), found, strict=True):
            mark = [marks[i], np.clip(value, 1e-4, 10)]
            np.testing.assert_allclose(shown[f"measured {name}"][i], mark, rtol=1e-6)


def check_bars(artists: dict[str, Any], found: np.ndarray, noise: float) -> None:
    """The bars are parts of the measured error, end to end."""
    bias, variance, fresh = found
    unit = max(fresh, 1e-12)
    ends = np.array([0, max(bias, 0), bias + variance, bias + variance + noise]) / unit
    for i, name in enumerate(("bias", "variance", "noise")):
        corners = artists[f"bar {name}"].get_xy()[:, 0]
        np.testing.assert_allclose([corners.min(), corners.max()], ends[i : i + 2], rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(artists["bar fresh"].get_xy()[:, 0].max(), fresh / unit, rtol=1e-6)


def written(value: float) -> str:
    """Return a number as the picture writes it."""
    return f"{float(f'{value:.3g}'):.4g}".replace("e-0", "e−").replace("e+0", "e+").replace("-", "−")


def check_words(explorer: Explorer, parts: np.ndarray, found: np.ndarray) -> None:
    """Headline, equation and text have the numbers of this setting."""
    words = explorer.artists["headline"].get_text()  # type: ignore[attr-defined]
    assert words.lower() in explorer.alt.lower()
    if min(parts.sum(), found[2]) > 1e-5:
        assert words.endswith(f"expected error {written(parts.sum())}, measured {written(found[2])}")
    else:
        assert words.startswith("about right")
    bias, variance, noise = parts
    if words.startswith("too"):
        assert words.startswith("too stiff" if bias > variance else "too wild")
    equation = explorer.artists["equation"].get_text()  # type: ignore[attr-defined]
    if min(np.abs(found).min(), noise) > 1e-5:
        assert f"bias² {written(found[0])} + variance {written(found[1])}\n" in equation
        assert f"+ noise {written(noise)} = {written(found[0] + found[1] + noise)};" in equation
        assert f"; fresh points {written(found[2])}" in equation
        doubt = " (too small for them to tell)" if found[0] < 0 else ""
        assert (
            f"bias squared {written(found[0])}{doubt}, variance {written(found[1])}; with the noise "
            f"{written(found[0] + found[1] + noise)}, on fresh points {written(found[2])}. "
        ) in explorer.alt
    if bias > 1e-5:
        assert f"Expected: bias squared {written(bias)}, variance" in explorer.alt
