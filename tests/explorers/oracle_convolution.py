"""What the scene of convolution must show: plain loops over windows, and the engine's Conv2d layer."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from course_utils.data import load_digits, load_photograph, shrink, to_gray
from course_utils.explorers import Explorer
from course_utils.nn import Tensor
from course_utils.nn.layers import Conv2d

WEIGHTS = {
    "sharpen": "0 -1 0 -1 5 -1 0 -1 0",
    "edges across": "-1 0 1 -2 0 2 -1 0 1",
    "edges down": "-1 -2 -1 0 0 0 1 2 1",
    "Laplacian": "0 1 0 1 -4 1 0 1 0",
    "emboss": "-2 -1 0 -1 1 1 0 1 2",
}


def picture(name: str) -> np.ndarray:
    """Return the pixels."""
    if name == "digit":
        return load_digits("writers", dtype=np.float64).x_train[0].reshape(8, 8)
    photograph, top, left = ("flower", 4, 12) if name == "flower" else ("china", 2, 5)
    return shrink(to_gray(load_photograph(photograph), dtype=np.float64), 12)[top:, left:][:28, :28]


def weights(name: str, size: int) -> np.ndarray:
    """Return the kernel."""
    if name in WEIGHTS:
        return np.array(WEIGHTS[name].split(), dtype=float).reshape(3, 3)
    flat = np.zeros((size, size)) if name == "identity" else np.ones((size, size)) / size**2
    if name == "identity":
        flat[size // 2, size // 2] = 1
    return flat


def tap(pixels: np.ndarray, row: int, column: int) -> float:
    """Return a pixel, or the zero beside the picture."""
    inside = 0 <= row < len(pixels) and 0 <= column < len(pixels)
    return float(pixels[row, column]) if inside else 0.0


def check(explorer: Explorer) -> None:
    """Compare both pictures, window, pixel, the numbers in the tables and the arithmetic of the headline."""
    given, artists = explorer.values, explorer.artists
    pixels, kernel = picture(given["image"]), weights(given["kernel"], given["kernel_size"])
    n, K, padding = len(pixels), len(kernel), given["padding"]
    shown = artists["input"].get_array()
    np.testing.assert_allclose(shown[padding : padding + n, padding : padding + n], pixels)
    assert np.isclose(shown.sum(), pixels.sum()), "the padding must be zero"
    assert shown.shape == (n + 2 * padding,) * 2
    assert list(artists["input"].get_extent()) == [-padding, n + padding, n + padding, -padding]
    span = given["dilation"] * (K - 1) + 1
    if span > n + 2 * padding:
        assert "no output" in artists["headline"].get_text()
        assert artists["sum"].get_text() == "no output"
        assert not any(artists[name].get_visible() for name in ("output", "window", "pixel", "taps"))
        return
    layer = Conv2d(
        1,
        1,
        K,
        stride=given["stride"],
        padding=padding,
        dilation=given["dilation"],
        bias=False,
        rng=np.random.default_rng(0),
        dtype=np.float64,
    )
    layer.weight.data = kernel[None, None]
    output = layer(Tensor(pixels[None, None])).data[0, 0]
    np.testing.assert_allclose(artists["output"].get_array(), output, atol=1e-12)
    check_window(explorer, pixels, kernel, output)
    m = len(output)
    words = artists["headline"].get_text()
    assert words.startswith("output: ")
    left, right = words.removesuffix(" rows").split(": ")[1].split(" = ")
    assert eval(left) == int(right) == m
    assert words.lower() in explorer.alt.lower()


def check_window(explorer: Explorer, pixels: np.ndarray, kernel: np.ndarray, output: np.ndarray) -> None:
    """Compare window and pixel with the place that the position means, and sum up the window by hand."""
    given: dict[str, Any] = explorer.values
    artists: dict[str, Any] = explorer.artists
    m, K = len(output), len(kernel)
    a, b = np.unravel_index(int(given["position"] / 200 * m * m + 1e-9), (m, m))
    top, left = (int(at) * given["stride"] - given["padding"] for at in (a, b))
    total, centres = 0.0, []
    for i in range(K):
        for j in range(K):
            row, column = top + given["dilation"] * i, left + given["dilation"] * j
            value = tap(pixels, row, column)
            total += value * kernel[i, j]
            centres.append((column + 0.5, row + 0.5))
            assert artists[f"cell {i} {j}"].get_text() == f"{value:.2f}"
            written = artists[f"weight {i} {j}"].get_text().replace("−", "-")
            assert np.isclose(float(Fraction(written)), kernel[i, j])
    assert np.isclose(total, output[a, b])
    for k in range(K, 5):
        for table in ("cell", "weight"):
            stale = artists[f"{table} {k} 0"].get_text() + artists[f"{table} 0 {k}"].get_text()
            assert stale == "", "numbers of a larger kernel are left"
    np.testing.assert_allclose(np.transpose(artists["taps"].get_data()), centres)
    span = given["dilation"] * (K - 1) + 1
    assert artists["window"].get_bbox().bounds == (left, top, span, span)
    corner = (len(pixels) - m) / 2
    assert list(artists["output"].get_extent()) == [corner, corner + m, corner + m, corner]
    assert artists["pixel"].get_bbox().bounds == (corner + b, corner + a, 1, 1)
    written = f"{output[a, b] + 0.0:.4g}".replace("e-0", "e-").replace("-", "−")
    assert artists["sum"].get_text() == f"sum {written}"
    assert f"Pixel in row {a}, column {b}: {written}." in explorer.alt
