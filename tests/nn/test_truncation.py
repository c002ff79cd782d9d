"""Truncated backpropagation through time: segments, and states that end the tape."""

import numpy as np
import pytest
import torch

from course_utils.nn import Tensor, detach, truncated_segments
from tests.nn.recurrent_layers import LAYERS, data, make


def gradients_in_segments(module, x, upstream, n_steps):
    """Add up the gradients of segments between whose borders no gradient passes."""
    state = None
    parts = zip(truncated_segments(x, n_steps), truncated_segments(upstream, n_steps), strict=True)
    for x_part, upstream_part in parts:
        output, state = module(x_part, state)
        (output * upstream_part).sum().backward()
        state = detach(state)
    return {name: parameter.grad for name, parameter in module.named_parameters()}


def torch_gradients_in_segments(module, x, upstream, n_steps):
    state = None
    for start in range(0, len(x), n_steps):
        output, state = module(torch.tensor(x[start : start + n_steps]), state)
        (output * torch.tensor(upstream[start : start + n_steps])).sum().backward()
        state = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
    return {name: parameter.grad.numpy() for name, parameter in module.named_parameters()}


@pytest.mark.parametrize("n_steps", [1, 2, 3, 7, 100])
@pytest.mark.parametrize("layer", LAYERS)
def test_truncation_is_that_of_torch(layer, n_steps):
    module, x, upstream = make(layer, 3, 4, 2), data(7, 2, 3), data(7, 2, 4, seed=2)
    other = getattr(torch.nn, layer.__name__)(3, 4, 2).double()
    other.load_state_dict({name: torch.tensor(a) for name, a in module.state_dict().items()})
    expected = torch_gradients_in_segments(other, x, upstream, n_steps)
    for name, gradient in gradients_in_segments(module, x, upstream, n_steps).items():
        np.testing.assert_allclose(gradient, expected[name], rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("layer", LAYERS)
def test_truncation_at_full_length_is_the_whole_gradient_and_shorter_is_not(layer):
    module, x, upstream = make(layer, 3, 4), data(6, 2, 3), data(6, 2, 4, seed=2)
    (module(x)[0] * upstream).sum().backward()
    whole = {name: parameter.grad for name, parameter in module.named_parameters()}
    module.zero_grad()
    for name, gradient in gradients_in_segments(module, x, upstream, 6).items():
        np.testing.assert_array_equal(gradient, whole[name])
    module.zero_grad()
    shorter = gradients_in_segments(module, x, upstream, 3)
    assert not np.allclose(shorter["weight_hh_l0"], whole["weight_hh_l0"], rtol=1e-3)


def test_segments_cover_time_once_and_in_order():
    x = np.arange(14).reshape(7, 2)
    assert [len(segment) for segment in truncated_segments(x, 3)] == [3, 3, 1]
    np.testing.assert_array_equal(np.concatenate(list(truncated_segments(x, 3))), x)
    across = list(truncated_segments(x.T, 3, batch_first=True))
    assert [segment.shape for segment in across] == [(2, 3), (2, 3), (2, 1)]
    np.testing.assert_array_equal(np.concatenate(across, axis=1), x.T)
    tensor = Tensor(np.ones(4), requires_grad=True)
    (list(truncated_segments(tensor, 3))[1] * 2).sum().backward()
    np.testing.assert_array_equal(tensor.grad, [0, 0, 0, 2])


def test_segments_need_an_axis_and_a_length():
    with pytest.raises(ValueError, match="expected n_steps >= 1, got 0"):
        truncated_segments(np.ones(3), 0)
    with pytest.raises(ValueError, match=r"expected x \(L, ...\), got shape \(\)"):
        truncated_segments(np.float64(1), 2)
    with pytest.raises(ValueError, match=r"expected x \(N, L, ...\), got shape \(3,\)"):
        truncated_segments(np.ones(3), 2, batch_first=True)


def test_detach_keeps_the_values_and_drops_the_tape():
    leaf = Tensor(np.ones(2), requires_grad=True)
    h, (c, nothing) = detach((leaf * 2, [leaf * 3, None]))
    assert (type(h), type(c), nothing) == (np.ndarray, np.ndarray, None)
    np.testing.assert_array_equal(h + c, [5, 5])
    array = np.ones(2)
    assert detach(array) is array
