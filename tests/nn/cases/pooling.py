"""Pooling."""

import numpy as np
import torch
from hypothesis import strategies as st

from course_utils.nn import AdaptiveAvgPool2d, AvgPool2d, MaxPool2d
from course_utils.nn import functional as F
from tests.nn.cases.convolution import either
from tests.nn.proof import SEEDS, Call, Case, LayerCall, LayerCase
from tests.nn.samples import normal


@st.composite
def axis(draw, dilated):
    """Draw one axis: padding of at most half a kernel, and a length that holds a window at least."""
    kernel, stride = draw(st.integers(1, 4)), draw(st.integers(1, 5))
    dilation = draw(st.integers(1, 3)) if dilated else 1
    span = dilation * (kernel - 1) + 1
    padding = draw(st.integers(0, kernel // 2))
    shortest = max(dilation, span - 2 * padding)  # shorter, and a window may lie on the padding alone
    length = draw(st.integers(shortest, shortest + 6))
    return {"kernel": kernel, "stride": stride, "padding": padding, "dilation": dilation, "length": length}


@st.composite
def windows(draw, dilated):
    """Draw options of a pooling and the size of an image for them."""
    axes = [draw(axis(dilated)) for _ in range(2)]
    names = ("padding", "dilation") if dilated else ("padding",)
    options = {name: draw(either(axes, name)) for name in names}
    options |= {"kernel_size": draw(either(axes, "kernel")), "ceil_mode": draw(st.booleans())}
    if draw(st.booleans()):
        options["stride"] = draw(either(axes, "stride"))
    return options, tuple(one["length"] for one in axes)


@st.composite
def averages(draw):
    options, size = draw(windows(dilated=False))
    options["count_include_pad"] = draw(st.booleans())
    options["divisor_override"] = draw(st.sampled_from([None, None, 3, -2]))
    return options, size


@st.composite
def adaptive(draw):
    size = (draw(st.integers(1, 9)), draw(st.integers(1, 9)))
    length = st.integers(1, 10)
    return {"output_size": draw(length | st.tuples(st.none() | length, st.none() | length))}, size


@st.composite
def calls(draw, options_and_size):
    rng = np.random.default_rng(draw(SEEDS))
    options, size = draw(options_and_size)
    leading = () if draw(st.integers(0, 4)) == 0 else (draw(st.integers(0, 3)),)
    return Call((rng.normal(size=(*leading, draw(st.integers(1, 3)), *size)),), options)


@st.composite
def layers(draw, options_and_size):
    call = draw(calls(options_and_size))
    return LayerCall(call.options, call.arguments, training=draw(st.booleans()))


CASES = [
    Case(F.max_pool2d, torch.nn.functional.max_pool2d, calls(windows(True)), n_examples=120),
    Case(F.avg_pool2d, torch.nn.functional.avg_pool2d, calls(averages()), n_examples=120),
    Case(F.adaptive_avg_pool2d, torch.nn.functional.adaptive_avg_pool2d, calls(adaptive())),
]

LAYER_CASES = [
    LayerCase(MaxPool2d, torch.nn.MaxPool2d, layers(windows(True))),
    LayerCase(AvgPool2d, torch.nn.AvgPool2d, layers(averages())),
    LayerCase(AdaptiveAvgPool2d, torch.nn.AdaptiveAvgPool2d, layers(adaptive())),
]

GRADCHECKS = {
    "max_pool2d": [
        ((normal(2, 3, 4, 6), 2), {}),
        ((normal(1, 5, 6), (3, 2)), {"stride": (1, 2), "padding": 1, "ceil_mode": True}),
        ((normal(2, 1, 6, 6), 2), {"dilation": (2, 3), "stride": 1}),
    ],
    "avg_pool2d": [
        ((normal(2, 3, 4, 6), 2), {}),
        (
            (normal(1, 5, 6), (3, 2)),
            {"stride": 3, "padding": 1, "ceil_mode": True, "count_include_pad": False},
        ),
        ((normal(1, 1, 3, 3), 2), {"stride": 1, "divisor_override": 3}),
    ],
    "adaptive_avg_pool2d": [((normal(2, 2, 5, 7), (2, 3)), {}), ((normal(1, 3, 2), (None, 5)), {})],
}
