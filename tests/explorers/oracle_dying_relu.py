"""What the dying units must show: the same network from modules on a tape, trained in one plain loop."""

from __future__ import annotations

from typing import Any

import numpy as np

import course_utils.nn.functional as F
from course_utils import nn
from course_utils.data.planar import moons
from course_utils.explorers import Explorer
from course_utils.explorers.dying_relu_picture import SHADES
from course_utils.nn import Linear, Tensor
from course_utils.optim import SGD

MODULES: dict[str, Any] = {"ReLU": nn.ReLU, "Leaky ReLU": nn.LeakyReLU, "PReLU": nn.PReLU, "ELU": nn.ELU}


def network(values: dict[str, Any]) -> tuple[Linear, Linear, Any, Linear]:
    """Return a layer below (the identity), the layer, its bend, and the output."""
    rng = np.random.default_rng(values["seed"])
    below = Linear(2, 2, rng=np.random.default_rng(0))
    layer, output = Linear(2, 14, rng=rng), Linear(14, 1, rng=rng)
    std = (2 / 2) ** 0.5  # He: sqrt(2 / fan-in)
    layer.weight.data = (std * rng.standard_normal((14, 2))).astype(np.float32)
    assert layer.bias is not None
    assert below.bias is not None
    layer.bias.data = np.full(14, values["bias"], np.float32)
    below.weight.data, below.bias.data = np.eye(2, dtype=np.float32), np.zeros(2, np.float32)
    return below, layer, MODULES[values["activation"]](), output


def train(values: dict[str, Any]) -> dict[str, Any]:
    """Train from scratch; return what is to be seen at the step asked for."""
    x, y = moons(60, noise=0.1, rng=np.random.default_rng(7), dtype=np.float64)
    x = (0.9 * (x - x.mean(axis=0))).astype(np.float32)
    below, layer, bend, output = network(values)
    has_below = values["moves"] == "moved by a layer below"
    learnt = [p for part in (layer, bend, output) for p in part.parameters()]
    learnt += below.parameters() if has_below else []
    optimizer = SGD(learnt, lr=values["lr"])
    losses, alive, shares, ended = [], [], [], False
    with np.errstate(all="ignore"):
        for step in range(values["step"] + 1):
            h: Any = x
            if values["moves"] == "drifts":
                way = np.interp(step, [40, 80], [0, 1]) * np.array([values["x"], values["y"]])
                h = x + way.astype(np.float32)
            seen = below(h).data if has_below else h
            z = layer(below(h) if has_below else h)
            loss = F.binary_cross_entropy_with_logits(output(bend(z)), y[:, None].astype(np.float32))
            losses.append(loss.item())
            probe = Tensor(z.data, requires_grad=True)
            bend(probe).sum().backward()
            alive.append([any(column != 0) for column in probe.grad.T])
            shares.append([sum(column > 0) / 60 for column in z.data.T])
            weights = layer.weight.data, layer.bias.data
            if step < values["step"]:
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                if not all(np.abs(p.data).max() <= 1e4 for p in learnt):
                    ended = True
                    break
    return {
        "cloud": seen,
        "classes": y,
        "losses": losses,
        "alive": np.array(alive),
        "shares": np.array(shares),
        "weights": weights,
        "ended": ended,
    }


def check(explorer: Explorer) -> None:
    """Compare cloud, lines, curves, the map of the units, the ring and the words."""
    seen = train(explorer.values)
    artists: dict[str, Any] = explorer.artists
    for label in (0, 1):
        drawn = np.transpose(artists[f"class {label}"].get_data())
        np.testing.assert_allclose(drawn, seen["cloud"][seen["classes"] == label], rtol=1e-4, atol=1e-5)
    steps = np.arange(len(seen["losses"]))
    heights = np.clip(seen["losses"], 1e-3, 100)
    for name, expected in (("number alive", seen["alive"].sum(axis=1)), ("loss", heights)):
        np.testing.assert_array_equal(artists[name].get_data()[0], steps)
        np.testing.assert_allclose(artists[name].get_data()[1], expected, rtol=1e-3, atol=1e-6)
    at, height = np.ravel(artists["now"].get_data())
    assert at == steps[-1]
    np.testing.assert_allclose(height, heights[-1], rtol=1e-3)
    check_lines(artists, seen)
    check_map(artists, seen)
    check_ring(artists, explorer.values)
    check_words(explorer, seen)


def state_of(alive: bool, share: float) -> str:
    """Name the state of a unit."""
    return ("alive" if share else "asleep") if alive else "dead"


