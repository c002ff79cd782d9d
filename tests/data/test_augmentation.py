"""Augmentation: what must stay, what must change, and edits by hand."""

from functools import partial

import numpy as np
import pytest
from scipy import ndimage

from course_utils.data import (
    SYNONYMS,
    affine,
    compose,
    cutout,
    gaussian_noise,
    horizontal_flip,
    load_digits,
    random_affine,
    random_crop,
    random_deletion,
    random_insertion,
    random_swap,
    rotate,
    shift,
    synonym_replacement,
    zoom,
)
from course_utils.data.synonyms import SYNONYM_GROUPS

AUGMENTATIONS = {
    "horizontal_flip": horizontal_flip,
    "rotate": partial(rotate, degrees=20),
    "shift": partial(shift, pixels=2),
    "zoom": partial(zoom, factor=1.4),
    "random_affine": partial(random_affine, degrees=10, pixels=1, factor=1.2),
    "random_crop": partial(random_crop, padding=2),
    "gaussian_noise": partial(gaussian_noise, std=0.5),
    "cutout": partial(cutout, size=3),
}
every = pytest.mark.parametrize("augment", AUGMENTATIONS.values(), ids=AUGMENTATIONS)


def rng(seed=0):
    return np.random.default_rng(seed)


def images(*shape, dtype=np.float64, seed=1):
    return rng(seed).random(shape or (40, 7, 9)).astype(dtype)


# ---------------------------------------------------------------- images


