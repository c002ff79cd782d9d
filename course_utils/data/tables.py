"""Three small tables of measurements: wines, breast tumours, diabetes patients. Chapter 02.

They come raw, in the units they were measured in, so that scaling them is the learner's own step.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from course_utils.data.digits import Split, draw_a_fifth


class Table(NamedTuple):
    """One row for each example, one column for each measurement, and what is to be predicted.

    Attributes
    ----------
    x : floating array (N, n_features)
        The measurements, unscaled.
    y : array (N,)
        Classes, int64 from 0; or, in a regression, numbers of x's dtype.
    feature_names : tuple of str
        One for each column of x.
    target_names : tuple of str
        The names of the classes in the order of their numbers; in a regression the one name of y.
    """

    x: np.ndarray
    y: np.ndarray
    feature_names: tuple[str, ...]
    target_names: tuple[str, ...]

    def split(self, *, seed: int = 0) -> Split:
        """Draw a fifth (rounded up) of the rows to test on, without stratification, as `load_digits` does.

        Examples
        --------
        >>> wine = load_wine().split(seed=0)
        >>> wine.x_train.shape, wine.x_test.shape
        ((142, 13), (36, 13))
        """
        train, test = draw_a_fifth(len(self.x), seed)
        return Split(self.x[train], self.y[train], self.x[test], self.y[test])


def load_wine(*, dtype: DTypeLike = np.float32) -> Table:
    """Load 178 wines of three cultivars from one region of Italy, 13 chemical measurements each.

    Parameters
    ----------
    dtype : dtype
        Of x, float32 (default) or float64.

    Returns
    -------
    Table
        x (178, 13), whose columns differ a thousandfold in scale (proline 278 to 1,680, hue 0.48 to 1.71);
        y (178,) in 0, 1, 2 with 59, 71 and 48 wines. The rows are sorted by class.

    Raises
    ------
    ValueError
        If `dtype` is not a floating one.

    Notes
    -----
    Source: Aeberhard and Forina, 1992, *Wine*, UCI Machine Learning Repository (doi:10.24432/C5PC7J), in the
    copy that comes with scikit-learn. See data/README.md.

    Examples
    --------
    >>> wine = load_wine()
    >>> wine.x.shape, wine.feature_names[0], round(float(wine.x[0, 0]), 2)
    ((178, 13), 'alcohol', 14.23)
    """
    return _classes("load_wine", dtype)


def load_breast_cancer(*, dtype: DTypeLike = np.float32) -> Table:
    """Load 569 breast tumours, 30 measurements of cell nuclei each: malignant or benign.

    Parameters
    ----------
    dtype : dtype
        Of x, float32 (default) or float64.

    Returns
    -------
    Table
        x (569, 30): the mean, the standard error and the worst of ten measures of the nuclei in one picture;
        y (569,): 0 malignant (212), 1 benign (357). Mind the direction: the disease is class 0, so the recall
        that matters is that of class 0.

    Raises
    ------
    ValueError
        If `dtype` is not a floating one.

    Notes
    -----
    Source: Wolberg, Mangasarian, Street and Street, 1993, *Breast Cancer Wisconsin (Diagnostic)*, UCI Machine
    Learning Repository (doi:10.24432/C5DW2B), in the copy that comes with scikit-learn. See data/README.md.

    Examples
    --------
    >>> load_breast_cancer().target_names
    ('malignant', 'benign')
    """
    return _classes("load_breast_cancer", dtype)


def load_diabetes(*, dtype: DTypeLike = np.float32) -> Table:
    """Load 442 diabetes patients, 10 measurements each, and how far the disease had gone a year later.

    Parameters
    ----------
    dtype : dtype
        Of x and y, float32 (default) or float64.

    Returns
    -------
    Table
        x (442, 10): age in years, sex (1 or 2), body mass index, mean blood pressure and six blood serum
        values, as measured; y (442,): a score of the progression, 25 to 346. scikit-learn's own default
        differs: there every column is centred and scaled by means of all rows, those to be tested on
        included.

    Raises
    ------
    ValueError
        If `dtype` is not a floating one.

    Notes
    -----
    Source: Efron, Hastie, Johnstone and Tibshirani, 2004, *Least Angle Regression*, Annals of Statistics 32
    (doi:10.1214/009053604000000067), in the copy that comes with scikit-learn. See data/README.md.

    Examples
    --------
    >>> diabetes = load_diabetes()
    >>> diabetes.feature_names[:3], diabetes.x[0, :2].tolist(), float(diabetes.y[0])
    (('age', 'sex', 'bmi'), [59.0, 2.0], 151.0)
    """
    _check_floating(dtype)
    from sklearn import datasets  # here, since it takes a second to import

    bunch = datasets.load_diabetes(scaled=False)
    names = tuple(map(str, bunch.feature_names))
    return Table(bunch.data.astype(dtype), bunch.target.astype(dtype), names, ("progression",))


def _classes(loader: str, dtype: DTypeLike) -> Table:
    _check_floating(dtype)
    from sklearn import datasets  # here, since it takes a second to import

    bunch = getattr(datasets, loader)()
    names, classes = (tuple(map(str, values)) for values in (bunch.feature_names, bunch.target_names))
    return Table(bunch.data.astype(dtype), bunch.target.astype(np.int64), names, classes)


def _check_floating(dtype: DTypeLike) -> None:
    if np.dtype(dtype).kind != "f":
        raise ValueError(
            f"expected a floating dtype for measurements, such as np.float32, got {np.dtype(dtype)}"
        )
