"""All functions of the engine under one name, as in ``torch.nn.functional``.

``import course_utils.nn.functional as F`` carries over to torch by changing the import.
"""

from course_utils.nn.activations import (
    elu,
    gelu,
    hardtanh,
    leaky_relu,
    log_softmax,
    prelu,
    relu,
    selu,
    sigmoid,
    silu,
    softmax,
    softplus,
    tanh,
)
from course_utils.nn.attention import attention_weights, scaled_dot_product_attention
from course_utils.nn.batch_norm import batch_norm
from course_utils.nn.convolution import conv1d, conv2d, conv_transpose2d
from course_utils.nn.dropout import dropout
from course_utils.nn.embedding import embedding
from course_utils.nn.linear import linear
from course_utils.nn.losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    hinge_loss,
    huber_loss,
    kl_div,
    l1_loss,
    mse_loss,
    nll_loss,
    smooth_l1_loss,
)
from course_utils.nn.normalization import group_norm, layer_norm
from course_utils.nn.pooling import adaptive_avg_pool2d, avg_pool2d, max_pool2d

__all__ = [
    "adaptive_avg_pool2d",
    "attention_weights",
    "avg_pool2d",
    "batch_norm",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "conv1d",
    "conv2d",
    "conv_transpose2d",
    "cross_entropy",
    "dropout",
    "elu",
    "embedding",
    "gelu",
    "group_norm",
    "hardtanh",
    "hinge_loss",
    "huber_loss",
    "kl_div",
    "l1_loss",
    "layer_norm",
    "leaky_relu",
    "linear",
    "log_softmax",
    "max_pool2d",
    "mse_loss",
    "nll_loss",
    "prelu",
    "relu",
    "scaled_dot_product_attention",
    "selu",
    "sigmoid",
    "silu",
    "smooth_l1_loss",
    "softmax",
    "softplus",
    "tanh",
]
