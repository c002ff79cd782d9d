"""Which tensors an optimizer can learn, and what it says about the others. Chapter 05."""

from __future__ import annotations

from collections.abc import Iterable

from course_utils.nn.autodiff import Tensor


def learnable(params: Iterable[Tensor], before: list[Tensor]) -> list[Tensor]:
    """Return the parameters as a list, or say which cannot be learnt; they are numbered on from `before`."""
    parameters = list(params)
    if not parameters:
        raise ValueError("expected at least one parameter to learn, got none")
    first_place = {id(parameter): i for i, parameter in enumerate(before)}
    for i, parameter in enumerate(parameters, start=len(before)):
        if not isinstance(parameter, Tensor):
            raise ValueError(
                "expected tensors to learn, such as model.parameters(), "
                f"got {type(parameter).__name__} as number {i}"
            )
        if not parameter.requires_grad:
            raise ValueError(
                f"expected tensors with requires_grad=True, got one of shape {parameter.shape} without "
                f"as number {i}: it would never move; "
                "pass [p for p in model.parameters() if p.requires_grad]"
            )
        if parameter.pullback is not None:
            raise ValueError(
                "expected tensors that no operation made, "
                f"got the result of one (shape {parameter.shape}) as number {i}: pass what it was made from"
            )
        earlier = first_place.setdefault(id(parameter), i)
        if earlier != i:
            raise ValueError(
                f"expected each parameter once, got number {i} also as number {earlier}: "
                "it would move twice at every step"
            )
    return parameters
