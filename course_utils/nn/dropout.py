"""Dropout: switch off units at random, so that none can rely on another. Chapter 06."""

from __future__ import annotations

import numpy as np

from course_utils.nn.autodiff import primitive
from course_utils.randomness import check_generator


@primitive
def dropout(x: np.ndarray, p: float = 0.5, training: bool = True, *, rng: np.random.Generator):
    """Set each entry to 0 with probability p and divide the others by 1 - p, which keeps the mean.

    Value and pullback share one mask: what was switched off gets no gradient. Dividing in training ("inverted
    dropout") leaves nothing to do in evaluation; Srivastava et al., 2014, "Dropout: a simple way to prevent
    neural networks from overfitting", describe both forms.

    Parameters
    ----------
    x : array, any shape
    p : float
        Probability of 0, in [0, 1]; at 0 everything is kept as it is, at 1 nothing.
    training : bool
        If False, return x unchanged.
    rng : numpy.random.Generator
        Draws the mask, one number for each entry; torch uses a hidden global state instead.

    Raises
    ------
    ValueError
        If p lies outside [0, 1] or x is not floating.

    Examples
    --------
    >>> y = dropout(np.ones(1000), p=0.75, rng=np.random.default_rng(0))
    >>> np.unique(y)  # 1 / (1 - 0.75) = 4
    array([0., 4.])
    """
    x = np.asarray(x)
    check_probability(p)
    if x.dtype.kind != "f":
        raise ValueError(f"expected floating x, got {x.dtype}")
    if not training or p == 0:
        return x, lambda dy: (dy,)
    kept = check_generator(rng).random(x.shape, dtype=np.float32) >= p  # float32 draws: twice as fast
    mask = kept * x.dtype.type(1 / (1 - p) if p < 1 else 0)  # 0 or 1 / (1 - p)
    return x * mask, lambda dy: (dy * mask,)


def check_probability(p: float) -> None:
    """Raise a ValueError unless p lies in [0, 1]."""
    if not 0 <= p <= 1:
        raise ValueError(f"expected p in [0, 1], got {p}")
