"""The affine map: every entry of the output is a weighted sum of the inputs. Chapter 01a."""

from __future__ import annotations

import numpy as np

from course_utils.nn.autodiff import primitive


@primitive
def linear(x: np.ndarray, weight: np.ndarray, bias: np.ndarray | None = None):
    """Affine map x W^T + b.

    Parameters
    ----------
    x : array (..., n_in)
        Inputs, usually a batch (B, n_in).
    weight : array (n_out, n_in)
        One row of weights for each output, as in torch.
    bias : array (n_out,), optional
        What is added to each output.

    Returns
    -------
    array (..., n_out)

    Raises
    ------
    ValueError
        If the shapes do not fit.

    Examples
    --------
    >>> linear(np.array([[1.0, 2.0]]), np.array([[3.0, 4.0]]), np.array([0.5]))  # 1*3 + 2*4 + 0.5
    array([[11.5]])
    """
    _check_shapes(x, weight, bias)
    y = x @ weight.T if bias is None else x @ weight.T + bias

    def pullback(dy):  # dy (..., n_out)
        dy_rows = dy.reshape(-1, dy.shape[-1])  # (B, n_out)
        x_rows = x.reshape(-1, x.shape[-1])  # (B, n_in)
        dbias = None if bias is None else dy_rows.sum(axis=0)
        return lambda: dy @ weight, dy_rows.T @ x_rows, dbias  # dx only if wanted: data need none

    return y, pullback


def _check_shapes(x: np.ndarray, weight: np.ndarray, bias: np.ndarray | None) -> None:
    if not hasattr(weight, "shape"):
        raise ValueError(f"expected weight as an array (n_out, n_in), got {type(weight).__name__}")
    if np.ndim(weight) != 2:
        raise ValueError(f"expected weight (n_out, n_in), got shape {np.shape(weight)}")
    n_out, n_in = weight.shape
    if not hasattr(x, "shape"):
        raise ValueError(f"expected x as an array (..., {n_in}), got {type(x).__name__}")
    if np.ndim(x) == 0 or x.shape[-1] != n_in:
        raise ValueError(f"expected x (..., {n_in}) for weight {weight.shape}, got shape {np.shape(x)}")
    if bias is not None and not hasattr(bias, "shape"):
        raise ValueError(f"expected bias as an array ({n_out},), got {type(bias).__name__}")
    if bias is not None and np.shape(bias) != (n_out,):
        raise ValueError(f"expected bias ({n_out},) for weight {weight.shape}, got shape {np.shape(bias)}")
