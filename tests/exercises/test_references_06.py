"""The reference answers of chapter 06 against PyTorch, scikit-learn and the course's own library."""

import numpy as np
import pytest
import torch
from sklearn.model_selection import StratifiedKFold
from torch.nn import functional as F

from course_utils import nn
from course_utils.data.digits import load_digits
from course_utils.data.splits import stratified_k_fold
from course_utils.exercises import ch06b_beat_the_baseline as beat
from course_utils.exercises import ch06b_spoiled_labels as spoiled
from course_utils.grading.exercise import Quiz
from course_utils.grading.judging import judge
from course_utils.nn import Tensor
from course_utils.nn.callbacks import EarlyStopping
from course_utils.nn.penalties import proximal_step, soft_threshold
from tests.exercises.inputs import by_seed, drawn, reference


@by_seed
def test_bias_and_variance_and_noise_make_up_the_error(seed):
    rng = np.random.default_rng(seed)
    x = np.linspace(-1.0, 1.0, 20)
    truth = np.sin(4.0 * x)
    fits = [np.polyval(np.polyfit(x, truth + rng.normal(0.0, 0.3, 20), 3), x) for _ in range(400)]
    bias_squared, variance = reference("ex06_1")(np.array(fits), truth)
    targets = truth + rng.normal(0.0, 0.3, size=(400, 20))  # new noise
    assert bias_squared + variance + 0.3**2 == pytest.approx(np.mean((fits - targets) ** 2), rel=0.06)
    assert variance == pytest.approx(
        0.3**2 * 4 / 20, rel=0.15
    )  # of a linear fit: noise * parameters / points
    for predictions, right in drawn("ex06_1", seed):
        parts = reference("ex06_1")(predictions, right)
        assert sum(parts) == pytest.approx(np.mean((predictions - right) ** 2), rel=1e-12)


@by_seed
def test_folds_have_the_counts_of_sklearn_and_of_the_library(seed):
    for labels, n_splits, number in drawn("ex06_2", seed):
        if np.unique(labels, return_counts=True)[1].min() < n_splits:
            continue  # which both of them refuse or warn of
        shuffled = StratifiedKFold(n_splits, shuffle=True, random_state=number)
        ours = reference("ex06_2")(labels, n_splits, number)
        own = stratified_k_fold(labels, n_splits, rng=np.random.default_rng(number))
        counts = [
            sorted([int(np.sum(labels[fold] == name)) for name in np.unique(labels)] for fold in folds)
            for folds in (
                ours,
                [test for _, test in shuffled.split(labels, labels)],
                [test for _, test in own],
            )
        ]
        totals = [[sorted(column) for column in zip(*rows, strict=True)] for rows in counts]
        assert totals[0] == totals[1] == totals[2]
        np.testing.assert_array_equal(np.sort(np.concatenate(ours)), np.arange(len(labels)))


@pytest.mark.parametrize(("patience", "min_delta"), [(1, 0.0), (2, 0.0), (3, 0.02), (4, 0.1)])
@by_seed
def test_early_stopping_as_the_library_stops(seed, patience, min_delta):
    class OneNumber:
        def __init__(self):
            self.stopped, self.model, self.epoch, self.loss = False, self, 0, 0.0

        def state_dict(self):
            return {"epoch": np.array(float(self.epoch))}

        def monitored(self, name):
            return self.loss

        def stop(self):
            self.stopped = True

    losses = np.exp(-np.arange(25) / 6.0) + np.random.default_rng(seed).normal(0.0, 0.05, 25)
    run, theirs = OneNumber(), EarlyStopping(patience=patience, min_delta=min_delta)
    ours = reference("ex06_3")(1, patience, min_delta)
    for run.epoch, run.loss in enumerate(losses, 1):
        ours.step(np.ones(1))
        theirs.on_epoch_end(run)
        stopped = ours.update(run.loss)
        assert stopped == run.stopped
        assert (ours.best_loss, ours.best_epoch) == (theirs.best, theirs.best_epoch)
        assert ours.best_weights.item() == theirs.best_state["epoch"].item() == ours.best_epoch
        if stopped:
            break
    assert run.stopped


@by_seed
def test_ridge(seed):
    for x, y, weight, bias, lam in drawn("ex06_4", seed):
        t = [torch.tensor(array, dtype=torch.float64, requires_grad=True) for array in (weight, bias)]
        loss = F.mse_loss(torch.tensor(x) @ t[0] + t[1], torch.tensor(y)) + lam / 2 * t[0].square().sum()
        loss.backward()
        found = reference("ex06_4")(x, y, weight, bias, lam)
        for ours, theirs in zip(found, (loss.detach(), t[0].grad, t[1].grad), strict=True):
            np.testing.assert_allclose(ours, theirs.numpy(), rtol=1e-10, atol=1e-12)


