"""What a race of optimizers must show: every step taken again by tapes and the public optimizers."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.colors import to_rgba
from matplotlib.markers import MarkerStyle

from course_utils.explorers import Explorer
from course_utils.explorers.racers import RACERS
from course_utils.explorers.surfaces import DEPTH
from course_utils.nn import Parameter, Tensor, primitive
from course_utils.optim import SGD, Adadelta, Adagrad, Adam, AdamW, NAdam, Optimizer, RMSprop

ROUNDING = 1e-9

LINE_UPS = {
    "one of each kind": "GD momentum RMSprop Adam",
    "plain and momentum": "GD SGD momentum Nesterov",
    "adaptive": "AdaGrad Adadelta RMSprop Adam",
    "Adam and its kin": "RMSprop Adam NAdam AdamW",
    "under noise": "SGD momentum AdaGrad Adam",
    "all ten": "GD SGD momentum Nesterov AdaGrad Adadelta RMSprop Adam NAdam AdamW",
}


@primitive
def cosine(x: np.ndarray) -> tuple[np.ndarray, Callable[[np.ndarray], tuple[np.ndarray]]]:
    """Return cos x, which the engine has no need of elsewhere."""
    return np.cos(x), lambda dy: (-dy * np.sin(x),)


def beale(x: Tensor, y: Tensor) -> Tensor:
    """Return the three squares, written out."""
    one, two, three = 1.5 - x + x * y, 2.25 - x + x * y * y, 2.625 - x + x * y * y * y
    return one * one + two * two + three * three


def rastrigin(x: Tensor, y: Tensor) -> Tensor:
    """Return 20 + x^2 - 10 cos 2 pi x + y^2 - 10 cos 2 pi y."""
    return 20 + x * x - 10 * cosine(2 * np.pi * x) + y * y - 10 * cosine(2 * np.pi * y)


def formula(name: str, condition: float) -> Callable[..., Tensor]:
    """Return a surface as a formula that a tape can follow."""
    formulas: dict[str, Callable[..., Tensor]] = {
        "bowl": lambda x, y: 0.5 * (x * x + condition * y * y),
        "diagonal ravine": lambda x, y: 0.25 * ((x + y) ** 2 + condition * (y - x) ** 2),
        "Rosenbrock": lambda x, y: (1 - x) ** 2 + 10 * (y - x * x) ** 2,
        "saddle": lambda x, y: 0.5 * x * x + 0.125 * (y * y - 2) ** 2,
        "Beale": beale,
        "Rastrigin": rastrigin,
        "two minima (1-D)": lambda x: 0.25 * (x * x - 1) ** 2 + 0.1 * x + DEPTH,
        "two minima": lambda x, y: 0.25 * (x * x - 1) ** 2 + 0.1 * x + DEPTH + 0.5 * y * y,
    }
    return formulas[name]


def optimizer(name: str, weights: list[Parameter], lr: float, beta: float) -> Optimizer:
    """Return the optimizer of that name as a learner would write it."""
    if name == "Nesterov" and beta == 0:
        return SGD(weights, lr=lr)
    made: dict[str, Callable[[], Optimizer]] = {
        "GD": lambda: SGD(weights, lr=lr),
        "SGD": lambda: SGD(weights, lr=lr),
        "momentum": lambda: SGD(weights, lr=lr, momentum=beta),
        "Nesterov": lambda: SGD(weights, lr=lr, momentum=beta, nesterov=True),
        "AdaGrad": lambda: Adagrad(weights, lr=lr),
        "Adadelta": lambda: Adadelta(weights, lr=lr),
        "RMSprop": lambda: RMSprop(weights, lr=lr),
        "Adam": lambda: Adam(weights, lr=lr, betas=(beta, 0.999)),
        "NAdam": lambda: NAdam(weights, lr=lr, betas=(beta, 0.999)),
        "AdamW": lambda: AdamW(weights, lr=lr, betas=(beta, 0.999)),
    }
    return made[name]()


def check(explorer: Explorer) -> None:
    """Take every step again, each from where the race has it, and compare with what is drawn and said.

    Each from there, since some races are chaotic: a last digit would grow to the size of the picture.
    """
    values, artists = explorer.values, explorer.artists
    race, step = explorer.result.race, values["step"]
    surface = formula(values["surface"], values["condition"])
    n_weights = surface.__code__.co_argcount
    names = LINE_UPS[values["line_up"]].split()
    assert [racer.name for racer in race.racers] == names
    normal = np.random.default_rng(values["seed"]).normal(size=(200, n_weights))
    normal = np.append(normal, np.zeros((1, n_weights)), axis=0)  # none after the last step
    words = {}
    for i, name in enumerate(names):
        path = race.paths[i]
        np.testing.assert_array_equal(path[0], [values["x0"], values["y0"]][:n_weights])
        noise = np.zeros_like(normal) if name == "GD" else values["noise"] * normal
        losses, gradients = steps_again(name, path[: step + 1], surface, noise, values)
        last = len(losses) - 1
        lengths = np.sqrt((np.diff(path[: last + 1], axis=0) ** 2).sum(axis=1))
        lower = lengths
        if values["lower"] == "effective rate":
            steepness = np.sqrt((gradients**2).sum(axis=1))
            lower = np.where(steepness > 0, lengths / np.where(steepness > 0, steepness, 1), np.nan)
        x_y = path[: last + 1].T if n_weights == 2 else np.stack([path[: last + 1, 0], losses])[:, -20:]
        assert_drawn(artists, f"path {name}", i, x_y)
        assert_drawn(artists, f"loss {name}", i, np.stack([np.arange(last + 1), losses]))
        assert_drawn(artists, f"lower {name}", i, np.stack([np.arange(1, last + 1), lower]))
        words[name] = assert_words(artists, explorer.alt, name, path[last], losses)
    headline = artists["headline"].get_text()
    assert headline.lower() in explorer.alt.lower()
    assert_headline(headline, words, step)
    start = np.ravel(artists["start"].get_data())
    np.testing.assert_allclose(start[:n_weights], race.paths[0, 0])


def steps_again(
    name: str, path: np.ndarray, surface: Callable[..., Tensor], noise: np.ndarray, values: dict[str, Any]
) -> tuple[np.ndarray, np.ndarray]:
    """Return losses and noisy gradients along a path, after checking that its steps are the optimizer's."""
    gone = np.flatnonzero(np.abs(path).max(axis=1) > 100)
    path = path[: gone[0] + 1] if len(gone) else path
    columns = [Tensor(column.copy(), requires_grad=True) for column in path.T]
    losses = surface(*columns)
    losses.backward(np.ones(len(path)))
    gradients = np.stack([column.grad for column in columns], axis=1) + noise[: len(path)]
    weights = Parameter(path[0].copy())
    chosen = optimizer(name, [weights], values["lr"], values["momentum"])
    for now, then, gradient in zip(path[:-1], path[1:], gradients, strict=False):
        weights.data, weights.grad = now.copy(), gradient
        chosen.step()
        np.testing.assert_allclose(weights.data, then, rtol=1e-6, atol=1e-8 * (1 + np.abs(now).max()))
    return losses.data, gradients[:-1]


