"""Layers: the functions of the engine as modules, with torch's names and defaults."""

from course_utils.nn.layers.activations import (
    ELU,
    GELU,
    SELU,
    Hardtanh,
    LeakyReLU,
    LogSoftmax,
    PReLU,
    ReLU,
    Sigmoid,
    SiLU,
    Softmax,
    Softplus,
    Tanh,
)
from course_utils.nn.layers.attention import MultiheadAttention
from course_utils.nn.layers.containers import Flatten, Identity, Residual, Sequential
from course_utils.nn.layers.convolution import Conv1d, Conv2d, ConvTranspose2d
from course_utils.nn.layers.dropout import Dropout
from course_utils.nn.layers.embedding import Embedding
from course_utils.nn.layers.linear import Linear
from course_utils.nn.layers.normalization import BatchNorm1d, BatchNorm2d, GroupNorm, LayerNorm
from course_utils.nn.layers.pooling import AdaptiveAvgPool2d, AvgPool2d, MaxPool2d
from course_utils.nn.layers.positions import LearnedPositions, PositionalEncoding
from course_utils.nn.layers.recurrent import GRU, LSTM, RNN
from course_utils.nn.layers.transformer import TransformerEncoderLayer

__all__ = [
    "ELU",
    "GELU",
    "GRU",
    "LSTM",
    "RNN",
    "SELU",
    "AdaptiveAvgPool2d",
    "AvgPool2d",
    "BatchNorm1d",
    "BatchNorm2d",
    "Conv1d",
    "Conv2d",
    "ConvTranspose2d",
    "Dropout",
    "Embedding",
    "Flatten",
    "GroupNorm",
    "Hardtanh",
    "Identity",
    "LayerNorm",
    "LeakyReLU",
    "LearnedPositions",
    "Linear",
    "LogSoftmax",
    "MaxPool2d",
    "MultiheadAttention",
    "PReLU",
    "PositionalEncoding",
    "ReLU",
    "Residual",
    "Sequential",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Softplus",
    "Tanh",
    "TransformerEncoderLayer",
]
