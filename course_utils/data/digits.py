"""Handwritten digits, 1,797 real scans of 8 by 8 pixels, split at random or by writer. Chapter 01b."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import DTypeLike

SHEET_STARTS = (0, 130, 256, 386, 516, 646, 776, 906, 1029, 1157, 1287, 1415, 1545, 1667)
"""First row of each sheet: every writer copied the same sequence of digits, and the rows keep that order."""

FIRST_NEW_WRITER = SHEET_STARTS[-3]
"""Row from which the split by writer tests: the last three whole sheets, 382 scans."""


class Split(NamedTuple):
    """Data to learn from and data to be tested on.

    Attributes
    ----------
    x_train, x_test : array (N, n_features)
        One example a row. Of the digits: 64 pixels row by row in [0, 1] (0 paper, 1 ink);
        ``x.reshape(-1, 8, 8)`` gives pictures.
    y_train, y_test : array (N,)
        What is to be predicted. Of the digits: 0 to 9, int64.
    """

    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray


def load_digits(split: str = "random", *, seed: int = 0, dtype: DTypeLike = np.float32) -> Split:
    """Load the digits; no network is needed.

    Parameters
    ----------
    split : {"random", "writers"}
        "random" tests on 360 scans drawn from all, so that the writers tested on are also trained on: 1,437
        to learn from. "writers" tests on the last three sheets of paper, 382 scans, and learns from
        the other eleven, 1,415 scans: hands that are new, as far as the sheets tell (data/README.md).
    seed : int
        Draws the random split (without stratification); the other does not depend on it.
    dtype : dtype
        Of x, float32 (default) or float64; whole numbers cannot hold shades between 0 and 1.

    Returns
    -------
    Split
        ``x_train, y_train, x_test, y_test``.

    Raises
    ------
    ValueError
        If `split` is neither of the two, or `dtype` is not a floating one.

    Notes
    -----
    Source: Alpaydin and Kaynak, 1998, *Optical Recognition of Handwritten Digits*, UCI Machine Learning
    Repository (doi:10.24432/C50P49), CC BY 4.0, in the copy that comes with scikit-learn. See data/README.md.

    Examples
    --------
    >>> digits = load_digits("writers")
    >>> digits.x_train.shape, digits.x_test.shape
    ((1415, 64), (382, 64))
    """
    if split not in ("random", "writers"):
        raise ValueError(f'expected split "random" or "writers", got {split!r}')
    if np.dtype(dtype).kind != "f":
        raise ValueError(
            f"expected a floating dtype for pixels in [0, 1], such as np.float32, got {np.dtype(dtype)}"
        )
    from sklearn import datasets  # here, since it takes a second to import

    pixels, labels = datasets.load_digits(return_X_y=True)
    x, y = (pixels / 16).astype(dtype), labels.astype(np.int64)
    if split == "writers":
        train, test = np.arange(FIRST_NEW_WRITER), np.arange(FIRST_NEW_WRITER, len(x))
    else:
        train, test = draw_a_fifth(len(x), seed)
    return Split(x[train], y[train], x[test], y[test])


def draw_a_fifth(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw a fifth of n rows, rounded up, to test on; return the others' indices and theirs, shuffled."""
    order = np.random.default_rng(seed).permutation(n)
    n_test = -(-n // 5)
    return order[n_test:], order[:n_test]
