"""Convolutions, and circular padding."""

import warnings

import numpy as np
import torch
from hypothesis import strategies as st

from course_utils.nn import Conv1d, Conv2d, ConvTranspose2d
from course_utils.nn import functional as F
from tests.nn.proof import SEEDS, Call, Case, LayerCall, LayerCase
from tests.nn.samples import normal

N_IMAGES = st.integers(0, 3)

with warnings.catch_warnings():
    # torch warns, once a process, that it copies the input where "same" pads the two sides differently
    warnings.filterwarnings("ignore", message="Using padding='same' with even kernel lengths")
    torch.nn.functional.conv1d(torch.zeros(1, 1, 2), torch.zeros(1, 1, 2), padding="same")


@st.composite
def axis(draw, padding=None):
    """Draw kernel, stride, padding and dilation along one axis, and a length that holds a window at least."""
    kernel, stride, dilation = draw(st.integers(1, 4)), draw(st.integers(1, 3)), draw(st.integers(1, 3))
    span = dilation * (kernel - 1) + 1
    padding = draw(st.integers(0, 3)) if padding is None else padding
    length = draw(st.integers(max(1, span - 2 * padding), max(1, span - 2 * padding) + 6))
    return {"kernel": kernel, "stride": stride, "padding": padding, "dilation": dilation, "length": length}


@st.composite
def either(draw, axes, name):
    """Draw an option as a tuple or, if the same along all axes, perhaps as an int."""
    values = tuple(one[name] for one in axes)
    return values[0] if len(set(values)) == 1 and draw(st.booleans()) else values


@st.composite
def channels(draw):
    """Draw groups, input and output channels; one input channel in each group is a depthwise convolution."""
    groups = draw(st.integers(1, 3))
    return groups, groups * draw(st.integers(1, 3)), groups * draw(st.integers(1, 2))


@st.composite
def paddings(draw, axes):
    """Draw the padding of a convolution, which may be a word; "same" takes away the stride."""
    word = draw(st.sampled_from(["", "", "valid", "same"]))
    if word == "same":
        for one in axes:
            one["stride"] = 1
    if word == "valid":
        for one in axes:
            one["length"] = max(one["length"], one["dilation"] * (one["kernel"] - 1) + 1)
    return word or draw(either(axes, "padding"))


