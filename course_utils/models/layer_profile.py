"""What flows through the blocks of a network and back: one number a block. Chapters 03 and 04."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

import course_utils.nn.functional as F
from course_utils.nn.autodiff import Tensor
from course_utils.nn.layers import Sequential


class LayerProfile(NamedTuple):
    """One number for each block of a network but its last, which gives the output.

    Parameters
    ----------
    loss : float
    activations : ndarray (depth,)
        Root mean square of the block's output h, over examples and units.
    gradients : ndarray (depth,)
        Norm of dL/dh, all examples and units together.
    weight_gradients : ndarray (depth,)
        Norm of dL/dW of the block's first parameter, in a `deep_mlp` the weight (n_out, n_in).
    """

    loss: float
    activations: np.ndarray
    gradients: np.ndarray
    weight_gradients: np.ndarray


def layer_profile(
    model: Sequential, x: Any, y: Any, loss_fn: Callable[[Any, Any], Any] = F.cross_entropy
) -> LayerProfile:
    """Go once through a network and back, and note what passes each block.

    A tape keeps the gradients of leaves alone. So to every block's output h a leaf of zeros is added: it
    changes no number, and dL/d(leaf) = dL/dh.

    Parameters
    ----------
    model : Sequential
        Blocks, such as those of `deep_mlp`, the last of which gives the output. Its parameters' gradients
        are replaced; in training mode, batch normalization moves its running statistics.
    x : ndarray (B, n_in)
        In the parameters' dtype. At extreme depths take float64: float32 ends at 1e-45.
    y : ndarray
        Targets, as `loss_fn` takes them.
    loss_fn : callable
        From output and targets to a scalar.

    Raises
    ------
    ValueError
        If there is no block but the last.

    Examples
    --------
    >>> from course_utils.models import deep_mlp
    >>> model = deep_mlp(64, 32, 10, 10, rng=np.random.default_rng(0), dtype=np.float64)
    >>> x, y = np.random.default_rng(1).normal(size=(16, 64)), np.arange(16) % 10
    >>> found = layer_profile(model, x, y)
    >>> found.gradients.shape, bool(found.activations[-1] < found.activations[0])
    ((10,), True)
    """
    *blocks, head = model
    if not blocks:
        raise ValueError("expected a model of at least two blocks, got one: its last only gives the output")
    model.zero_grad()
    h, sizes, leaves = x, [], []
    for block in blocks:
        h = block(h)
        leaves.append(Tensor(np.zeros_like(h.data), requires_grad=True))
        sizes.append(float(np.sqrt(np.mean(np.square(h.data)))))
        h = h + leaves[-1]
    loss = loss_fn(head(h), y)
    loss.backward()
    back = [leaf.grad for leaf in leaves]
    weights = [next(iter(block.parameters())).grad for block in blocks]
    return LayerProfile(loss.item(), np.array(sizes), _norms(back), _norms(weights))


def _norms(gradients: list[Any]) -> np.ndarray:
    return np.array([np.linalg.norm(gradient) for gradient in gradients])


def growth_per_layer(values: np.ndarray) -> float:
    """Fit value = c g^layer to positive values (depth,) by least squares on their logarithms; return g.

    Examples
    --------
    >>> round(growth_per_layer(np.array([3.0, 6.0, 12.0])), 12)
    2.0
    """
    slope, _ = np.polyfit(np.arange(len(values)), np.log(values), 1)
    return float(np.exp(slope))
