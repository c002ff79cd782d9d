"""The adding and the copying task: their form, and the scores that need no memory."""

import numpy as np
import pytest

from course_utils.data import adding_task, copying_task


@pytest.mark.parametrize("length", [2, 3, 10, 51])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_adding_marks_one_number_in_each_half_and_adds_them(length, dtype):
    x, y = adding_task(200, length, rng=np.random.default_rng(0), dtype=dtype)
    assert x.shape == (200, length, 2)
    assert y.shape == (200, 1)
    assert x.dtype == y.dtype == dtype
    numbers, markers = x[..., 0], x[..., 1]
    assert ((numbers >= 0) & (numbers < 1)).all()
    assert set(markers.ravel()) <= {0, 1}
    assert (markers[:, : length // 2].sum(axis=1) == 1).all()
    assert (markers[:, length // 2 :].sum(axis=1) == 1).all()
    np.testing.assert_allclose(
        y[:, 0], [row[mark == 1].sum() for row, mark in zip(numbers, markers, strict=True)]
    )


def test_every_place_is_marked_equally_often():
    x, _ = adding_task(20_000, 9, rng=np.random.default_rng(0))
    share = x[..., 1].mean(axis=0)
    np.testing.assert_allclose(share, [1 / 4] * 4 + [1 / 5] * 5, atol=0.015)


def test_always_answering_one_has_an_error_of_a_sixth():
    _, y = adding_task(200_000, 4, rng=np.random.default_rng(0))
    assert np.mean((y - 1) ** 2) == pytest.approx(1 / 6, abs=0.002)
    assert y.mean() == pytest.approx(1, abs=0.005)


@pytest.mark.parametrize(("delay", "n_symbols", "n_copied"), [(1, 8, 10), (30, 8, 10), (5, 3, 4), (2, 1, 1)])
def test_copying_repeats_the_symbols_after_the_bell(delay, n_symbols, n_copied):
    x, y = copying_task(50, delay, n_symbols, n_copied=n_copied, rng=np.random.default_rng(0))
    blank, bell = n_symbols, n_symbols + 1
    assert x.shape == y.shape == (50, delay + 2 * n_copied)
    assert x.dtype == y.dtype == np.int64
    for question, answer in zip(x, y, strict=True):
        symbols = question[:n_copied]
        assert symbols.max() < n_symbols
        rest = [blank] * (delay - 1) + [bell] + [blank] * n_copied
        assert question[n_copied:].tolist() == rest
        assert answer.tolist() == [blank] * (n_copied + delay) + symbols.tolist()
    assert set(x[:, :n_copied].ravel()) == set(range(n_symbols))


def test_the_score_without_memory():
    """The best answer that knows only the time step: the share of each class there."""
    delay = 12
    x, y = copying_task(20_000, delay, rng=np.random.default_rng(0))
    share = np.stack([(y == label).mean(axis=0) for label in range(9)])  # (class, step)
    chance = share[y, np.arange(y.shape[1])]
    assert -np.log(chance).mean() == pytest.approx(10 * np.log(8) / (delay + 20), rel=1e-3)


def test_the_generator_decides():
    for draw in (adding_task, copying_task):
        first, same, other = (draw(5, 6, rng=np.random.default_rng(seed)) for seed in (0, 0, 1))
        np.testing.assert_array_equal(first[0], same[0])
        assert not np.array_equal(first[0], other[0])


def test_no_sequences():
    rng = np.random.default_rng(0)
    assert [part.shape for part in adding_task(0, 5, rng=rng)] == [(0, 5, 2), (0, 1)]
    assert [part.shape for part in copying_task(0, 5, rng=rng)] == [(0, 25), (0, 25)]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda rng: adding_task(3, 1, rng=rng), "a length of at least 2, got 3 and 1"),
        (lambda rng: adding_task(-1, 5, rng=rng), "expected n of 0 or more.*, got -1 and 5"),
        (lambda rng: adding_task(3, 5, rng=rng, dtype=int), "expected a floating dtype.*, got int64"),
        (lambda rng: copying_task(-1, 5, rng=rng), "got -1, 5, 8 and 10"),
        (lambda rng: copying_task(3, 0, rng=rng), "got 3, 0, 8 and 10"),
        (lambda rng: copying_task(3, 5, 0, rng=rng), "got 3, 5, 0 and 10"),
        (lambda rng: copying_task(3, 5, n_copied=0, rng=rng), "got 3, 5, 8 and 0"),
    ],
)
def test_messages(call, message):
    with pytest.raises(ValueError, match=message):
        call(np.random.default_rng(0))
