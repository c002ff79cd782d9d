"""Image augmentation: changes that leave the label as it is, drawn anew for every image. Chapters 02 and 08.

Each function takes a batch (N, H, W) or (N, C, H, W) of floats and returns a changed copy of the same shape
and dtype; with probability p an image is changed, else kept. What comes in from outside the picture is 0.
Whether a label survives is for you to judge: a mirrored 2 is no 2.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from course_utils.randomness import check_generator

Augmentation = Callable[..., np.ndarray]


def compose(*augmentations: Augmentation) -> Augmentation:
    """Return a function ``(images, *, rng)`` that applies one augmentation after the other.

    Parameters
    ----------
    *augmentations : callable
        Each takes ``(images, *, rng)``: ``functools.partial(rotate, degrees=10)``.

    Examples
    --------
    >>> from functools import partial
    >>> augment = compose(partial(shift, pixels=1), partial(gaussian_noise, std=0.1))
    >>> augment(np.zeros((5, 8, 8)), rng=np.random.default_rng(0)).shape
    (5, 8, 8)
    """

    def apply(images: np.ndarray, *, rng: np.random.Generator) -> np.ndarray:
        for augmentation in augmentations:
            images = augmentation(images, rng=rng)
        return images

    return apply


def horizontal_flip(images: np.ndarray, p: float = 0.5, *, rng: np.random.Generator) -> np.ndarray:
    """Mirror left and right, each image with probability p.

    Examples
    --------
    >>> horizontal_flip(np.array([[[1.0, 2.0]]]), p=1.0, rng=np.random.default_rng(0))
    array([[[2., 1.]]])
    """
    return _changed(images, p, rng, lambda chosen: chosen[..., ::-1])


def rotate(images: np.ndarray, degrees: float, p: float = 1.0, *, rng: np.random.Generator) -> np.ndarray:
    """Turn each image about its middle, by an angle uniform in [-degrees, degrees].

    Examples
    --------
    >>> rotate(np.ones((1, 3, 3)), degrees=30, rng=np.random.default_rng(0))[0, 1, 1]  # the middle stays
    np.float64(1.0)
    """
    _check_from_zero("degrees", degrees)
    return random_affine(images, degrees=degrees, p=p, rng=rng)


def shift(images: np.ndarray, pixels: float, p: float = 1.0, *, rng: np.random.Generator) -> np.ndarray:
    """Move each image down and right by distances uniform in [-pixels, pixels], also parts of a pixel."""
    return random_affine(images, pixels=pixels, p=p, rng=rng)


def zoom(images: np.ndarray, factor: float, p: float = 1.0, *, rng: np.random.Generator) -> np.ndarray:
    """Enlarge each image about its middle by between 1 / factor and factor, log-uniform; factor >= 1."""
    return random_affine(images, factor=factor, p=p, rng=rng)


def random_affine(
    images: np.ndarray,
    degrees: float = 0.0,
    pixels: float = 0.0,
    factor: float = 1.0,
    p: float = 1.0,
    *,
    rng: np.random.Generator,
) -> np.ndarray:
    """Turn, move and enlarge at once, so that the image is interpolated only once.

    Parameters
    ----------
    images : floating array (N, H, W) or (N, C, H, W)
    degrees : float
        Largest angle, from 0.
    pixels : float
        Largest distance, from 0, down and right each.
    factor : float
        Largest enlargement, from 1; its inverse is the smallest.
    p : float
        Share of the images that is changed.
    rng : numpy.random.Generator

    Raises
    ------
    ValueError
        If an option is out of range or `images` is no batch of floats.
    """
    _check_from_zero("degrees", degrees)
    _check_from_zero("pixels", pixels)
    if not 1 <= factor < np.inf:
        raise ValueError(f"expected factor of at least 1, got {factor}")

    def change(chosen: np.ndarray) -> np.ndarray:
        n = len(chosen)
        angles = rng.uniform(-degrees, degrees, size=n)
        distances = rng.uniform(-pixels, pixels, size=(n, 2))
        factors = factor ** rng.uniform(-1, 1, size=n)
        return affine(chosen, angles, distances, factors)

    return _changed(images, p, rng, change)


def affine(
    images: np.ndarray,
    degrees: np.ndarray | float = 0.0,
    pixels: np.ndarray | float = 0.0,
    factors: np.ndarray | float = 1.0,
) -> np.ndarray:
    """Turn, enlarge about the middle, then move: by given amounts, interpolated linearly; nothing is drawn.

    Parameters
    ----------
    images : floating array (N, H, W) or (N, C, H, W)
    degrees : float or array (N,)
        Counter-clockwise.
    pixels : float or array (N, 2)
        Down and right.
    factors : float or array (N,)
        Above 1 enlarges.

    Examples
    --------
    >>> affine(np.array([[[1.0, 2.0], [3.0, 4.0]]]), degrees=90).round(6)  # as np.rot90
    array([[[2., 4.],
            [1., 3.]]])
    """
    _check_images(images)
    from scipy import ndimage  # here, since it takes a while to import

    n = len(images)
    angles = np.broadcast_to(np.deg2rad(degrees), n)
    distances, enlarged = np.broadcast_to(pixels, (n, 2)), np.broadcast_to(factors, n)
    middle = (np.array(images.shape[-2:]) - 1) / 2
    moved = np.empty(images.shape, images.dtype)
    for i, image in enumerate(images):
        cos, sin = np.cos(angles[i]), np.sin(angles[i])
        back = np.array([[cos, sin], [-sin, cos]]) / enlarged[i]  # from where a (row, column) is taken
        offset = middle - back @ (middle + distances[i])
        planes = image.reshape(-1, *image.shape[-2:])
        for source, target in zip(planes, moved[i].reshape(planes.shape), strict=True):
            ndimage.affine_transform(source, back, offset, output=target, order=1, mode="grid-constant")
    return moved


def random_crop(images: np.ndarray, padding: int, p: float = 1.0, *, rng: np.random.Generator) -> np.ndarray:
    """Frame each image by `padding` zeros and cut a window of the old size at a random whole place.

    He et al., 2016, "Deep residual learning for image recognition", section 4.2, with 4 pixels for 32 x 32.
    """
    if padding < 0 or padding != int(padding):
        raise ValueError(f"expected padding as a whole number of pixels from 0, got {padding}")

    def change(chosen: np.ndarray) -> np.ndarray:
        n, (height, width) = len(chosen), chosen.shape[-2:]
        frame = [(0, 0)] * (chosen.ndim - 2) + [(padding, padding)] * 2
        windows = np.lib.stride_tricks.sliding_window_view(np.pad(chosen, frame), (height, width), (-2, -1))
        rows, columns = rng.integers(0, 2 * padding + 1, size=(2, n))
        picked = np.moveaxis(windows, (-4, -3), (1, 2))  # (N, rows, columns, ..., H, W)
        return picked[np.arange(n), rows, columns]

    return _changed(images, p, rng, change)


def gaussian_noise(
    images: np.ndarray,
    std: float,
    p: float = 1.0,
    value_range: tuple[float, float] = (0.0, 1.0),
    *,
    rng: np.random.Generator,
) -> np.ndarray:
    """Add normal noise of standard deviation `std` to every pixel and clip to `value_range`."""
    _check_from_zero("std", std)

    def change(chosen: np.ndarray) -> np.ndarray:
        return np.clip(chosen + std * rng.standard_normal(chosen.shape), *value_range)

    return _changed(images, p, rng, change)


def cutout(images: np.ndarray, size: int, p: float = 1.0, *, rng: np.random.Generator) -> np.ndarray:
    """Blank a square of `size` pixels a side in each image, in all channels, centred on a random pixel.

    The square may reach over the border. DeVries and Taylor, 2017, "Improved regularization of convolutional
    neural networks with cutout".
    """
    if size < 0 or size != int(size):
        raise ValueError(f"expected size as a whole number of pixels from 0, got {size}")

    def change(chosen: np.ndarray) -> np.ndarray:
        inside = []
        for length in chosen.shape[-2:]:
            first = rng.integers(0, length, size=(len(chosen), 1)) - size // 2
            inside.append((np.arange(length) >= first) & (np.arange(length) < first + size))  # (N, length)
        square = inside[0][:, :, None] & inside[1][:, None, :]  # (N, H, W)
        return np.where(square if chosen.ndim == 3 else square[:, None], 0, chosen)

    return _changed(images, p, rng, change)


def _changed(
    images: np.ndarray, p: float, rng: np.random.Generator, change: Callable[[np.ndarray], np.ndarray]
) -> np.ndarray:
    """Return a copy in which each image is changed with probability p."""
    _check_images(images)
    if not 0 <= p <= 1:
        raise ValueError(f"expected p in [0, 1], got {p}")
    chosen = check_generator(rng).random(len(images)) < p
    copy = np.array(images)
    if chosen.any():
        copy[chosen] = change(copy[chosen])
    return copy


def _check_images(images: np.ndarray) -> None:
    if np.ndim(images) not in (3, 4):
        raise ValueError(f"expected images (N, H, W) or (N, C, H, W), got shape {np.shape(images)}")
    if np.asarray(images).dtype.kind != "f":
        raise ValueError(f"expected floating images, such as pixels / 255, got {np.asarray(images).dtype}")


def _check_from_zero(name: str, value: float) -> None:
    if not 0 <= value < np.inf:
        raise ValueError(f"expected {name} of at least 0, got {value}")
