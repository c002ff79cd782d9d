"""Module and Parameter: a function together with the numbers it learns. Chapter 01b."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from course_utils.nn.autodiff import Tensor


class Parameter(Tensor):
    """A tensor that is learnt: it needs a gradient, and a `Module` finds it among its attributes."""

    def __init__(self, data: Any, requires_grad: bool = True):
        super().__init__(data, requires_grad=requires_grad)


class Module:
    """Base of layers and models: subclasses set parameters and modules as attributes and define ``forward``.

    Names in `state_dict` are those of torch ("0.weight", "hidden.bias"), so that weights travel both ways.
    Modules and parameters in lists, tuples and dicts, also nested, are found too, under "name.0" or
    "name.key" (torch asks for a ModuleList, ModuleDict or ParameterList there). Arrays that belong to the
    state but are not learnt, such as running means, are buffers: see `register_buffer`.

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
    _buffers: tuple[str, ...] = ()
    _forward_hooks: tuple[Callable[[Module, tuple[Any, ...], Any], None], ...] = ()

    def forward(self, *inputs: Any, **options: Any) -> Any:
        """Compute the output; every subclass has its own."""
        raise NotImplementedError(f"{type(self).__name__} needs a method forward(self, x)")

    def __call__(self, *inputs: Any, **options: Any) -> Any:
        """Call `forward`, then show inputs and output to the hooks."""
        output = self.forward(*inputs, **options)
        for hook in self._forward_hooks:
            hook(self, inputs, output)
        return output

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute; in the place of a parameter nothing but another, or None, as in torch."""
        if isinstance(vars(self).get(name), Parameter) and not isinstance(value, Parameter | None):
            raise TypeError(
                f"expected a Parameter or None as {name}, got {type(value).__name__}: "
                f"write .{name}.data = array to change its numbers"
            )
        super().__setattr__(name, value)

    def register_forward_hook(
        self, hook: Callable[[Module, tuple[Any, ...], Any], None]
    ) -> Callable[[], None]:
        """Have ``hook(module, inputs, output)`` called after every forward pass; return what ends that.

        Hooks look, they do not change: what they return is not used (torch would replace the output by it,
        and returns a handle with ``remove()``).
        """
        self._forward_hooks = (*self._forward_hooks, hook)

        def remove() -> None:
            self._forward_hooks = tuple(kept for kept in self._forward_hooks if kept is not hook)

        return remove

    def register_buffer(self, name: str, array: np.ndarray) -> None:
        """Set an attribute that belongs to the state and is saved with it, but is not learnt."""
        setattr(self, name, np.asarray(array))
        if name not in self._buffers:
            self._buffers = (*self._buffers, name)

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """Return the modules directly inside this one, in the order in which they were set."""
        return ((name, part) for name, part in self._parts() if isinstance(part, Module))

    def _parts(self) -> Iterator[tuple[str, Any]]:
        """Yield the attributes with their names, and of lists, tuples and dicts what they hold."""
        for name, value in vars(self).items():
            if name != "_forward_hooks":  # a hook may be a module, but is no part of this one
                yield from _unpacked(name, value)

    def children(self) -> Iterator[Module]:
        """Yield the modules directly inside this one."""
        return (child for _, child in self.named_children())

    def modules(self) -> Iterator[Module]:
        """Yield this module and all modules inside it."""
        return (module for _, module in self.named_modules())

    def apply(self, change: Callable[[Module], Any]) -> Module:
        """Call ``change(module)`` for every module inside this one, then for itself; return this module."""
        for child in self.children():
            child.apply(change)
        change(self)
        return self

    def named_modules(self, prefix: str = "") -> Iterator[tuple[str, Module]]:
        """Yield this module, named "", and all modules inside it, each before its own parts."""
        yield prefix, self
        for name, child in self.named_children():
            yield from child.named_modules(f"{prefix}.{name}" if prefix else name)

    def named_parameters(self) -> Iterator[tuple[str, Parameter]]:
        """Yield all parameters with their names; one that is used in two places comes twice."""
        for name, owner, _ in self._state_places():
            if isinstance(owner, Parameter):
                yield name, owner

    def named_buffers(self) -> Iterator[tuple[str, np.ndarray]]:
        """Yield all buffers with their names."""
        for name, owner, attribute in self._state_places():
            if isinstance(owner, Module):
                yield name, getattr(owner, attribute)

    def _state_places(self) -> Iterator[tuple[str, Parameter | Module, str]]:
        """Yield the name of all that makes the state, whose it is, and the attribute that holds the array.

        Module by module, first the parameters, whose array is their ``data``, then the module's buffers.
        """
        for path, module in self.named_modules():
            dotted = f"{path}." if path else ""
            for name, part in module._parts():
                if isinstance(part, Parameter):
                    yield dotted + name, part, "data"
            for name in module._buffers:
                yield dotted + name, module, name

    def parameters(self) -> list[Parameter]:
        """Return all parameters, each once."""
        return list(dict.fromkeys(parameter for _, parameter in self.named_parameters()))

    def zero_grad(self) -> None:
        """Forget all gradients."""
        for parameter in self.parameters():
            parameter.grad = None

    def requires_grad_(self, requires_grad: bool = True) -> Module:
        """Have all parameters learnt (True) or frozen (False); what is frozen gets no gradient.

        Give an optimizer only those that are learnt: ``[p for p in model.parameters() if p.requires_grad]``.
        A frozen batch normalization still moves its running statistics in training mode, as in torch: they
        are buffers, not parameters. ``backbone.eval()`` holds them, but `fit` calls ``model.train()`` before
        every epoch; so let the model keep that part in evaluation::

            def train(self, mode=True):
                super().train(mode)
                self.backbone.eval()
                return self
        """
        for parameter in self.parameters():
            parameter.requires_grad = requires_grad
        return self

    def train(self, mode: bool = True) -> Module:
        """Switch to training (True) or evaluation (False); layers such as dropout differ between the two."""
        self.training = mode
        for child in self.children():
            child.train(mode)
        return self

    def eval(self) -> Module:
        """Switch to evaluation."""
        return self.train(False)

    def state_dict(self) -> dict[str, np.ndarray]:
        """Return copies of all parameters and buffers by name, in torch's order.

        torch takes them as tensors: ``{name: torch.from_numpy(a) for name, a in
        model.state_dict().items()}``.
        """
        return {name: np.copy(getattr(owner, attribute)) for name, owner, attribute in self._state_places()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over parameters and buffers by name, from `state_dict` here or in torch; dtypes are kept.

        Raises
        ------
        ValueError
            If a name is missing or unknown, or a shape differs; nothing is changed then.
        """
        own = {name: (owner, attribute) for name, owner, attribute in self._state_places()}
        if own.keys() != state.keys():
            missing, unknown = sorted(own.keys() - state.keys()), sorted(state.keys() - own.keys())
            raise ValueError(f"expected the names {list(own)}; missing {missing}, unknown {unknown}")
        arrays = {}
        for name, (owner, attribute) in own.items():
            old = getattr(owner, attribute)
            arrays[name] = np.asarray(state[name]).astype(old.dtype)  # a copy
            if arrays[name].shape != old.shape:
                raise ValueError(f"expected {name} of shape {old.shape}, got shape {arrays[name].shape}")
        for name, (owner, attribute) in own.items():
            setattr(owner, attribute, arrays[name])

    def __repr__(self) -> str:
        children = [f"  ({name}): {child!r}".replace("\n", "\n  ") for name, child in self.named_children()]
        return f"{type(self).__name__}(" + ("\n" + "\n".join(children) + "\n" if children else "") + ")"


def _unpacked(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Yield a value with its name, or what a list, tuple or dict holds, under "name.0" or "name.key"."""
    if isinstance(value, dict):
        parts: Iterable[tuple[Any, Any]] = value.items()
    elif isinstance(value, list | tuple):
        parts = enumerate(value)
    else:
        yield name, value
        return
    for key, part in parts:
        yield from _unpacked(f"{name}.{key}", part)