def assert_drawn(artists: dict[str, Any], name: str, i: int, expected: np.ndarray) -> None:
    """A line shows the expected points, but for those after it has left the picture for good."""
    line = artists[name]
    drawn = np.array(line.get_data(), dtype=float)
    n_drawn = drawn.shape[1]
    np.testing.assert_allclose(drawn, expected[:, :n_drawn], rtol=1e-6, atol=ROUNDING, err_msg=name)
    (left, right), (low, high) = line.axes.get_xlim(), line.axes.get_ylim()
    x, y = expected
    inside = (left <= x) & (x <= right) & (low + ROUNDING < y) & (y <= high)
    assert not inside[n_drawn:].any(), f"{name}: visible points are missing"
    assert n_drawn == len(x) or not inside[n_drawn - 1], f"{name} ends before the edge"
    kind, racer = name.split(" ", 1)
    ends = artists[f"{kind} ends"]
    mark = np.asarray(ends.get_offsets())[i]
    np.testing.assert_allclose(ends.get_facecolor()[i], to_rgba(line.get_color()))
    outline = ends.get_paths()[i].vertices
    own = MarkerStyle(RACERS[racer].marker)
    own_outline = own.get_path().transformed(own.get_transform()).vertices
    is_own = np.array_equal(outline, own_outline)
    if len(inside) and inside[-1]:
        np.testing.assert_allclose(mark, expected[:, -1], rtol=1e-6, atol=ROUNDING)
        assert is_own
        assert ends.get_sizes()[i] == 64
    elif inside.any():  # an arrow head on the edge, along the step that leaves
        to_page = line.axes.transData + line.axes.transAxes.inverted()
        assert np.isclose(np.abs(to_page.transform(mark) - 0.5).max(), 0.5, atol=1e-6)
        last = np.flatnonzero(inside)[-1]
        way = np.diff(to_page.transform(expected[:, last : last + 2].T), axis=0)[0]
        tip, one, other = outline[0], outline[1], outline[2]
        assert not is_own
        np.testing.assert_allclose(tip / np.hypot(*tip), way / np.hypot(*way), atol=1e-6)
        np.testing.assert_allclose(np.dot(one - other, tip), 0, atol=1e-6)
    else:
        assert np.isnan(mark).all(), f"{name} is out of sight, its mark is not"


