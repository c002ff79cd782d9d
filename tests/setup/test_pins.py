"""Pins, ranges and lists of packages agree with each other."""

from __future__ import annotations

import importlib.metadata
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

import bootstrap

ROOT = Path(bootstrap.ROOT)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
RANGES = [Requirement(line) for line in PROJECT["dependencies"] + PROJECT["optional-dependencies"]["dev"]]


def pins(name):
    """Return the pinned versions of one file, by canonical name."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    wanted = [Requirement(line) for line in lines if line and not line.startswith(("#", "-r"))]
    assert all(str(item.specifier).startswith("==") for item in wanted), f"not pinned in {name}"
    return {bootstrap.canonical(item.name): str(item.specifier)[2:] for item in wanted}


DIRECT = pins("requirements.txt") | pins("requirements-dev.txt")


@pytest.mark.parametrize("requirement", RANGES, ids=lambda requirement: requirement.name)
def test_pin_lies_in_the_published_range(requirement):
    assert requirement.specifier.contains(DIRECT[bootstrap.canonical(requirement.name)])


def test_learners_pins_are_exactly_the_packages_dependencies():
    declared = {bootstrap.canonical(Requirement(line).name) for line in PROJECT["dependencies"]}
    assert set(pins("requirements.txt")) - {"setuptools"} == declared


def test_no_pin_is_bound_to_one_build_of_torch():
    for name in ("requirements.txt", "requirements-dev.txt", "constraints.txt"):
        assert not any("+" in version for version in pins(name).values())


def test_constraints_hold_what_is_installed_and_repeat_no_direct_pin():
    constraints = pins("constraints.txt")
    assert not set(constraints) & set(DIRECT)
    here = {bootstrap.canonical(d.metadata["Name"]): d.version for d in importlib.metadata.distributions()}
    different = {name: (here[name], pin) for name, pin in constraints.items() if here.get(name, pin) != pin}
    assert different == {}


def test_constraints_from_freeze_keeps_only_transitive_pins():
    freeze = "\n".join(
        [
            "Zope.Interface==7.0",
            "numpy==2.4.6",
            "torch==2.13.0+cpu",
            "nvidia-cublas==13.1",
            "cuda-bindings==13.0",
            "triton==3.5",
            "-e git+ssh://somewhere/course.git@abc#egg=course",
            "course @ file:///somewhere",
            "# Editable install with no version control",
            "anyio==4.16.0",
            "local_build==1.0+mine",
        ]
    )
    result = bootstrap.constraints_from_freeze(freeze, {"numpy", "torch"})
    assert result == "anyio==4.16.0\nlocal-build==1.0\nzope-interface==7.0\n"


def test_direct_names_come_from_both_files():
    assert {"numpy", "pytest", "pre-commit"} <= bootstrap.direct_names(str(ROOT))
    assert bootstrap.direct_names(str(ROOT)) == set(DIRECT)


def test_conda_takes_the_same_pins():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    *conda, pip = environment["dependencies"]
    assert pip["pip"] == ["-r requirements.txt", "-c constraints.txt", "-e ."]
    (python,) = (line.split("=")[1] for line in conda if line.startswith("python="))
    assert bootstrap.version_problem(tuple(map(int, python.split(".")))) is None


def test_supported_pythons_are_the_same_everywhere():
    oldest, newest = bootstrap.OLDEST, bootstrap.NEWEST
    assert PROJECT["requires-python"] == ">={}.{},<{}.{}".format(*oldest, newest[0], newest[1] + 1)
