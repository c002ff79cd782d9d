"""The encoder layer: its parts put together by hand, its size, masks, dropout and messages."""

import numpy as np
import pytest

from course_utils.nn import Tensor, TransformerEncoderLayer
from course_utils.nn import functional as F


def encoder(seed=0, **options):
    options = {"dim_feedforward": 7, "batch_first": True, "dtype": np.float64, "dropout": 0.0} | options
    layer = TransformerEncoderLayer(6, 2, **options, rng=np.random.default_rng(seed))
    rng = np.random.default_rng(1)
    for norm in (layer.norm1, layer.norm2):
        norm.weight.data[:] = rng.uniform(0.5, 2, size=6)
    return layer


def sequences(*shape):
    return np.random.default_rng(2).normal(size=shape)


@pytest.mark.parametrize("activation", ["relu", "gelu"])
def test_both_forms_are_their_parts_put_together(activation):
    x, function = sequences(2, 5, 6), {"relu": F.relu, "gelu": F.gelu}[activation]
    for norm_first in (False, True):
        layer = encoder(norm_first=norm_first, activation=activation)

        def attend(x, layer=layer):
            return layer.self_attn(x, x, x)[0]

        def think(x, layer=layer):
            return layer.linear2(function(layer.linear1(x)))

        if norm_first:
            middle = x + attend(layer.norm1(x))
            expected = middle + think(layer.norm2(middle))
        else:
            middle = layer.norm1(x + attend(x))
            expected = layer.norm2(middle + think(middle))
        np.testing.assert_allclose(layer(x).data, expected.data, rtol=1e-10)


def test_an_activation_may_be_a_function():
    x = sequences(2, 3, 6)
    np.testing.assert_allclose(encoder(activation=F.relu)(x).data, encoder()(x).data, rtol=1e-12)
    assert not np.allclose(encoder(activation=F.tanh)(x).data, encoder()(x).data)


def test_number_of_parameters_by_hand():
    attention, network, norms = 4 * (36 + 6), (6 * 7 + 7) + (7 * 6 + 6), 4 * 6
    assert sum(p.data.size for p in encoder().parameters()) == attention + network + norms
    assert encoder(dim_feedforward=2048).linear1.weight.shape == (2048, 6)


def test_pre_norm_with_silent_parts_is_the_identity():
    layer, x = encoder(norm_first=True), sequences(2, 3, 6)
    for part in (layer.self_attn.out_proj, layer.linear2):
        part.weight.data[:] = 0
        part.bias.data[:] = 0
    np.testing.assert_array_equal(layer(x).data, x)


def test_no_gradient_comes_from_the_future_or_from_padding():
    padding = np.array([[False, False, False, False, True]])
    for options, seen in (({"is_causal": True}, 3), ({"src_key_padding_mask": padding}, 4)):
        x = Tensor(sequences(1, 5, 6), requires_grad=True)
        (encoder()(x, **options)[:, 2] ** 2).sum().backward()
        assert np.any(x.grad[:, seen - 1])
        assert not np.any(x.grad[:, seen:])


def test_dropout_is_at_work_in_training_only():
    layer, x = encoder(dropout=0.5), sequences(2, 3, 6)
    assert not np.allclose(layer(x).data, layer(x).data)
    np.testing.assert_allclose(layer.eval()(x).data, encoder()(x).data, rtol=1e-10)
    for name in ("dropout", "dropout1", "dropout2"):
        assert getattr(layer, name).p == 0.5
    assert layer.self_attn.dropout == 0.5


@pytest.mark.parametrize("name", ["dropout", "dropout1", "dropout2"])
def test_each_place_of_dropout_takes_its_own_part_away(name):
    layer, x = encoder(norm_first=True), sequences(2, 3, 6)
    getattr(layer, name).p = 1.0
    attended = x + layer.self_attn(*[layer.norm1(x)] * 3)[0].data
    expected = {
        "dropout": attended + layer.linear2.bias.data,  # nothing comes through the inner network
        "dropout1": x + layer.linear2(F.relu(layer.linear1(layer.norm2(x)))).data,
        "dropout2": attended,
    }
    np.testing.assert_allclose(layer(x).data, expected[name], rtol=1e-10)


@pytest.mark.parametrize("shape", [(0, 4, 6), (1, 1, 6), (4, 6)])
def test_empty_batches_single_positions_and_single_sequences(shape):
    y = encoder()(np.ones(shape))
    assert y.shape == shape
    assert np.isfinite(y.data).all()


def test_messages():
    with pytest.raises(ValueError, match=r"expected activation in \['relu', 'gelu'\] or a .*, got 'tanh'"):
        encoder(activation="tanh")
    with pytest.raises(ValueError, match=r"expected query \(N, L, 6\).*got shapes \(2, 3, 5\)"):
        encoder()(np.ones((2, 3, 5)))
