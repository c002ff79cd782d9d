"""What the plane of momentum must show: tapes and the optimizer, whose matrix is read off single steps."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
from matplotlib import colormaps

from course_utils.explorers import Explorer
from course_utils.nn import Tensor
from course_utils.nn.module import Parameter
from course_utils.optim import SGD


def optimizer_of(weight: Parameter, lr: float, momentum: float, method: str) -> SGD:
    """Return the engine's optimizer for one weight; without momentum there is no Nesterov's variant."""
    return SGD([weight], lr=lr, momentum=momentum, nesterov=bool(method == "Nesterov" and momentum))


def step_matrix(curvature: float, lr: float, momentum: float, method: str) -> np.ndarray:
    """Read the matrix on (weight, velocity) off single steps of the optimizer from (1, 0) and from (0, 1)."""
    columns = []
    for w, v in ((1.0, 0.0), (0.0, 1.0)):
        weight = Parameter(np.array(w))
        optimizer = optimizer_of(weight, lr, momentum, method)
        optimizer.state[weight] = {"momentum_buffer": np.array(v)}
        weight.grad = np.array(curvature * w)
        optimizer.step()
        velocity = optimizer.state[weight]["momentum_buffer"] if momentum else 0.0
        columns.append([float(weight.data), float(velocity)])
    return np.array(columns).T


def eigenvalues(curvature: float, lr: float, momentum: float, method: str) -> np.ndarray:
    """Return both eigenvalues, the larger one first; rounding parts a double one by 1e-8, which is undone."""
    values = np.linalg.eigvals(step_matrix(curvature, lr, momentum, method)).astype(complex)
    if abs(values[0] - values[1]) < 2e-7:
        values[:] = values.mean()
    return np.array(sorted(values, key=lambda value: (-abs(value), -value.imag)))


def factor(condition: float, lr: float, momentum: float, method: str) -> float:
    """Return the larger size of all four eigenvalues."""
    return max(abs(eigenvalues(c, lr, momentum, method)[0]) for c in (1, 1 / condition))


def run(curvature: float, *, lr: float, momentum: float, method: str, steps: int) -> np.ndarray:
    """Descend along one direction by a tape; return the distances."""
    weight = Parameter(np.array(1.0))
    optimizer = optimizer_of(weight, lr, momentum, method)
    found = [1.0]
    for _ in range(steps):
        optimizer.zero_grad()
        loss: Tensor = 0.5 * curvature * weight * weight
        loss.backward()
        optimizer.step()
        found.append(abs(weight.item()))
        if found[-1] > 1e100:
            break
    return np.array(found)


def check(explorer: Explorer) -> None:
    """Compare colours, borders, marks, lines, eigenvalues and words."""
    given, artists = explorer.values, explorer.artists
    lr, momentum, condition, method = (given[name] for name in ("lr", "momentum", "condition", "method"))
    check_map(artists, condition, method)
    check_marks(artists, given)
    directions = {"steep": 1.0, "flat": 1 / condition}
    found = {name: eigenvalues(c, lr, momentum, method) for name, c in directions.items()}
    factors = {name: abs(values[0]) for name, values in found.items()}
    n_steps = min(
        len(run(c, lr=lr, momentum=momentum, method=method, steps=given["steps"]))
        for c in directions.values()
    )
    for name, curvature in directions.items():
        distances = run(curvature, lr=lr, momentum=momentum, method=method, steps=given["steps"])[:n_steps]
        compare_line(artists[name], distances, 1e-6)
        compare_line(artists[f"predicted {name}"], factors[name] ** np.arange(n_steps), 1e-4)
        every = next(end for end in (20, 50, 100, 200, 500) if end >= given["steps"]) // 20
        marks = np.array(artists[f"marks {name}"].get_data())
        np.testing.assert_array_equal(marks, np.array(artists[name].get_data())[:, ::every])
        check_eigenvalues(artists, name, found[name])
        assert words_agree(artists[f"text {name}"].get_text().split("factor ")[1], factors[name])
        last = re.search(rf"{name} (?:distance is|one) (.*?)(?: and|, both)", explorer.alt)
        assert last, explorer.alt
        assert distance_agrees(last[1], distances[-1])
    check_words(explorer, factors, n_steps - 1)


def check_map(artists: dict[str, Any], condition: float, method: str) -> None:
    """Compare the colours of some cells, each within a band of what its factor must have."""
    rgb = artists["map"].get_data()
    n_rows, n_columns, _ = rgb.shape
    axes = artists["map"].axes
    to_data = axes.transAxes - axes.transData
    palette = np.rint(255 * colormaps["viridis"](np.linspace(1, 0, 32))[:, :3]).astype(int)
    rng = np.random.default_rng(0)
    for row, column in rng.integers(0, (n_rows, n_columns), size=(12, 2)):
        lr, momentum = to_data.transform(((column + 0.5) / n_columns, (row + 0.5) / n_rows))
        size = factor(condition, lr, momentum, method)
        band = int(np.flatnonzero((palette == rgb[row, column]).all(axis=1))[0])
        n_steps = math.inf if size >= 1 else math.log(10) / -math.log(size)
        expected = 31.999 if n_steps > 1e4 else 8 * math.log10(max(n_steps, 1))
        assert band - 1e-6 <= expected <= band + 1 + 1e-6


def check_marks(artists: dict[str, Any], given: dict[str, Any]) -> None:
    """Compare the learner's mark; the best pairs must beat all near them, the borders part what they say."""
    condition, method = given["condition"], given["method"]
    np.testing.assert_allclose(np.ravel(artists["here"].get_data()), [given["lr"], given["momentum"]])
    lr, momentum = np.ravel(artists["best"].get_data())
    best = factor(condition, lr, momentum, method)
    for moved in ((1.01, 0), (0.99, 0), (1, 0.01), (1, -0.01), (1.005, 0.005), (0.995, -0.005)):
        other = max(momentum + moved[1], 0)
        assert factor(condition, lr * moved[0], other, method) > best - 1e-7 * (1 + (other == momentum))
    lr, momentum = np.ravel(artists["plain"].get_data())
    assert momentum == 0
    for moved_lr in (0.99 * lr, 1.01 * lr):
        assert factor(condition, moved_lr, 0, method) > factor(condition, lr, 0, method)
    edge = artists["diverges"].get_xy()
    for lr, momentum in edge[[0, 40, 80, 120]]:
        assert (
            factor(condition, 0.999 * lr, momentum, method)
            < 1
            < factor(condition, 1.001 * lr, momentum, method)
        )
    for name, curvature in (("steep", 1.0), ("flat", 1 / condition)):
        border = np.array(artists[f"border {name}"].get_data())
        np.testing.assert_array_equal(border, artists[f"casing {name}"].get_data())
        (left, right), momenta = (border[0, :121], border[0, :121:-1]), border[1, :121]
        np.testing.assert_array_equal(momenta, border[1, :121:-1])
        for i in (20, 60, 110):
            inside = [1.001 * left[i], 0.5 * (left[i] + right[i]), 0.999 * right[i]]
            for lr, complex_there in [
                (0.999 * left[i], False),
                *((x, True) for x in inside),
                (1.001 * right[i], False),
            ]:
                assert (eigenvalues(curvature, lr, momenta[i], method)[0].imag > 0) == complex_there


