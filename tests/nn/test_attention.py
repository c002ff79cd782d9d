"""Attention: what can be worked out by hand, invariances, masks, extremes and messages."""

import numpy as np
import pytest
import torch

from course_utils.nn import MultiheadAttention, Tensor, gradcheck
from course_utils.nn import functional as F


def drawn(*shapes, seed=0):
    rng = np.random.default_rng(seed)
    return [rng.normal(size=shape) for shape in shapes]


def multihead(embed_dim=6, num_heads=2, seed=0, **options):
    options = {"batch_first": True, "dtype": np.float64} | options
    return MultiheadAttention(embed_dim, num_heads, **options, rng=np.random.default_rng(seed))


# ---------------------------------------------------------------- the function


def test_two_keys_by_hand():
    query, key = np.array([[2.0, 0.0]]), np.array([[np.log(3.0), 5.0], [0.0, -5.0]])
    value = np.array([[1.0, 0.0], [0.0, 1.0]])
    # scores 2 ln 3 and 0, times 1/2: weights 3 to 1
    np.testing.assert_allclose(F.attention_weights(query, key, scale=0.5), [[0.75, 0.25]], rtol=1e-12)
    np.testing.assert_allclose(
        F.scaled_dot_product_attention(query, key, value, scale=0.5), [[0.75, 0.25]], rtol=1e-12
    )


def test_the_scores_are_divided_by_the_root_of_the_number_of_features():
    query, key, value = drawn((3, 16), (4, 16), (4, 2))
    np.testing.assert_allclose(
        F.scaled_dot_product_attention(query, key, value),
        F.scaled_dot_product_attention(query, key, value, scale=0.25),
        rtol=1e-12,
    )


def test_equal_keys_share_alike_and_no_output_leaves_the_range_of_the_values():
    query, value = drawn((5, 3), (4, 2))
    same = F.scaled_dot_product_attention(query, np.ones((4, 3)), value)
    np.testing.assert_allclose(same, np.broadcast_to(value.mean(axis=0), (5, 2)), rtol=1e-12)
    mixed = F.scaled_dot_product_attention(query, drawn((4, 3), seed=1)[0], value)
    assert (mixed >= value.min(axis=0)).all()
    assert (mixed <= value.max(axis=0)).all()


def test_permuted_keys_change_nothing_and_permuted_queries_permute_the_output():
    query, key, value = drawn((2, 5, 3), (2, 4, 3), (2, 4, 2))
    y = F.scaled_dot_product_attention(query, key, value)
    order, other = [2, 0, 3, 1], [4, 2, 0, 1, 3]
    shuffled = F.scaled_dot_product_attention(query[:, other], key[:, order], value[:, order])
    np.testing.assert_allclose(shuffled, y[:, other], rtol=1e-12)


@pytest.mark.parametrize(("n_queries", "n_keys"), [(4, 4), (3, 5), (5, 3), (1, 1)])
def test_causal_weights_are_a_lower_triangle_from_the_upper_left(n_queries, n_keys):
    query, key = drawn((n_queries, 2), (n_keys, 2))
    weights = F.attention_weights(query, key, is_causal=True)
    np.testing.assert_array_equal(weights > 0, np.tri(n_queries, n_keys, dtype=bool))
    np.testing.assert_allclose(weights.sum(axis=-1), 1, rtol=1e-12)


def test_no_gradient_comes_from_the_future():
    query, key, value = (Tensor(x, requires_grad=True) for x in drawn((5, 3), (5, 3), (5, 2)))
    F.scaled_dot_product_attention(query, key, value, is_causal=True)[2].sum().backward()
    for tensor in (key, value):
        assert np.all(tensor.grad[:3] != 0)
        assert not np.any(tensor.grad[3:])
    assert not np.any(query.grad[[0, 1, 3, 4]])


def test_a_boolean_mask_says_where_one_may_look_and_a_float_mask_is_added():
    query, key, value = drawn((3, 2), (4, 2), (4, 2))
    allowed = np.array([[1, 1, 0, 1], [0, 0, 1, 0], [1, 1, 1, 1]], dtype=bool)
    y = F.scaled_dot_product_attention(query, key, value, allowed)
    np.testing.assert_allclose(y[1], value[2], rtol=1e-12)
    np.testing.assert_allclose(
        y[0], F.scaled_dot_product_attention(query[:1], key[[0, 1, 3]], value[[0, 1, 3]])[0], rtol=1e-12
    )
    added = F.scaled_dot_product_attention(query, key, value, np.where(allowed, 0.0, -np.inf))
    np.testing.assert_array_equal(y, added)
    doubled = F.attention_weights(query, key, np.array([np.log(2.0), 0, 0, 0]))  # twice the odds of key 0
    plain = F.attention_weights(query, key)
    np.testing.assert_allclose(doubled[:, 0] / doubled[:, 1], 2 * plain[:, 0] / plain[:, 1], rtol=1e-12)


