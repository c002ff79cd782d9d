"""The scene of convolution: sizes as the formula has them, and kernels that do what their names say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from course_utils.explorers import Convolution
from course_utils.explorers.convolution_pass import (
    FIXED,
    KERNELS,
    N_POSITIONS,
    PICTURES,
    SIZED,
    Pass,
    compute,
    kernel_of,
    load_picture,
    place,
)
from course_utils.explorers.convolution_picture import SIGNED
from course_utils.explorers.convolution_words import formula


def convolved(**changes: Any) -> Pass:
    return compute(**{**Convolution.defaults(), **changes})


@pytest.mark.parametrize(
    ("options", "size"),
    [
        ({"kernel_size": 3, "stride": 2, "padding": 1, "dilation": 2}, 13),
        ({"kernel_size": 3, "stride": 1, "padding": 1}, 28),
        ({"kernel_size": 5, "stride": 1, "padding": 2}, 28),
        ({"kernel_size": 3, "stride": 1, "padding": 2, "dilation": 2}, 28),
        ({"kernel_size": 3, "stride": 2, "padding": 0}, 13),
        ({"kernel_size": 1, "stride": 4, "padding": 0}, 7),
    ],
)
def test_sizes(options: dict[str, int], size: int) -> None:
    found = convolved(**options)
    assert found.output.shape == (size, size)
    assert formula(found).endswith(f" = {size}")


def test_the_formula_of_the_lecture() -> None:
    assert formula(convolved(stride=2, dilation=2)) == "(28 + 2*1 - 2*(3-1) - 1)//2 + 1 = 13"


def test_a_kernel_that_does_not_fit_has_no_output() -> None:
    found = convolved(image="digit", kernel_size=5, dilation=3, padding=2)  # 13 against 12
    assert found.at is None
    assert found.output.size == 0
    found = convolved(image="digit", kernel_size=5, dilation=3, padding=3)  # 13 against 14
    assert found.output.shape == (2, 2)


def test_kernels_do_what_their_names_say() -> None:
    picture = load_picture("flower")
    same = convolved(kernel="identity", kernel_size=3, padding=1)
    np.testing.assert_array_equal(same.output, picture)
    blurred = convolved(kernel="blur", kernel_size=5, padding=0)
    assert blurred.output.std() < picture.std()
    sharp = convolved(kernel="sharpen", padding=0)
    assert sharp.output.std() > picture.std()
    for kernel in KERNELS:
        total = kernel_of(kernel, 3).sum()
        expected = 0 if kernel in ("edges across", "edges down", "Laplacian") else 1
        assert np.isclose(total, expected), "a flat area must become 0, or stay as it is"
    across, down = (np.array(FIXED[f"edges {way}"]) for way in ("across", "down"))
    np.testing.assert_array_equal(across, down.T)
    ramp = np.arange(3)[None, :] + np.zeros((3, 1))  # brighter to the right
    assert (ramp * across).sum() > 0
    assert (ramp * down).sum() == 0


def test_positions_reach_every_corner_and_go_row_by_row() -> None:
    for n in (1, 6, 28):
        places = [place(position, n) for position in range(N_POSITIONS)]
        assert places == sorted(places)
        assert places[0] == (0, 0)
        assert places[-1][0] == n - 1
    assert set(places) >= {(0, 0)}
    assert len({place(position, 8) for position in range(N_POSITIONS)}) == 64


def test_pictures_are_grey_squares() -> None:
    for name in PICTURES:
        picture = load_picture(name)
        assert picture.shape == ((8, 8) if name == "digit" else (28, 28))
        assert 0 <= picture.min() < picture.max() <= 1


def test_zero_is_white_among_signed_colours() -> None:
    np.testing.assert_allclose(SIGNED(0.5)[:3], 1, atol=0.01)


def test_idle_controls() -> None:
    explorer = Convolution()
    for kernel in KERNELS:
        explorer.kernel = kernel
        assert explorer.widgets["kernel_size"].disabled == (kernel not in SIZED)
    explorer.set(image="digit", kernel="blur", kernel_size=5, dilation=3, padding=0)
    assert explorer.widgets["position"].disabled
    explorer.close()


def test_presets_show_what_their_names_say() -> None:
    found = {name: convolved(**preset) for name, preset in Convolution.presets.items()}
    assert len(found["same size"].output) == 28
    assert len(found["half the size"].output) == 14
    rows, _ = found["sees far by dilation"].taps()
    assert rows[-1] - rows[0] == 6
    for way in ("across", "down"):
        one = found[f"edges {way}"]
        assert abs(one.output[one.at]) > 0.5, "the window stands on an edge"