def compare_line(line: Any, expected: np.ndarray, rtol: float) -> None:
    """Compare a line with distances; what lies above the axes for good is not drawn."""
    x, y = line.get_data()
    np.testing.assert_array_equal(x, np.arange(len(x)))
    seen = expected[: len(y)] > 1e-12  # far below the axes all is one
    np.testing.assert_allclose(
        np.where(seen, y, 0), np.where(seen, expected[: len(y)], 0), rtol=rtol, atol=1e-10
    )
    assert (np.asarray(y)[~seen] < 1.001e-12).all()
    low, high = line.axes.get_ylim()
    left_out = expected[len(y) :]
    assert not ((low < left_out) & (left_out < high)).any(), "visible points are missing"


def check_eigenvalues(artists: dict[str, Any], name: str, expected: np.ndarray) -> None:
    """Compare both marks, in any order; one beyond the axes has an arrow on the edge in its place."""
    x, y = artists[f"eigenvalues {name}"].get_data()
    drawn = sorted(
        (complex(a, b) for a, b in zip(x, y, strict=True) if a == a), key=lambda z: (z.real, z.imag)
    )
    inside = sorted((z for z in expected if z.real >= -1.3), key=lambda z: (z.real, z.imag))
    np.testing.assert_allclose(sorted(z.real for z in drawn), sorted(z.real for z in inside), atol=1e-5)
    np.testing.assert_allclose(sorted(z.imag for z in drawn), sorted(z.imag for z in inside), atol=1e-5)
    if name == "steep":
        assert (len(artists["beyond"].get_data()[0]) == 1) == (len(inside) < 2)


def words_agree(text: str, size: float) -> bool:
    """Return whether a text names this factor."""
    numbers = [float(one) for one in re.findall(r"\d+(?:\.\d+)?(?:e-?\d+)?", text.replace("−", "-"))]
    said = numbers[0]
    if len(numbers) == 2:
        return math.isclose(numbers[1] if "+" in text else -numbers[1], size - 1, rel_tol=0.06)
    return math.isclose(said, size, rel_tol=6e-4, abs_tol=1e-5)


def distance_agrees(text: str, expected: float) -> bool:
    """Return whether a text names this distance."""
    if text.startswith("below"):
        return expected < 1.001e-12
    said = float(text.replace("−", "-"))
    return math.isclose(said, expected, rel_tol=6e-4, abs_tol=1e-11)


def check_words(explorer: Explorer, factors: dict[str, float], n_steps: int) -> None:
    """Compare who decides, the factor, the steps to a tenth and the number of steps."""
    words = explorer.artists["headline"].get_text()
    size = max(factors.values())
    state, rest = words.split(": factor ")
    said, pace = rest.split(", ")
    assert words_agree(said, size)
    decides = (
        "both"
        if abs(factors["steep"] - factors["flat"]) < 1e-6
        else max(factors, key=lambda name: factors[name])
    )
    if decides == "both":
        assert "steep" in state and "flat" in state or state.split()[0] == "both"
    else:
        assert state.startswith(f"{decides} direction "), (state, factors)
    if size > 1 + 1e-9:
        assert "diverge" in state
    if 1e-4 < size < 1 - 1e-9 or size > 1 + 1e-9:
        stated = float(pace.split()[0]) * (1000 if "thousand" in pace else 1)
        assert math.isclose(stated, abs(1 / math.log10(size)), rel_tol=0.05 if "thousand" in pace else 0.006)
        assert pace.endswith("a tenth" if size < 1 else "tenfold")
    assert f"{n_steps} steps" in explorer.alt
    assert state in explorer.alt[0].lower() + explorer.alt[1:] or state[0].upper() + state[1:] in explorer.alt
