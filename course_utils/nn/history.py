"""What a training run leaves behind: the numbers of every epoch and of every step. Chapter 01b."""

from __future__ import annotations


class History:
    """What happened in training: ``history["loss"]`` and other columns, one entry for each finished epoch.

    Attributes
    ----------
    columns : dict of lists
        "loss" (mean over the epoch's examples, while the weights moved), and the other parts of the loss if
        it has several; with validation data the same with "val_" in front (after the epoch), and, for integer
        labels, "val_accuracy".
    steps : list of float
        The loss of every update.
    rates : list of float
        The learning rate of every update; empty if the optimizer has no ``lr``.
    interrupted : bool
        Whether the run was stopped from the keyboard.
    """

    def __init__(self):
        self.columns: dict[str, list[float]] = {}
        self.steps: list[float] = []
        self.rates: list[float] = []
        self.interrupted = False

    @property
    def n_epochs(self) -> int:
        """Number of finished epochs."""
        return len(self.columns.get("loss", ()))

    def append(self, **values: float) -> None:
        """Add one epoch's numbers."""
        for name, value in values.items():
            self.columns.setdefault(name, []).append(float(value))

    def __getitem__(self, name: str) -> list[float]:
        if name not in self.columns:
            raise KeyError(f"expected one of {sorted(self.columns)}, got {name!r}")
        return self.columns[name]

    def __contains__(self, name: str) -> bool:
        return name in self.columns

    def __repr__(self) -> str:
        last = ", ".join(f"{name} {values[-1]:.4g}" for name, values in self.columns.items())
        return f"History({self.n_epochs} epochs, {len(self.steps)} steps{': ' + last if last else ''})"