@every
@pytest.mark.parametrize("shape", [(40, 7, 9), (40, 3, 7, 9), (1, 1, 1), (0, 7, 9), (0, 2, 7, 9)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_shape_dtype_and_range_stay_and_the_input_is_left_alone(augment, shape, dtype):
    x = images(*shape, dtype=dtype)
    kept = x.copy()
    x.flags.writeable = False
    y = augment(x, rng=rng())
    assert y.shape == shape
    assert y.dtype == dtype
    assert ((y >= 0) & (y <= 1)).all()
    assert not np.shares_memory(x, y)
    np.testing.assert_array_equal(x, kept)


@every
def test_the_generator_decides_and_every_image_has_its_own_draw(augment):
    x = np.repeat(images(1, 8, 8), 40, axis=0)
    y = augment(x, rng=rng())
    np.testing.assert_array_equal(y, augment(x, rng=rng()))
    assert not np.array_equal(y, augment(x, rng=rng(1)))
    assert len(np.unique(y, axis=0)) > (1 if augment is horizontal_flip else 10)


@every
def test_p_is_the_share_of_changed_images(augment):
    x = images(400, 6, 6)
    np.testing.assert_array_equal(augment(x, p=0.0, rng=rng()), x)
    share = np.mean(np.any(augment(x, p=0.3, rng=rng()) != x, axis=(1, 2)))
    assert 0.2 < share < 0.4


@every
def test_strided_images_come_out_the_same(augment):
    x = images(6, 3, 8, 8)
    strided = np.repeat(x, 2, axis=-1)[..., ::2]
    turned = np.ascontiguousarray(x.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2)
    for other in (strided, turned):
        np.testing.assert_array_equal(augment(other, rng=rng()), augment(x, rng=rng()))


@every
def test_all_channels_are_changed_alike_but_for_noise(augment):
    x = np.repeat(images(20, 1, 8, 8), 3, axis=1)
    y = augment(x, rng=rng())
    alike = np.array_equal(y[:, 0], y[:, 1]) and np.array_equal(y[:, 0], y[:, 2])
    assert alike == (augment is not AUGMENTATIONS["gaussian_noise"])


@every
def test_bad_batches_are_refused(augment):
    with pytest.raises(
        ValueError, match=r"expected images \(N, H, W\) or \(N, C, H, W\), got shape \(8, 8\)"
    ):
        augment(np.ones((8, 8)), rng=rng())
    with pytest.raises(ValueError, match=r"expected floating images, such as pixels / 255, got uint8"):
        augment(np.ones((2, 8, 8), np.uint8), rng=rng())
    with pytest.raises(ValueError, match=r"expected p in \[0, 1\], got 1.5"):
        augment(np.ones((2, 8, 8)), p=1.5, rng=rng())


def test_two_flips_are_none():
    x = images()
    once = horizontal_flip(x, p=1.0, rng=rng())
    np.testing.assert_array_equal(once, x[:, :, ::-1])
    np.testing.assert_array_equal(horizontal_flip(once, p=1.0, rng=rng()), x)


@pytest.mark.parametrize("turns", [1, 2, 3, 4, -1])
def test_right_angles_are_exact_and_counter_clockwise(turns):
    x = images(3, 2, 7, 7)
    np.testing.assert_allclose(affine(x, degrees=90.0 * turns), np.rot90(x, turns, axes=(2, 3)), atol=1e-10)


def test_angles_are_scipys_and_come_one_for_each_image():
    x = images(3, 9, 9)
    angles = np.array([10.0, -35.0, 0.0])
    turned = affine(x, degrees=angles)
    for image, angle, result in zip(x, angles, turned, strict=True):
        expected = ndimage.rotate(image, angle, reshape=False, order=1, mode="grid-constant")
        np.testing.assert_allclose(result, expected, atol=1e-10)


def test_whole_shifts_move_pixels_down_and_right():
    x = images(2, 5, 5)
    moved = affine(x, pixels=np.array([[1, 2], [-1, 0]]))
    np.testing.assert_allclose(moved[0, 1:, 2:], x[0, :-1, :-2], atol=1e-12)
    assert not moved[0, 0].any()
    assert not moved[0, :, :2].any()
    np.testing.assert_allclose(moved[1, :-1], x[1, 1:], atol=1e-12)
    half = affine(x, pixels=np.array([0.0, 0.5]))
    np.testing.assert_allclose(half[:, :, 1:], (x[:, :, 1:] + x[:, :, :-1]) / 2, atol=1e-12)


def test_twice_as_large_takes_every_pixel_to_twice_its_distance_from_the_middle():
    x = images(1, 9, 9)
    grown, shrunk = affine(x, factors=2.0)[0], affine(x, factors=0.5)[0]
    np.testing.assert_allclose(grown[::2, ::2], x[0, 2:7, 2:7], atol=1e-12)
    np.testing.assert_allclose(shrunk[2:7, 2:7], x[0, ::2, ::2], atol=1e-12)
    assert not shrunk[0].any()


def test_a_distance_is_measured_after_turning_and_enlarging():
    x = images(1, 7, 7)
    both = affine(x, degrees=90.0, pixels=np.array([1.0, 0.0]), factors=2.0)
    turned = affine(x, degrees=90.0, factors=2.0)
    np.testing.assert_allclose(both[:, 1:], turned[:, :-1], atol=1e-10)


@pytest.mark.parametrize(
    ("name", "largest"),
    [("degrees", 30.0), ("pixels", 3.0), ("factor", 1.5)],
    ids=["angle", "distance", "zoom"],
)
def test_amounts_fill_their_range_on_both_sides(name, largest, monkeypatch):
    from course_utils.data import augmentation_images

    seen = {}
    record = lambda chosen, *amounts: seen.update(amounts=amounts) or chosen  # noqa: E731
    monkeypatch.setattr(augmentation_images, "affine", record)
    random_affine(images(2000, 2, 2), **{name: largest}, rng=rng())
    angles, distances, factors = seen["amounts"]
    drawn = {"degrees": angles, "pixels": distances, "factor": np.log(factors)}
    for other, amounts in drawn.items():
        bound = (np.log(largest) if name == "factor" else largest) if other == name else 0
        assert amounts.max() <= bound
        assert amounts.min() >= -bound
        assert amounts.max() - amounts.min() >= 1.98 * bound


def test_a_crop_is_a_whole_shift_by_at_most_the_padding():
    x = images(300, 5, 6)
    y = random_crop(x, padding=1, rng=rng())
    framed = np.pad(x, [(0, 0), (1, 1), (1, 1)])
    places = []
    for i in range(300):
        fits = [
            (r, c)
            for r in range(3)
            for c in range(3)
            if np.array_equal(y[i], framed[i, r : r + 5, c : c + 6])
        ]
        places += fits
    assert len(places) == 300
    assert len(set(places)) == 9


def test_noise_has_the_spread_asked_for_and_is_clipped_to_the_range_given():
    x = np.zeros((100, 20, 20), np.float32)
    wide = gaussian_noise(x, std=0.3, value_range=(-5, 5), rng=rng())
    assert wide.std() == pytest.approx(0.3, rel=0.02)
    assert abs(wide.mean()) < 0.01
    narrow = gaussian_noise(x, std=0.3, value_range=(-0.1, 0.2), rng=rng())
    np.testing.assert_array_equal(narrow, np.clip(wide, np.float32(-0.1), np.float32(0.2)))


@pytest.mark.parametrize("size", [0, 1, 2, 3])
def test_cutout_blanks_a_square_that_may_reach_over_the_border(size):
    x = np.ones((500, 6, 7))
    blank = cutout(x, size=size, rng=rng()) == 0
    rows, columns = blank.any(axis=2).sum(axis=1), blank.any(axis=1).sum(axis=1)
    np.testing.assert_array_equal(blank.sum(axis=(1, 2)), rows * columns)
    assert rows.max() == columns.max() == size
    if size == 3:
        assert rows.min() == columns.min() == 2  # the centre on the border
    if size:
        assert blank.any(axis=0).all()


def test_composed_augmentations_follow_each_other():
    x = images(30, 8, 8)
    both = compose(AUGMENTATIONS["random_crop"], AUGMENTATIONS["gaussian_noise"])
    generator = rng()
    expected = random_crop(x, padding=2, rng=generator)
    expected = gaussian_noise(expected, std=0.5, rng=generator)
    np.testing.assert_array_equal(both(x, rng=rng()), expected)
    np.testing.assert_array_equal(compose()(x, rng=rng()), x)


def test_slightly_changed_digits_stay_nearest_to_their_own_kind():
    digits = load_digits("writers")
    pictures = digits.x_test.reshape(-1, 8, 8)
    changed = random_affine(pictures, degrees=8, pixels=0.5, factor=1.05, rng=rng()).reshape(-1, 64)
    distances = ((changed[:, None] - digits.x_train[None]) ** 2).sum(axis=2)
    assert np.mean(digits.y_train[distances.argmin(axis=1)] == digits.y_test) > 0.9


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x: rotate(x, -1, rng=rng()), "expected degrees of at least 0, got -1"),
        (lambda x: shift(x, np.nan, rng=rng()), "expected pixels of at least 0, got nan"),
        (lambda x: zoom(x, 0.9, rng=rng()), "expected factor of at least 1, got 0.9"),
        (lambda x: random_crop(x, 1.5, rng=rng()), "expected padding as a whole number .*, got 1.5"),
        (lambda x: gaussian_noise(x, -0.1, rng=rng()), "expected std of at least 0, got -0.1"),
        (lambda x: cutout(x, -2, rng=rng()), "expected size as a whole number .*, got -2"),
    ],
)
def test_messages_of_images(call, message):
    with pytest.raises(ValueError, match=message):
        call(images())


