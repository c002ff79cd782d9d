"""Recurrent layers: by hand, at the extremes, invariances, dropout between layers, learning."""

import math

import numpy as np
import pytest

from course_utils.nn import GRU, LSTM, RNN, Linear, Tensor
from course_utils.nn import functional as F
from course_utils.nn.recurrent import gru_states, lstm_states, rnn_states
from course_utils.optim import SGD
from tests.nn.recurrent_layers import LAYERS, data, flat, make


def sigmoid(a):
    return 1 / (1 + math.exp(-a))


# ---------------------------------------------------------------- values by hand


def test_two_steps_of_one_lstm_unit_by_hand():
    weight_ih, weight_hh = np.array([[1.0], [2.0], [3.0], [4.0]]), np.array([[0.5], [0.25], [-1.0], [-0.5]])
    bias_ih, bias_hh = np.array([0.1, 0.2, 0.3, 0.4]), np.array([0.0, 0.1, 0.0, -0.1])
    h, c = 0.5, -1.0
    expected = []
    for x in (0.5, -0.25):
        i, f = sigmoid(x + 0.5 * h + 0.1), sigmoid(2 * x + 0.25 * h + 0.3)
        g, o = math.tanh(3 * x - h + 0.3), sigmoid(4 * x - 0.5 * h + 0.3)
        c = f * c + i * g
        h = o * math.tanh(c)
        expected.append((h, c))
    x, h0, c0 = np.array([[[0.5]], [[-0.25]]]), np.array([[0.5]]), np.array([[-1.0]])
    states = lstm_states(x, h0, c0, weight_ih, weight_hh, bias_ih, bias_hh)
    np.testing.assert_allclose(states[:, :, 0, 0], np.transpose(expected), rtol=1e-14)


def test_two_steps_of_one_gru_unit_by_hand():
    weight_ih, weight_hh = np.array([[1.0], [2.0], [3.0]]), np.array([[0.5], [0.25], [-1.0]])
    bias_ih, bias_hh = np.array([0.1, 0.2, 0.3]), np.array([0.0, 0.1, -0.6])
    h = 0.5
    expected = []
    for x in (0.5, -0.25):
        r, z = sigmoid(x + 0.5 * h + 0.1), sigmoid(2 * x + 0.25 * h + 0.3)
        n = math.tanh(3 * x + 0.3 + r * (-h - 0.6))  # the state's own bias is inside the bracket
        h = (1 - z) * n + z * h
        expected.append(h)
    states = gru_states(
        np.array([[[0.5]], [[-0.25]]]), np.array([[0.5]]), weight_ih, weight_hh, bias_ih, bias_hh
    )
    np.testing.assert_allclose(states.ravel(), expected, rtol=1e-14)


def test_the_gates_of_a_gru_keep_or_replace_the_state():
    x, h0, G = np.zeros((1, 1, 1)), np.array([[0.75]]), np.zeros((3, 1))
    keep, replace = np.array([0.0, 50.0, 0.5]), np.array([0.0, -50.0, 0.5])
    assert gru_states(x, h0, G, G, keep).item() == pytest.approx(0.75, rel=1e-15)
    assert gru_states(x, h0, G, G, replace).item() == pytest.approx(math.tanh(0.5), rel=1e-15)


def test_an_identity_rectifier_carries_its_state_unchanged():
    # Le, Jaitly and Hinton, 2015, start recurrent rectifiers this way
    rnn = make(RNN, 2, 3, nonlinearity="relu", bias=False)
    rnn.weight_hh_l0.data, rnn.weight_ih_l0.data = np.eye(3), np.zeros((3, 2))
    state = np.array([[[0.5, 2.0, 0.0]]])
    output, h_n = rnn(data(50, 1, 2), state)
    np.testing.assert_array_equal(output.data, np.broadcast_to(state, (50, 1, 3)))
    np.testing.assert_array_equal(h_n.data, state)