@by_seed
def test_proximal_step_as_the_library_takes_it_and_as_it_is_defined(seed):
    for weight, gradient, lr, lam in drawn("ex06_5", seed):
        found = reference("ex06_5")(weight, gradient, lr, lam)
        parameter = Tensor(weight - lr * gradient, requires_grad=True)
        proximal_step([parameter], lr=lr, l1=lam)
        np.testing.assert_allclose(found, parameter.data, rtol=1e-12, atol=1e-15)
        np.testing.assert_array_equal(found == 0.0, soft_threshold(weight - lr * gradient, lr * lam) == 0.0)
        shrunk = F.softshrink(torch.tensor(weight - lr * gradient), lr * lam)
        np.testing.assert_allclose(found, shrunk.numpy(), rtol=1e-12, atol=1e-15)


@by_seed
def test_dropout_as_torch_and_the_library_compute_it(seed):
    for x, p, mask, training, dy in drawn("ex06_6", seed):
        t = torch.tensor(x, requires_grad=True)
        zeros_and_scale = torch.tensor(mask * (1.0 / (1.0 - p) if p < 1.0 else 0.0))
        y = t * zeros_and_scale if training else F.dropout(t, p, training=False)
        y.backward(torch.tensor(dy))
        for ours, theirs in zip(
            reference("ex06_6")(x, p, mask, training, dy), (y.detach(), t.grad), strict=True
        ):
            np.testing.assert_allclose(ours, theirs.numpy(), rtol=1e-12)
    x = np.random.default_rng(seed).normal(size=(8, 7))
    dropped = nn.functional.dropout(Tensor(x, requires_grad=True), 0.3, rng=np.random.default_rng(seed))
    ours, _ = reference("ex06_6")(x, 0.3, dropped.data != 0.0, True, x)
    np.testing.assert_allclose(ours, dropped.data, rtol=1e-12)


@by_seed
def test_mixup(seed):
    for x, labels, n_classes, pairs, lam in drawn("ex06_7", seed):
        mixed, soft = reference("ex06_7")(x, labels, n_classes, pairs, lam)
        theirs = torch.lerp(torch.tensor(x[pairs]), torch.tensor(x), lam)
        np.testing.assert_allclose(mixed, theirs.numpy(), rtol=1e-12, atol=1e-15)
        np.testing.assert_allclose(soft.sum(axis=1), 1.0, rtol=1e-12)
        logits = torch.tensor(np.random.default_rng(seed).normal(size=soft.shape))
        both = [F.cross_entropy(logits, torch.tensor(classes)).item() for classes in (labels, labels[pairs])]
        mixture = F.cross_entropy(logits, torch.tensor(soft)).item()
        assert mixture == pytest.approx(lam * both[0] + (1 - lam) * both[1], rel=1e-10)


@pytest.mark.parametrize(("number", "n_wrong"), [(0, 0), *((number, 8) for number in spoiled.SAMPLES)])
def test_the_samples_are_what_the_statement_says(number, n_wrong):
    digits = load_digits("writers")
    place = {row.tobytes(): i for i, row in enumerate(np.concatenate([digits.x_train, digits.x_test]))}
    right = np.concatenate([digits.y_train, digits.y_test])
    assert len(place) == len(right)
    x, y, x_new = spoiled.sample(number, n_wrong)
    known, new = ([place[row.tobytes()] for row in some] for some in (x, x_new))
    assert len(set(known)) == 200
    assert len(set(new)) == 300
    assert max(known) < len(digits.x_train) <= min(new)  # by other writers
    assert np.bincount(right[known]).tolist() == [20] * 10
    assert np.bincount(right[known][right[known] != y], minlength=10).tolist() == [n_wrong] * 10
    np.testing.assert_array_equal(spoiled.truth(x, y, x_new), right[new])


def test_a_seed_draws_order_and_names_and_no_harder_digits():
    one, other = (spoiled.shuffled(np.random.default_rng(seed), 1, 8) for seed in (0, 1))
    assert sorted(map(bytes, one[0])) == sorted(map(bytes, other[0]))
    assert sorted(map(bytes, one[2])) == sorted(map(bytes, other[2]))
    shares = [np.mean(beat.beat_with_ridge(*call) == spoiled.truth(*call)) for call in (one, other)]
    assert shares[0] == shares[1] > spoiled.BAR  # a method without chance fares alike whatever is drawn
    told = [spoiled.truth(*call) for call in drawn("ex06_8", 0)]
    remembered = iter(told)
    by_scan = {
        bytes(row): label
        for call, labels in zip(drawn("ex06_8", 0), told, strict=True)
        for row, label in zip(call[2], labels, strict=True)
    }
    for cheat in (
        lambda x, y, x_new: next(remembered),
        lambda x, y, x_new: [by_scan[bytes(row)] for row in x_new],
    ):
        result = judge(beat.BEAT, cheat, 1)
        assert result.points == 0
        assert "of the new ones right" in result.cases[0].message


