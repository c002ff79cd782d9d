"""Classes in the plane with a known truth: spirals, moons, XOR and rings. Chapters 01b, 03 and 06.

Each function draws ``x (N, 2)`` and ``y (N,)``: a point on a curve (or in a square), then Gaussian noise in
both coordinates. The classes have equal shares (they differ by at most one example where n is no multiple)
and come in random order. Beside each stands the truth that the noise hides: the class of any point of the
plane.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from course_utils.randomness import check_generator


def spirals(
    n: int,
    n_arms: int = 2,
    noise: float = 0.02,
    *,
    turns: float = 1.0,
    rng: np.random.Generator,
    dtype: DTypeLike = np.float32,
) -> tuple[np.ndarray, np.ndarray]:
    """Draw Archimedean spirals, one a class: radius t, angle 2 pi (turns t + arm / n_arms), t in [0.1, 1].

    Parameters
    ----------
    n : int
        Number of points.
    n_arms : int
        Number of classes, 1 or more.
    noise : float
        Standard deviation in both coordinates; neighbouring arms are about 1 / (turns n_arms) apart.
    turns : float
        Revolutions from the centre to the rim.
    rng : numpy.random.Generator
    dtype : dtype
        Of x, float32 (default) or float64.

    Returns
    -------
    x : array (n, 2)
    y : int64 array (n,)
        The arm, 0 to n_arms - 1.

    Examples
    --------
    >>> x, y = spirals(300, 3, rng=np.random.default_rng(0))
    >>> x.shape, np.bincount(y).tolist()
    ((300, 2), [100, 100, 100])
    """
    y = _labels(n, n_arms, rng)
    t = rng.uniform(0.1, 1.0, n)
    angle = 2 * np.pi * (turns * t + y / n_arms)
    return _finish(t * np.cos(angle), t * np.sin(angle), noise, rng, dtype), y


def nearest_spiral(x: ArrayLike, n_arms: int = 2, *, turns: float = 1.0) -> np.ndarray:
    """Tell which arm a point lies on, or next to in angle: (N, 2) to int64 (N,).

    Examples
    --------
    >>> x, y = spirals(500, 3, noise=0.0, rng=np.random.default_rng(0))
    >>> bool((nearest_spiral(x, 3) == y).all())
    True
    """
    x = _points(x, n_arms)
    share = np.arctan2(x[:, 1], x[:, 0]) / (2 * np.pi) - turns * np.hypot(x[:, 0], x[:, 1])
    return np.rint(share * n_arms).astype(np.int64) % n_arms


def moons(
    n: int, noise: float = 0.1, *, rng: np.random.Generator, dtype: DTypeLike = np.float32
) -> tuple[np.ndarray, np.ndarray]:
    """Draw two half circles of radius 1 that reach into each other, as scikit-learn's `make_moons`.

    Class 0 is the upper half around (0, 0), class 1 the lower half around (1, 0.5). Unlike there, the points
    are drawn at random along the arcs, not spaced evenly.

    Parameters
    ----------
    n : int
        Number of points.
    noise : float
        Standard deviation in both coordinates.
    rng : numpy.random.Generator
    dtype : dtype
        Of x, float32 (default) or float64.

    Returns
    -------
    x : array (n, 2)
    y : int64 array (n,)
    """
    y = _labels(n, 2, rng)
    angle = rng.uniform(0, np.pi, n)
    side = 1 - 2 * y  # 1 above, -1 below
    return _finish(y + side * np.cos(angle), 0.5 * y + side * np.sin(angle), noise, rng, dtype), y


def nearest_moon(x: ArrayLike) -> np.ndarray:
    """Tell which of the two arcs of `moons` is closer to a point: (N, 2) to int64 (N,).

    Examples
    --------
    >>> nearest_moon(np.array([[0.0, 1.1], [1.0, -0.6]]))
    array([0, 1])
    """
    x = _points(x)
    return (_to_arc(-x + [1, 0.5]) < _to_arc(x)).astype(np.int64)


def _to_arc(x: np.ndarray) -> np.ndarray:
    """Distance of points from the upper half of the unit circle."""
    below = np.hypot(np.abs(x[:, 0]) - 1, x[:, 1])  # to the closer end of the arc
    return np.where(x[:, 1] >= 0, np.abs(np.hypot(x[:, 0], x[:, 1]) - 1), below)


def xor(
    n: int, noise: float = 0.0, *, rng: np.random.Generator, dtype: DTypeLike = np.float32
) -> tuple[np.ndarray, np.ndarray]:
    """Draw points of the square [-1, 1]^2: class 1 where the coordinates differ in sign, else class 0.

    Parameters
    ----------
    n : int
        Number of points; the four quadrants have equal shares.
    noise : float
        Standard deviation in both coordinates, added after the class was settled.
    rng : numpy.random.Generator
    dtype : dtype
        Of x, float32 (default) or float64.

    Returns
    -------
    x : array (n, 2)
    y : int64 array (n,)
    """
    quadrant = _labels(n, 4, rng)  # in this order the classes of an odd n differ by one: 0, 1, 0, 1
    right, y = quadrant // 2, quadrant % 2
    signs = 2 * np.stack([right, right ^ y]) - 1  # (2, n)
    x = signs * (1 - rng.uniform(0, 1, (2, n)))  # in (0, 1]: never on the boundary
    return _finish(x[0], x[1], noise, rng, dtype), y


def xor_class(x: ArrayLike) -> np.ndarray:
    """Tell the class of a point: 1 where the coordinates differ in sign, else 0: (N, 2) to int64 (N,).

    Examples
    --------
    >>> xor_class(np.array([[0.5, 0.5], [-0.5, 0.5]]))
    array([0, 1])
    """
    x = _points(x)
    return ((x[:, 0] > 0) != (x[:, 1] > 0)).astype(np.int64)


def rings(
    n: int,
    n_rings: int = 2,
    noise: float = 0.1,
    *,
    rng: np.random.Generator,
    dtype: DTypeLike = np.float32,
) -> tuple[np.ndarray, np.ndarray]:
    """Draw concentric circles, one a class: class k has the radius k + 1.

    Parameters
    ----------
    n : int
        Number of points.
    n_rings : int
        Number of classes, 1 or more.
    noise : float
        Standard deviation in both coordinates.
    rng : numpy.random.Generator
    dtype : dtype
        Of x, float32 (default) or float64.

    Returns
    -------
    x : array (n, 2)
    y : int64 array (n,)
    """
    y = _labels(n, n_rings, rng)
    angle = rng.uniform(0, 2 * np.pi, n)
    return _finish((y + 1) * np.cos(angle), (y + 1) * np.sin(angle), noise, rng, dtype), y


def nearest_ring(x: ArrayLike, n_rings: int = 2) -> np.ndarray:
    """Tell which circle of `rings` is closest to a point: (N, 2) to int64 (N,).

    Examples
    --------
    >>> nearest_ring(np.array([[0.0, 0.1], [1.4, 0.0], [0.0, -1.6], [9.0, 0.0]]))
    array([0, 0, 1, 1])
    """
    x = _points(x, n_rings)
    return np.clip(np.rint(np.hypot(x[:, 0], x[:, 1])) - 1, 0, n_rings - 1).astype(np.int64)


def _labels(n: int, n_classes: int, rng: np.random.Generator) -> np.ndarray:
    """Deal n labels out as evenly as can be, then shuffle."""
    if n < 0 or n_classes < 1:
        raise ValueError(f"expected n of 0 or more and at least one class, got {n} and {n_classes}")
    return check_generator(rng).permutation(np.arange(n, dtype=np.int64) % n_classes)


def _finish(
    horizontal: np.ndarray, vertical: np.ndarray, noise: float, rng: np.random.Generator, dtype: DTypeLike
) -> np.ndarray:
    """Stack the coordinates, (N, 2), and add the noise."""
    if not noise >= 0:
        raise ValueError(f"expected a noise of 0 or more, got {noise}")
    if np.dtype(dtype).kind != "f":
        raise ValueError(f"expected a floating dtype, such as np.float32, got {np.dtype(dtype)}")
    x = np.stack([horizontal, vertical], axis=1)
    return (x + noise * rng.standard_normal(x.shape)).astype(dtype)


def _points(x: ArrayLike, n_classes: int = 1) -> np.ndarray:
    """Return points as a floating array (N, 2), or say what is wrong with them."""
    points = np.asarray(x, dtype=np.float64)
    if points.ndim != 2 or points.shape[1] != 2:
        raise ValueError(f"expected x (N, 2), got shape {points.shape}")
    if not np.isfinite(points).all():
        raise ValueError("expected points of finite coordinates, got nan or inf")
    if n_classes < 1:
        raise ValueError(f"expected at least one class, got {n_classes}")
    return points
