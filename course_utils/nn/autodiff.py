"""Automatic differentiation in two definitions: `primitive` and `Tensor`.

An operation is written once, as a function that returns its value and its *pullback*: the map from
dL/d(value) to the tuple of dL/d(input). `primitive` lets that one definition serve three ways: ``op(array)``
gives the value, ``op.vjp(array)`` the value and the pullback, and ``op(Tensor)`` a `Tensor` that remembers
how it was made, so that ``loss.backward()`` can walk back through all of them (reverse mode; Griewank and
Walther, *Evaluating Derivatives*, 2008, section 3.2). The operators of `Tensor` (``+ * @ [] ...``) are
primitives too: see ``operators.py``.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from course_utils.nn.operators import Operators

PRIMITIVES: list[Callable[..., Any]] = []
"""Every operation that `primitive` has made, in the order of definition."""


class Tensor(Operators):
    """An array that remembers which operation made it, and from what.

    Where dtypes meet, the wider one wins, as in NumPy: a single float64 array, such as noise drawn without
    ``dtype=np.float32``, makes all that follows float64, and slow (torch refuses most such mixtures).

    Parameters
    ----------
    data : array_like
        The value. Its dtype is kept as NumPy gives it (torch would turn a list of floats to float32).
    requires_grad : bool
        Whether `backward` shall leave dL/d(this tensor) in ``grad`` (kept for leaves only, those that no
        operation made). Needs a floating dtype.
    parents, pullback
        How the tensor was made; filled in by `primitive`.
    """

    def __init__(
        self,
        data: Any,
        requires_grad: bool = False,
        parents: tuple[Tensor, ...] = (),
        pullback: Callable[..., Any] | None = None,
    ):
        self.data = np.asarray(data)
        if requires_grad and self.data.dtype.kind != "f":
            raise ValueError(f"expected a floating dtype for requires_grad=True, got {self.data.dtype}")
        self.grad: np.ndarray | None = None
        self.requires_grad = requires_grad
        self.parents = parents
        self.pullback = pullback

    def detach(self) -> Tensor:
        """Return a tensor of the same numbers (not a copy) from which no way leads back."""
        return Tensor(self.data)

    def backward(self, upstream: Any = None) -> None:
        """Add dL/d(leaf) to every leaf's ``grad``; L is this scalar, or has the gradient `upstream` here."""
        gradient = {self: first_gradient(self, upstream)}  # dL/d(node), of the nodes still to come
        for node in reversed(topological_order(self)):
            dy = gradient.pop(node, None)
            if dy is None:  # no way back led here
                continue
            if node.pullback is None:  # a leaf keeps what arrived, in memory of its own
                node.grad = np.array(dy) if node.grad is None else np.asarray(node.grad + dy)
                continue
            for parent, dx in zip(node.parents, node.pullback(dy), strict=True):
                if parent.requires_grad and dx is not None:
                    dx = np.asarray(dx, dtype=parent.data.dtype)
                    gradient[parent] = gradient[parent] + dx if parent in gradient else dx  # sum over uses


def first_gradient(tensor, upstream):
    """Return dL/d(tensor): `upstream` if given, else 1, since L is then the tensor itself."""
    if not tensor.requires_grad:
        raise ValueError("expected a tensor made from one with requires_grad=True, got none to go back to")
    if upstream is None and tensor.data.size != 1:
        raise ValueError(f"expected a scalar, got shape {tensor.shape}: reduce it, or pass `upstream`")
    if upstream is not None and np.shape(upstream) != tensor.shape:
        raise ValueError(f"expected upstream of shape {tensor.shape}, got shape {np.shape(upstream)}")
    return np.ones_like(tensor.data) if upstream is None else np.asarray(upstream, tensor.dtype)


def topological_order(root):
    """Nodes below `root` that need a gradient, inputs before outputs; no recursion: tapes can be deep."""
    order, seen, stack = [], set(), [(root, False)]
    while stack:
        node, parents_are_done = stack.pop()
        if parents_are_done:
            order.append(node)
        elif node.requires_grad and node not in seen:
            seen.add(node)
            stack.append((node, True))
            stack.extend((parent, False) for parent in node.parents)
    return order


def primitive(operation: Callable[..., Any]) -> Any:
    """Let one definition serve arrays (``op(x)``), pullbacks (``op.vjp(x)``) and the tape (``op(Tensor)``).

    Parameters
    ----------
    operation : callable
        Takes arrays and options; returns ``value, pullback``, where ``pullback(dy)`` is the tuple of
        gradients in the order of the arguments, with None for an argument that has none (labels, sizes). A
        gradient that is dear to compute may come as a function without arguments; it is called only where the
        gradient is wanted, which that of the data seldom is.

    Returns
    -------
    callable
        The operation; its attribute ``vjp`` returns value and pullback.

    Examples
    --------
    >>> @primitive
    ... def square(x):
    ...     return x * x, lambda dy: (2 * x * dy,)
    >>> square(3.0)
    9.0
    >>> x = Tensor(3.0, requires_grad=True)
    >>> square(square(x)).backward()  # d(x^4)/dx = 4 x^3
    >>> print(x.grad)
    108.0
    """
    signature = inspect.signature(operation)

    @functools.wraps(operation)
    def apply(*args, **options):
        if any(isinstance(option, Tensor) for option in options.values()):
            bound = signature.bind(*args, **options)  # tensors given by keyword go on the tape too
            bound.apply_defaults()
            args, options = bound.args, bound.kwargs
        taped = [i for i, arg in enumerate(args) if isinstance(arg, Tensor)]
        value, pullback = operation(*(a.data if isinstance(a, Tensor) else a for a in args), **options)
        if not taped:
            return value
        if not any(args[i].requires_grad for i in taped):
            return Tensor(value)

        def pullback_to_parents(dy):
            gradients = pullback(dy)
            return [computed(gradients[i]) if args[i].requires_grad else None for i in taped]

        return Tensor(value, True, tuple(args[i] for i in taped), pullback_to_parents)

    @functools.wraps(operation)
    def vjp(*args, **options):
        value, pullback = operation(*args, **options)
        return value, lambda dy: tuple(computed(gradient) for gradient in pullback(dy))

    apply.vjp = vjp  # type: ignore[attr-defined]
    PRIMITIVES.append(apply)
    return apply


def computed(gradient):
    """Return a gradient, computing it now if the pullback left it as a function."""
    return gradient() if callable(gradient) else gradient