@pytest.mark.parametrize("as_floats", [False, True])
def test_who_may_look_nowhere_gets_zeros_and_gives_no_gradient_as_in_torch(as_floats):
    arrays = drawn((2, 3, 4), (2, 5, 4), (2, 5, 2))
    mask = np.ones((3, 5), dtype=bool)
    mask[1] = False
    mask = np.where(mask, 0.0, -np.inf) if as_floats else mask
    ours = [Tensor(x, requires_grad=True) for x in arrays]
    theirs = [torch.tensor(x, requires_grad=True) for x in arrays]
    y = F.scaled_dot_product_attention(*ours, mask)
    z = torch.nn.functional.scaled_dot_product_attention(*theirs, torch.tensor(mask))
    assert not np.any(y.data[:, 1])
    np.testing.assert_allclose(y.data, z.detach().numpy(), rtol=1e-10)
    y.sum().backward()
    z.sum().backward()
    assert not np.any(ours[0].grad[:, 1])
    for tensor, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(tensor.grad, other.grad.numpy(), rtol=1e-8, atol=1e-14)
    assert not np.any(F.attention_weights(arrays[0], arrays[1], mask)[:, 1])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", [1e4, -1e4])
def test_huge_scores_choose_without_overflow(dtype, size):
    query, key = np.array([[size]], dtype), np.array([[1.0], [-1.0]], dtype)
    value = np.array([[1.0], [2.0]], dtype)
    y, pullback = F.scaled_dot_product_attention.vjp(query, key, value, scale=1.0)
    assert y.dtype == dtype
    np.testing.assert_array_equal(y, [[1.0 if size > 0 else 2.0]])
    dquery, dkey, dvalue, _ = pullback(np.ones_like(y))
    np.testing.assert_array_equal(dquery, 0)
    np.testing.assert_array_equal(dkey, 0)
    np.testing.assert_array_equal(dvalue, [[1.0], [0.0]] if size > 0 else [[0.0], [1.0]])


def test_one_key_is_taken_whatever_it_is():
    query, key, value = drawn((1, 3), (1, 3), (1, 2))
    y, pullback = F.scaled_dot_product_attention.vjp(query, key, value)
    np.testing.assert_array_equal(y, value)
    dquery, dkey, dvalue, dmask = pullback(np.array([[2.0, 3.0]]))
    np.testing.assert_array_equal(dquery, 0)
    np.testing.assert_array_equal(dkey, 0)
    np.testing.assert_array_equal(dvalue, [[2.0, 3.0]])
    assert dmask is None


@pytest.mark.parametrize(("leading", "n_queries", "n_keys"), [((0,), 3, 4), ((2, 0), 3, 4), ((2,), 0, 4)])
def test_nothing_in_gives_nothing_out(leading, n_queries, n_keys):
    shapes = (*leading, n_queries, 3), (*leading, n_keys, 3), (*leading, n_keys, 2)
    y, pullback = F.scaled_dot_product_attention.vjp(*map(np.ones, shapes))
    assert y.shape == (*leading, n_queries, 2)
    assert [g.shape for g in pullback(y)[:3]] == list(shapes)


def test_without_keys_the_output_is_zero_as_in_torch():
    y = F.scaled_dot_product_attention(np.ones((3, 2)), np.ones((0, 2)), np.ones((0, 4)))
    z = torch.nn.functional.scaled_dot_product_attention(torch.ones(3, 2), torch.ones(0, 2), torch.ones(0, 4))
    np.testing.assert_array_equal(y, z.numpy())


def test_dropout_keeps_the_mean_and_passes_gradients_through_what_it_keeps():
    query, key, value = drawn((200, 3), (100, 3), (100, 2))
    rng = np.random.default_rng(1)
    y = F.scaled_dot_product_attention(query, key, value, dropout_p=0.25, rng=rng)
    plain = F.scaled_dot_product_attention(query, key, value)
    assert abs(np.mean(y - plain)) < 4 * np.std(y - plain) / np.sqrt(y.size)
    assert np.std(y - plain) > 0.01
    weights = F.attention_weights(query, key)
    identity = F.scaled_dot_product_attention(
        query, key, np.eye(100), dropout_p=0.25, rng=np.random.default_rng(1)
    )  # the weights themselves
    kept = identity > 0
    assert abs(kept.mean() - 0.75) < 4 * np.sqrt(0.75 * 0.25 / kept.size)
    np.testing.assert_allclose(identity, kept * weights / 0.75, rtol=1e-6)
    np.testing.assert_allclose(identity @ value, y, rtol=1e-6, atol=1e-12)  # the same draws, the same output


