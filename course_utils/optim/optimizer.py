"""What all optimizers share: parameter groups, their options, the state of each parameter. Chapter 05."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from course_utils.nn.autodiff import Tensor
from course_utils.optim.learnable import learnable

Params = Iterable[Tensor] | Iterable[dict[str, Any]]

_SWITCHES_OF_TORCH = frozenset({"foreach", "fused", "capturable", "differentiable"})  # how, not what
_NOTES = frozenset({"name", "initial_lr"})  # allowed in a group besides the options


class Optimizer:
    """Base of the optimizers: a subclass has `start` and `update`, the rest stands here.

    Before each update the gradient g is turned round with ``maximize``, and the weights w are pulled towards
    0 by ``weight_decay``: g + weight_decay w is used for g, or, where the group says
    ``decoupled_weight_decay``, w (1 - lr weight_decay) for w.

    Parameters
    ----------
    params : iterable of Tensor, or of dict
        What to learn, ``model.parameters()``; or groups, each a dict with its own options:
        ``[{"params": body.parameters()}, {"params": head.parameters(), "lr": 0.1}]``.
    defaults : dict
        The options for groups that do not give their own.

    Attributes
    ----------
    param_groups : list of dict
        "params" and the options of each group. They may be changed between steps, but what an option adds to
        `state` (momentum of RMSprop, amsgrad, centered) has to be there from the first step on.
    state : dict
        For each parameter that has moved a dict of what its updates remember, by torch's names. The arrays
        belong to the optimizer, which writes into them.

    Raises
    ------
    TypeError
        If `params` is a single tensor, or nothing to iterate over, such as a model.
    ValueError
        If there is nothing to learn, a parameter cannot be learnt or comes twice, an option is unknown or out
        of range.
    """

    not_negative: tuple[str, ...] = ("lr", "weight_decay")

    def __init__(self, params: Params, defaults: Mapping[str, Any]):
        if isinstance(params, Tensor):
            raise TypeError(
                "expected a list of tensors, such as model.parameters(), got a single Tensor: write [tensor]"
            )
        if not isinstance(params, Iterable):
            got = type(params).__name__
            raise TypeError(f"expected a list of tensors, such as model.parameters(), got a {got}")
        self.defaults = {name: plain(value) for name, value in defaults.items()}
        self.state: dict[Tensor, dict[str, Any]] = {}
        self.param_groups: list[dict[str, Any]] = []
        self.check(self.defaults)
        entries: list[Any] = list(params)
        groups = entries if entries and isinstance(entries[0], dict) else [{"params": entries}]
        for group in groups:
            self.add_param_group(group)

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Learn these parameters too, with options of their own; `param_group` itself stays as it is."""
        if not isinstance(param_group, dict) or "params" not in param_group:
            got = list(param_group) if isinstance(param_group, dict) else type(param_group).__name__
            raise ValueError(f"expected a group {{'params': [...], ...}}, got {got}")
        unknown = param_group.keys() - self.defaults.keys() - _NOTES - {"params"}
        if unknown:
            raise ValueError(f"expected options among {list(self.defaults)}, got {sorted(unknown)}")
        options = {name: plain(value) for name, value in param_group.items() if name != "params"}
        params = param_group["params"]
        before = [parameter for group in self.param_groups for parameter in group["params"]]
        learnt = learnable([params] if isinstance(params, Tensor) else params, before)
        group = {"params": learnt, **self.defaults, **options}
        self.check(group)
        self.param_groups.append(group)

    @property
    def lr(self) -> float:
        """The learning rate of the first group; setting it sets that of all groups."""
        return self.param_groups[0]["lr"]

    @lr.setter
    def lr(self, value: float) -> None:
        if not value >= 0:
            raise ValueError(f"expected lr >= 0, got {value}")
        for group in self.param_groups:
            group["lr"] = plain(value)

    def check(self, options: Mapping[str, Any]) -> None:
        """Raise a ValueError that names an option out of range; subclasses add what is their own."""
        for name in self.not_negative:
            if not options[name] >= 0:
                raise ValueError(f"expected {name} >= 0, got {options[name]}")
        if "betas" in options:
            betas = options["betas"]
            if (
                not isinstance(betas, tuple | list)
                or len(betas) != 2
                or not all(0 <= beta < 1 for beta in betas)
            ):
                raise ValueError(f"expected two betas, each at least 0 and below 1, got {betas}")

    def start(self, weights: np.ndarray, group: dict[str, Any]) -> dict[str, Any]:
        """Return what the updates of one parameter remember before the first of them; None: not yet known."""
        raise NotImplementedError(f"{type(self).__name__} needs a method start(self, weights, group)")

    def update(
        self, weights: np.ndarray, gradient: np.ndarray, state: dict[str, Any], group: dict[str, Any]
    ) -> np.ndarray:
        """Return the new weights in a new array, and bring `state` up to date in place."""
        raise NotImplementedError(f"{type(self).__name__} needs a method update(self, weights, ...)")

    def step(self) -> None:
        """Move every parameter that has a gradient; its array is replaced, never written into."""
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    self._move(parameter, group)

    def _move(self, parameter: Tensor, group: dict[str, Any]) -> None:
        weights, dtype = parameter.data, parameter.data.dtype
        gradient = np.asarray(parameter.grad, dtype)
        if gradient.shape != weights.shape:
            raise ValueError(f"expected a gradient of shape {weights.shape}, got shape {gradient.shape}")
        if parameter not in self.state:
            self.state[parameter] = self.start(weights, group)
        if group["maximize"]:
            gradient = -gradient
        if group["weight_decay"]:
            if group.get("decoupled_weight_decay"):
                weights = weights * (1 - group["lr"] * group["weight_decay"])
            else:
                gradient = gradient + group["weight_decay"] * weights
        parameter.data = np.asarray(self.update(weights, gradient, self.state[parameter], group), dtype)

    def zero_grad(self) -> None:
        """Forget all gradients; without it they add up."""
        for group in self.param_groups:
            for parameter in group["params"]:
                parameter.grad = None

    def state_dict(self) -> dict[str, Any]:
        """Return copies of state and options in torch's layout: parameters are numbered through the groups.

        torch takes it once the arrays are tensors: ``torch.from_numpy`` for each array in
        ``["state"][i].values()``.
        """
        numbers: dict[Tensor, int] = {}
        groups = []
        for group in self.param_groups:
            for parameter in group["params"]:
                numbers[parameter] = len(numbers)
            options = {name: value for name, value in group.items() if name != "params"}
            groups.append({**options, "params": [numbers[parameter] for parameter in group["params"]]})
        states = {
            i: {name: _copied(value) for name, value in self.state[parameter].items() if value is not None}
            for parameter, i in numbers.items()
            if parameter in self.state
        }
        return {"state": {i: state for i, state in states.items() if state}, "param_groups": groups}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over state and options from a `state_dict`, of this class or of torch's of the same name.

        The parameters' values are not part of it: load the model's state too. Build schedules before, since
        that sets the rates of their first step.

        Raises
        ------
        ValueError
            If groups, names, shapes or options do not fit; nothing is changed then.
        """
        saved = state_dict["param_groups"]
        own_sizes = [len(group["params"]) for group in self.param_groups]
        sizes = [len(group["params"]) for group in saved]
        if own_sizes != sizes:
            raise ValueError(f"expected groups of {own_sizes} parameters, got groups of {sizes}")
        groups, states = [], {}
        for own, other in zip(self.param_groups, saved, strict=True):
            if not self.defaults.keys() <= other.keys():
                raise ValueError(f"expected the options {list(self.defaults)}, got {list(other)}")
            options = {n: plain(v) for n, v in other.items() if n not in _SWITCHES_OF_TORCH}
            group = {**own, **options, "params": own["params"]}
            self.check(group)
            groups.append(group)
            for parameter, i in zip(own["params"], other["params"], strict=True):
                if i in state_dict["state"]:
                    template = self.start(parameter.data, group)
                    states[parameter] = _loaded(state_dict["state"][i], template, parameter.data, i)
        self.param_groups, self.state = groups, states

    def __repr__(self) -> str:
        groups = [
            f"{len(group['params'])} parameters: "
            + ", ".join(f"{name}={value}" for name, value in group.items() if name != "params")
            for group in self.param_groups
        ]
        return f"{type(self).__name__}(" + "; ".join(groups) + ")"


def running_average(average: np.ndarray, value: np.ndarray, decay: float) -> None:
    """Let an average take in a value, in place: decay average + (1 - decay) value."""
    average *= decay
    average += (1 - decay) * value


def plain(value: Any) -> Any:
    """Return numbers as Python's own, which leave float32 weights float32; other values as they are."""
    if isinstance(value, tuple | list):
        return tuple(plain(part) for part in value)
    return value.item() if hasattr(value, "item") else value


def _copied(value: Any) -> Any:
    return value.copy() if isinstance(value, np.ndarray) else value


def _loaded(
    saved: Mapping[str, Any], template: Mapping[str, Any], weights: np.ndarray, i: int
) -> dict[str, Any]:
    """Return one parameter's state as this optimizer keeps it; `template` is the state before any update."""
    needed = {name for name, value in template.items() if value is not None}
    if not needed <= saved.keys() <= template.keys():
        raise ValueError(f"expected the state {list(template)} of parameter {i}, got {list(saved)}")
    state = dict(template)
    for name, value in saved.items():
        if isinstance(template[name], int | float):
            state[name] = type(template[name])(value)
            continue
        state[name] = np.asarray(value).astype(weights.dtype)  # a copy
        if state[name].shape != weights.shape:
            raise ValueError(
                f"expected {name} of parameter {i} of shape {weights.shape}, got shape {state[name].shape}"
            )
    return state
