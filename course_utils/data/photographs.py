"""Two photographs in colour, and the same grey, smaller or in patches. Chapters 02 and 08."""

from __future__ import annotations

import numpy as np
from numpy.typing import DTypeLike

from course_utils.randomness import check_generator

PHOTOGRAPHS = ("china", "flower")


def load_photograph(name: str = "china") -> np.ndarray:
    """Load a photograph: the roofs of a Chinese temple, or a dahlia in bloom.

    Parameters
    ----------
    name : {"china", "flower"}

    Returns
    -------
    uint8 array (427, 640, 3)
        Rows from the top, columns from the left, red, green and blue from 0 to 255. torch wants the channels
        first: ``image.transpose(2, 0, 1)``.

    Raises
    ------
    ValueError
        If there is no such photograph.

    Notes
    -----
    Source: two photographs under the licence CC BY 2.0, in the copies that come with scikit-learn; see
    data/README.md. They are JPEG files: another decoder may round a pixel differently.

    Examples
    --------
    >>> load_photograph("flower").shape
    (427, 640, 3)
    """
    if name not in PHOTOGRAPHS:
        raise ValueError(f'expected name "china" or "flower", got {name!r}')
    from sklearn import datasets  # here, since it takes a second to import

    return np.asarray(datasets.load_sample_image(f"{name}.jpg"), dtype=np.uint8)


def to_gray(image: np.ndarray, *, dtype: DTypeLike = np.float32) -> np.ndarray:
    """Weigh red, green and blue as the eye does and scale to [0, 1]: (H, W, 3) to (H, W).

    Parameters
    ----------
    image : uint8 array (..., 3)
        Colours from 0 to 255.
    dtype : dtype
        Of the result, float32 (default) or float64.

    Returns
    -------
    array (...)
        0.299 red + 0.587 green + 0.114 blue, divided by 255; the weights are those of ITU-R BT.601.

    Raises
    ------
    ValueError
        If the image has another dtype or no three channels in the last place, or `dtype` is not a floating
        one.

    Examples
    --------
    >>> to_gray(np.array([[[255, 0, 0], [255, 255, 255]]], dtype=np.uint8))
    array([[0.299, 1.   ]], dtype=float32)
    """
    _check_pixels(image)
    if image.shape[-1] != 3:
        raise ValueError(f"expected image (..., 3), got shape {image.shape}")
    if np.dtype(dtype).kind != "f":
        raise ValueError(f"expected a floating dtype for shades in [0, 1], got {np.dtype(dtype)}")
    weights = np.array([0.299, 0.587, 0.114])
    return (image @ weights / 255).astype(dtype)


def shrink(image: np.ndarray, factor: int) -> np.ndarray:
    """Average blocks of factor by factor pixels; rows and columns that do not fill a block are cut off.

    Parameters
    ----------
    image : array (H, W) or (H, W, C)
        Whole numbers are rounded to the nearest (halves to even) and keep their dtype.
    factor : int
        1 or more, and at most the shorter side.

    Returns
    -------
    array (H // factor, W // factor) or (H // factor, W // factor, C)

    Raises
    ------
    ValueError
        If the image is not a picture or the factor does not fit.

    Examples
    --------
    >>> shrink(np.array([[0, 2, 9], [4, 6, 9]]), 2)
    array([[3]])
    """
    H, W = _sides(image)
    if not 1 <= factor <= min(H, W):
        raise ValueError(f"expected a factor from 1 to {min(H, W)}, got {factor}")
    H, W = H // factor, W // factor
    blocks = image[: H * factor, : W * factor].reshape(H, factor, W, factor, *image.shape[2:])
    mean = blocks.mean(axis=(1, 3))
    return (mean if image.dtype.kind == "f" else mean.round()).astype(image.dtype)


def draw_patches(image: np.ndarray, n: int, size: int, *, rng: np.random.Generator) -> np.ndarray:
    """Cut n squares of size by size pixels out of a picture, at places drawn uniformly; they may overlap.

    Parameters
    ----------
    image : array (H, W) or (H, W, C)
    n : int
        Number of patches, 0 or more.
    size : int
        Side in pixels, from 1 to the shorter side of the picture.
    rng : numpy.random.Generator

    Returns
    -------
    array (n, size, size) or (n, size, size, C)
        Of the picture's dtype.

    Raises
    ------
    ValueError
        If the image is not a picture, or n or size do not fit.

    Examples
    --------
    >>> draw_patches(load_photograph(), 100, 12, rng=np.random.default_rng(0)).shape
    (100, 12, 12, 3)
    """
    H, W = _sides(image)
    if n < 0:
        raise ValueError(f"expected n of 0 or more, got {n}")
    if not 1 <= size <= min(H, W):
        raise ValueError(f"expected a size from 1 to {min(H, W)}, got {size}")
    check_generator(rng)
    top, left = rng.integers(H - size + 1, size=n), rng.integers(W - size + 1, size=n)
    span = np.arange(size)
    rows, columns = top[:, None] + span, left[:, None] + span  # (n, size) each
    return image[rows[:, :, None], columns[:, None, :]]


def _check_pixels(image: np.ndarray) -> None:
    if not isinstance(image, np.ndarray) or image.dtype != np.uint8 or image.ndim == 0:
        raise ValueError(f"expected a uint8 array, got {getattr(image, 'dtype', type(image).__name__)}")


def _sides(image: np.ndarray) -> tuple[int, int]:
    if not isinstance(image, np.ndarray):
        raise ValueError(f"expected an array, got {type(image).__name__}")
    if image.ndim not in (2, 3):
        raise ValueError(f"expected image (H, W) or (H, W, C), got shape {image.shape}")
    return image.shape[0], image.shape[1]