def test_gradients_of_dropout():
    def attention(query, key, value):
        rng = np.random.default_rng(3)  # the same draws at every call
        return F.scaled_dot_product_attention.vjp(query, key, value, dropout_p=0.4, rng=rng)

    assert gradcheck(attention, *drawn((3, 2), (4, 2), (4, 2)))


@pytest.mark.parametrize(
    ("shapes", "options", "message"),
    [
        ([(2, 3), (2, 4), (2, 4)], {}, r"equal features, got \(2, 3\) and \(2, 4\)"),
        ([(2, 0), (2, 0), (2, 4)], {}, r"equal features, got \(2, 0\) and \(2, 0\)"),
        ([(3,), (2, 3), (2, 3)], {}, r"expected query \(\.\.\., length, features\), got shape \(3,\)"),
        ([(2, 3), (2, 3), (3, 3)], {}, r"expected one value for each key \(2, 3\), got shape \(3, 3\)"),
        ([(2, 2, 3), (3, 2, 3), (2, 3)], {}, r"leading axes that fit together, got query \(2, 2, 3\)"),
        ([(2, 2, 3), (2, 3), (3, 2, 3)], {}, r"got scores \(2, 2, 2\) and value \(3, 2, 3\)"),
        (
            [(2, 3), (4, 3), (4, 3)],
            {"attn_mask": np.ones((4, 2))},
            r"stretches to \(2, 4\), got shape \(4, 2\)",
        ),
        ([(2, 3), (4, 3), (4, 3)], {"attn_mask": np.ones((5, 2, 4))}, r"got shape \(5, 2, 4\)"),
        ([(2, 3), (4, 3), (4, 3)], {"attn_mask": np.ones((2, 4), int)}, "of booleans or floats, got int64"),
        ([(2, 3), (4, 3), (4, 3)], {"attn_mask": [[True]]}, "of booleans or floats, got list"),
        ([(2, 3)] * 3, {"attn_mask": np.ones((2, 2), bool), "is_causal": True}, "is_causal=True, got both"),
        ([(2, 3)] * 3, {"dropout_p": 1.5}, r"expected p in \[0, 1\], got 1.5"),
        ([(2, 3)] * 3, {"dropout_p": 0.5}, r"expected rng=.* for dropout_p = 0.5, got None"),
    ],
)
def test_messages(shapes, options, message):
    with pytest.raises(ValueError, match=message):
        F.scaled_dot_product_attention(*map(np.ones, shapes), **options)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_whole_numbers_are_refused_by_name(place):
    arrays = [np.ones((2, 3))] * 3
    arrays[place] = np.ones((2, 3), dtype=int)
    name = ["query", "key", "value"][place]
    with pytest.raises(ValueError, match=f"expected floating {name}, got int64"):
        F.scaled_dot_product_attention(*arrays)


# ---------------------------------------------------------------- the layer


def test_self_attention_without_positions_does_not_know_the_order():
    layer, (x,) = multihead(), drawn((2, 5, 6))
    order = [3, 1, 4, 0, 2]
    y, weights = layer(x, x, x)
    shuffled, shuffled_weights = layer(*[x[:, order]] * 3)
    np.testing.assert_allclose(shuffled.data, y.data[:, order], rtol=1e-10)
    np.testing.assert_allclose(shuffled_weights.data, weights.data[:, order][:, :, order], rtol=1e-10)


def test_batch_first_swaps_two_axes_and_nothing_else():
    x, y, z = drawn((3, 4, 6), (3, 5, 6), (3, 5, 6))
    first, weights = multihead(batch_first=True)(x, y, z)
    second, other_weights = multihead(batch_first=False)(*(a.swapaxes(0, 1) for a in (x, y, z)))
    np.testing.assert_allclose(first.data, second.data.swapaxes(0, 1), rtol=1e-10)
    np.testing.assert_allclose(weights.data, other_weights.data, rtol=1e-10)


def test_a_sequence_alone_is_a_batch_of_one():
    layer, (x,) = multihead(), drawn((4, 6))
    y, weights = layer(x, x, x, np.array([False, False, True, False]))
    batch, batch_weights = layer(*[x[None]] * 3, np.array([[False, False, True, False]]))
    np.testing.assert_array_equal(y.data, batch.data[0])
    np.testing.assert_array_equal(weights.data, batch_weights.data[0])


