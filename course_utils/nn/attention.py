"""Attention: every query takes the mean of the values, weighted by how well their keys fit. Chapter 10.

Vaswani et al., 2017, "Attention is all you need", section 3.2.1: softmax(Q K^T / sqrt(E)) V.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from course_utils.nn.arithmetic import unbroadcast
from course_utils.nn.autodiff import primitive
from course_utils.nn.dropout import check_probability, dropout


@primitive
def scaled_dot_product_attention(
    query: np.ndarray,
    key: np.ndarray,
    value: np.ndarray,
    attn_mask: np.ndarray | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    *,
    rng: np.random.Generator | None = None,
):
    """Mean of the values for each query, with the weights softmax(scale query key^T + mask).

    Parameters
    ----------
    query : array (..., L, E)
        What each of L positions asks for. Leading axes (batch, heads) are stretched to fit, as in NumPy.
    key : array (..., S, E)
        What each of S positions offers.
    value : array (..., S, Ev)
        What it passes on.
    attn_mask : bool or floating array that stretches to (..., L, S), optional
        Booleans: True where a query *may* look (in `MultiheadAttention` True means that it may not). Floats
        are added to the scores. A query that may look nowhere gets zeros.
    dropout_p : float
        Share of the weights, in [0, 1], that is set to 0 while the others grow by 1 / (1 - dropout_p);
        applied whenever it is not 0, so pass 0 in evaluation.
    is_causal : bool
        Whether position i sees only the positions 0..i; not together with `attn_mask`.
    scale : float, optional
        Factor of the scores, 1 / sqrt(E) by default, which keeps their variance at 1 if queries and keys
        have independent entries of variance 1.
    rng : numpy.random.Generator, optional
        Draws what is dropped; torch uses a hidden global state instead. Needed for ``dropout_p > 0``.

    Returns
    -------
    array (..., L, Ev)

    Raises
    ------
    ValueError
        If shapes or dtypes do not fit, both masks are given, or dropout has no generator.

    Notes
    -----
    torch's ``enable_gqa`` is not offered.

    Examples
    --------
    A key that fits by far best passes its value on; two that fit alike share.

    >>> key, value = np.array([[100.0], [0.0], [0.0]]), np.array([[1.0], [2.0], [4.0]])
    >>> scaled_dot_product_attention(np.array([[1.0]]), key, value)
    array([[1.]])
    >>> scaled_dot_product_attention(np.array([[-1.0]]), key, value)  # (2 + 4) / 2
    array([[3.]])
    """
    _check_value(query, key, value)
    weights, weights_pullback = _masked_softmax(query, key, attn_mask, is_causal, scale)
    check_probability(dropout_p)
    if dropout_p > 0 and rng is None:
        raise ValueError(f"expected rng=np.random.default_rng(...) for dropout_p = {dropout_p}, got None")
    used, dropout_pullback = dropout.vjp(weights, dropout_p, rng=rng)  # (..., L, S)

    def pullback(dy):  # dy (..., L, Ev)
        dused = dy @ np.swapaxes(value, -1, -2)  # (..., L, S)
        dquery, dkey, dmask = weights_pullback(*dropout_pullback(dused))
        return dquery, dkey, lambda: unbroadcast(np.swapaxes(used, -1, -2) @ dy, value.shape), dmask

    return used @ value, pullback


@primitive
def attention_weights(
    query: np.ndarray,
    key: np.ndarray,
    attn_mask: np.ndarray | None = None,
    is_causal: bool = False,
    scale: float | None = None,
):
    """Weights softmax(scale query key^T + mask) alone, to look at; torch has no function for them.

    Parameters
    ----------
    query, key, attn_mask, is_causal, scale
        As in `scaled_dot_product_attention`.

    Returns
    -------
    array (..., L, S)
        Each row sums to 1, or to 0 where nothing may be looked at.

    Examples
    --------
    >>> attention_weights(np.zeros((2, 1)), np.zeros((2, 1)), is_causal=True)
    array([[1. , 0. ],
           [0.5, 0.5]])
    """
    return _masked_softmax(query, key, attn_mask, is_causal, scale)


def _masked_softmax(
    query: np.ndarray,
    key: np.ndarray,
    attn_mask: np.ndarray | None,
    is_causal: bool,
    scale: float | None,
) -> tuple[np.ndarray, Callable[..., tuple]]:
    """Return the weights and their pullback: what both primitives share."""
    scores_shape = _check_query_and_key(query, key)
    factor = 1 / math.sqrt(query.shape[-1]) if scale is None else float(scale)
    scaled_query = query * factor  # (..., L, E), smaller than the scores
    scores = scaled_query @ np.swapaxes(key, -1, -2)  # (..., L, S)
    mask = _additive_mask(attn_mask, is_causal, scores_shape, scores.dtype)
    if mask is not None:
        scores += mask
    weights = _softmax_in_place(scores)
    mask_shape = None if attn_mask is None or attn_mask.dtype == bool else attn_mask.shape

    def pullback(dweights):  # (..., L, S)
        mean = np.vecdot(dweights, weights)[..., None]
        dscores = dweights - mean
        dscores *= weights
        return (
            lambda: unbroadcast((dscores @ key) * factor, query.shape),
            lambda: unbroadcast(np.swapaxes(dscores, -1, -2) @ scaled_query, key.shape),
            None if mask_shape is None else lambda: unbroadcast(dscores, mask_shape),
        )

    return weights, pullback


def _softmax_in_place(scores: np.ndarray) -> np.ndarray:
    """Turn rows of scores into weights; a row that is -inf throughout, or empty, becomes 0, as in torch."""
    largest = np.max(scores, axis=-1, keepdims=True, initial=-np.inf)
    scores -= np.where(np.isneginf(largest), 0, largest)  # -inf - (-inf) would be nan
    np.exp(scores, out=scores)
    total = scores.sum(axis=-1, keepdims=True)
    scores /= np.where(total == 0, 1, total)
    return scores


def _additive_mask(
    attn_mask: np.ndarray | None, is_causal: bool, scores_shape: tuple[int, ...], dtype: np.dtype
) -> np.ndarray | None:
    """Return what is added to the scores: 0 where a query may look, -inf where not."""
    if attn_mask is not None and is_causal:
        raise ValueError("expected attn_mask or is_causal=True, got both: put the triangle into the mask")
    if is_causal:
        attn_mask = np.tri(*scores_shape[-2:], dtype=bool)  # row i: True up to column i
    if attn_mask is None:
        return None
    if _kind(attn_mask) != "bool" and not _is_floating(attn_mask):
        raise ValueError(f"expected attn_mask of booleans or floats, got {_kind(attn_mask)}")
    if not _stretches_to(attn_mask.shape, scores_shape):
        raise ValueError(f"expected attn_mask that stretches to {scores_shape}, got shape {attn_mask.shape}")
    if attn_mask.dtype == bool:
        return np.where(attn_mask, dtype.type(0), dtype.type(-np.inf))
    return attn_mask.astype(dtype, copy=False)


def _stretches_to(shape: tuple[int, ...], target: tuple[int, ...]) -> bool:
    """Tell whether an array of `shape` broadcasts to `target`, and to nothing larger."""
    try:
        return np.broadcast_shapes(shape, target) == target
    except ValueError:
        return False


def _check_query_and_key(query: np.ndarray, key: np.ndarray) -> tuple[int, ...]:
    """Return the shape (..., L, S) of the scores, if there can be any."""
    for name, array in (("query", query), ("key", key)):
        if not _is_floating(array):
            raise ValueError(f"expected floating {name}, got {_kind(array)}")
        if array.ndim < 2:
            raise ValueError(f"expected {name} (..., length, features), got shape {array.shape}")
    if query.shape[-1] != key.shape[-1] or query.shape[-1] == 0:
        raise ValueError(f"expected query and key of equal features, got {query.shape} and {key.shape}")
    leading = _stretched(query.shape[:-2], key.shape[:-2], f"query {query.shape} and key {key.shape}")
    return (*leading, query.shape[-2], key.shape[-2])


def _check_value(query: np.ndarray, key: np.ndarray, value: np.ndarray) -> None:
    scores_shape = _check_query_and_key(query, key)
    if not _is_floating(value):
        raise ValueError(f"expected floating value, got {_kind(value)}")
    if value.ndim < 2 or value.shape[-2] != key.shape[-2]:
        raise ValueError(f"expected one value for each key {key.shape}, got shape {value.shape}")
    _stretched(scores_shape[:-2], value.shape[:-2], f"scores {scores_shape} and value {value.shape}")


def _stretched(first: tuple[int, ...], second: tuple[int, ...], what: str) -> tuple[int, ...]:
    try:
        return np.broadcast_shapes(first, second)
    except ValueError:
        raise ValueError(f"expected leading axes that fit together, got {what}") from None


def _is_floating(array: Any) -> bool:
    return isinstance(array, np.ndarray) and array.dtype.kind == "f"


def _kind(array: Any) -> str:
    """Name the dtype of an array, or the type of anything else."""
    return array.dtype.name if isinstance(array, np.ndarray) else type(array).__name__
