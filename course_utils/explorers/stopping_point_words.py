"""What `StoppingPoint` says: its headline, four sets of weights, and its alternative text. Chapter 06a."""

from __future__ import annotations

from typing import NamedTuple

from course_utils.explorers._numbers import number, plural
from course_utils.explorers.stopping_point_rule import N_EXAMPLES, Moment

WATCHED = {
    "same writers": "scans by the same writers",
    "same, unchecked labels": "scans by the same writers with unchecked labels",
    "other writers": "scans by other writers",
}


class Outcome(NamedTuple):
    """What one set of weights gets on new writers: its name, its part right, and loss and part in words."""

    name: str
    right: float
    numbers: str


def percent(part: float) -> str:
    """Return a part in percent, to a tenth.

    Examples
    --------
    >>> percent(0.6308), percent(1.0)
    ('63.1 %', '100 %')
    """
    return f"{number(round(100 * part, 1))} %"


def loss_text(loss: float) -> str:
    """Return a loss in three digits.

    Examples
    --------
    >>> loss_text(1.2345), loss_text(0.0123456)
    ('1.23', '0.0123')
    """
    return number(float(f"{loss:.3g}"))


def outcomes(moment: Moment) -> tuple[Outcome, ...]:
    """Return what the restored weights get, those at the stop, those now, and the best in hindsight."""
    stop = moment.watched.stop
    names = {
        "restored": moment.watched.best,
        "the stop": stop,
        "now": moment.epoch,
        "hindsight": moment.hindsight,
    }
    found = []
    for name, epoch in names.items():
        if epoch is None:
            found.append(Outcome("no stop yet", 0.0, ""))
            continue
        part = float(moment.right[epoch])
        numbers = f"{loss_text(moment.new[epoch])}, {percent(part)}"
        found.append(Outcome(f"{name} ({epoch})", part, numbers))
    return tuple(found)


def caption(moment: Moment) -> str:
    """Name the scans that are shown."""
    if moment.n_wrong == 0:
        return "training scans, all labels right"
    if moment.n_wrong >= N_EXAMPLES:
        return "training scans, wrong labels"
    return f"training scans, first {moment.n_wrong} wrong"


def headline(moment: Moment) -> str:
    """Say what the rule does, and what new writers get from it."""
    watched, epoch = moment.watched, moment.epoch
    if moment.state == "not begun":
        return f"not begun: new writers {percent(moment.right[0])} right"
    now = percent(moment.right[-1])
    if watched.stop is None:
        wait = f"waited {watched.waited} of {moment.settings['patience']}, best {watched.best}"
        return f"epoch {epoch}, {wait if watched.waited else 'improving'}: new writers {now} right"
    restored = percent(moment.right[watched.best])
    how = moment.state.removeprefix("stopped ")
    return f"stop at epoch {watched.stop}, {how}: restored {restored} right, now {now}"


def describe(moment: Moment) -> str:
    """Name data and rule, the best epoch, the stop, and what each set of weights gets on new writers."""
    settings, watched = moment.settings, moment.watched
    said = headline(moment)
    ended = ""
    if watched.stop is not None:
        ended = (
            f" The stop came {plural(watched.waited, 'epoch')} after the best one; the weights then get "
            f"{percent(moment.right[watched.stop])}."
        )
    wrong = "no label wrong"
    if moment.n_wrong:
        wrong = f"{moment.n_wrong} of the labels wrong"
    learnt = f" Wrong labels learnt: {percent(moment.learnt[-1])}." if moment.n_wrong else ""
    return (
        f"Network of 32 hidden units learns {settings['n']} scanned digits, {wrong}, learning rate "
        f"{settings['lr']}, batches of {settings['batch']}, seed {settings['seed']}; validation on "
        f"{settings['n_val']} {WATCHED[settings['validation']]}; patience {settings['patience']}, min_delta "
        f"{number(settings['min_delta'])}. {said[0].upper()}{said[1:]}.{ended} Best in hindsight: epoch "
        f"{moment.hindsight}, loss {loss_text(moment.new[moment.hindsight])}, "
        f"{percent(moment.right[moment.hindsight])} right. In epoch {moment.epoch} the loss is "
        f"{loss_text(moment.train[-1])} in training, {loss_text(moment.validation[-1])} in validation, "
        f"{loss_text(moment.new[-1])} on new writers.{learnt}"
    )


def readouts(moment: Moment) -> dict[str, list[str]]:
    """Return what the points of the curves say under the mouse."""
    rows = zip(moment.train, moment.validation, moment.new, moment.right, moment.learnt, strict=True)
    losses, shares = [], []
    for epoch, (train, validation, new, right, learnt) in enumerate(rows):
        losses.append(
            f"epoch {epoch}: loss {loss_text(train)} in training, {loss_text(validation)} in validation, "
            f"{loss_text(new)} on new writers"
        )
        learns = f", {percent(learnt)} of the wrong labels learnt" if moment.n_wrong else ""
        shares.append(f"epoch {epoch}: new writers {percent(right)} right{learns}")
    return {"validation": losses, "new": losses, "right": shares}


def idle(moment: Moment) -> tuple[str, ...]:
    """Return the controls that have no effect: before the first epoch there is nothing to wait for."""
    return ("patience", "min_delta") if moment.epoch == 0 else ()
