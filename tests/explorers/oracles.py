"""What each explorer must show, computed again by the public engine: by tapes, without the explorer's code.

An explorer without an entry in `ORACLES` fails the contract tests.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import course_utils.nn.functional as F
from course_utils.explorers import (
    Activations,
    BiasVariance,
    ComputationalGraph,
    ConstraintShapes,
    Convolution,
    DyingReLU,
    Explorer,
    GradientDescent,
    GradientFlow,
    MomentumPlane,
    OptimizerRace,
    Perceptron,
    Playground,
    PolynomialFit,
    RegularizedNetwork,
    Schedules,
    SoftmaxTemperature,
    StoppingPoint,
)
from course_utils.explorers.surfaces import DEPTH
from course_utils.nn.autodiff import Tensor
from course_utils.nn.module import Parameter
from course_utils.optim.sgd import SGD
from tests.explorers import (
    oracle_activations,
    oracle_bias_variance,
    oracle_constraint_shapes,
    oracle_convolution,
    oracle_dying_relu,
    oracle_gradient_flow,
    oracle_momentum_plane,
    oracle_optimizer_race,
    oracle_perceptron,
    oracle_playground,
    oracle_polynomial_fit,
    oracle_regularized_network,
    oracle_schedules,
    oracle_softmax_temperature,
    oracle_stopping_point,
)

FORMULAS: dict[str, Callable[..., Tensor]] = {
    "parabola": lambda x: 0.5 * x * x,
    "two minima (1-D)": lambda x: 0.25 * (x * x - 1) ** 2 + 0.1 * x + DEPTH,
    "bowl": lambda x, y: 0.5 * (x * x + y * y),
    "ravine": lambda x, y: 0.5 * x * x + 12.5 * y * y,
    "Rosenbrock": lambda x, y: (1 - x) ** 2 + 10 * (y - x * x) ** 2,
    "saddle": lambda x, y: 0.5 * x * x + 0.125 * (y * y - 2) ** 2,
    "two minima": lambda x, y: 0.25 * (x * x - 1) ** 2 + 0.1 * x + DEPTH + 0.5 * y * y,
}


def descend(*, surface: str, lr: float, momentum: float, x0: float, y0: float, steps: int) -> np.ndarray:
    """Return the points and losses of a run, one row (weights..., loss) for the start and for each step."""
    formula = FORMULAS[surface]
    n_weights = formula.__code__.co_argcount
    weights = [Parameter(np.array(start)) for start in (x0, y0)[:n_weights]]
    optimizer = SGD(weights, lr=lr, momentum=momentum)
    rows = []
    for _ in range(steps + 1):
        optimizer.zero_grad()
        loss = formula(*weights)
        rows.append([*(weight.item() for weight in weights), loss.item()])
        if max(abs(value) for value in rows[-1][:-1]) > 100:
            break
        loss.backward()
        optimizer.step()
    return np.array(rows)


def check_descent(explorer: Explorer) -> None:
    """Compare path, loss curve and marks; what lies beyond the axes for good is not drawn."""
    run = descend(**explorer.values)
    artists: dict[str, Any] = explorer.artists
    x, y = run[:, 0], run[:, -1] if run.shape[1] == 2 else run[:, 1]
    for name, expected in (("path", (x, y)), ("loss", (np.arange(len(run)), run[:, -1]))):
        axes = artists[name].axes
        drawn = np.array(artists[name].get_data())
        n_drawn = drawn.shape[1]
        np.testing.assert_allclose(drawn, np.array(expected)[:, :n_drawn], rtol=1e-7, atol=1e-12)
        left_out = np.array(expected)[:, n_drawn:]
        assert not any(_within(axes, *point) for point in left_out.T), f"{name}: visible points are missing"
    end = next(end for end in (25, 50, 100, 200) if explorer.values["steps"] <= end)
    assert [artists[f"tick {i}"].get_text() for i in range(6)] == [str(i * end // 5) for i in range(6)]
    np.testing.assert_allclose(artists["loss"].axes.get_xlim(), (-0.02 * end, 1.02 * end))
    np.testing.assert_array_equal(artists["halo"].get_data(), artists["path"].get_data())
    np.testing.assert_allclose(artists["start"].get_data(), [x[:1], y[:1]])
    for name, at in (("end", (x[-1], y[-1])), ("last", (len(run) - 1, run[-1, -1]))):
        mark = artists[name]
        if _within(mark.axes, *at):
            np.testing.assert_allclose(np.ravel(mark.get_data()), at, rtol=1e-7, atol=1e-12)
            assert mark.get_marker() == "*"
        elif len(mark.get_data()[0]):  # an arrow head, on the edge
            to_page = mark.axes.transData + mark.axes.transAxes.inverted()
            place = to_page.transform(np.ravel(mark.get_data()))
            assert np.isclose(np.abs(place - 0.5).max(), 0.5, atol=1e-6)
    words = artists["headline"].get_text()
    assert words.lower() in explorer.alt.lower()
    if np.abs(run[-1, :-1]).max() <= 100 and run[-1, -1] >= 1e-9:
        assert f"loss {run[0, -1]:.4g} to {run[-1, -1]:.4g} in" in words


def _within(axes: Any, x: float, y: float) -> bool:
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    return left <= x <= right and low <= y <= high


def check_graph(explorer: Explorer) -> None:
    """Compare every number at a box with one tape through the whole neuron."""
    given = explorer.values
    x, w, b = (Tensor(np.array(given[name]), requires_grad=True) for name in "xwb")
    z = w * x + b
    p = F.sigmoid(z)
    t = given["target"]
    loss = (p - t) ** 2 if given["loss"] == "squared error" else -(t * p.log() + (1 - t) * (1 - p).log())
    loss.backward()
    value_of_p = p.item()
    from_loss = 2 * (value_of_p - t)
    if given["loss"] == "cross-entropy":
        from_loss = (value_of_p - t) / (value_of_p * (1 - value_of_p))
    expected = {f"value {name}": given[name] for name in ("x", "w", "b", "target")}
    expected |= {"value wx": w.item() * x.item(), "value z": z.item(), "value p": value_of_p}
    expected |= {"value loss": loss.item(), "gradient loss": 1.0, "gradient p": from_loss}
    expected |= {f"gradient {name}": float(leaf.grad) for name, leaf in (("x", x), ("w", w), ("b", b))}
    expected |= {f"gradient {name}": float(b.grad) for name in ("z", "wx")}
    expected |= {"slope w wx": x.item(), "slope x wx": w.item(), "slope wx z": 1.0, "slope b z": 1.0}
    expected |= {"slope z p": value_of_p * (1 - value_of_p), "slope p loss": from_loss}
    artists: dict[str, Any] = explorer.artists
    assert artists.keys() - {"headline"} == expected.keys()
    for name, value in expected.items():
        shown = read_number(artists[name].get_text())
        digits = 6e-2 if name.startswith("slope") else 6e-4
        np.testing.assert_allclose(shown, value, rtol=digits, atol=1e-12, err_msg=name)
    for value in (loss.item(), float(w.grad)):
        assert f"{value + 0.0:.4g}".replace("e-0", "e-").replace("-", "−") in explorer.alt


def read_number(text: str) -> float:
    """Return the number that a text of the graph shows."""
    return float(text.replace("−", "-").removeprefix("×"))


ORACLES: dict[type[Explorer], Callable[[Explorer], None]] = {
    GradientDescent: check_descent,
    ComputationalGraph: check_graph,
    OptimizerRace: oracle_optimizer_race.check,
    Perceptron: oracle_perceptron.check,
    Playground: oracle_playground.check,
    PolynomialFit: oracle_polynomial_fit.check,
    RegularizedNetwork: oracle_regularized_network.check,
    Activations: oracle_activations.check,
    BiasVariance: oracle_bias_variance.check,
    ConstraintShapes: oracle_constraint_shapes.check,
    Convolution: oracle_convolution.check,
    DyingReLU: oracle_dying_relu.check,
    GradientFlow: oracle_gradient_flow.check,
    MomentumPlane: oracle_momentum_plane.check,
    Schedules: oracle_schedules.check,
    SoftmaxTemperature: oracle_softmax_temperature.check,
    StoppingPoint: oracle_stopping_point.check,
}
