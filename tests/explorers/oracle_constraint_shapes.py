"""What the scene of constraint shapes must show: the balance found by many proximal steps."""

from __future__ import annotations

from typing import Any

import numpy as np

from course_utils.explorers import Explorer
from course_utils.nn import penalties

SHARES = {"L2": 0.0, "elastic net": 0.5, "L1": 1.0}
N_STEPS = 1500  # the slowest direction keeps 29/30 of its error in a step


def descend(given: dict[str, Any], strengths: np.ndarray) -> np.ndarray:
    """Return the weights that proximal steps of size 1 end at, one row a strength."""
    turn = np.exp(1j * np.deg2rad(given["angle"]))  # the flat direction, as a complex number
    share = SHARES[given["penalty"]]
    l1, l2 = share * strengths, (1 - share) * strengths
    minimum = complex(given["w1"], given["w2"])
    weights = np.zeros(len(strengths), complex)
    for _ in range(N_STEPS):
        away = (weights - minimum) / turn
        gradient = (away.real / given["condition"] + 1j * away.imag) * turn
        plain = weights - gradient
        parts = [
            penalties.soft_threshold(part / l1, 1.0) * l1 if share else part
            for part in (plain.real, plain.imag)
        ]
        weights = (parts[0] + 1j * parts[1]) / (1 + l2)
    return np.column_stack([weights.real, weights.imag])


def loss(given: dict[str, Any], points: np.ndarray) -> np.ndarray:
    """Return the loss without penalty at points (n, 2)."""
    turn = np.exp(1j * np.deg2rad(given["angle"]))
    away = (points[:, 0] + 1j * points[:, 1] - complex(given["w1"], given["w2"])) / turn
    return away.real**2 / given["condition"] / 2 + away.imag**2 / 2


def penalty(given: dict[str, Any], points: np.ndarray) -> np.ndarray:
    """Return the penalty at points (n, 2), without its strength."""
    share = SHARES[given["penalty"]]
    return share * np.abs(points).sum(axis=1) + (1 - share) / 2 * (points**2).sum(axis=1)


def check(explorer: Explorer) -> None:
    """Compare weights, paths, the shape's edge, the ellipses and the numbers in the texts."""
    given: dict[str, Any] = explorer.values
    artists: dict[str, Any] = explorer.artists
    strengths = artists["first"].get_xdata()
    np.testing.assert_allclose(np.log10(strengths), np.linspace(-3, 1, len(strengths)), atol=1e-12)
    expected = descend(given, np.append(strengths, given["strength"]))
    minimum, weights = np.array([[given["w1"], given["w2"]]]), expected[-1:]
    drawn = np.column_stack([artists[name].get_ydata() for name in ("first", "second")])
    np.testing.assert_allclose(drawn, expected[:-1], atol=1e-8)
    np.testing.assert_array_equal(drawn == 0, np.abs(expected[:-1]) < 1e-9)
    path = np.column_stack(artists["path"].get_data())
    np.testing.assert_allclose(path, np.vstack([minimum, expected[:-1]]), atol=1e-8)
    np.testing.assert_allclose(np.ravel(artists["weights"].get_data()), weights[0], atol=1e-8)
    np.testing.assert_allclose(np.ravel(artists["minimum"].get_data()), minimum[0])
    for i, name in enumerate(("first now", "second now")):
        at = np.ravel(artists[name].get_data())
        np.testing.assert_allclose(at, [given["strength"], weights[0, i]], atol=1e-8)
    edge = np.column_stack(artists["edge"].get_data())
    np.testing.assert_allclose(penalty(given, edge), penalty(given, weights)[0], atol=1e-7)
    np.testing.assert_allclose(artists["shape"].get_xy()[: len(edge)], edge)
    touching = np.column_stack(artists["touching"].get_data())
    np.testing.assert_allclose(loss(given, touching), loss(given, weights)[0], atol=1e-7)
    levels = [np.column_stack(line.get_data()) for name, line in artists.items() if name.startswith("level")]
    heights = [loss(given, points) for points in levels]
    np.testing.assert_allclose(heights, np.repeat([[h[0]] for h in heights], len(heights[0]), axis=1))
    check_words(explorer.alt, artists["headline"].get_text(), artists["kept"].get_text(), given, expected)


def check_words(alt: str, headline: str, kept: str, given: dict[str, Any], expected: np.ndarray) -> None:
    """Compare which weights are said to be 0, and what is kept along each direction."""
    weights = expected[-1]
    zero = np.abs(weights) < 1e-9
    assert headline in alt
    assert kept in alt
    assert ("both weights are exactly 0" in headline) == zero.all()
    assert ("neither is 0" in headline) == (not zero.any())
    for i, name in enumerate(("weight 1", "weight 2")):
        assert (f"{name} is exactly 0" in headline) == (zero[i] and not zero.all())
    turn = np.exp(1j * np.deg2rad(given["angle"]))
    now, before = complex(*weights) / turn, complex(given["w1"], given["w2"]) / turn
    for share, whole, words in ((now.imag, before.imag, "steep"), (now.real, before.real, "flat")):
        said = kept.split(f" of the {words}")[0].split()
        if abs(whole) > 1e-12:
            assert abs(float(said[-2].replace("−", "-")) - 100 * share / whole) <= 0.51, kept
        else:
            assert said[-1] == "nothing"
