"""Recurrent layers, each as one primitive over a whole sequence. Chapter 09.

A layer reads its sequence in one direction: forwards over time, then backwards through time for the gradient,
both by hand. Several layers, both directions and sequences of unequal lengths are made from these in
``course_utils/nn/layers/recurrent.py``.
"""

from course_utils.nn.recurrent.gru import gru_states
from course_utils.nn.recurrent.lstm import lstm_states
from course_utils.nn.recurrent.rnn import rnn_states

__all__ = ["gru_states", "lstm_states", "rnn_states"]
