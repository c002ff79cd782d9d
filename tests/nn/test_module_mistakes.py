"""Mistakes with modules that would go unseen, or that a message must explain."""

import numpy as np
import pytest

from course_utils.nn import (
    GRU,
    LSTM,
    BatchNorm1d,
    Conv2d,
    Linear,
    Module,
    Parameter,
    ReLU,
    Residual,
    Sequential,
    fit,
)
from course_utils.nn import functional as F
from course_utils.optim import SGD


def seeded():
    return np.random.default_rng(0)


def line(n_in=2, n_out=3):
    return Linear(n_in, n_out, rng=seeded())


@pytest.mark.parametrize("value", [np.zeros((3, 2), np.float32), [[0.0, 0.0]] * 3, 0.0])
def test_an_array_does_not_take_the_place_of_a_parameter(value):
    layer = line()
    before = layer.weight
    message = (
        rf"expected a Parameter or None as weight, got {type(value).__name__}: "
        r"write \.weight\.data = array"
    )
    with pytest.raises(TypeError, match=message):
        layer.weight = value
    assert layer.weight is before


def test_a_tensor_does_not_take_the_place_of_a_parameter():
    layer = line()
    with pytest.raises(TypeError, match="expected a Parameter or None as weight, got Tensor"):
        layer.weight = layer.weight * 2


def test_a_parameter_or_none_takes_the_place_of_a_parameter():
    layer, other = line(), line()
    layer.weight, layer.bias = other.weight, None
    assert layer.parameters() == [other.weight]
    layer.note = 3
    layer.note = "free"


class Collection(Module):
    def __init__(self):
        self.scales = [Parameter(np.ones(2)), Parameter(np.ones(3))]
        self.heads = {"left": line(), "right": line()}
        self.grid = [[line(), ReLU()], (line(), {"deep": Parameter(np.zeros(1))})]
        self.numbers = [1, 2.0, "text", None]
        self.table = {"no": "module"}


PLACES = ["scales.0", "scales.1", "grid.1.1.deep"]
LAYERS = ["heads.left", "heads.right", "grid.0.0", "grid.1.0"]


def test_parameters_in_lists_and_dicts_are_found():
    model = Collection()
    layers = [f"{layer}.{name}" for layer in LAYERS for name in ("weight", "bias")]
    assert sorted(model.state_dict()) == sorted(PLACES + layers)
    assert len(model.parameters()) == 11
    assert dict(model.named_parameters())["scales.1"] is model.scales[1]
    assert dict(model.named_parameters())["heads.right.bias"] is model.heads["right"].bias
    names = [name for name, _ in model.named_modules()]
    assert names == ["", "heads.left", "heads.right", "grid.0.0", "grid.0.1", "grid.1.0"]
    model.eval()
    assert not model.grid[0][1].training


def test_parameters_in_lists_and_dicts_travel():
    model, other = Collection(), Collection()
    for parameter in model.parameters():
        parameter.data = parameter.data + 1
    other.load_state_dict(model.state_dict())
    for mine, theirs in zip(model.parameters(), other.parameters(), strict=True):
        np.testing.assert_array_equal(mine.data, theirs.data)
        assert mine.data is not theirs.data


def test_parameters_in_lists_are_learnt():
    model = Collection()
    optimizer = SGD(model.parameters(), lr=0.5)
    (model.scales[0] * np.array([1.0, 2.0])).sum().backward()
    optimizer.step()
    assert model.scales[0].data.tolist() == [0.5, 0.0]
    model.zero_grad()
    assert model.scales[0].grad is None


