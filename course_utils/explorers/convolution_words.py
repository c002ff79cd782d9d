"""What `Convolution` says: the formula of the output's size, worked out, and its alternative text."""

from __future__ import annotations

from course_utils.explorers._numbers import number
from course_utils.explorers.convolution_pass import Pass


def formula(found: Pass) -> str:
    """Return the output's size, worked out: floor division, since a window that sticks out is left out."""
    settings, K = found.settings, len(found.kernel)
    padding, dilation, stride = (settings[name] for name in ("padding", "dilation", "stride"))
    return f"({found.n_rows} + 2*{padding} - {dilation}*({K}-1) - 1)//{stride} + 1 = {len(found.output)}"


def headline(found: Pass) -> str:
    """Say how large the output is, and why."""
    if found.at is None:
        span = found.settings["dilation"] * (len(found.kernel) - 1) + 1
        return f"no output: the kernel spans {span}, the padded picture {len(found.padded)}"
    return f"output: {formula(found)} rows"


def describe(found: Pass) -> str:
    """Name picture, kernel and options, the output's size and the pixel looked at."""
    settings, n, K = found.settings, found.n_rows, len(found.kernel)
    options = ", ".join(f"{name} {settings[name]}" for name in ("stride", "padding", "dilation"))
    text = f"Convolution of the {settings['image']}, {n} x {n}, with {settings['kernel']}, {K} x {K}, "
    text += f"{options}. {headline(found).capitalize()}."
    if found.at is None:
        return text
    row, column = found.at
    return f"{text} Pixel in row {row}, column {column}: {number(float(found.output[found.at]))}."