def test_an_open_forget_gate_passes_the_gradient_on_undiminished():
    bias = np.array([-50.0, 50.0, 0.0, 0.0])  # i shut, f open
    zero = np.zeros((1, 1))
    _, pullback = lstm_states.vjp(np.ones((100, 1, 1)), zero, zero, np.zeros((4, 1)), np.zeros((4, 1)), bias)
    dstates = np.zeros((2, 100, 1, 1))
    dstates[1, -1] = 1.0
    assert pullback(dstates)[2].item() == pytest.approx(1.0, rel=1e-12)


@pytest.mark.parametrize(("layer", "n_parameters"), [(RNN, 640), (LSTM, 2560), (GRU, 1920)])
def test_parameter_counts(layer, n_parameters):
    assert sum(parameter.data.size for parameter in make(layer, 10, 20).parameters()) == n_parameters


@pytest.mark.parametrize("layer", LAYERS)
def test_weights_start_within_one_over_the_root_of_the_hidden_size(layer):
    weights = np.concatenate(
        [p.data.ravel() for p in make(layer, 10, 16, 2, bidirectional=True).parameters()]
    )
    assert np.abs(weights).max() <= 0.25
    assert weights.mean() == pytest.approx(0, abs=0.01)
    assert weights.std() == pytest.approx(0.25 / np.sqrt(3), rel=0.03)  # of a uniform distribution
    assert make(layer, 1, 1, dtype=np.float32).weight_hh_l0.dtype == np.float32


def test_repr_shows_what_is_not_usual():
    assert repr(make(LSTM, 10, 20)) == "LSTM(10, 20)"
    options = {"nonlinearity": "relu", "bias": False, "batch_first": True, "bidirectional": True}
    expected = (
        "RNN(1, 2, num_layers=2, nonlinearity='relu', bias=False, batch_first=True, "
        "dropout=0.5, bidirectional=True)"
    )
    assert repr(make(RNN, 1, 2, 2, dropout=0.5, **options)) == expected


# ---------------------------------------------------------------- extremes


@pytest.mark.parametrize("size", [1e4, -1e4])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("layer", LAYERS)
def test_saturated_gates_stay_finite(layer, dtype, size):
    module = make(layer, 3, 4, dtype=dtype)
    x = Tensor(np.full((5, 2, 3), size, dtype), requires_grad=True)
    output, last = module(x)
    (output.sum() + sum(state.sum() for state in flat(last))).backward()
    assert np.abs(output.data).max() <= 1
    assert all(np.isfinite(t.grad).all() for t in (x, *module.parameters()))


@pytest.mark.parametrize("layer", LAYERS)
def test_nothing_that_comes_in_is_changed(layer):
    module = make(layer, 3, 4)
    x, weights = data(5, 2, 3), {n: p.data.copy() for n, p in module.named_parameters()}
    kept = x.copy()
    module(x, lengths=[5, 2])[0].sum().backward()
    np.testing.assert_array_equal(x, kept)
    for name, parameter in module.named_parameters():
        np.testing.assert_array_equal(parameter.data, weights[name])