def assert_words(
    artists: dict[str, Any], alt: str, name: str, end: np.ndarray, losses: np.ndarray
) -> tuple[str, float]:
    """The racer's words in picture and text agree with its run; return them with its loss."""
    shown = artists[f"standing {name}"].get_text()
    said = re.search(rf"[.;] {name} ([^;]*?)(;|\. |\.$)", alt)
    assert said is not None
    assert said[1].startswith(shown)
    if np.abs(end).max() > 100:
        assert shown == f"diverged at step {len(losses) - 1}"
    elif shown.startswith("arrived"):
        since = int(shown.split()[-1])
        assert (losses[since:] < 1e-6 + ROUNDING).all()
        assert since == 0 or losses[since - 1] >= 1e-6 - ROUNDING
    else:
        assert losses[-1] >= 1e-6 - ROUNDING
        number = float(shown.split(",")[0].replace("−", "-"))
        np.testing.assert_allclose(number, losses[-1], rtol=0.06, atol=ROUNDING)
    return shown, losses[-1]


def assert_headline(headline: str, words: dict[str, tuple[str, float]], step: int) -> None:
    """The headline's leader has arrived first, or has the least loss of those that are not lost."""
    if step == 0:
        assert headline.startswith("at the start")
        return
    lost = [name for name, (shown, _) in words.items() if shown.startswith("diverged")]
    assert ("diverged" in headline) == bool(lost)
    if len(lost) == len(words):
        assert headline.startswith("all diverged")
        return
    arrived = {
        name: int(shown.split()[-1]) for name, (shown, _) in words.items() if shown.startswith("arrived")
    }
    if arrived:
        best = min(arrived.values())
        leaders = [name for name in arrived if arrived[name] == best]
        assert f"since step {best}" in headline
    else:
        least = min(loss for name, (_, loss) in words.items() if name not in lost)
        leaders = [name for name, (_, loss) in words.items() if loss == least]
    lead = headline.split(" lead")[0]
    assert leaders[0] in re.split(", | and ", lead) or re.fullmatch(rf"\d+ of {len(words)}", lead)
