"""What comes as `rng` must be a generator of its own, everywhere."""

from functools import partial

import numpy as np
import pytest

from course_utils import data, nn, optim
from course_utils.nn import functional as F
from course_utils.nn import init
from course_utils.optim.range_test import learning_rate_range_test
from course_utils.randomness import check_generator

MATRIX = nn.Tensor(np.zeros((2, 2)))
IMAGES = np.zeros((2, 4, 4))


def range_test(rng):
    model = nn.Linear(2, 1, rng=np.random.default_rng(0), dtype=np.float64)
    x, y = np.zeros((4, 2)), np.zeros((4, 1))
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    return learning_rate_range_test(model, F.mse_loss, x, y, optimizer, n_steps=2, batch_size=2, rng=rng)


DRAWING = {
    "check_generator": check_generator,
    "Linear": lambda rng: nn.Linear(2, 3, rng=rng),
    "Conv1d": lambda rng: nn.Conv1d(1, 1, 1, rng=rng),
    "Conv2d": lambda rng: nn.Conv2d(1, 1, 1, rng=rng),
    "ConvTranspose2d": lambda rng: nn.ConvTranspose2d(1, 1, 1, rng=rng),
    "RNN": lambda rng: nn.RNN(1, 1, rng=rng),
    "LSTM": lambda rng: nn.LSTM(1, 1, rng=rng),
    "GRU": lambda rng: nn.GRU(1, 1, rng=rng),
    "Embedding": lambda rng: nn.Embedding(2, 2, rng=rng),
    "LearnedPositions": lambda rng: nn.LearnedPositions(2, 2, rng=rng),
    "MultiheadAttention": lambda rng: nn.MultiheadAttention(2, 1, rng=rng),
    "TransformerEncoderLayer": lambda rng: nn.TransformerEncoderLayer(2, 1, rng=rng),
    "Dropout": lambda rng: nn.Dropout(rng=rng),
    "dropout": lambda rng: F.dropout(np.ones(3), rng=rng),
    "scaled_dot_product_attention": lambda rng: F.scaled_dot_product_attention(
        IMAGES, IMAGES, IMAGES, dropout_p=0.5, rng=rng
    ),
    "minibatches": lambda rng: next(nn.minibatches(4, 2, rng)),
    "learning_rate_range_test": range_test,
    "uniform_": partial(init.uniform_, MATRIX),
    "normal_": partial(init.normal_, MATRIX),
    "xavier_uniform_": partial(init.xavier_uniform_, MATRIX),
    "xavier_normal_": partial(init.xavier_normal_, MATRIX),
    "kaiming_uniform_": partial(init.kaiming_uniform_, MATRIX),
    "kaiming_normal_": partial(init.kaiming_normal_, MATRIX),
    "orthogonal_": partial(init.orthogonal_, MATRIX),
    "spirals": partial(data.spirals, 6),
    "moons": partial(data.moons, 6),
    "xor": partial(data.xor, 6),
    "rings": partial(data.rings, 6),
    "ring_of_gaussians": partial(data.ring_of_gaussians, 8),
    "adding_task": partial(data.adding_task, 2, 4),
    "copying_task": partial(data.copying_task, 2, 4),
    "sample_sentences": partial(data.sample_sentences, 1),
    "sample_split": partial(data.sample_split, 1, 1),
    "minimal_pairs": partial(data.minimal_pairs, 1),
    "draw_patches": partial(data.draw_patches, np.zeros((4, 4)), 1, 2),
    "random_split": partial(data.random_split, 4, [0.5, 0.5]),
    "group_split": partial(data.group_split, np.array([0, 0, 1, 1]), [0.5, 0.5]),
    "horizontal_flip": partial(data.horizontal_flip, IMAGES),
    "rotate": partial(data.rotate, IMAGES, 10),
    "random_crop": partial(data.random_crop, IMAGES, 1),
    "random_swap": partial(data.random_swap, ["a", "b"]),
    "random_deletion": partial(data.random_deletion, ["a", "b"]),
    "random_insertion": partial(data.random_insertion, ["big", "dog"]),
    "synonym_replacement": partial(data.synonym_replacement, ["big", "dog"]),
}


@pytest.mark.parametrize("name", DRAWING)
@pytest.mark.parametrize(
    ("rng", "got"),
    [(0, "int"), (np.random, "the module np.random"), (np.random.RandomState(0), "RandomState")],
    ids=["seed", "global state", "RandomState"],
)
def test_what_is_no_generator_is_named(name, rng, got):
    with pytest.raises(ValueError, match=rf"expected rng=np\.random\.default_rng\(\.\.\.\), got {got}$"):
        DRAWING[name](rng=rng)


@pytest.mark.parametrize("name", DRAWING)
def test_a_generator_is_taken(name):
    if name == "TransformerEncoderLayer":
        assert DRAWING[name](rng=np.random.default_rng(0)) is not None
    DRAWING[name](rng=np.random.default_rng(0))