def test_names_are_those_of_torch():
    torch = pytest.importorskip("torch")

    class Theirs(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.scales = torch.nn.ParameterList([torch.ones(2), torch.ones(3)])
            self.heads = torch.nn.ModuleDict({"left": torch.nn.Linear(2, 3), "right": torch.nn.Linear(2, 3)})

    class Mine(Module):
        def __init__(self):
            whole = Collection()
            self.scales, self.heads = whole.scales, whole.heads

    assert list(Mine().state_dict()) == list(Theirs().state_dict())


@pytest.mark.parametrize(("kind", "after"), [(LSTM, line(4)), (GRU, ReLU()), (LSTM, Sequential(line(4)))])
def test_a_tuple_between_layers_is_named(kind, after):
    model = Sequential(kind(2, 4, rng=seeded()), after)
    message = (
        rf"layer 0 \({kind.__name__}\) gives a tuple, and layer 1 \({type(after).__name__}\) takes one tensor"
    )
    with pytest.raises(ValueError, match=message) as caught:
        model(np.ones((5, 1, 2), np.float32))
    assert caught.value.__cause__ is not None


class LastStep(Module):
    def forward(self, outputs):
        output, _ = outputs
        return output[-1]


def test_a_layer_that_takes_a_tuple_may_follow():
    model = Sequential(LSTM(2, 4, rng=seeded()), LastStep(), line(4))
    assert model(np.ones((5, 1, 2), np.float32)).shape == (1, 3)


def test_a_sequence_says_in_which_layer_the_shapes_do_not_fit():
    model = Sequential(line(2, 3), ReLU(), Residual(ReLU(), line(4, 4)))
    with pytest.raises(ValueError, match=r"expected x \(\.\.\., 4\)") as caught:
        model(np.ones((1, 2), np.float32))
    assert caught.value.__notes__ == [
        "in layer 1 of this Sequential: Linear(4, 4, bias=True)",
        f"in layer 2 of this Sequential: {model[2]!r}",
    ]


@pytest.mark.parametrize("x", [[[1.0, 2.0]], [1, 2], 3.0])
def test_linear_names_what_is_no_array(x):
    with pytest.raises(ValueError, match=rf"expected x as an array \(\.\.\., 2\), got {type(x).__name__}"):
        line()(x)


def test_linear_names_lists_of_weights():
    x, weight = np.ones((1, 2)), np.ones((3, 2))
    with pytest.raises(ValueError, match=r"expected weight as an array \(n_out, n_in\), got list"):
        F.linear(x, weight.tolist())
    with pytest.raises(ValueError, match=r"expected bias as an array \(3,\), got list"):
        F.linear(x, weight, [0.0, 0.0, 0.0])


def test_cross_entropy_of_texts_says_where_the_classes_belong():
    logits, labels = np.zeros((2, 5, 7)), np.zeros((2, 5), int)
    with pytest.raises(ValueError, match=r"got shape \(2, 5\): .*axis 1.*logits\.transpose\(1, 2\)"):
        F.cross_entropy(logits, labels)
    with pytest.raises(ValueError, match=r"log_p\w*\.transpose\(1, 2\)"):
        F.nll_loss(logits, labels)
    with pytest.raises(ValueError, match=r"got shape \(2, 4\)$"):  # other misfits get no such advice
        F.cross_entropy(logits, labels[:, :4])
    F.cross_entropy(np.moveaxis(logits, 1, 2), labels)


def test_a_convolution_says_which_shape_came():
    layer = Conv2d(1, 4, 3, rng=seeded())
    message = r"got 32 channels: x was taken as \(N, C, H, W\) = \(1, 32, 28, 28\); .* by x\[:, None\]$"
    with pytest.raises(ValueError, match=message):
        layer(np.ones((32, 28, 28), np.float32))
    with pytest.raises(ValueError, match=r"got 3 channels: x was taken as \(N, C, H, W\) = \(2, 3, 8, 8\)$"):
        layer(np.ones((2, 3, 8, 8), np.float32))


class TopOnly(Module):
    """A frozen part that stays in evaluation, as the docstring of `requires_grad_` has it."""

    def __init__(self, kept_in_evaluation):
        self.backbone, self.head = Sequential(BatchNorm1d(2)), line()
        self.backbone.requires_grad_(False)
        self.kept_in_evaluation = kept_in_evaluation

    def forward(self, x):
        return self.head(self.backbone(x))

    def train(self, mode=True):
        super().train(mode)
        if self.kept_in_evaluation:
            self.backbone.eval()
        return self


@pytest.mark.parametrize("kept_in_evaluation", [False, True])
def test_a_frozen_batch_norm_moves_unless_kept_in_evaluation(kept_in_evaluation):
    model = TopOnly(kept_in_evaluation)
    x, y = seeded().normal(3.0, size=(8, 2)).astype(np.float32), np.zeros((8, 3), np.float32)
    optimizer = SGD([p for p in model.parameters() if p.requires_grad], lr=0.1)
    fit(model, F.mse_loss, optimizer, x, y, epochs=1, batch_size=4, rng=seeded(), progress=False)
    assert model.head.training
    stayed = np.array_equal(model.backbone[0].running_mean, np.zeros(2))
    assert stayed == kept_in_evaluation
