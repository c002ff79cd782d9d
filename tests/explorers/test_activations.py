"""The scene of activations: what is known of each function, and of units that saturate or die."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from course_utils.explorers import Activations
from course_utils.explorers.activations_layer import NAMES, PARAMETERS, SHIFTS, Layer, compute
from course_utils.explorers.activations_words import headline, percent


def layer(**changes: Any) -> Layer:
    return compute(**{**Activations.defaults(), "shift": 0.0, "scale": 1.0, **changes})


@pytest.mark.parametrize(
    ("activation", "largest"),
    [("sigmoid", 0.25), ("tanh", 1), ("hardtanh", 1), ("relu", 1), ("selu", 1.0507009873554805)],
)
def test_largest_slopes(activation: str, largest: float) -> None:
    # selu: its negative branch is steepest at 0, where the slope is 1.0507 * 1.6733
    expected = largest * (1.6732632423543772 if activation == "selu" else 1)
    assert np.isclose(layer(activation=activation).largest, expected, rtol=1e-12)


@pytest.mark.parametrize("activation", NAMES)
def test_slope_is_the_derivative(activation: str) -> None:
    found = layer(activation=activation)
    x = np.linspace(-6, 6, 241)
    smooth = np.abs(np.abs(x[1:-1]) * (np.abs(x[1:-1]) - 1)) > 0.06  # not at the kinks: 0 and 1
    differences = (found.y[2:] - found.y[:-2]) / (x[2:] - x[:-2])
    np.testing.assert_allclose(differences[smooth], found.slope[1:-1][smooth], atol=2e-3)


def test_parameters_change_what_they_should() -> None:
    at = {name: int(np.argmin(np.abs(np.linspace(-6, 6, 241) - x))) for name, x in (("-6", -6), ("0", 0))}
    for name in ("leaky_relu", "prelu"):
        assert np.isclose(layer(activation=name, parameter=0.25).y[at["-6"]], -1.5)
    assert np.isclose(layer(activation="elu", parameter=2.0).y[at["-6"]], 2 * np.expm1(-6))
    assert np.isclose(layer(activation="softplus", parameter=0.5).y[at["0"]], 2 * np.log(2))
    for name in set(NAMES) - set(PARAMETERS):
        a, b = (layer(activation=name, parameter=value).y for value in (0.1, 1.0))
        np.testing.assert_array_equal(a, b)


def test_pre_activations_have_about_unit_variance_at_scale_1() -> None:
    for inputs in ("normal cloud", "digits"):
        assert 0.8 < layer(inputs=inputs).z.std() < 1.2
        np.testing.assert_allclose(layer(inputs=inputs, scale=3.0).z, 3 * layer(inputs=inputs).z)
        np.testing.assert_allclose(layer(inputs=inputs, shift=-2.0).z, layer(inputs=inputs).z - 2)


def test_relu_units_die_as_their_bias_goes_down_and_leaky_ones_do_not() -> None:
    dead = [layer(activation="relu", shift=shift).dead for shift in (0.0, -2.0, -3.0, -6.0)]
    assert dead[0] == 0
    assert dead == sorted(dead)
    assert dead[-1] == 1
    curve = layer(activation="relu").shares[:, 1]
    assert (np.diff(curve) <= 0).all(), "a higher bias kills no ReLU unit"
    for activation in ("leaky_relu", "prelu", "elu", "selu", "softplus", "sigmoid", "tanh"):
        assert layer(activation=activation, shift=-6.0, parameter=0.01).dead == 0


def test_a_dead_unit_is_saturated_on_every_example_and_not_the_other_way_round() -> None:
    for name in NAMES:
        found = layer(activation=name, scale=3.0)
        assert (found.shares[:, 1] <= found.shares[:, 0] + 1e-12).all()
    tanh = layer(activation="tanh", shift=6.0)
    assert tanh.saturated > 0.95
    assert tanh.dead == 0


def test_symmetric_functions_saturate_alike_on_both_sides() -> None:
    shares = layer(activation="hardtanh").shares
    for share in shares.T:
        assert np.abs(share - share[::-1]).max() < 0.1  # the sample is not symmetric, only its law
    assert shares[len(SHIFTS) // 2, 0] < 0.4
    assert shares[[0, -1]].min() > 0.99


def test_means_of_outputs() -> None:
    assert abs(layer(activation="tanh").mean) < 0.02
    assert abs(layer(activation="sigmoid").mean - 0.5) < 0.01
    assert abs(layer(activation="relu").mean - 1 / np.sqrt(2 * np.pi)) < 0.06  # of a standard normal


def test_presets_show_what_their_names_say() -> None:
    found = {
        name: compute(**{**Activations.defaults(), **preset}) for name, preset in Activations.presets.items()
    }
    words = {name: headline(one).split(":")[0] for name, one in found.items()}
    assert words == {
        "sigmoid awake": "awake",
        "sigmoid saturated": "saturated",
        "dying ReLU": "dying",
        "dying ReLU on digits": "dying",
        "leaky ReLU survives": "awake",
        "hardtanh dies on both sides": "dying",
    }
    assert found["dying ReLU on digits"].dead >= 0.4
    hard = found["hardtanh dies on both sides"].shares[:, 1]
    assert hard[0] == hard[-1] == 1


def test_the_parameter_is_idle_where_there_is_none() -> None:
    explorer = Activations()
    for name in NAMES:
        explorer.activation = name
        assert explorer.widgets["parameter"].disabled == (name not in PARAMETERS)
    explorer.close()


def test_percent() -> None:
    assert [percent(share) for share in (0, 0.5, 1, 0.01234)] == ["0 %", "50 %", "100 %", "1.23 %"]
