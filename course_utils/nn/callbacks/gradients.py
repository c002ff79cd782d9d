"""What happens to gradients between backward and step: measured, or shortened. Chapters 04 and 09."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from course_utils.nn.autodiff import Tensor
from course_utils.nn.callbacks.base import Callback, Run
from course_utils.nn.clipping import clip_grad_norm_
from course_utils.nn.module import Module


class GradientNorms(Callback):
    """Record the Euclidean norm of every parameter's gradient in every step.

    Before or after clipping: as it stands before or after `ClipGradients` in the list of callbacks.

    Attributes
    ----------
    names : list of str
        The parameters, as in ``model.named_parameters()``; one used twice comes once.
    """

    def __init__(self):
        self.names: list[str] = []
        self._rows: list[list[float]] = []

    @property
    def norms(self) -> np.ndarray:
        """Norms (steps, parameters); nan where no gradient arrived."""
        return np.array(self._rows, dtype=np.float64).reshape(len(self._rows), len(self.names))

    @property
    def total(self) -> np.ndarray:
        """Norm (steps,) of all gradients taken as one long vector."""
        return np.sqrt(np.nansum(self.norms**2, axis=1))

    @property
    def per_layer(self) -> dict[str, np.ndarray]:
        """Norms (steps,) by the name of the layer, all its parameters taken as one vector."""
        layers = [name.rpartition(".")[0] for name in self.names]
        squares = self.norms**2
        return {
            layer: np.sqrt(np.nansum(squares[:, [i for i, at in enumerate(layers) if at == layer]], axis=1))
            for layer in dict.fromkeys(layers)
        }

    def on_train_begin(self, run: Run) -> None:
        """Start anew, unless the run goes on from an earlier one."""
        names = [name for name, _ in _each_once(run.model)]
        if run.history.n_epochs == 0 or names != self.names:
            self.names, self._rows = names, []

    def on_backward(self, run: Run) -> None:
        """Add one row."""
        self._rows.append([_norm(parameter.grad) for _, parameter in _each_once(run.model)])

    def state_dict(self) -> dict[str, object]:
        """Return the names and norms up to now."""
        return {"names": list(self.names), "norms": self.norms}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over a `state_dict`."""
        self.names, self._rows = list(state["names"]), state["norms"].tolist()


def _each_once(model: Module) -> list[tuple[str, Tensor]]:
    """Return parameters with the first of their names."""
    names: dict[Tensor, str] = {}
    for name, parameter in model.named_parameters():
        names.setdefault(parameter, name)
    return [(name, parameter) for parameter, name in names.items()]


def _norm(gradient: np.ndarray | None) -> float:
    if gradient is None:
        return np.nan
    return float(
        np.linalg.norm(np.asarray(gradient, dtype=np.float64))
    )  # the squares of float32 overflow early


class ClipGradients(Callback):
    """Shorten the gradient of all parameters, taken as one vector, to at most `max_norm` before each step.

    By `clip_grad_norm_` (Pascanu, Mikolov and Bengio, 2013, "On the difficulty of training recurrent neural
    networks").

    Parameters
    ----------
    max_norm : float
        Above 0.

    Attributes
    ----------
    norms : list of float
        The norm before clipping, for each step of the run.
    """

    def __init__(self, max_norm: float):
        if not max_norm > 0:
            raise ValueError(f"expected max_norm > 0, got {max_norm}")
        self.max_norm = max_norm
        self.norms: list[float] = []

    def on_train_begin(self, run: Run) -> None:
        """Start anew, unless the run goes on from an earlier one."""
        if run.history.n_epochs == 0:
            self.norms = []

    def on_backward(self, run: Run) -> None:
        """Clip."""
        self.norms.append(float(clip_grad_norm_(run.model.parameters(), self.max_norm)))

    def state_dict(self) -> dict[str, object]:
        """Return the norms up to now."""
        return {"norms": list(self.norms)}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over a `state_dict`."""
        self.norms = list(state["norms"])
