"""TransformerEncoderLayer: attention, then a small network at every position. Chapter 10.

Vaswani et al., 2017, "Attention is all you need", section 3.1 and 3.3.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from course_utils.nn.activations import gelu, relu
from course_utils.nn.layers.attention import MultiheadAttention
from course_utils.nn.layers.dropout import Dropout
from course_utils.nn.layers.linear import Linear
from course_utils.nn.layers.normalization import LayerNorm
from course_utils.nn.module import Module
from course_utils.nn.precision import check_width

ACTIVATIONS: dict[str, Callable[..., Any]] = {"relu": relu, "gelu": gelu}


class TransformerEncoderLayer(Module):
    """Self-attention and a network of two affine maps, each added to what came in, with normalization.

    Normalization stands behind each sum (post-norm, as in the paper), or before each part with `norm_first`
    (pre-norm), where the sums run through from input to output untouched, which trains without a warm-up of
    the learning rate: Xiong et al., 2020, "On layer normalization in the Transformer architecture", figure 1.

    Parameters
    ----------
    d_model : int
        Features of input and output.
    nhead : int
        Number of heads; a divisor of `d_model`.
    dim_feedforward : int
        Width of the inner network.
    dropout : float
        Share dropped in training: of the attention weights, inside the network and of what each part adds.
    activation : {"relu", "gelu"} or callable
        Of the inner network.
    layer_norm_eps : float
        Added to the variances.
    batch_first : bool
        Whether inputs are (N, L, d_model) instead of torch's default (L, N, d_model).
    norm_first : bool
        Pre-norm if True, post-norm if False.
    bias : bool
        Whether affine maps and normalizations add one.
    rng : numpy.random.Generator
        Draws the start, and later what is dropped; torch uses a hidden global state instead.
    dtype : dtype
        float32 (default) or float64.

    Examples
    --------
    >>> layer = TransformerEncoderLayer(8, 2, batch_first=True, rng=np.random.default_rng(0))
    >>> layer(np.zeros((5, 3, 8), dtype=np.float32)).shape
    (5, 3, 8)
    """

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: str | Callable[..., Any] = "relu",
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        *,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float32,
    ):
        if not callable(activation) and activation not in ACTIVATIONS:
            raise ValueError(f"expected activation in {list(ACTIVATIONS)} or a function, got {activation!r}")
        self.activation = activation if callable(activation) else ACTIVATIONS[activation]
        self.norm_first = norm_first
        self.self_attn = MultiheadAttention(
            d_model, nhead, dropout, bias, batch_first=batch_first, rng=rng, dtype=dtype
        )
        self.linear1 = Linear(d_model, dim_feedforward, bias, rng=rng, dtype=dtype)
        self.linear2 = Linear(dim_feedforward, d_model, bias, rng=rng, dtype=dtype)
        self.norm1 = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
        self.norm2 = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
        self.dropout = Dropout(dropout, rng=rng)
        self.dropout1 = Dropout(dropout, rng=rng)
        self.dropout2 = Dropout(dropout, rng=rng)

    def forward(
        self, src: Any, src_mask: Any = None, src_key_padding_mask: Any = None, is_causal: bool = False
    ) -> Any:
        """Map sequences src (L, N, d_model) to sequences of the same shape.

        Parameters
        ----------
        src : array or Tensor (L, N, d_model)
            (N, L, d_model) with `batch_first`; one sequence alone is (L, d_model).
        src_mask, src_key_padding_mask, is_causal
            ``attn_mask``, ``key_padding_mask`` and ``is_causal`` of `MultiheadAttention.forward`, whose
            boolean masks are True where a query may NOT look.
        """
        check_width("src", src, self.linear1.weight.dtype)
        masks = (src_mask, src_key_padding_mask, is_causal)
        if self.norm_first:
            x = src + self._attend(self.norm1(src), *masks)
            return x + self._think(self.norm2(x))
        x = self.norm1(src + self._attend(src, *masks))
        return self.norm2(x + self._think(x))

    def _attend(self, x: Any, src_mask: Any, src_key_padding_mask: Any, is_causal: bool) -> Any:
        """Exchange between positions."""
        output, _ = self.self_attn(
            x, x, x, src_key_padding_mask, need_weights=False, attn_mask=src_mask, is_causal=is_causal
        )
        return self.dropout1(output)

    def _think(self, x: Any) -> Any:
        """Compute at every position by itself."""
        return self.dropout2(self.linear2(self.dropout(self.activation(self.linear1(x)))))
