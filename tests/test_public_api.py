"""What `help` and an editor know of the public engine: every parameter has a type, everything a docstring."""

import importlib
import inspect

import pytest

from course_utils.nn.autodiff import PRIMITIVES

PACKAGES = ["nn", "nn.functional", "nn.init", "nn.penalties", "nn.callbacks"]
PACKAGES += ["optim", "optim.lr_scheduler", "data", "metrics", "models"]


def public(package):
    """Return the functions and classes that a package exports, by name."""
    module = importlib.import_module(f"course_utils.{package}")
    defined = [n for n, value in vars(module).items() if getattr(value, "__module__", "") == module.__name__]
    names = getattr(module, "__all__", None) or [name for name in defined if not name.startswith("_")]
    exported = {name: getattr(module, name) for name in names}
    return {
        name: value
        for name, value in exported.items()
        if (inspect.isfunction(value) or inspect.isclass(value))
        and value.__module__.startswith("course_utils.")
    }


def functions_of(value):
    """Return a function itself, or a class's own public methods and its constructor."""
    if inspect.isfunction(value):
        return [value]
    own = {name: part for name, part in vars(value).items() if inspect.isfunction(part)}
    return [part for name, part in own.items() if not name.startswith("_") or name == "__init__"]


@pytest.mark.parametrize("package", PACKAGES)
def test_every_public_name_is_annotated_and_documented(package):
    exported = public(package)
    assert exported
    faults = []
    for name, value in exported.items():
        if not inspect.getdoc(value):
            faults.append(f"{name} has no docstring")
        for function in functions_of(value):
            signature = inspect.signature(function)
            bare = [
                parameter.name
                for parameter in signature.parameters.values()
                if parameter.annotation is parameter.empty and parameter.name != "self"
            ]
            returns = signature.return_annotation is not signature.empty
            is_primitive = function in PRIMITIVES or function.__name__ == "__init__"
            if bare:
                faults.append(f"{name}: {function.__name__} has parameters without a type: {bare}")
            if not (returns or is_primitive):  # a primitive's is the same for all: see `primitive`
                faults.append(f"{name}: {function.__name__} does not say what it returns")
    assert faults == []
