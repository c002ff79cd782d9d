"""Module and Parameter: a function together with the numbers it learns. Chapter 01b."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from course_utils.nn.autodiff import Tensor


class Parameter(Tensor):
    """A tensor that is learnt: it needs a gradient, and a `Module` finds it among its attributes."""

    def __init__(self, data: Any, requires_grad: bool = True):
        super().__init__(data, requires_grad=requires_grad)


class Module:
    """Base of layers and models: subclasses set parameters and modules as attributes and define ``forward``.

    Names in `state_dict` are those of torch ("0.weight", "hidden.bias"), so that weights travel both ways. A
    module in a list or tuple is found too, under "name.0", "name.1" (torch asks for a ModuleList there).

    Examples
    --------
    >>> class Scale(Module):
    ...     def __init__(self):
    ...         self.factor = Parameter(np.array([2.0]))
    ...     def forward(self, x):
    ...         return self.factor * x
    >>> Scale()(np.array([3.0]))
    Tensor([6.])
    """

    training = True

    def forward(self, x: Any) -> Any:
        """Compute the output; every subclass has its own."""
        raise NotImplementedError(f"{type(self).__name__} needs a method forward(self, x)")

    def __call__(self, *inputs: Any) -> Any:
        """Call `forward`."""
        return self.forward(*inputs)

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """Yield the modules directly inside this one, in the order in which they were set."""
        for name, value in vars(self).items():
            if isinstance(value, Module):
                yield name, value
            elif isinstance(value, list | tuple):
                yield from ((f"{name}.{i}", part) for i, part in enumerate(value) if isinstance(part, Module))

    def named_parameters(self) -> Iterator[tuple[str, Parameter]]:
        """Yield all parameters with their names; one that is used in two places comes twice."""
        for name, value in vars(self).items():
            if isinstance(value, Parameter):
                yield name, value
        for name, child in self.named_children():
            yield from ((f"{name}.{inner}", parameter) for inner, parameter in child.named_parameters())

    def parameters(self) -> list[Parameter]:
        """Return all parameters, each once."""
        return list(dict.fromkeys(parameter for _, parameter in self.named_parameters()))

    def zero_grad(self) -> None:
        """Forget all gradients."""
        for parameter in self.parameters():
            parameter.grad = None

    def train(self, mode: bool = True) -> Module:
        """Switch to training (True) or evaluation (False); layers such as dropout differ between the two."""
        self.training = mode
        for _, child in self.named_children():
            child.train(mode)
        return self

    def eval(self) -> Module:
        """Switch to evaluation."""
        return self.train(False)

    def state_dict(self) -> dict[str, np.ndarray]:
        """Return copies of all parameters by name.

        torch takes them as tensors: ``{name: torch.from_numpy(a) for name, a in
        model.state_dict().items()}``.
        """
        return {name: parameter.data.copy() for name, parameter in self.named_parameters()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over parameters by name, from `state_dict` here or in torch; each keeps its dtype.

        Raises
        ------
        ValueError
            If a name is missing or unknown, or a shape differs; nothing is changed then.
        """
        own = dict(self.named_parameters())
        if own.keys() != state.keys():
            missing, unknown = sorted(own.keys() - state.keys()), sorted(state.keys() - own.keys())
            raise ValueError(f"expected the names {list(own)}; missing {missing}, unknown {unknown}")
        arrays = {
            name: np.asarray(state[name]).astype(parameter.data.dtype) for name, parameter in own.items()
        }
        for name, parameter in own.items():
            if arrays[name].shape != parameter.shape:
                raise ValueError(
                    f"expected {name} of shape {parameter.shape}, got shape {arrays[name].shape}"
                )
        for name, parameter in own.items():
            parameter.data = arrays[name]

    def __repr__(self) -> str:
        children = [f"  ({name}): {child!r}".replace("\n", "\n  ") for name, child in self.named_children()]
        return f"{type(self).__name__}(" + ("\n" + "\n".join(children) + "\n" if children else "") + ")"
