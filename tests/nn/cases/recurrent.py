"""Recurrent layers: against torch's own, which are given packed sequences where lengths are drawn."""

import numpy as np
import torch
from hypothesis import strategies as st
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from course_utils.nn.layers.recurrent import GRU, LSTM, RNN
from tests.nn.proof import SEEDS, LayerCall, LayerCase
from tests.nn.samples import RNG, away_from_zero, normal


def with_lengths(base):
    """Return torch's layer with our way to say lengths."""

    class Packing(base):
        def forward(self, x, initial=None, lengths=None):
            if lengths is None:
                return super().forward(x, initial)
            packed = pack_padded_sequence(x, lengths, self.batch_first, enforce_sorted=False)
            output, last = super().forward(packed, initial)
            n_steps = x.shape[1 if self.batch_first else 0]
            return pad_packed_sequence(output, self.batch_first, total_length=n_steps)[0], last

    return Packing


@st.composite
def recurrent_layers(draw, n_states, nonlinearities=None):
    """Draw every option, one sequence or a batch (of 0 too), states, and lengths with anything past them."""
    rng = np.random.default_rng(draw(SEEDS))
    L, N, n_layers = draw(st.integers(1, 6)), draw(st.integers(0, 4)), draw(st.integers(1, 3))
    options = {"input_size": draw(st.integers(1, 4)), "hidden_size": draw(st.integers(1, 4))}
    options |= {"num_layers": n_layers}
    options |= {name: draw(st.booleans()) for name in ("bias", "batch_first", "bidirectional")}
    if nonlinearities is not None:
        options["nonlinearity"] = draw(st.sampled_from(nonlinearities))
    training = draw(st.booleans())
    if n_layers > 1:  # in training only a mask of zeros is the same in torch
        options["dropout"] = draw(st.sampled_from([0.0, 1.0] if training else [0.0, 0.3, 1.0]))
    x, forward = rng.normal(size=(L, N, options["input_size"])), {}
    batched = draw(st.booleans())
    if batched and N > 0 and draw(st.booleans()):
        lengths = rng.integers(1, L + 1, size=N)
        x[np.arange(L)[:, np.newaxis] >= lengths] = draw(st.sampled_from([0.0, 7.0, np.nan]))
        forward["lengths"] = lengths
    shape = ((1 + options["bidirectional"]) * n_layers, N, options["hidden_size"])
    states = tuple(rng.normal(size=shape if batched else shape[::2]) for _ in range(n_states))
    if not batched:
        x = rng.normal(size=(L, options["input_size"]))
    elif options["batch_first"]:
        x = x.swapaxes(0, 1)
    initial = (states if n_states > 1 else states[0],) if draw(st.booleans()) else ()
    return LayerCall(options, (x, *initial), forward, training)


LAYER_CASES = [
    LayerCase(RNN, with_lengths(torch.nn.RNN), recurrent_layers(1, ["tanh", "relu"]), n_examples=100),
    LayerCase(LSTM, with_lengths(torch.nn.LSTM), recurrent_layers(2), n_examples=100),
    LayerCase(GRU, with_lengths(torch.nn.GRU), recurrent_layers(1), n_examples=100),
]

L, N, N_IN, H = 4, 3, 2, 2
HELD = np.array([[0, 0, 0], [0, 1, 0], [0, 1, 1], [0, 1, 0]], dtype=bool)  # any step may be one that waits


def calls(n_gates, n_states):
    states, G = [normal(N, H) for _ in range(n_states)], n_gates * H
    whole = (normal(L, N, N_IN), *states, normal(G, N_IN), normal(G, H), normal(G), normal(G))
    return [
        (whole, {}),
        (whole, {"held": HELD}),
        (whole[:-2], {}),
        ((normal(1, 1, N_IN), *(state[:1] for state in states), *whole[-4:]), {"held": HELD[:1, :1]}),
    ]


POSITIVE = (abs(normal(L, N, N_IN)), abs(normal(N, H)), abs(normal(H, N_IN)), abs(normal(H, H)))
"""All sums above 0, away from the rectifier's kink."""

GRADCHECKS = {
    "rnn_states": [
        *calls(1, 1),
        (POSITIVE, {"nonlinearity": "relu"}),
        (POSITIVE, {"nonlinearity": "relu", "held": HELD}),
        ((away_from_zero(1, 4, 1), np.zeros((4, 1)), *np.ones((2, 1, 1))), {"nonlinearity": "relu"}),
    ],
    "lstm_states": calls(4, 2),
    "gru_states": calls(3, 1),
    "mask_padding": [
        ((normal(3, 2, 2), np.array([3, 1])), {}),
        ((normal(2, 3), np.array([2, 3])), {"batch_first": True}),
    ],
    "_pad": [
        ((False, 0, normal(2, 2), normal(3, 2)), {}),
        ((True, 7, normal(1), normal(3), RNG.normal(size=0)), {}),
    ],
}
