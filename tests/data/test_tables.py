"""Wine, breast cancer and diabetes: the very numbers of the datasheet, raw, and their split."""

import numpy as np
import pytest
import sklearn.datasets

from course_utils.data import load_breast_cancer, load_diabetes, load_wine
from tests.data.datasheet import named_checksums, sha256

LOADERS = {"Wine": load_wine, "Breast cancer": load_breast_cancer, "Diabetes": load_diabetes}


@pytest.mark.parametrize("name", LOADERS)
def test_the_datasheet_names_the_checksums_of_the_data(name):
    table = LOADERS[name](dtype=np.float64)
    targets = table.y.astype(np.uint8 if table.y.dtype == np.int64 else "<f8")
    assert (targets == table.y).all()
    assert named_checksums(name) == {sha256(table.x.astype("<f8").tobytes()), sha256(targets.tobytes())}


@pytest.mark.parametrize("name", LOADERS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_shapes_names_and_dtypes(name, dtype):
    table = LOADERS[name](dtype=dtype)
    sizes = {"Wine": (178, 13), "Breast cancer": (569, 30), "Diabetes": (442, 10)}
    assert table.x.shape == sizes[name]
    assert table.y.shape == sizes[name][:1]
    assert table.x.dtype == dtype
    assert table.y.dtype == (dtype if name == "Diabetes" else np.int64)
    assert len(table.feature_names) == len(set(table.feature_names)) == table.x.shape[1]
    assert all(type(word) is str for word in (*table.feature_names, *table.target_names))


def test_classes_are_counted_as_documented():
    wine, cancer = load_wine(), load_breast_cancer()
    assert np.bincount(wine.y).tolist() == [59, 71, 48]
    assert wine.target_names == ("class_0", "class_1", "class_2")
    assert (np.diff(wine.y) >= 0).all()
    counts = dict(zip(cancer.target_names, np.bincount(cancer.y).tolist(), strict=True))
    assert counts == {"malignant": 212, "benign": 357}


def test_the_scales_are_those_of_the_docstrings():
    wine, diabetes = load_wine(dtype=np.float64), load_diabetes(dtype=np.float64)
    ranges = dict(zip(wine.feature_names, zip(wine.x.min(0), wine.x.max(0), strict=True), strict=True))
    assert ranges["proline"] == (278, 1680)
    assert ranges["hue"] == (0.48, 1.71)
    assert (diabetes.y.min(), diabetes.y.max()) == (25, 346)
    assert set(diabetes.x[:, 1]) == {1, 2}


def test_diabetes_is_raw_where_scikit_learn_has_it_scaled():
    raw, scaled = load_diabetes(dtype=np.float64).x, sklearn.datasets.load_diabetes().data
    assert raw[:, 0].min() == 19
    centred = raw - raw.mean(0)
    np.testing.assert_allclose(centred / np.linalg.norm(centred, axis=0), scaled, atol=1e-12)


@pytest.mark.parametrize("name", LOADERS)
def test_a_split_deals_every_row_once_with_its_target(name):
    table = LOADERS[name]()
    split = table.split(seed=3)
    assert len(split.x_test) == -(-len(table.x) // 5)
    rows = np.column_stack([np.r_[split.x_train, split.x_test], np.r_[split.y_train, split.y_test]])
    assert sorted(map(tuple, rows)) == sorted(map(tuple, np.column_stack([table.x, table.y])))


def test_the_seed_decides_the_split():
    table = load_wine()
    first, same, other = (table.split(seed=seed).x_test for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, same)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("load", LOADERS.values())
@pytest.mark.parametrize("dtype", [int, np.uint8, complex])
def test_a_dtype_that_cannot_hold_measurements_is_refused(load, dtype):
    with pytest.raises(ValueError, match=f"expected a floating dtype.*, got {np.dtype(dtype)}"):
        load(dtype=dtype)
