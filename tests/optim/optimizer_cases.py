"""What the proof of the optimizers draws: options for each rule, and a stream of gradients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st

from course_utils import optim

SHAPES: list[tuple[int, ...]] = [(), (3,), (2, 4), (1,), (0, 2), (2, 1, 3)]
N_STEPS = 200

flags = st.booleans()
rates = st.floats(1e-4, 0.1)
decays = st.one_of(st.just(0.0), st.floats(1e-3, 0.3))
parts = st.floats(0.3, 0.97)
small = st.sampled_from([1e-10, 1e-7, 1e-4, 1e-2])


def options_of(**strategies: Any) -> st.SearchStrategy[dict[str, Any]]:
    """Draw a value for each option; all rules have these three too."""
    return st.fixed_dictionaries({"lr": rates, "weight_decay": decays, "maximize": flags, **strategies})


betas = st.tuples(parts, st.floats(0.5, 0.9995))
sgd = st.one_of(
    options_of(momentum=st.one_of(st.just(0.0), parts), dampening=parts, nesterov=st.just(False)),
    options_of(momentum=parts, dampening=st.just(0.0), nesterov=st.sampled_from([True, True, False])),
)
CASES: dict[type[optim.Optimizer], st.SearchStrategy[dict[str, Any]]] = {
    optim.SGD: sgd,
    optim.Adagrad: options_of(lr_decay=decays, initial_accumulator_value=decays, eps=small),
    optim.Adadelta: options_of(rho=parts, eps=small),
    optim.RMSprop: options_of(
        alpha=parts, eps=small, momentum=st.one_of(st.just(0.0), parts), centered=flags
    ),
    optim.Adam: options_of(betas=betas, eps=small, amsgrad=flags, decoupled_weight_decay=flags),
    optim.AdamW: options_of(betas=betas, eps=small, amsgrad=flags),
    optim.NAdam: options_of(
        betas=betas, eps=small, momentum_decay=st.floats(1e-3, 0.1), decoupled_weight_decay=flags
    ),
    optim.RAdam: options_of(betas=betas, eps=small, decoupled_weight_decay=flags),
}


@dataclass(frozen=True)
class Run:
    """Options of two groups, and a seed for weights and gradients."""

    first: dict[str, Any]
    second: dict[str, Any]
    seed: int

    def weights(self, dtype: str) -> list[np.ndarray]:
        """Draw the start."""
        rng = np.random.default_rng(self.seed)
        return [np.asarray(rng.normal(size=shape), dtype) for shape in SHAPES]

    def gradients(self, dtype: str) -> list[list[np.ndarray | None]]:
        """Draw the gradients of all steps, each shape at its own scale; sometimes there is none."""
        rng = np.random.default_rng(self.seed + 1)
        scales = np.geomspace(0.05, 5.0, len(SHAPES))
        late = rng.integers(len(SHAPES))  # its first gradient comes when the others have moved for long
        return [
            [
                None
                if rng.random() < 0.15 or (i == late and step < 60)
                else np.asarray(scale * (0.3 + rng.normal(size=shape)), dtype)
                for i, (shape, scale) in enumerate(zip(SHAPES, scales, strict=True))
            ]
            for step in range(N_STEPS)
        ]


def runs(options: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[Run]:
    """Draw a run of one rule."""
    return st.builds(Run, options, options, st.integers(0, 10**6))
