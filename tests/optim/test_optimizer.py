"""Groups, states and messages that all optimizers share."""

import copy

import numpy as np
import pytest

from course_utils import optim
from course_utils.nn import Parameter, Tensor
from tests.optim.optimizer_cases import CASES

RULES = list(CASES)
by_name = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)


def parameter(*values):
    return Parameter(np.array(values or (1.0, 2.0)))


def steps(optimizer, parameters, n, seed=0):
    rng = np.random.default_rng(seed)
    for _ in range(n):
        for p in parameters:
            p.grad = rng.normal(size=p.shape)
        optimizer.step()


# ---------------------------------------------------------------- groups


def test_groups_have_options_of_their_own():
    body, head = parameter(1.0), parameter(1.0)
    groups = [{"params": [body]}, {"params": head, "lr": 0.5}]
    optimizer = optim.SGD(groups, lr=0.1)
    assert groups[1] == {"params": head, "lr": 0.5}  # what was given stays as it is
    body.grad = head.grad = np.array([1.0])
    optimizer.step()
    assert (body.data, head.data) == (0.9, 0.5)
    assert [group["lr"] for group in optimizer.param_groups] == [0.1, 0.5]


def test_lr_reads_the_first_group_and_sets_all():
    optimizer = optim.Adam([{"params": [parameter()]}, {"params": [parameter()], "lr": 0.5}], lr=0.1)
    assert optimizer.lr == 0.1
    optimizer.lr = np.float64(0.2)
    assert [group["lr"] for group in optimizer.param_groups] == [0.2, 0.2]
    assert type(optimizer.lr) is float
    with pytest.raises(ValueError, match="expected lr >= 0, got -1"):
        optimizer.lr = -1
    assert optimizer.lr == 0.2


@by_name
def test_a_group_may_come_later(rule):
    first, second, same = parameter(1.0, 2.0), parameter(3.0), parameter(3.0)
    optimizer = rule([first])
    steps(optimizer, [first], 3)
    optimizer.add_param_group({"params": [second], "lr": 0.02, "name": "head"})
    first.grad, second.grad = None, np.array([1.0])
    optimizer.step()
    alone = rule([same], lr=0.02)
    same.grad = np.array([1.0])
    alone.step()
    assert second.data == same.data != 3.0


GROUPS = [
    ([{"lr": 0.1}], r"expected a group \{'params': \[...\], ...\}, got \['lr'\]"),
    ([{"params": [parameter()]}, parameter()], r"expected a group \{'params': .*got Parameter"),
    ([parameter(), {"params": [parameter()]}], "got dict as number 1"),
    ([{"params": []}], "expected at least one parameter to learn, got none"),
    ([{"params": [parameter()], "rate": 0.1}], r"expected options among \['lr', .*\], got \['rate'\]"),
    ([{"params": [parameter()], "lr": -1.0}], "expected lr >= 0, got -1.0"),
]


@pytest.mark.parametrize(("groups", "message"), GROUPS)
def test_groups_that_do_not_fit(groups, message):
    with pytest.raises(ValueError, match=message):
        optim.SGD(groups, lr=0.1)


def test_one_parameter_in_two_groups():
    shared = parameter()
    with pytest.raises(ValueError, match="got number 2 also as number 0: it would move twice"):
        optim.Adam([{"params": [shared, parameter()]}, {"params": [shared]}])


@by_name
@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ([], "at least one parameter"),
        ([np.ones(2)], "got ndarray as number 0"),
        ([Tensor(np.ones(2))], "requires_grad=True"),
        ([parameter() * 2], "that no operation made"),
    ],
)
def test_every_rule_refuses_what_cannot_be_learnt(rule, wrong, message):
    with pytest.raises(ValueError, match=message):
        rule(wrong)
    with pytest.raises(TypeError, match="got a single Tensor"):
        rule(parameter())


# ---------------------------------------------------------------- options

