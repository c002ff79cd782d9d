"""Embedding: a learnt vector for every word, character or position. Chapters 09 and 10."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from course_utils.nn.embedding import embedding, row_number
from course_utils.nn.module import Module, Parameter
from course_utils.randomness import check_generator


class Embedding(Module):
    """Table of vectors, one row for each index; its entries start from N(0, 1), as torch's.

    torch's ``max_norm``, ``scale_grad_by_freq`` and ``sparse`` are left out. A table that is given goes in by
    ``load_state_dict({"weight": table})``, and stays as it is after ``requires_grad_(False)``.

    Parameters
    ----------
    num_embeddings, embedding_dim : int
        Number of rows and their length, at least 1.
    padding_idx : int, optional
        A row that starts at zero and is not learnt; negative numbers count from the end.
    rng : numpy.random.Generator
        Draws the start; torch uses a hidden global state instead.
    dtype : dtype
        float32 (default) or float64.
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        *,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float32,
    ):
        if num_embeddings < 1 or embedding_dim < 1:
            raise ValueError(
                f"expected at least one row and one column, got {num_embeddings} and {embedding_dim}"
            )
        table = check_generator(rng).normal(size=(num_embeddings, embedding_dim)).astype(dtype)
        self.padding_idx = None if padding_idx is None else row_number(padding_idx, num_embeddings)
        if self.padding_idx is not None:
            table[self.padding_idx] = 0
        self.num_embeddings, self.embedding_dim = num_embeddings, embedding_dim
        self.weight = Parameter(table)

    def forward(self, indices: Any) -> Any:
        """Map integers (...) to vectors (..., embedding_dim)."""
        return embedding(indices, self.weight, self.padding_idx)

    def __repr__(self) -> str:
        padding = "" if self.padding_idx is None else f", padding_idx={self.padding_idx}"
        return f"Embedding({self.num_embeddings}, {self.embedding_dim}{padding})"