def check_lines(artists: dict[str, Any], seen: dict[str, Any]) -> None:
    """Each unit's line is where w x + b = 0, from edge to edge, in its state's look; arrows go up w x + b."""
    states = [state_of(*one) for one in zip(seen["alive"][-1], seen["shares"][-1], strict=True)]
    for state in ("alive", "asleep", "dead"):
        units = [unit for unit in range(14) if states[unit] == state]
        lines = np.transpose(artists[f"lines {state}"].get_data()).reshape(-1, 3, 2)[:, :2]
        arrows = np.transpose(artists[f"arrows {state}"].get_data()).reshape(-1, 6, 2)
        feet = np.transpose(artists[f"marks {state}"].get_data())
        assert len(lines) == len(arrows) == len(feet) == len(units), state
        for unit, line, arrow, foot in zip(units, lines, arrows, feet, strict=True):
            w, b = seen["weights"][0][unit].astype(float), float(seen["weights"][1][unit])
            length = np.hypot(*w)
            corners = [(x, y) @ w + b for x in (-3.6, 3.6) for y in (-3.6, 3.6)]
            if np.abs(corners).min() > 1e-3 * length:  # else it passes through a corner, more or less
                assert np.isfinite(line).all() == (min(corners) < 0 < max(corners))
            if not np.isfinite(line).all():
                assert np.isnan(line).all()
                continue
            np.testing.assert_allclose((line @ w + b) / length, 0, atol=1e-4)
            np.testing.assert_allclose(np.abs(line).max(axis=1), 3.6, rtol=1e-4)
            np.testing.assert_allclose((foot @ w + b) / length, 0, atol=1e-4)
            assert np.abs(foot).max() <= 3.6 + 1e-4
            np.testing.assert_array_equal(arrow[0], foot)
            np.testing.assert_allclose((arrow[1] @ w + b) / length, 0.45, atol=1e-4)


def check_map(artists: dict[str, Any], seen: dict[str, Any]) -> None:
    """Each unit's row has a colour for every step so far: grey where it is dead, else its share."""
    rgb = artists["units"].get_data()[::-1]  # unit 1 first
    assert rgb.shape == (14, 121, 3)
    n = len(seen["losses"])
    assert (rgb[:, n:] == 255).all()
    for row, alive, share in zip(rgb[:, :n], seen["alive"].T, seen["shares"].T, strict=True):
        assert (row[~alive] == 216).all()
        expected = SHADES[np.rint(100 * share[alive]).astype(int)].astype(int)
        assert np.abs(row[alive] - expected).max(initial=0) <= 12  # a share of x.5 % may round either way


def check_ring(artists: dict[str, Any], values: dict[str, Any]) -> None:
    """The ring is where the cloud drifts to, and the dots lead there from where it is."""
    ring, way = (np.transpose(artists[name].get_data()) for name in ("target", "way"))
    if values["moves"] != "drifts":
        assert ring.size == way.size == 0
        return
    np.testing.assert_array_equal(ring, [[values["x"], values["y"]]])
    np.testing.assert_array_equal(way[1:], ring)
    centre = np.interp(artists["now"].get_data()[0][0], [40, 80], [0, 1]) * ring[0]
    np.testing.assert_allclose(way[0], centre, atol=1e-9)


def check_words(explorer: Explorer, seen: dict[str, Any]) -> None:
    """The headline counts the units, by what they were and are; the text names the dead."""
    artists: dict[str, Any] = explorer.artists
    words, text = artists["headline"].get_text(), explorer.alt
    assert words.lower() in text.lower()
    now, n = seen["alive"][-1], int(seen["alive"][-1].sum())
    how = {0: "all 14 units dead", 14: "all 14 units alive"}.get(n, f"{n} of 14 units alive")
    assert how in words
    if n not in (0, 14):
        assert f" Dead: {', '.join(str(unit + 1) for unit in range(14) if not now[unit])}." in text
    else:
        assert "Dead: " not in text
    last = len(seen["losses"]) - 1
    assert f"Step {last}, " in text
    if seen["ended"]:
        assert words.startswith(f"diverged after {last} step" + "s" * (last != 1))
        return
    ever, always = seen["alive"].any(axis=0), seen["alive"].all(axis=0)
    states = [state_of(*one) for one in zip(now, seen["shares"][-1], strict=True)]
    counts = {
        "died": (ever & ~now).sum(),
        "never alive": (~ever).sum(),
        "revived": (now & ~always).sum(),
        "asleep": states.count("asleep"),
    }
    for name, count in counts.items():
        assert (f"{count} {name}" in words) if count else (name not in words)