@pytest.mark.parametrize(
    ("primitive", "n_gates", "n_states"), [(rnn_states, 1, 1), (lstm_states, 4, 2), (gru_states, 3, 1)]
)
def test_a_pullback_can_be_called_again(primitive, n_gates, n_states):
    states, held = [data(2, 4)] * n_states, np.array([[False, False], [False, True]])
    weights = [data(n_gates * 4, 3), data(n_gates * 4, 4), data(n_gates * 4), data(n_gates * 4)]
    value, pullback = primitive.vjp(data(2, 2, 3), *states, *weights, held)
    first = pullback(np.ones_like(value))
    assert primitive(data(2, 2, 3), *states, *weights, held).tolist() == value.tolist()
    for a, b in zip(first, pullback(np.ones_like(value)), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("layer", LAYERS)
def test_lists_are_read_as_arrays(layer):
    module, x = make(layer, 3, 4), data(5, 2, 3)
    np.testing.assert_array_equal(
        module(x.tolist(), lengths=[5, 1])[0].data, module(x, lengths=[5, 1])[0].data
    )


@pytest.mark.parametrize("layer", LAYERS)
def test_an_empty_batch_gives_an_empty_output(layer):
    module = make(layer, 3, 4, 2, bidirectional=True)
    output, last = module(np.ones((5, 0, 3)), lengths=[])
    assert output.shape == (5, 0, 8)
    assert all(state.shape == (4, 0, 4) for state in flat(last))
    output.sum().backward()
    assert not module.weight_hh_l0.grad.any()


@pytest.mark.parametrize("layer", LAYERS)
def test_whole_numbers_are_read_as_floats(layer):
    module, x = make(layer, 3, 4), np.arange(12).reshape(2, 2, 3) - 6
    np.testing.assert_array_equal(module(x)[0].data, module(x.astype(np.float64))[0].data)


def test_whole_weights_are_read_as_floats():
    one = np.ones((1, 1), dtype=int)
    assert rnn_states(one[np.newaxis], one, one, one).item() == pytest.approx(math.tanh(2))


@pytest.mark.parametrize("layer", LAYERS)
def test_nan_spoils_what_comes_after_it_in_its_own_sequence(layer):
    x = data(4, 2, 3)
    x[2, 1, 0] = np.nan
    is_nan = np.isnan(make(layer, 3, 4)(x)[0].data)
    assert is_nan[2:, 1].all()
    assert not is_nan[:2].any()
    assert not is_nan[:, 0].any()


# ---------------------------------------------------------------- invariances


@pytest.mark.parametrize("layer", LAYERS)
def test_step_by_step_with_the_state_carried_is_the_same_as_all_at_once(layer):
    module, x = make(layer, 3, 4, 2), data(5, 2, 3)
    output, last = module(x)
    state, steps = None, []
    for step in x:
        y, state = module(step[np.newaxis], state)
        steps.append(y.data[0])
    np.testing.assert_allclose(steps, output.data, rtol=1e-12)
    for a, b in zip(flat(state), flat(last), strict=True):
        np.testing.assert_allclose(a.data, b.data, rtol=1e-12)


@pytest.mark.parametrize("layer", LAYERS)
def test_the_other_direction_reads_the_flipped_sequence(layer):
    both, one, x = make(layer, 3, 4, bidirectional=True), make(layer, 3, 4), data(5, 2, 3)
    one.load_state_dict({name: both.state_dict()[f"{name}_reverse"] for name in one.state_dict()})
    output, last = both(x)
    flipped, flipped_last = one(x[::-1])
    np.testing.assert_allclose(output.data[:, :, 4:], flipped.data[::-1], rtol=1e-12)
    for a, b in zip(flat(last), flat(flipped_last), strict=True):
        np.testing.assert_allclose(a.data[1], b.data[0], rtol=1e-12)


@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize("layer", LAYERS)
def test_one_sequence_is_a_batch_of_one(layer, batch_first):
    module, x = make(layer, 3, 4, 2, batch_first=batch_first, bidirectional=True), data(5, 3)
    axis = 0 if batch_first else 1
    output, last = module(x)
    batched, batched_last = module(np.expand_dims(x, axis))
    np.testing.assert_array_equal(output.data, batched.data.squeeze(axis))
    for a, b in zip(flat(last), flat(batched_last), strict=True):
        np.testing.assert_array_equal(a.data, b.data[:, 0])


@pytest.mark.parametrize("layer", LAYERS)
def test_a_padded_sequence_is_read_as_it_would_be_alone(layer):
    module, x, lengths = make(layer, 3, 4, 2, bidirectional=True), data(6, 3, 3), [4, 6, 1]
    x = Tensor(np.where(np.arange(6)[:, None, None] < np.array(lengths)[:, None], x, np.nan), True)
    output, last = module(x, lengths=lengths)
    output.sum().backward()
    for n, length in enumerate(lengths):
        alone, alone_last = module(x.data[:length, n])
        np.testing.assert_allclose(output.data[:length, n], alone.data, rtol=1e-12)
        assert not output.data[length:, n].any()
        assert not x.grad[length:, n].any()
        for a, b in zip(flat(last), flat(alone_last), strict=True):
            np.testing.assert_allclose(a.data[:, n], b.data, rtol=1e-12)
    assert np.isfinite(module.weight_ih_l0.grad).all()


@pytest.mark.parametrize("layer", LAYERS)
def test_full_lengths_change_nothing(layer):
    module, x = make(layer, 3, 4, bidirectional=True), data(5, 2, 3)
    np.testing.assert_array_equal(module(x, lengths=np.array([5, 5]))[0].data, module(x)[0].data)


# ---------------------------------------------------------------- dropout between layers


def with_passing_top(dropout):
    """Return two layers of 1,000 units, of which the upper shows tanh of what the dropout let through."""
    rnn = make(RNN, 1, 1000, 2, nonlinearity="relu", bias=False, dropout=dropout)
    rnn.weight_ih_l0.data = np.ones((1000, 1))
    rnn.weight_ih_l1.data = np.eye(1000)
    rnn.weight_hh_l0.data = rnn.weight_hh_l1.data = np.zeros((1000, 1000))
    return rnn


def test_dropout_keeps_the_mean_and_draws_anew_at_every_step_and_call():
    rnn, x = with_passing_top(0.75), np.ones((2, 1, 1))
    first, second = rnn(x)[0].data, rnn(x)[0].data
    assert set(np.unique(first)) == {0.0, 4.0}  # 1 / (1 - 0.75)
    assert first.mean() == pytest.approx(1.0, abs=0.15)
    assert not np.array_equal(first[0], first[1])
    assert not np.array_equal(first, second)


def test_dropout_rests_in_evaluation_and_never_touches_the_last_layer():
    rnn, x = with_passing_top(0.75), np.ones((2, 1, 1))
    np.testing.assert_array_equal(rnn.eval()(x)[0].data, np.ones((2, 1, 1000)))
    lstm = make(LSTM, 3, 4, 2, dropout=1.0)
    output, (h_n, _) = lstm(data(5, 2, 3))
    assert output.data.any()
    assert h_n.data[0].any()  # the state of the lower layer is not dropped, what it hands up is


def test_dropout_is_repeated_by_the_same_generator():
    x = data(5, 2, 3)
    outputs = [make(GRU, 3, 4, 3, dropout=0.5, rng=np.random.default_rng(3))(x)[0].data for _ in range(2)]
    np.testing.assert_array_equal(*outputs)


def test_dropout_with_one_layer_is_warned_about():
    with pytest.warns(UserWarning, match="dropout acts between layers: with num_layers=1 it does nothing"):
        make(LSTM, 3, 4, dropout=0.5)


# ---------------------------------------------------------------- learning


@pytest.mark.parametrize("layer", LAYERS)
def test_a_small_layer_learns_to_say_at_the_end_what_it_saw_at_the_start(layer):
    rng = np.random.default_rng(0)
    module, head = layer(1, 8, rng=rng), Linear(8, 2, rng=rng)
    optimizer = SGD([*module.parameters(), *head.parameters()], lr=0.5, momentum=0.9)
    for _ in range(150):
        x = rng.choice([-1.0, 1.0], size=(5, 32, 1)).astype(np.float32)
        labels = (x[0, :, 0] > 0).astype(int)
        loss = F.cross_entropy(head(module(x)[1][0][-1] if layer is LSTM else module(x)[1][-1]), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss.item() < 0.1  # guessing costs log 2 = 0.69
