"""Gaussians on a ring, on which one can count the modes that a generator reaches. Chapter 11."""

from __future__ import annotations

import numpy as np
from numpy.typing import DTypeLike

from course_utils.randomness import check_generator


def ring_centres(n_modes: int = 8, radius: float = 2.0) -> np.ndarray:
    """Return the modes' centres, evenly spaced on a circle, the first on the horizontal axis: (n_modes, 2).

    Examples
    --------
    >>> ring_centres(4, 1.0).round(9) + 0.0
    array([[ 1.,  0.],
           [ 0.,  1.],
           [-1.,  0.],
           [ 0., -1.]])
    """
    if n_modes < 1 or not radius > 0:
        raise ValueError(f"expected at least one mode and a positive radius, got {n_modes} and {radius}")
    angle = 2 * np.pi * np.arange(n_modes) / n_modes
    return radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)


def ring_of_gaussians(
    n: int,
    n_modes: int = 8,
    *,
    radius: float = 2.0,
    std: float = 0.02,
    rng: np.random.Generator,
    dtype: DTypeLike = np.float32,
) -> tuple[np.ndarray, np.ndarray]:
    """Draw points from Gaussians whose centres stand on a circle, every mode with the same share.

    Parameters
    ----------
    n : int
        Number of points; the modes' counts differ by at most one.
    n_modes : int
        Number of Gaussians.
    radius : float
        Of the circle.
    std : float
        Standard deviation of each Gaussian in both coordinates.
    rng : numpy.random.Generator
    dtype : dtype
        Of x, float32 (default) or float64.

    Returns
    -------
    x : array (n, 2)
    y : int64 array (n,)
        The mode that each point comes from, 0 to n_modes - 1.

    Raises
    ------
    ValueError
        If n, n_modes, radius or std is out of range, or the dtype not a floating one.

    Notes
    -----
    The test bed of Metz, Poole, Pfau and Sohl-Dickstein, 2017, *Unrolled Generative Adversarial Networks*
    (arXiv:1611.02163).

    Examples
    --------
    >>> x, y = ring_of_gaussians(80, rng=np.random.default_rng(0))
    >>> x.shape, np.bincount(y).tolist()
    ((80, 2), [10, 10, 10, 10, 10, 10, 10, 10])
    """
    centres = ring_centres(n_modes, radius)
    if n < 0 or not std >= 0:
        raise ValueError(f"expected n and std of 0 or more, got {n} and {std}")
    if np.dtype(dtype).kind != "f":
        raise ValueError(f"expected a floating dtype, such as np.float32, got {np.dtype(dtype)}")
    y = check_generator(rng).permutation(np.arange(n, dtype=np.int64) % n_modes)
    return (centres[y] + std * rng.standard_normal((n, 2))).astype(dtype), y


def samples_per_mode(
    samples: np.ndarray, n_modes: int = 8, *, radius: float = 2.0, std: float = 0.02, within: float = 3.0
) -> np.ndarray:
    """Count the samples near each centre: a mode with none is lost, a sample near none is a poor one.

    Parameters
    ----------
    samples : array (N, 2)
        Points that a generator made.
    n_modes, radius, std
        Of the ring that it should imitate, as in `ring_of_gaussians`.
    within : float
        A sample counts for its nearest centre if it is no farther than so many standard deviations. The
        customary 3 hold 98.9 % of a true Gaussian in the plane: the distance exceeds r std with the chance
        exp(-r^2 / 2).

    Returns
    -------
    int64 array (n_modes,)
        Their sum divided by N is the share of good samples, the number of non-zeros that of modes found.

    Raises
    ------
    ValueError
        If the samples are not points of the plane.

    Examples
    --------
    >>> samples_per_mode(np.array([[2.0, 0.0], [2.05, 0.0], [-2.0, 0.0], [0.0, 0.0]]), 2)
    array([2, 1])
    """
    if np.ndim(samples) != 2 or np.shape(samples)[1] != 2:
        raise ValueError(f"expected samples (N, 2), got shape {np.shape(samples)}")
    offsets = np.asarray(samples)[:, None] - ring_centres(n_modes, radius)  # (N, n_modes, 2)
    distance = np.hypot(offsets[..., 0], offsets[..., 1])  # (N, n_modes)
    good = distance.min(axis=1) <= within * std  # a nan is near nothing
    return np.bincount(distance[good].argmin(axis=1), minlength=n_modes).astype(np.int64)