def test_an_empty_batch_comes_out_empty():
    layer, x = multihead(), np.zeros((0, 4, 6))
    for need_weights in (True, False):
        y, weights = layer(x, x, x, need_weights=need_weights)
        assert y.shape == (0, 4, 6)
        assert (weights.shape == (0, 4, 4)) if need_weights else weights is None


def test_true_means_no_here_and_yes_in_the_function():
    layer, (x,) = multihead(num_heads=1), drawn((1, 3, 6))
    forbidden = np.array([[False, True, True], [False, False, True], [False, False, False]])
    _, weights = layer(x, x, x, attn_mask=forbidden)
    np.testing.assert_array_equal(weights.data[0] > 0, ~forbidden)
    q, k = (x @ layer.in_proj_weight.data[i * 6 : (i + 1) * 6].T for i in range(2))
    np.testing.assert_allclose(F.attention_weights(q, k, ~forbidden), weights.data, rtol=1e-10)


def test_causal_is_the_triangle_with_or_without_other_masks():
    layer, (x,) = multihead(), drawn((2, 4, 6))
    future, padding = ~np.tri(4, dtype=bool), np.array([[False] * 4, [False, False, False, True]])
    for need_weights in (True, False):
        for mask in (None, padding):
            y, _ = layer(x, x, x, mask, need_weights, future)
            causal, _ = layer(x, x, x, mask, need_weights, is_causal=True)
            np.testing.assert_allclose(causal.data, y.data, rtol=1e-12)


def test_what_stands_in_the_padding_or_the_future_does_not_matter():
    layer, (x, other) = multihead(), drawn((2, 5, 6), (2, 5, 6))
    padding = np.zeros((2, 5), dtype=bool)
    padding[:, 3:] = True
    changed = np.where(padding[..., None], 100 * other, x)
    for options in ({"key_padding_mask": padding}, {"is_causal": True}):
        y, _ = layer(x, x, x, **options)
        z, _ = layer(changed, changed, changed, **options)
        np.testing.assert_allclose(z.data[:, :3], y.data[:, :3], rtol=1e-10)
        assert not np.allclose(z.data[:, 3:], y.data[:, 3:])


def test_a_query_that_may_look_nowhere_has_no_weights_where_torch_gives_nan():
    layer, (x,) = multihead(), drawn((1, 3, 6))
    padding = np.ones((1, 3), dtype=bool)
    y, weights = layer(x, x, x, padding)
    assert not np.any(weights.data)
    np.testing.assert_array_equal(y.data, np.broadcast_to(layer.out_proj.bias.data, y.shape))
    y.sum().backward()
    assert all(np.isfinite(parameter.grad).all() for parameter in layer.parameters())
    other = torch.nn.MultiheadAttention(6, 2, batch_first=True, dtype=torch.float64)
    assert other(*[torch.tensor(x)] * 3, torch.tensor(padding))[1].isnan().all()


def test_weights_come_by_head_or_averaged_and_change_no_output():
    layer, (x, y) = multihead(num_heads=3), drawn((2, 4, 6), (2, 5, 6))
    output, by_head = layer(x, y, y, average_attn_weights=False)
    assert by_head.shape == (2, 3, 4, 5)
    np.testing.assert_allclose(by_head.data.sum(axis=-1), 1, rtol=1e-12)
    averaged_output, averaged = layer(x, y, y)
    np.testing.assert_allclose(averaged.data, by_head.data.mean(axis=1), rtol=1e-12)
    without, nothing = layer(x, y, y, need_weights=False)
    assert nothing is None
    for other in (averaged_output, without):
        np.testing.assert_allclose(other.data, output.data, rtol=1e-10)


def test_dropout_acts_in_training_alone_and_alike_with_and_without_weights():
    (x,) = drawn((4, 5, 6))
    outputs = {}
    for need_weights in (True, False):
        layer = multihead(dropout=0.5)
        outputs[need_weights], weights = layer(x, x, x, need_weights=need_weights)
        if need_weights:
            assert np.any(weights.data.sum(axis=-1) > 1)  # the kept ones are doubled
        calm, _ = layer.eval()(x, x, x, need_weights=need_weights)
        np.testing.assert_allclose(calm.data, multihead()(x, x, x)[0].data, rtol=1e-10)
        assert not np.allclose(outputs[need_weights].data, calm.data)
    np.testing.assert_allclose(outputs[True].data, outputs[False].data, rtol=1e-6)  # the same draws


