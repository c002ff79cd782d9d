"""What recurrent layers have in common: stacked layers, both directions, unequal lengths. Chapter 09."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from course_utils.nn.autodiff import Tensor
from course_utils.nn.dropout import dropout
from course_utils.nn.module import Module, Parameter
from course_utils.nn.precision import check_width
from course_utils.nn.sequences import length_mask, mask_padding
from course_utils.nn.shapes import cat, stack, transpose
from course_utils.randomness import check_generator

DEFAULTS: dict[str, Any] = {
    "num_layers": 1,
    "nonlinearity": "tanh",
    "bias": True,
    "batch_first": False,
    "dropout": 0.0,
    "bidirectional": False,
}
"""Options that `repr` leaves out."""


class RecurrentStack(Module):
    """What RNN, LSTM and GRU have in common: layers on top of each other, directions, and lengths.

    All weights start uniform in [-1/sqrt(hidden_size), 1/sqrt(hidden_size)], and have torch's names:
    ``weight_ih_l0``, ``weight_hh_l0``, ``bias_ih_l0``, ``bias_hh_l0``, then those that read from the end,
    ``weight_ih_l0_reverse``, ..., then ``weight_ih_l1`` and so on.

    Parameters
    ----------
    input_size, hidden_size : int
        Numbers at each step, in the input and in the state; at least 1.
    num_layers : int
        Layers on top of each other, at least 1; each reads the outputs of the one below.
    bias : bool
        Whether to add biases, two for each gate as in torch.
    batch_first : bool
        Whether input and output are (N, L, ...) instead of (L, N, ...). States are (..., N, H) either way.
    dropout : float
        Chance in [0, 1] for each output of a layer below the last to be dropped in training (inverted
        dropout, with a new mask at every step and call).
    bidirectional : bool
        Whether each layer also reads the sequence from its end; the outputs are joined to 2 hidden_size.
    rng : numpy.random.Generator
        Draws the start, and the masks of the dropout.
    dtype : dtype
        float32 (default) or float64.

    Raises
    ------
    ValueError
        If a size or the chance is out of range.
    """

    n_gates = 1
    state_names: tuple[str, ...] = ("h_0",)

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        *,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float32,
    ):
        if min(input_size, hidden_size, num_layers) < 1:
            raise ValueError(
                "expected input_size, hidden_size and num_layers of at least 1, "
                f"got {input_size}, {hidden_size} and {num_layers}"
            )
        if not 0 <= dropout <= 1:
            raise ValueError(f"expected dropout in [0, 1], got {dropout}")
        if dropout > 0 and num_layers == 1:
            warnings.warn("dropout acts between layers: with num_layers=1 it does nothing", stacklevel=2)
        self.input_size, self.hidden_size, self.num_layers = input_size, hidden_size, num_layers
        self.bias, self.batch_first, self.dropout = bias, batch_first, dropout
        self.bidirectional, self.rng = bidirectional, check_generator(rng)
        bound = 1 / np.sqrt(hidden_size)
        n_rows = self.n_gates * hidden_size
        for layer in range(num_layers):
            n_in = len(self._suffixes) * hidden_size if layer else input_size
            shapes = ((n_rows, n_in), (n_rows, hidden_size), (n_rows,), (n_rows,))
            for suffix in self._suffixes:
                for name, shape in zip(self._names(layer, suffix), shapes, strict=False):
                    setattr(self, name, Parameter(rng.uniform(-bound, bound, size=shape).astype(dtype)))

    def forward(self, x: Any, initial: Any = None, lengths: Any = None) -> tuple[Any, Any]:
        """Read sequences from the first step to the last.

        Parameters
        ----------
        x : array or Tensor (L, N, input_size)
            Inputs, L >= 1; (N, L, input_size) with `batch_first`; or one sequence (L, input_size).
        initial : array or Tensor (D num_layers, N, H), optional
            State before the first step, 0 if left out; D is 2 if bidirectional, else 1, and H is
            hidden_size. An LSTM takes two, (h_0, c_0). Without N for one sequence.
        lengths : integer array_like (N,), optional
            True lengths of padded sequences, from 1 to L, in any order. What stands past the end of a
            sequence is never looked at, its outputs there are 0, its last state is that at its end, and
            that end is where the other direction starts. torch does this with ``pack_padded_sequence(...,
            enforce_sorted=False)`` before and ``pad_packed_sequence(..., total_length=L)`` after the layer.

        Returns
        -------
        output : Tensor (L, N, D H)
            States of the last layer after every step; (N, L, D H) with `batch_first`.
        last : Tensor (D num_layers, N, H)
            State of each layer and direction after its last step; for an LSTM two, (h_n, c_n).

        Raises
        ------
        ValueError
            If the shapes do not fit or the lengths are out of range.
        """
        x, initial, batched = self._with_batch(x, initial)
        held = None
        if lengths is not None:
            x = mask_padding(x, lengths)
            held = ~length_mask(lengths, len(x)).T  # (L, N), True past the end
        last: list[Any] = []
        for layer in range(self.num_layers):
            if layer > 0:
                x = dropout(x, self.dropout, self.training, rng=self.rng)
            directions = []
            for suffix in self._suffixes:
                weights = [getattr(self, name) for name in self._names(layer, suffix)]
                start = [state[len(last)] for state in initial]
                output, end = self._directed(x, start, weights, held, backwards=bool(suffix))
                directions.append(output if lengths is None else mask_padding(output, lengths))
                last.append(end)
            x = directions[0] if len(directions) == 1 else cat(directions, dim=-1)
        return self._as_given(x, stack(last, dim=1), batched)

    def one_layer(self, x: Any, start: list[Any], weights: list[Any], held: Any) -> tuple[Any, Any]:
        """Read x (L, N, n_in) in order; return the outputs (L, N, H) and the last states (n_states, N, H)."""
        raise NotImplementedError(f"{type(self).__name__} needs a method one_layer")

    def _directed(
        self, x: Any, start: list[Any], weights: list[Any], held: Any, backwards: bool
    ) -> tuple[Any, Any]:
        """Read x in one direction: backwards means to flip time before, and back after."""
        if not backwards:
            return self.one_layer(x, start, weights, held)
        output, end = self.one_layer(x[::-1], start, weights, None if held is None else held[::-1])
        return output[::-1], end

    @property
    def _dtype(self) -> np.dtype:
        return self.weight_hh_l0.dtype  # type: ignore[attr-defined]

    @property
    def _suffixes(self) -> tuple[str, ...]:
        return ("", "_reverse") if self.bidirectional else ("",)

    def _names(self, layer: int, suffix: str) -> list[str]:
        kinds = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")[: 4 if self.bias else 2]
        return [f"{kind}_l{layer}{suffix}" for kind in kinds]

    def _with_batch(self, x: Any, initial: Any) -> tuple[Any, list[Any], bool]:
        """Return x as (L, N, input_size), states as (D num_layers, N, H), and whether x came as a batch."""
        x = x if isinstance(x, Tensor) else np.asarray(x)
        shape = x.shape
        if len(shape) not in (2, 3) or shape[-1] != self.input_size:
            wanted = f"({'N, L' if self.batch_first else 'L, N'}, {self.input_size})"
            raise ValueError(f"expected x {wanted} or (L, {self.input_size}), got shape {shape}")
        check_width("x", x, self._dtype)
        batched = len(shape) == 3
        if not batched:
            x = x[:, np.newaxis]
        elif self.batch_first:
            x = transpose(x, 0, 1)
        states = self._checked(initial, x.shape[1], batched)
        return x, states, batched

    def _checked(self, initial: Any, N: int, batched: bool) -> list[Any]:
        """Return the states to begin with, each (D num_layers, N, H), of zeros if none are given."""
        n_states = len(self._suffixes) * self.num_layers
        if initial is None:
            return [np.zeros((n_states, N, self.hidden_size), self._dtype) for _ in self.state_names]
        several = isinstance(initial, tuple | list)
        states = list(initial) if several else [initial]
        if several != (len(self.state_names) > 1) or len(states) != len(self.state_names):
            got = f"{len(states)} in a {type(initial).__name__}" if several else f"shape {np.shape(initial)}"
            names = ", ".join(self.state_names)
            raise ValueError(
                f"expected initial {f'({names})' if len(self.state_names) > 1 else names}, got {got}"
            )
        wanted = (n_states, N, self.hidden_size) if batched else (n_states, self.hidden_size)
        for name, state in zip(self.state_names, states, strict=True):
            if np.shape(state) != wanted:
                raise ValueError(f"expected {name} {wanted}, got shape {np.shape(state)}")
            check_width(name, state, self._dtype)
        return states if batched else [state[:, np.newaxis] for state in states]

    def _as_given(self, output: Any, last: Any, batched: bool) -> tuple[Any, Any]:
        """Return output and states with the axes of what was given: (h_n, c_n) where there are two states."""
        if not batched:
            output, last = output[:, 0], last[:, :, 0]
        elif self.batch_first:
            output = transpose(output, 0, 1)
        states = tuple(last[k] for k in range(len(self.state_names)))
        return output, states if len(states) > 1 else states[0]

    def __repr__(self) -> str:
        values = {name: getattr(self, name, default) for name, default in DEFAULTS.items()}
        options = [f"{name}={value!r}" for name, value in values.items() if value != DEFAULTS[name]]
        sizes = (str(self.input_size), str(self.hidden_size))
        return f"{type(self).__name__}({', '.join((*sizes, *options))})"
