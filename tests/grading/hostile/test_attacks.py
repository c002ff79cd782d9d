"""Every attack against the whole sandbox: it gains and reaches nothing, and the next answer gets its due."""

import time

import pytest

from course_utils.grading.exercise import find, reference_source
from tests.grading.hostile import (
    attacks_escape,
    attacks_files,
    attacks_forging,
    attacks_search,
    attacks_time,
    attacks_values,
)
from tests.grading.hostile.attack import REACHED, notebook
from tests.grading.hostile.conftest import LIMITS
from tests.grading.hostile.targets import descendants

FAMILIES = (attacks_time, attacks_escape, attacks_forging, attacks_values, attacks_search)
ATTACKS = [attack for family in FAMILIES for attack in family.ATTACKS]
SEED = 20_261_121
RIGHT = notebook(reference_source("ex00_1"))


def graded(sandbox, data, id="ex00_1"):
    """Read a file and judge the answer in it, as the class does."""
    task = find(id)
    reading = sandbox.read(data, [task.name])
    assert not reading.problem, reading.problem
    return sandbox.grade(task, reading.answers[task.name], SEED)


def test_there_are_enough_of_them():
    names = [attack.name for attack in ATTACKS]
    assert len(set(names)) == len(names) >= 55
    assert len({file.name for file in attacks_files.FILES}) == len(attacks_files.FILES) >= 40


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_an_attack_earns_what_its_honest_part_does(sandbox, target, attack):
    processes = descendants()
    begun = time.monotonic()
    found = graded(sandbox, notebook(target.aim(attack.source)), attack.exercise)
    took = time.monotonic() - begun
    result, said = found.result, repr(found.result)
    assert result.points == attack.points, said
    assert result.status in attack.status.split("|"), said
    assert attack.said in " ".join(said.split())
    assert REACHED not in said
    assert target.reached() == []
    assert took < LIMITS.seconds + 4.0  # a loose bound: the judge's own part must have an end
    assert found.cpu < LIMITS.seconds + 1.0
    assert len(said) < 20_000
    assert all(len(case.message) < 3000 for case in result.cases)
    assert descendants() <= processes
    assert graded(sandbox, RIGHT).result.passed


@pytest.mark.parametrize("file", attacks_files.FILES, ids=lambda file: file.name)
def test_a_hostile_file_gets_what_is_in_it(sandbox, target, file):
    task = find("ex00_1")
    begun = time.monotonic()
    reading = sandbox.read(
        target.aim(file.data.decode()).encode() if b"MARKER" in file.data else file.data, [task.name]
    )
    assert time.monotonic() - begun < LIMITS.seconds + 4.0
    assert file.problem in reading.problem
    assert bool(file.problem) == bool(reading.problem), reading.problem
    if not file.problem:
        result = sandbox.grade(task, reading.answers[task.name], SEED).result
        assert (result.points, result.status) == (file.points, file.status), repr(result)
        assert len(repr(result)) < 20_000
    assert target.reached() == []
    assert graded(sandbox, RIGHT).result.passed
