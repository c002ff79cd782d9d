"""MNIST and Fashion-MNIST, 70,000 pictures of 28 by 28 pixels each, downloaded once. Chapters 08 and 12."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import DTypeLike

from course_utils.data.digits import Split
from course_utils.data.downloads import Source, fetch
from course_utils.data.idx import read_idx

MNIST = Source(
    "MNIST",
    "mnist",
    (
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
        "https://raw.githubusercontent.com/fgnt/mnist/master/",
    ),
    {
        "train-images-idx3-ubyte.gz": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        "train-labels-idx1-ubyte.gz": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        "t10k-images-idx3-ubyte.gz": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        "t10k-labels-idx1-ubyte.gz": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
    },
)

FASHION_MNIST = Source(
    "Fashion-MNIST",
    "fashion-mnist",
    (
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",  # no https; the checksum protects
    ),
    {
        "train-images-idx3-ubyte.gz": "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
        "train-labels-idx1-ubyte.gz": "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
        "t10k-images-idx3-ubyte.gz": "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
        "t10k-labels-idx1-ubyte.gz": "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
    },
)

FASHION_NAMES = (
    *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
    *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
)
"""What the ten classes of Fashion-MNIST show, in the order of their numbers."""


def load_mnist(
    *,
    dtype: DTypeLike = np.float32,
    folder: Path | str | None = None,
    progress: bool = True,
    source: Source = MNIST,
) -> Split:
    """Load MNIST's handwritten digits; the first call downloads 12 MB.

    Parameters
    ----------
    dtype : dtype
        Of x, float32 (default: 220 MB in memory) or float64 (twice that).
    folder : path, optional
        Keeps the four files; by default a folder in $COURSE_DATA or the system's cache.
    progress : bool
        Whether to show a line of progress while downloading.
    source : Source
        Other mirrors or other files of the same names; for a class without internet, say, a server of its
        own.

    Returns
    -------
    Split
        Pixels (60000, 784) and (10000, 784) in [0, 1], 0 paper and 1 ink, row by row; labels 0 to 9, int64.
        The writers of the test part are not those of the training part.

    Raises
    ------
    DownloadError
        If a file is neither cached nor to be had; the message says what was tried and what to do.
    ValueError
        If `dtype` is not a floating one, or the files do not fit together.

    Notes
    -----
    Source: LeCun, Cortes and Burges, *The MNIST Database of Handwritten Digits*; LeCun, Bottou, Bengio and
    Haffner, 1998, *Gradient-Based Learning Applied to Document Recognition* (doi:10.1109/5.726791). See
    data/README.md.
    """
    if np.dtype(dtype).kind != "f":
        raise ValueError(
            f"expected a floating dtype for pixels in [0, 1], such as np.float32, got {np.dtype(dtype)}"
        )
    files = fetch(source, folder=folder, progress=progress)
    train = _pictures(files["train-images-idx3-ubyte.gz"], files["train-labels-idx1-ubyte.gz"], dtype)
    test = _pictures(files["t10k-images-idx3-ubyte.gz"], files["t10k-labels-idx1-ubyte.gz"], dtype)
    return Split(*train, *test)


def load_fashion_mnist(
    *,
    dtype: DTypeLike = np.float32,
    folder: Path | str | None = None,
    progress: bool = True,
    source: Source = FASHION_MNIST,
) -> Split:
    """Load Fashion-MNIST, clothes and shoes in MNIST's form; the first call downloads 31 MB.

    Parameters, result and errors are those of `load_mnist`; ``FASHION_NAMES[label]`` says what a picture
    shows.

    Notes
    -----
    Source: Xiao, Rasul and Vollgraf, 2017, *Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine
    Learning Algorithms* (arXiv:1708.07747). See data/README.md.
    """
    return load_mnist(dtype=dtype, folder=folder, progress=progress, source=source)


def _pictures(images: Path, labels: Path, dtype: DTypeLike) -> tuple[np.ndarray, np.ndarray]:
    """Read pictures, one row of pixels in [0, 1] each, and their labels."""
    pixels, y = read_idx(images), read_idx(labels)
    if pixels.ndim != 3:
        raise ValueError(f"expected pictures (N, H, W), got shape {pixels.shape} in {images.name}")
    if y.shape != pixels.shape[:1]:
        raise ValueError(
            f"expected {len(pixels)} labels for {images.name}, got shape {y.shape} in {labels.name}"
        )
    x = pixels.reshape(len(pixels), -1).astype(dtype)
    x /= 255  # in place: a second copy of 188 MB need not exist
    return x, y.astype(np.int64)
