"""The two photographs and what is made of them."""

from pathlib import Path

import numpy as np
import pytest
import sklearn

from course_utils.data import draw_patches, load_photograph, shrink, to_gray
from tests.data.datasheet import named_checksums, sha256


def test_the_datasheet_names_the_checksums_of_the_files():
    folder = Path(sklearn.__file__).parent / "datasets" / "images"
    files = [folder / f"{name}.jpg" for name in ("china", "flower")]
    assert named_checksums("Photographs") == {sha256(file.read_bytes()) for file in files}


@pytest.mark.parametrize(
    ("name", "mean_colour"), [("china", (144.7, 145.5, 140.9)), ("flower", (55.1, 73.6, 57.0))]
)
def test_pictures(name, mean_colour):
    image = load_photograph(name)
    assert image.shape == (427, 640, 3)
    assert image.dtype == np.uint8
    np.testing.assert_allclose(image.mean(axis=(0, 1)), mean_colour, atol=0.5)  # decoders round differently


def test_another_picture_is_refused():
    with pytest.raises(ValueError, match=r"expected name \"china\" or \"flower\", got 'cat'"):
        load_photograph("cat")


def test_grey_by_hand():
    pixels = np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255], [0, 0, 0], [255, 255, 255]], dtype=np.uint8)
    np.testing.assert_allclose(to_gray(pixels, dtype=np.float64), [0.299, 0.587, 0.114, 0, 1], atol=1e-15)
    assert to_gray(pixels[None]).dtype == np.float32
    assert to_gray(pixels[None]).max() <= 1


def test_grey_agrees_with_pillow():
    from PIL import Image

    image = load_photograph("flower")
    expected = np.asarray(Image.fromarray(image).convert("L")) / 255
    np.testing.assert_allclose(to_gray(image), expected, atol=1 / 255)


@pytest.mark.parametrize("shape", [(6, 9), (6, 9, 3), (7, 8, 1)])
@pytest.mark.parametrize("factor", [1, 2, 3, 6])
def test_shrinking_averages_blocks(shape, factor, rng):
    image = rng.random(shape)
    small = shrink(image, factor)
    assert small.shape == (shape[0] // factor, shape[1] // factor, *shape[2:])
    for row in range(small.shape[0]):
        for column in range(small.shape[1]):
            block = image[row * factor : (row + 1) * factor, column * factor : (column + 1) * factor]
            np.testing.assert_allclose(small[row, column], block.mean(axis=(0, 1)))


def test_shrinking_rounds_whole_numbers_and_keeps_the_dtype():
    image = np.array([[0, 1, 255, 255], [1, 1, 255, 255]], dtype=np.uint8)
    small = shrink(image, 2)
    assert small.dtype == np.uint8
    assert small.tolist() == [[1, 255]]


@pytest.mark.parametrize("channels", [(), (3,)])
def test_patches_are_cut_from_the_picture_everywhere(channels, rng):
    image = np.arange(5 * 6 * np.prod(channels, dtype=int)).reshape(5, 6, *channels)
    patches = draw_patches(image, 300, 2, rng=rng)
    assert patches.shape == (300, 2, 2, *channels)
    seen = set()
    for patch in patches:
        row, column = np.divmod(patch.reshape(-1)[0] // np.prod(channels, dtype=int), 6)
        np.testing.assert_array_equal(patch, image[row : row + 2, column : column + 2])
        seen.add((row, column))
    assert seen == {(row, column) for row in range(4) for column in range(5)}


def test_no_patches_and_the_whole_picture(rng):
    image = load_photograph()
    assert draw_patches(image, 0, 8, rng=rng).shape == (0, 8, 8, 3)
    np.testing.assert_array_equal(draw_patches(image[:, :427], 1, 427, rng=rng)[0], image[:, :427])


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda image, rng: to_gray(image / 255), "expected a uint8 array, got float64"),
        (lambda image, rng: to_gray([1, 2, 3]), "expected a uint8 array, got list"),
        (lambda image, rng: to_gray(image[..., 0]), r"expected image \(..., 3\), got shape \(427, 640\)"),
        (lambda image, rng: to_gray(image, dtype=int), "expected a floating dtype .*got int64"),
        (lambda image, rng: shrink([[1, 2], [3, 4]], 2), "expected an array, got list"),
        (lambda image, rng: shrink(image, 0), "expected a factor from 1 to 427, got 0"),
        (lambda image, rng: shrink(image, 428), "expected a factor from 1 to 427, got 428"),
        (lambda image, rng: shrink(image[0, 0], 1), r"expected image \(H, W\).*, got shape \(3,\)"),
        (lambda image, rng: draw_patches(image, -1, 8, rng=rng), "expected n of 0 or more, got -1"),
        (lambda image, rng: draw_patches(image, 1, 428, rng=rng), "expected a size from 1 to 427, got 428"),
        (lambda image, rng: draw_patches(image, 1, 0, rng=rng), "expected a size from 1 to 427, got 0"),
    ],
)
def test_messages(call, message, rng):
    with pytest.raises(ValueError, match=message):
        call(load_photograph(), rng)
