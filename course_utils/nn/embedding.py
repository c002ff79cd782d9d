"""A table of vectors, one for each word, character or position, and how it learns. Chapters 09 and 10."""

from __future__ import annotations

import numpy as np

from course_utils.nn.autodiff import primitive
from course_utils.nn.windows import is_whole


@primitive
def embedding(indices: np.ndarray, weight: np.ndarray, padding_idx: int | None = None):
    """Look up one row of `weight` for every index: the product of one-hot rows and `weight`, without it.

    So the pullback is the transposed product: every row gets the sum of dy over the places that took it.
    torch's ``max_norm``, ``scale_grad_by_freq`` and ``sparse`` are left out.

    Parameters
    ----------
    indices : integer array, any shape
        Rows to take, in 0..n_rows-1 (torch calls it ``input``).
    weight : array (n_rows, n_features)
        The table.
    padding_idx : int, optional
        A row that stands for "nothing here" and gets no gradient; negative numbers count from the end.

    Returns
    -------
    array (*indices.shape, n_features)

    Raises
    ------
    ValueError
        If shapes or dtypes do not fit, or an index lies outside the table.

    Examples
    --------
    >>> embedding(np.array([1, 1, 0]), np.array([[1.0, 2.0], [3.0, 4.0]]))
    array([[3., 4.],
           [3., 4.],
           [1., 2.]])
    """
    indices, weight = np.asarray(indices), np.asarray(weight)
    _check_table(indices, weight)
    padding_row = None if padding_idx is None else row_number(padding_idx, len(weight))
    n_rows, n_features = weight.shape

    def pullback(dy):  # dy (..., n_features)
        rows = indices.reshape(-1, 1).astype(np.intp)  # room for places beyond a small integer's range
        places = rows * n_features + np.arange(n_features)  # in the flat table
        dweight = np.zeros(n_rows * n_features, weight.dtype)
        np.add.at(dweight, places.ravel(), dy.ravel())  # flat: add.at is several times slower by rows
        dweight = dweight.reshape(n_rows, n_features)
        if padding_row is not None:
            dweight[padding_row] = 0
        return None, dweight

    return weight[indices], pullback


def row_number(padding_idx: int, n_rows: int) -> int:
    """Return `padding_idx` counted from the start.

    Raises
    ------
    ValueError
        If the table has no such row.
    """
    if not is_whole(padding_idx) or not -n_rows <= padding_idx < n_rows:
        raise ValueError(f"expected padding_idx in {-n_rows}..{n_rows - 1}, got {padding_idx}")
    return padding_idx % n_rows


def _check_table(indices: np.ndarray, weight: np.ndarray) -> None:
    if weight.ndim != 2 or weight.dtype.kind != "f":
        raise ValueError(
            f"expected a floating weight (n_rows, n_features), got {weight.dtype}, shape {weight.shape}"
        )
    if indices.dtype.kind not in "iu":
        raise ValueError(f"expected integer indices, got {indices.dtype}")
    if indices.size and (indices.min() < 0 or indices.max() >= len(weight)):
        raise ValueError(f"expected indices in 0..{len(weight) - 1}, got {indices.min()}..{indices.max()}")