# ---------------------------------------------------------------- text

SENTENCE = ["The", "small", "car", "was", "fast", "but", "the", "house", "had", "an", "odd", "look"]


def test_replaced_words_are_synonyms_and_the_others_stay():
    for seed in range(20):
        edited = synonym_replacement(SENTENCE, 3, rng=rng(seed))
        changed = [(old, new) for old, new in zip(SENTENCE, edited, strict=True) if old != new]
        assert len(changed) == 3
        assert all(new in SYNONYMS[old] for old, new in changed)


def test_no_more_words_are_replaced_than_have_synonyms():
    edited = synonym_replacement(SENTENCE, 100, rng=rng())
    assert sum(old != new for old, new in zip(SENTENCE, edited, strict=True)) == 6
    assert synonym_replacement(["zzz"], 5, rng=rng()) == ["zzz"]
    assert synonym_replacement([], 5, rng=rng()) == []
    assert synonym_replacement(SENTENCE, 0, rng=rng()) == SENTENCE


def test_a_capital_stays():
    assert synonym_replacement(["Big"], synonyms={"big": ["large"]}, rng=rng()) == ["Large"]


def test_inserted_words_are_synonyms_of_words_that_are_there():
    known = {word for old in SENTENCE for word in SYNONYMS.get(old, ())}
    places = set()
    for seed in range(30):
        edited = random_insertion(SENTENCE, 2, rng=rng(seed))
        assert len(edited) == len(SENTENCE) + 2
        added = [i for i, word in enumerate(edited) if word not in SENTENCE]
        assert {edited[i] for i in added} <= known
        assert [word for i, word in enumerate(edited) if i not in added] == SENTENCE
        places.update(added)
    assert {0, len(SENTENCE) + 1} <= places  # before the first and behind the last too
    assert random_insertion(["zzz"], 5, rng=rng()) == ["zzz"]


