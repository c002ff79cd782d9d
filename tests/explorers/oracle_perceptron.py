"""What the perceptron's explorer must show, by a plain loop over the examples and a search for the line."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np

from course_utils.explorers import Explorer
from course_utils.explorers.perceptron_runs import DATA


def loop(values: dict[str, Any]) -> dict[str, Any]:
    """Run Rosenblatt's rule on Python numbers, up to the chosen step; return what is to be seen then."""
    points, labels = DATA[values["data"]](
        values["examples"], values["margin"], np.random.default_rng([values["seed"], 0])
    )
    rng = np.random.default_rng([values["seed"], 1])
    w1, w2, b = 0.0, 0.0, 0.0
    lengths: list[float] = []
    counts: list[int] = []
    visits, looked_at = 0, None
    before: tuple[float, float, float] | None = None
    clean, given_up = False, False
    by_mistake = values["by"] == "one mistake"
    while not (clean or given_up):
        if (len(lengths) if by_mistake else visits) == values["step"] or len(counts) == 100:
            break
        order = rng.permutation(len(points)) if "shuffled" in values["order"] else range(len(points))
        counts.append(0)
        for i in order:
            (x1, x2), y = points[i], int(labels[i])
            visits += 1
            looked_at, before = i, None
            if y * (x1 * w1 + x2 * w2 + b) <= 0:
                before = w1, w2, b
                w1, w2, b = w1 + y * x1, w2 + y * x2, b + y
                lengths.append((w1 * w1 + w2 * w2 + b * b) ** 0.5)
                counts[-1] += 1
                given_up = len(lengths) == 200
            if (len(lengths) if by_mistake else visits) == values["step"] and (before or not by_mistake):
                break
            if given_up:
                break
        else:
            clean = counts[-1] == 0
            continue
        break
    reached = (len(lengths) if by_mistake else visits) == values["step"]
    return {
        "points": points,
        "labels": labels,
        "weight": (w1, w2, b),
        "lengths": lengths,
        "counts": counts,
        "looked_at": looked_at if reached else None,
        "before": before if reached else None,
    }


def smallest_bound(points: np.ndarray, labels: np.ndarray) -> float:
    """Return (R / margin)^2, infinite without a line, by trying every set of examples that may touch it.

    The widest margin is the distance of the hull of the signed inputs from the origin; the nearest point of
    the hull lies on a corner, an edge or a triangle.
    """
    signed = labels[:, None] * np.column_stack([points, np.ones(len(points))])
    sets = [np.array(list(combinations(range(len(signed)), size))) for size in (1, 2, 3)]
    best = 0.0
    for chosen in sets:
        if len(chosen) == 0:
            continue
        a = signed[chosen]  # (n_sets, size, 3)
        size = a.shape[1]
        gram = a @ a.transpose(0, 2, 1) + 1e-15 * np.eye(size)
        shares = np.linalg.solve(gram, np.ones((len(a), size, 1)))  # direction with equal products
        w = (a.transpose(0, 2, 1) @ shares)[..., 0]
        w /= np.linalg.norm(w, axis=1, keepdims=True)
        for start in range(0, len(w), 20_000):
            best = max(best, float((w[start : start + 20_000] @ signed.T).min(axis=1).max()))
    radius = np.linalg.norm(signed, axis=1).max()
    return float((radius / best) ** 2) if best > 1e-9 else np.inf


def check(explorer: Explorer) -> None:
    """Compare points, border, ring, both curves and the headline's numbers."""
    seen = loop(explorer.values)
    artists: dict[str, Any] = explorer.artists
    w1, w2, b = seen["weight"]
    for label in (-1, 1):
        drawn = np.transpose(artists[f"points {label:+d}"].get_data())
        np.testing.assert_array_equal(drawn, seen["points"][seen["labels"] == label])
        side = artists[f"side {label:+d}"]
        if side.get_visible():
            corners = side.get_xy()
            assert (label * (corners @ [w1, w2] + b) > -1e-9).all()
            assert np.abs(corners).max() <= 2
    check_border(artists, seen["weight"])
    ring = np.transpose(artists["ring"].get_data())
    np.testing.assert_array_equal(ring, seen["points"][[i for i in [seen["looked_at"]] if i is not None]])
    x, y = artists["before"].get_data()
    if seen["before"]:
        v1, v2, v0 = seen["before"]
        np.testing.assert_allclose(v1 * np.asarray(x) + v2 * np.asarray(y) + v0, 0, atol=1e-9)
    else:
        assert len(x) == 0
    passes = np.arange(1, len(seen["counts"]) + 1)
    np.testing.assert_array_equal(artists["mistakes"].get_data(), [passes, seen["counts"]])
    k, lengths = artists["length"].get_data()
    np.testing.assert_array_equal(k, np.arange(1, len(seen["lengths"]) + 1))
    np.testing.assert_allclose(lengths, seen["lengths"], rtol=1e-9, atol=1e-9)
    check_bound(explorer, seen)


def check_border(artists: dict[str, Any], weight: tuple[float, float, float]) -> None:
    """The border is where w x + b = 0, from edge to edge; the arrow stands upright on it, towards +1."""
    w1, w2, b = weight
    x, y = map(np.asarray, artists["line"].get_data())
    corners = [w1 * right + w2 * up + b for right in (-2, 2) for up in (-2, 2)]
    assert len(x) == (2 if min(corners) < 0 < max(corners) else len(x))
    if len(x) == 0:
        assert len(artists["head"].get_data()[0]) == 0
        return
    np.testing.assert_allclose(w1 * x + w2 * y + b, 0, atol=1e-9)
    np.testing.assert_allclose(np.maximum(np.abs(x), np.abs(y)), 2)
    (x0, x1), (y0, y1) = artists["shaft"].get_data()
    np.testing.assert_allclose((x1 - x0) * w2, (y1 - y0) * w1, atol=1e-9)
    assert (x1 - x0) * w1 + (y1 - y0) * w2 > 0


def check_bound(explorer: Explorer, seen: dict[str, Any]) -> None:
    """The mark stands at the bound, the two limits go through it, and the curve keeps between them."""
    artists: dict[str, Any] = explorer.artists
    words, n = artists["headline"].get_text(), len(seen["lengths"])
    bound = smallest_bound(seen["points"], seen["labels"])
    at, height = artists["bound"].get_data()
    assert words.lower() in explorer.alt.lower()
    assert n == 0 or f" {n} mistake" in words
    if not np.isfinite(bound):
        assert len(at) == 0
        assert len(artists["floor"].get_data()[0]) == 0
        assert n == 0 or "never settles" in words
        return
    np.testing.assert_allclose(at, bound, rtol=1e-5)
    assert n <= bound
    k = np.arange(1, n + 1)
    for name, sign in (("floor", -1), ("ceiling", 1)):
        ends, limits = (np.log(value) for value in artists[name].get_data())
        np.testing.assert_allclose(np.interp(np.log(bound), ends, limits), np.log(height[0]), atol=1e-6)
        limit = np.interp(np.log(k), ends, limits)
        assert (sign * (limit - np.log(seen["lengths"])) > -1e-9).all()
    if n and bound < 9999:
        assert f"the bound allows {bound:.4g}" in words or f"the bound allows {at[0]:.4g}" in words
    weight = np.array(seen["weight"])
    scores = seen["labels"] * (seen["points"] @ weight[:2] + weight[2])
    if n:
        assert words.startswith("settled" if (scores > 0).all() else "learning")
