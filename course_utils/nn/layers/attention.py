"""MultiheadAttention: several attentions side by side, each in its own projection. Chapter 10.

Vaswani et al., 2017, "Attention is all you need", section 3.2.2.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from course_utils.nn.attention import attention_weights, scaled_dot_product_attention
from course_utils.nn.autodiff import Tensor
from course_utils.nn.dropout import check_probability, dropout
from course_utils.nn.layers.linear import Linear
from course_utils.nn.linear import linear
from course_utils.nn.module import Module, Parameter
from course_utils.nn.precision import check_width
from course_utils.nn.shapes import reshape, transpose
from course_utils.randomness import check_generator


class MultiheadAttention(Module):
    """Attention in `num_heads` parts of the features, joined by an affine map.

    A trap, here as in torch: in this layer's boolean masks True means "may NOT be looked at"; in
    `scaled_dot_product_attention` True means "may be looked at". Float masks are added to the scores in both.

    Queries, keys and values are projected by `in_proj_weight`, three (embed_dim, embed_dim) blocks in this
    order, or by `q_proj_weight`, `k_proj_weight` and `v_proj_weight` if their features differ. The blocks
    start Xavier uniform (of the whole `in_proj_weight`, as in torch, so with fan_out 3 embed_dim), all biases
    at 0, ``out_proj.weight`` as in `Linear`.

    Parameters
    ----------
    embed_dim : int
        Features of the queries and of the output.
    num_heads : int
        Number of parts; a divisor of `embed_dim`.
    dropout : float
        Share of the weights that is dropped in training, in [0, 1].
    bias : bool
        Whether the projections add one.
    kdim, vdim : int, optional
        Features of keys and values, `embed_dim` by default.
    batch_first : bool
        Whether inputs are (N, L, features) instead of torch's default (L, N, features).
    rng : numpy.random.Generator
        Draws the start, and later what is dropped; torch uses a hidden global state instead.
    dtype : dtype
        float32 (default) or float64.

    Notes
    -----
    torch's ``add_bias_kv`` and ``add_zero_attn`` are not offered.

    Examples
    --------
    >>> layer = MultiheadAttention(8, 2, batch_first=True, rng=np.random.default_rng(0))
    >>> x = np.zeros((5, 3, 8), dtype=np.float32)  # 5 sequences of length 3
    >>> y, weights = layer(x, x, x)
    >>> y.shape, weights.shape
    ((5, 3, 8), (5, 3, 3))
    """

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        kdim: int | None = None,
        vdim: int | None = None,
        batch_first: bool = False,
        *,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float32,
    ):
        if embed_dim < 1 or num_heads < 1 or embed_dim % num_heads:
            raise ValueError(f"expected num_heads to divide embed_dim, got {num_heads} and {embed_dim}")
        check_probability(dropout)
        self.embed_dim, self.num_heads, self.dropout = embed_dim, num_heads, dropout
        self.kdim = embed_dim if kdim is None else kdim
        self.vdim = embed_dim if vdim is None else vdim
        if self.kdim < 1 or self.vdim < 1:
            raise ValueError(f"expected kdim and vdim of at least 1, got {self.kdim} and {self.vdim}")
        self.batch_first, self.rng = batch_first, check_generator(rng)
        if self.kdim == self.vdim == embed_dim:
            self.in_proj_weight = _xavier_uniform(3 * embed_dim, embed_dim, rng, dtype)
        else:
            self.q_proj_weight = _xavier_uniform(embed_dim, embed_dim, rng, dtype)
            self.k_proj_weight = _xavier_uniform(embed_dim, self.kdim, rng, dtype)
            self.v_proj_weight = _xavier_uniform(embed_dim, self.vdim, rng, dtype)
        self.in_proj_bias = Parameter(np.zeros(3 * embed_dim, dtype)) if bias else None
        self.out_proj = Linear(embed_dim, embed_dim, bias, rng=rng, dtype=dtype)
        if self.out_proj.bias is not None:
            self.out_proj.bias.data[:] = 0

    def forward(
        self,
        query: Any,
        key: Any,
        value: Any,
        key_padding_mask: Any = None,
        need_weights: bool = True,
        attn_mask: Any = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[Any, Any]:
        """Let L queries look at S keys; return the output and, if needed, the weights.

        Parameters
        ----------
        query : array or Tensor (L, N, embed_dim)
            (N, L, embed_dim) with `batch_first`; one sequence alone is (L, embed_dim).
        key : array or Tensor (S, N, kdim)
            Likewise.
        value : array or Tensor (S, N, vdim)
            Likewise.
        key_padding_mask : bool or floating array (N, S), optional
            True where a key is padding, which nobody may look at; floats are added to the scores.
        need_weights : bool
            Whether to return the weights too; without them it is faster.
        attn_mask : bool or floating array (L, S) or (N * num_heads, L, S), optional
            True where a query may not look; floats are added to the scores.
        average_attn_weights : bool
            Whether the weights are (N, L, S), the mean over the heads, or (N, num_heads, L, S).
        is_causal : bool
            Whether position i sees only the positions 0..i, besides the masks. torch takes this as a hint
            that `attn_mask` has that form, and asks for it too.

        Returns
        -------
        output : Tensor of the shape of query
        weights : Tensor or None
            As used, after dropout. A query that may look nowhere has weights 0, where torch gives nan if
            ``need_weights=True``.

        Raises
        ------
        ValueError
            If shapes or masks do not fit.
        """
        self._check_shapes(query, key, value)
        for name, x in (("query", query), ("key", key), ("value", value)):
            check_width(name, x, self.out_proj.weight.dtype)
        has_batch = np.ndim(query) == 3
        q, k, v = self._projected_heads(query, key, value)
        sizes = (*q.shape[:3], k.shape[2])  # N, num_heads, L, S
        mask = _merged_mask(attn_mask, key_padding_mask, is_causal, sizes, has_batch, q.dtype)
        dropout_p = self.dropout if self.training else 0.0
        weights = None
        if need_weights:
            weights = attention_weights(q, k, mask)
            weights = dropout(weights, dropout_p, rng=self.rng)
            heads = weights @ v
            weights = weights.mean(1) if average_attn_weights else weights
        else:
            heads = scaled_dot_product_attention(q, k, v, mask, dropout_p, rng=self.rng)
        joined = reshape(transpose(heads, 1, 2), (sizes[0], sizes[2], self.embed_dim))  # (N, L, embed_dim)
        output = self.out_proj(joined)
        if not has_batch:
            return output[0], None if weights is None else weights[0]
        return output if self.batch_first else transpose(output, 0, 1), weights

    def _projected_heads(self, *inputs: Any) -> list[Any]:
        """Project query, key and value, each to (N, num_heads, length, embed_dim / num_heads)."""
        size = self.embed_dim
        blocks = [slice(i * size, (i + 1) * size) for i in range(3)]
        if self.kdim == self.vdim == size:
            weights = [self.in_proj_weight[block] for block in blocks]
        else:
            weights = [self.q_proj_weight, self.k_proj_weight, self.v_proj_weight]
        biases = [None if self.in_proj_bias is None else self.in_proj_bias[block] for block in blocks]
        heads = []
        for x, weight, bias in zip(inputs, weights, biases, strict=True):
            if np.ndim(x) == 2:
                x = x.reshape((1, *x.shape))
            elif not self.batch_first:
                x = transpose(x, 0, 1)
            y = linear(x, weight, bias)  # (N, length, embed_dim)
            parts = reshape(y, (*y.shape[:2], self.num_heads, size // self.num_heads))
            heads.append(transpose(parts, 1, 2))
        return heads

    def _check_shapes(self, query: Any, key: Any, value: Any) -> None:
        shapes = [np.shape(x) for x in (query, key, value)]
        features = [shape[-1] if shape else None for shape in shapes]
        n_axes = {len(shape) for shape in shapes}
        batch_axis = 0 if self.batch_first else 1
        if (
            n_axes not in ({2}, {3})
            or features != [self.embed_dim, self.kdim, self.vdim]
            or shapes[1][:-1] != shapes[2][:-1]
            or (n_axes == {3} and shapes[0][batch_axis] != shapes[1][batch_axis])
        ):
            form = "(N, {}, {})" if self.batch_first else "({}, N, {})"
            wanted = [
                form.format(*pair) for pair in (("L", self.embed_dim), ("S", self.kdim), ("S", self.vdim))
            ]
            raise ValueError(
                f"expected query {wanted[0]}, key {wanted[1]} and value {wanted[2]}, or all without N, "
                f"got shapes {shapes[0]}, {shapes[1]} and {shapes[2]}"
            )


def _xavier_uniform(n_out: int, n_in: int, rng: np.random.Generator, dtype: DTypeLike) -> Parameter:
    """Glorot and Bengio, 2010, equation 16: uniform within sqrt(6 / (n_in + n_out)) of 0."""
    bound = np.sqrt(6 / (n_in + n_out))
    return Parameter(rng.uniform(-bound, bound, size=(n_out, n_in)).astype(dtype))


def _merged_mask(
    attn_mask: Any,
    key_padding_mask: Any,
    is_causal: bool,
    sizes: tuple[int, ...],
    has_batch: bool,
    dtype: np.dtype,
) -> Any:
    """Add up the masks in a form that stretches to (N, num_heads, L, S), -inf where nobody may look."""
    n, n_heads, length, n_keys = sizes
    total = None
    if attn_mask is not None:
        forms = ((length, n_keys), (n * n_heads, length, n_keys))
        total = _additive("attn_mask", attn_mask, forms, dtype)
        total = reshape(total, sizes) if total.ndim == 3 else total
    if key_padding_mask is not None:
        form = (n, n_keys) if has_batch else (n_keys,)
        padding = reshape(_additive("key_padding_mask", key_padding_mask, (form,), dtype), (n, 1, 1, n_keys))
        total = padding if total is None else total + padding
    if is_causal:
        future = np.where(np.tri(length, n_keys, dtype=bool), dtype.type(0), dtype.type(-np.inf))
        total = future if total is None else total + future
    return total


def _additive(name: str, mask: Any, forms: tuple[tuple[int, ...], ...], dtype: np.dtype) -> Any:
    """Return a mask of this layer as floats to add; a float mask stays as it is, on the tape too."""
    if np.shape(mask) not in forms:
        raise ValueError(f"expected {name} {' or '.join(map(str, forms))}, got shape {np.shape(mask)}")
    kind = mask.dtype.kind
    if kind == "f":
        return mask
    if kind != "b":
        raise ValueError(f"expected {name} of booleans or floats, got {mask.dtype}")
    forbidden = mask.data if isinstance(mask, Tensor) else mask
    return np.where(forbidden, dtype.type(-np.inf), dtype.type(0))