@st.composite
def convolution_calls(draw, n_axes):
    rng = np.random.default_rng(draw(SEEDS))
    axes = [draw(axis()) for _ in range(n_axes)]
    groups, n_in, n_out = draw(channels())
    options = {"padding": draw(paddings(axes)), "groups": groups}
    options |= {name: draw(either(axes, name)) for name in ("stride", "dilation")}
    leading = () if draw(st.integers(0, 4)) == 0 else (draw(N_IMAGES),)
    x = rng.normal(size=(*leading, n_in, *(one["length"] for one in axes)))
    weight = rng.normal(size=(n_out, n_in // groups, *(one["kernel"] for one in axes)))
    return Call((x, weight, rng.normal(size=n_out) if draw(st.booleans()) else None), options)


@st.composite
def transposed_options(draw):
    """Draw options of a transposed convolution under which at least one pixel is left."""
    axes = [draw(axis(padding=0)) for _ in range(2)]
    for one in axes:
        one["output_padding"] = draw(st.integers(0, max(one["stride"], one["dilation"]) - 1))
        one["length"] = draw(st.integers(1, 5))
        size = (one["length"] - 1) * one["stride"] + one["dilation"] * (one["kernel"] - 1) + 1
        one["padding"] = draw(st.integers(0, (size + one["output_padding"] - 1) // 2))
    return axes, {n: draw(either(axes, n)) for n in ("stride", "padding", "output_padding", "dilation")}


@st.composite
def transposed_calls(draw):
    rng = np.random.default_rng(draw(SEEDS))
    axes, options = draw(transposed_options())
    groups, n_in, n_out = draw(channels())
    leading = () if draw(st.integers(0, 4)) == 0 else (draw(N_IMAGES),)
    x = rng.normal(size=(*leading, n_in, *(one["length"] for one in axes)))
    weight = rng.normal(size=(n_in, n_out // groups, *(one["kernel"] for one in axes)))
    bias = rng.normal(size=n_out) if draw(st.booleans()) else None
    return Call((x, weight, bias), options | {"groups": groups})


@st.composite
def layers(draw, n_axes):
    rng = np.random.default_rng(draw(SEEDS))
    axes = [draw(axis()) for _ in range(n_axes)]
    groups, n_in, n_out = draw(channels())
    options = {"in_channels": n_in, "out_channels": n_out, "groups": groups, "bias": draw(st.booleans())}
    options["padding_mode"] = draw(st.sampled_from(["zeros", "circular"]))
    if options["padding_mode"] == "circular":  # goes around once at most
        for one in axes:
            furthest = max(one["padding"], one["dilation"] * (one["kernel"] - 1))
            one["length"] = max(one["length"], furthest)
    options["padding"] = draw(paddings(axes))
    options |= {name: draw(either(axes, name)) for name in ("stride", "dilation")}
    options["kernel_size"] = draw(either(axes, "kernel"))
    x = rng.normal(size=(draw(N_IMAGES), n_in, *(one["length"] for one in axes)))
    return LayerCall(options, (x,), training=draw(st.booleans()))


@st.composite
def transposed_layers(draw):
    rng = np.random.default_rng(draw(SEEDS))
    axes, options = draw(transposed_options())
    groups, n_in, n_out = draw(channels())
    options |= {"in_channels": n_in, "out_channels": n_out, "groups": groups, "bias": draw(st.booleans())}
    options["kernel_size"] = draw(either(axes, "kernel"))
    x = rng.normal(size=(draw(N_IMAGES), n_in, *(one["length"] for one in axes)))
    return LayerCall(options, (x,), training=draw(st.booleans()))


CASES = [
    Case(F.conv1d, torch.nn.functional.conv1d, convolution_calls(1)),
    Case(F.conv2d, torch.nn.functional.conv2d, convolution_calls(2), n_examples=120),
    Case(F.conv_transpose2d, torch.nn.functional.conv_transpose2d, transposed_calls(), n_examples=120),
]

LAYER_CASES = [
    LayerCase(Conv1d, torch.nn.Conv1d, layers(1)),
    LayerCase(Conv2d, torch.nn.Conv2d, layers(2)),
    LayerCase(ConvTranspose2d, torch.nn.ConvTranspose2d, transposed_layers()),
]

GRADCHECKS = {
    "conv1d": [
        ((normal(2, 3, 6), normal(4, 3, 2), normal(4)), {"stride": 2, "padding": 1}),
        ((normal(2, 5), normal(4, 1, 3)), {"groups": 2, "padding": "same"}),
    ],
    "conv2d": [
        ((normal(2, 3, 4, 5), normal(2, 3, 3, 2), normal(2)), {}),
        ((normal(2, 5, 7), normal(4, 1, 2, 3)), {"groups": 2, "stride": (2, 1), "dilation": (1, 2)}),
        ((normal(1, 1, 3, 4), normal(1, 1, 2, 2)), {"padding": (1, 0), "stride": 3}),
    ],
    "conv_transpose2d": [
        ((normal(2, 3, 2, 3), normal(3, 2, 3, 2), normal(2)), {}),
        (
            (normal(2, 2, 3), normal(2, 3, 2, 3)),
            {"groups": 2, "stride": (2, 3), "dilation": (3, 1), "output_padding": 2, "padding": (2, 1)},
        ),
    ],
    "circular_pad": [((normal(2, 4, 3), 1, 3, 4), {}), ((normal(3), -1, 0, 1), {})],
}