@pytest.mark.parametrize("need_weights", [True, False])
def test_a_mask_can_be_learnt(need_weights):
    layer, (x, bias) = multihead(), drawn((2, 3, 6), (3, 3))
    ours = Tensor(bias, requires_grad=True)
    (layer(x, x, x, attn_mask=ours, need_weights=need_weights)[0] ** 2).sum().backward()
    other = torch.nn.MultiheadAttention(6, 2, batch_first=True, dtype=torch.float64)
    other.load_state_dict({name: torch.tensor(array) for name, array in layer.state_dict().items()})
    theirs = torch.tensor(bias, requires_grad=True)
    (other(*[torch.tensor(x)] * 3, attn_mask=theirs)[0] ** 2).sum().backward()
    np.testing.assert_allclose(ours.grad, theirs.grad.numpy(), rtol=1e-8, atol=1e-12)


def test_the_number_of_parameters_does_not_depend_on_the_heads():
    for heads in (1, 2, 3, 6):
        n = sum(p.data.size for p in multihead(num_heads=heads).parameters())
        assert n == 4 * 6 * 6 + 4 * 6  # query, key, value and output, each 6 x 6 with a bias
    assert sum(p.data.size for p in multihead(bias=False, kdim=4, vdim=5).parameters()) == 6 * (6 + 4 + 5 + 6)


def test_the_start_is_xavier_of_the_whole_block_with_zero_biases():
    layer = multihead(60, 3, dtype=np.float32)
    bound = np.sqrt(6 / (60 + 180))
    assert layer.in_proj_weight.dtype == np.float32
    assert 0.99 * bound < np.abs(layer.in_proj_weight.data).max() <= bound
    assert abs(layer.in_proj_weight.data.std() / (bound / np.sqrt(3)) - 1) < 0.03
    assert 0.99 / np.sqrt(60) < np.abs(layer.out_proj.weight.data).max() <= 1 / np.sqrt(60)
    assert not np.any(layer.in_proj_bias.data)
    assert not np.any(layer.out_proj.bias.data)
    apart = multihead(60, 3, kdim=20, vdim=20)
    for weight, n_in in ((apart.q_proj_weight, 60), (apart.k_proj_weight, 20), (apart.v_proj_weight, 20)):
        bound = np.sqrt(6 / (60 + n_in))
        assert 0.99 * bound < np.abs(weight.data).max() <= bound


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"num_heads": 4}, "expected num_heads to divide embed_dim, got 4 and 6"),
        ({"num_heads": 0}, "expected num_heads to divide embed_dim, got 0 and 6"),
        ({"embed_dim": 0}, "got 2 and 0"),
        ({"kdim": 0}, "expected kdim and vdim of at least 1, got 0 and 6"),
        ({"dropout": -0.1}, r"expected p in \[0, 1\], got -0.1"),
    ],
)
def test_messages_of_the_constructor(options, message):
    with pytest.raises(ValueError, match=message):
        multihead(**options)


@pytest.mark.parametrize(
    ("shapes", "options", "message"),
    [
        (
            [(2, 4, 5)] * 3,
            {},
            r"expected query \(N, L, 6\), key \(N, S, 6\) and value \(N, S, 6\).*\(2, 4, 5\)",
        ),
        ([(2, 4, 6), (3, 4, 6), (3, 4, 6)], {}, "got shapes"),
        ([(2, 4, 6), (2, 5, 6), (2, 4, 6)], {}, "got shapes"),
        ([(4, 6), (2, 4, 6), (2, 4, 6)], {}, "or all without N, got shapes"),
        ([(6,)] * 3, {}, "got shapes"),
        (
            [(2, 4, 6)] * 3,
            {"attn_mask": np.ones((2, 4, 4))},
            r"\(4, 4\) or \(4, 4, 4\), got shape \(2, 4, 4\)",
        ),
        ([(2, 4, 6)] * 3, {"attn_mask": np.ones((4, 4), int)}, "attn_mask of booleans or floats, got int64"),
        ([(2, 4, 6)] * 3, {"key_padding_mask": np.ones(4)}, r"key_padding_mask \(2, 4\), got shape \(4,\)"),
        ([(4, 6)] * 3, {"key_padding_mask": np.ones((1, 4))}, r"key_padding_mask \(4,\), got shape \(1, 4\)"),
    ],
)
def test_messages_of_forward(shapes, options, message):
    with pytest.raises(ValueError, match=message):
        multihead()(*map(np.ones, shapes), **options)


def test_the_shapes_of_a_message_follow_batch_first():
    with pytest.raises(
        ValueError, match=r"expected query \(L, N, 6\), key \(S, N, 4\) and value \(S, N, 6\)"
    ):
        multihead(batch_first=False, kdim=4)(*[np.ones((2, 4, 6))] * 3)