def test_a_swap_moves_two_words_and_loses_none():
    for seed in range(60):
        edited = random_swap(SENTENCE, rng=rng(seed))
        assert sorted(edited) == sorted(SENTENCE)
        assert sum(old != new for old, new in zip(SENTENCE, edited, strict=True)) == 2
    assert sorted(random_swap(SENTENCE, 50, rng=rng())) == sorted(SENTENCE)
    assert random_swap(["one"], 3, rng=rng()) == ["one"]
    assert random_swap([], 3, rng=rng()) == []


def test_deletion_keeps_the_order_the_share_and_at_least_one():
    words = [str(i) for i in range(2000)]
    kept = random_deletion(words, 0.3, rng=rng())
    assert kept == sorted(kept, key=int)
    assert len(kept) == pytest.approx(1400, abs=80)
    assert random_deletion(words, 0.0, rng=rng()) == words
    assert {random_deletion(["a", "b"], 1.0, rng=rng(seed))[0] for seed in range(10)} == {"a", "b"}
    assert random_deletion([], 0.5, rng=rng()) == []


def test_the_list_given_is_not_changed_and_the_generator_decides():
    for edit in (synonym_replacement, random_insertion, random_swap, partial(random_deletion, p=0.4)):
        kept = list(SENTENCE)
        results = [edit(SENTENCE, rng=rng(seed)) for seed in (0, 0, 1, 2, 3)]
        assert kept == SENTENCE
        assert results[0] == results[1]
        assert len({tuple(result) for result in results}) > 1


def test_every_word_of_the_table_is_in_one_group_and_never_its_own_synonym():
    words = [word for group in SYNONYM_GROUPS for word in group]
    assert len(words) == len(set(words))
    assert len(SYNONYM_GROUPS) >= 40
    assert all(word == word.lower() and word.isalpha() for word in words)
    assert all(word not in SYNONYMS[word] and SYNONYMS[word] for word in words)
    assert all(word in SYNONYMS[other] for word in words for other in SYNONYMS[word])


@pytest.mark.parametrize("edit", [synonym_replacement, random_insertion, random_swap])
def test_messages_of_text(edit):
    with pytest.raises(ValueError, match="expected a list of words, got the string 'a b': split it first"):
        edit("a b", rng=rng())
    with pytest.raises(ValueError, match="expected n of at least 0, got -1"):
        edit(["a"], -1, rng=rng())


def test_messages_of_deletion():
    with pytest.raises(ValueError, match=r"expected p in \[0, 1\], got 2"):
        random_deletion(["a"], 2, rng=rng())
    with pytest.raises(ValueError, match="expected a list of words"):
        random_deletion("a b", rng=rng())