OUT_OF_RANGE = [
    *((rule, {"lr": -0.1}, "expected lr >= 0, got -0.1") for rule in RULES),
    *((rule, {"weight_decay": -0.1}, "expected weight_decay >= 0, got -0.1") for rule in RULES),
    *((rule, {"eps": -1.0}, "expected eps >= 0, got -1.0") for rule in RULES if rule is not optim.SGD),
    *(
        (rule, {"betas": betas}, rf"expected two betas, each at least 0 and below 1, got \({betas[0]}")
        for rule in (optim.Adam, optim.AdamW, optim.NAdam, optim.RAdam)
        for betas in ((1.0, 0.9), (0.9, -0.1), (0.9, float("nan")), (0.9,))
    ),
    (optim.Adam, {"betas": 0.9}, "expected two betas, each at least 0 and below 1, got 0.9"),
    (optim.SGD, {"momentum": -1.0}, "expected momentum >= 0, got -1.0"),
    (optim.SGD, {"lr": float("nan")}, "expected lr >= 0, got nan"),
    (optim.SGD, {"nesterov": True}, "expected momentum > 0 and dampening 0 with nesterov, got momentum 0.0"),
    (optim.SGD, {"nesterov": True, "momentum": 0.9, "dampening": 0.1}, "momentum 0.9 and dampening 0.1"),
    (optim.RMSprop, {"momentum": -1.0}, "expected momentum >= 0, got -1.0"),
    (optim.RMSprop, {"alpha": 1.1}, "expected alpha from 0 to 1, got 1.1"),
    (optim.Adadelta, {"rho": -0.1}, "expected rho from 0 to 1, got -0.1"),
    (optim.Adagrad, {"lr_decay": -0.1}, "expected lr_decay >= 0, got -0.1"),
    (optim.Adagrad, {"initial_accumulator_value": -0.1}, "expected initial_accumulator_value >= 0, got -0.1"),
    (optim.NAdam, {"momentum_decay": -0.1}, "expected momentum_decay >= 0, got -0.1"),
]


@pytest.mark.parametrize(("rule", "options", "message"), OUT_OF_RANGE)
def test_options_out_of_range(rule, options, message):
    with pytest.raises(ValueError, match=message):
        rule([parameter()], **options)
    with pytest.raises(ValueError, match=message):
        rule([{"params": [parameter()], **options}])


# ---------------------------------------------------------------- a step


@by_name
def test_a_step_replaces_weights_and_leaves_gradients_alone(rule):
    w = Tensor(np.array([[1.0, 2.0], [3.0, 4.0]], np.float32).T, requires_grad=True)
    before, gradient = w.data, np.ones((2, 2), np.float32)
    before.flags.writeable = gradient.flags.writeable = False
    optimizer = rule([w], lr=np.float64(0.1), weight_decay=np.float64(0.1))
    for _ in range(3):
        w.grad = gradient
        optimizer.step()
    assert before.tolist() == [[1.0, 3.0], [2.0, 4.0]]
    assert not np.shares_memory(w.data, before)
    assert w.data.dtype == np.float32
    for entry in optimizer.state[w].values():
        assert not isinstance(entry, np.ndarray) or entry.dtype == np.float32
        assert not np.shares_memory(entry, gradient)


@by_name
def test_a_rate_set_by_hand_as_a_numpy_number_keeps_float32(rule):
    w = Tensor(np.ones(2, np.float32), requires_grad=True)
    optimizer = rule([w])
    optimizer.param_groups[0]["lr"] = np.float64(0.1)
    w.grad = np.ones(2, np.float32)
    optimizer.step()
    assert w.data.dtype == np.float32


@by_name
def test_a_single_number_is_learnt_like_a_vector_of_one(rule):
    number, vector = Parameter(np.array(1.0)), Parameter(np.array([1.0]))
    options = {"momentum": 0.9} if rule in (optim.SGD, optim.RMSprop) else {}
    optimizers = [rule([p], weight_decay=0.1, **options) for p in (number, vector)]
    for gradient in (0.5, -2.0, 1.0):
        number.grad, vector.grad = np.array(gradient), np.array([gradient])
        for optimizer in optimizers:
            optimizer.step()
    assert isinstance(number.data, np.ndarray)
    assert number.data == vector.data[0] != 1.0


@by_name
def test_nothing_moves_without_a_gradient_and_zero_grad_forgets(rule):
    used, unused = parameter(1.0), parameter(1.0)
    optimizer = rule([used, unused], weight_decay=0.1)
    used.grad = np.array([1.0])
    optimizer.step()
    assert used.data != 1.0 == unused.data
    optimizer.zero_grad()
    assert used.grad is None


def test_a_gradient_of_another_shape_is_refused():
    w = parameter(1.0, 2.0)
    w.grad = np.array([1.0])
    with pytest.raises(ValueError, match=r"expected a gradient of shape \(2,\), got shape \(1,\)"):
        optim.SGD([w]).step()


def test_a_centred_rms_of_equal_gradients_stays_finite():
    """The variance is 0, and by rounding could fall below."""
    w, gradient = Parameter(np.ones(1000)), np.linspace(0.1, 1, 1000)
    optimizer = optim.RMSprop([w], lr=1e-12, alpha=0.7, centered=True)
    for _ in range(200):
        w.grad = gradient
        optimizer.step()
    assert np.isfinite(w.data).all()


def test_momentum_by_hand():
    w = Tensor(np.array([1.0]), requires_grad=True)
    optimizer = optim.SGD([w], lr=0.1, momentum=0.5)
    seen = []
    for _ in range(3):
        w.grad = np.array([1.0])
        optimizer.step()
        seen.append(w.data.item())
    assert seen == pytest.approx([0.9, 0.75, 0.575])  # velocities 1, 1.5, 1.75