def test_the_plain_network_is_torchs():
    x, y, _ = spoiled.sample(1, 8)
    x, y = torch.tensor(x, dtype=torch.float64), torch.tensor(y)
    rng = np.random.default_rng(3)
    parameters = [
        torch.tensor(rng.normal(size=s), requires_grad=True) for s in ((64, 40), (40,), (40, 10), (10,))
    ]
    weight1, bias1, weight2, bias2 = parameters
    F.cross_entropy(torch.relu(x @ weight1 + bias1) @ weight2 + bias2, y).backward()
    arrays = [parameter.detach().numpy() for parameter in parameters]
    for ours, theirs in zip(beat.gradients_of(x.numpy(), y.numpy(), *arrays), parameters, strict=True):
        np.testing.assert_allclose(ours, theirs.grad.numpy(), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    ("remedy", "is_enough"),
    [
        ({}, False),
        ({"n_steps": 200}, False),
        ({"decay": 0.2}, False),
        ({"decay": 0.02}, True),
        ({"n_steps": 25}, True),
        ({"smoothing": 0.5}, True),
        ({"dropout": 0.5}, True),
        ({"noise": 0.3}, True),
    ],
    ids=str,
)
def test_each_remedy_alone_is_enough_in_torch(remedy, is_enough):
    def answer(x, y, x_new, n_steps=100, decay=0.0, smoothing=0.0, dropout=0.0, noise=0.0):
        torch.manual_seed(11)
        x, x_new = torch.tensor(x - x.mean(axis=0)), torch.tensor(x_new - x.mean(axis=0))
        layers = torch.nn.Linear(64, 40), torch.nn.ReLU(), torch.nn.Dropout(dropout), torch.nn.Linear(40, 10)
        net = torch.nn.Sequential(*layers)
        for layer in (layers[0], layers[-1]):
            torch.nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            torch.nn.init.zeros_(layer.bias)
        optimizer = torch.optim.SGD(net.parameters(), lr=0.2, momentum=0.9, weight_decay=decay)
        for _ in range(n_steps):
            logits = net(x + noise * torch.randn_like(x))
            loss = F.cross_entropy(logits, torch.tensor(y), label_smoothing=smoothing)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        return net.eval()(x_new).argmax(dim=1).numpy()

    calls = list(drawn("ex06_8", 7))[1:]
    said = spoiled.check_spoiled([answer(*call, **remedy) for call in calls], calls)
    assert (said is None) == is_enough, said
    if not is_enough:
        assert ("has memorised them" in said) == ("decay" not in remedy)


def test_the_statements_examples():
    assert reference("ex06_1")(np.array([[1.0, 4.0], [3.0, 4.0]]), np.array([0.0, 4.0])) == (2.0, 0.5)
    stopping = reference("ex06_3")(1, 2, 0.0)
    said = []
    for loss in (1.0, 0.5, 0.7, 0.6):
        stopping.step(np.array([1.0]))
        said.append(stopping.update(loss))
    assert said == [False, False, False, True]
    assert (stopping.best_loss, stopping.best_epoch, stopping.best_weights.tolist()) == (0.5, 2, [2.0])
    assert stopping.weights.tolist() == [4.0]
    loss, dweight, dbias = reference("ex06_4")(
        np.array([[1.0], [2.0]]), np.array([1.0, 4.0]), np.array([2.0]), 1.0, 0.5
    )
    assert (loss, dweight.tolist(), dbias) == (3.5, [5.0], 3.0)
    new = reference("ex06_5")(np.array([1.0, -1.0, 0.1]), np.array([2.0, 2.0, 0.0]), 0.1, 3.0)
    np.testing.assert_allclose(new, [0.5, -0.9, 0.0])
    y, dx = reference("ex06_6")(
        np.array([[1.0, 2.0]]), 0.75, np.array([[1.0, 0.0]]), True, np.array([[3.0, 5.0]])
    )
    assert (y.tolist(), dx.tolist()) == ([[4.0, 0.0]], [[12.0, 0.0]])
    mixed, soft = reference("ex06_7")(np.array([[8.0], [0.0]]), np.array([2, 0]), 3, np.array([1, 0]), 0.75)
    assert (mixed.tolist(), soft.tolist()) == ([[6.0], [2.0]], [[0.25, 0.0, 0.75], [0.75, 0.0, 0.25]])


def test_answers_of_the_questions_vary():
    from course_utils.exercises import registry

    letters = [
        task.answer for task in registry().values() if isinstance(task, Quiz) and task.id.startswith("q06")
    ]
    assert len(letters) == 5
    assert set(letters) == set("abcd")