def test_weight_decay_by_hand():
    """Coupled, Adam divides it away: a first step of lr. Decoupled it is lr * weight_decay * w."""
    coupled, decoupled = parameter(4.0), parameter(4.0)
    coupled.grad = decoupled.grad = np.array([0.0])
    optim.Adam([coupled], lr=0.1, weight_decay=0.5).step()
    optim.AdamW([decoupled], lr=0.1, weight_decay=0.5).step()
    assert coupled.data == pytest.approx(3.9)
    assert decoupled.data == pytest.approx(3.8)


def test_the_base_alone_does_nothing():
    class Idle(optim.Optimizer):
        pass

    w = parameter(1.0)
    w.grad = np.array([1.0])
    idle = Idle([w], {"lr": 0.1, "weight_decay": 0.0, "maximize": False})
    with pytest.raises(NotImplementedError, match=r"Idle needs a method start\(self, weights, group\)"):
        idle.step()
    idle.start = lambda weights, group: {}  # type: ignore[method-assign]
    with pytest.raises(NotImplementedError, match="Idle needs a method update"):
        idle.step()


def test_repr_names_the_options():
    text = repr(optim.SGD([{"params": [parameter()]}, {"params": [parameter()], "lr": 0.5}], lr=0.1))
    assert text.startswith("SGD(1 parameters: lr=0.1, momentum=0.0")
    assert "; 1 parameters: lr=0.5" in text


# ---------------------------------------------------------------- states


@by_name
def test_a_saved_run_goes_on_bit_by_bit(rule):
    options = {"momentum": 0.8} if rule in (optim.SGD, optim.RMSprop) else {}
    whole = [parameter(1.0, 2.0), Parameter(np.ones((2, 2)))]
    groups = [{"params": whole[:1]}, {"params": whole[1:], "lr": 0.03}]
    optimizer = rule(groups, lr=0.01, weight_decay=0.1, **options)
    steps(optimizer, whole, 5, seed=0)
    saved, copies = optimizer.state_dict(), [Parameter(p.data.copy()) for p in whole]
    frozen = copy.deepcopy(saved)
    again = rule([{"params": copies[:1]}, {"params": copies[1:]}])
    again.load_state_dict(saved)
    for one, parameters in ((optimizer, whole), (again, copies)):
        steps(one, parameters, 5, seed=1)
    for p, q in zip(whole, copies, strict=True):
        assert p.data.tolist() == q.data.tolist()
    assert str(saved) == str(frozen)  # neither run writes into what was saved
    assert [group["params"] for group in saved["param_groups"]] == [[0], [1]]
    assert saved["param_groups"][1]["lr"] == 0.03


def test_states_that_do_not_fit_change_nothing():
    p, q = parameter(1.0, 2.0), parameter(1.0, 2.0)
    adam, amsgrad = optim.Adam([p]), optim.Adam([q], lr=0.5, amsgrad=True)
    steps(adam, [p], 2)
    steps(amsgrad, [q], 2)
    before = str(adam.state_dict())
    half = amsgrad.state_dict()
    del half["state"][0]["max_exp_avg_sq"]
    message = r"expected the state \['step', .*, 'max_exp_avg_sq'\] of parameter 0, got .* 'exp_avg_sq'\]"
    with pytest.raises(ValueError, match=message):
        adam.load_state_dict(half)
    wide = parameter(1.0, 2.0, 3.0)
    other = optim.Adam([wide])
    steps(other, [wide], 1)
    with pytest.raises(
        ValueError, match=r"expected exp_avg of parameter 0 of shape \(2,\), got shape \(3,\)"
    ):
        adam.load_state_dict(other.state_dict())
    with pytest.raises(ValueError, match=r"expected groups of \[1\] parameters, got groups of \[2\]"):
        adam.load_state_dict(optim.Adam([parameter(), parameter()]).state_dict())
    wrong = adam.state_dict()
    wrong["param_groups"][0]["lr"] = -1.0
    with pytest.raises(ValueError, match="expected lr >= 0, got -1.0"):
        adam.load_state_dict(wrong)
    with pytest.raises(
        ValueError, match=r"expected the options \['lr', 'betas', .*\], got \['lr', 'momentum'"
    ):
        adam.load_state_dict(optim.SGD([parameter()]).state_dict())
    assert str(adam.state_dict()) == before


def test_a_state_keeps_the_dtype_of_its_parameter():
    p, q = parameter(1.0, 2.0), Parameter(np.ones(2, np.float32))
    optimizer, narrow = optim.Adam([p]), optim.Adam([q])
    steps(optimizer, [p], 2)
    narrow.load_state_dict(optimizer.state_dict())
    assert narrow.state[q]["exp_avg"].dtype == np.float32
    assert type(narrow.state[q]["step"]) is int
