"""The training loop: what it deals out, records, reports and survives; and the scores on digits."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest

from course_utils.data import load_digits
from course_utils.models import mlp
from course_utils.nn import Linear, fit, minibatches
from course_utils.nn import functional as F
from course_utils.nn.training import Divergence
from course_utils.optim import SGD


def small_problem(n=10):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n, 3))
    return x, (x[:, 0] > 0).astype(np.int64)


def run(n=10, *, epochs=3, batch_size=4, lr=0.1, seed=1, **options):
    x, y = small_problem(n)
    model = mlp([3, 4, 2], rng=np.random.default_rng(seed), dtype=np.float64)
    optimizer = SGD(model.parameters(), lr)
    rng = np.random.default_rng(seed)
    history = fit(
        model, F.cross_entropy, optimizer, x, y, epochs=epochs, batch_size=batch_size, rng=rng, **options
    )
    return model, history


def test_minibatches_deal_every_example_once_in_a_new_order():
    rng = np.random.default_rng(0)
    first, second = (np.concatenate(list(minibatches(11, 4, rng))) for _ in range(2))
    assert sorted(first) == sorted(second) == list(range(11))
    assert first.tolist() != second.tolist()
    assert [len(batch) for batch in minibatches(11, 4, rng)] == [4, 4, 3]


def test_history_holds_every_step_and_the_mean_over_examples():
    _, history = run(n=10, epochs=2, batch_size=4)
    assert len(history.steps) == 6  # 4 + 4 + 2 examples, twice
    a, b, c = history.steps[:3]
    assert history["loss"][0] == pytest.approx((4 * a + 4 * b + 2 * c) / 10)
    assert history.n_epochs == 2
    assert "val_loss" not in history
    assert not history.interrupted
    with pytest.raises(KeyError, match="expected one of \\['loss'\\], got 'accuracy'"):
        history["accuracy"]


def test_the_loop_is_the_one_written_out():
    model, _ = run(epochs=2)
    x, y = small_problem()
    by_hand = mlp([3, 4, 2], rng=np.random.default_rng(1), dtype=np.float64)
    rng = np.random.default_rng(1)
    for _ in range(2):
        order = rng.permutation(10)
        for batch in (order[:4], order[4:8], order[8:]):
            by_hand.zero_grad()
            F.cross_entropy(by_hand(x[batch]), y[batch]).backward()
            for p in by_hand.parameters():
                p.data = p.data - 0.1 * p.grad
    for p, q in zip(model.parameters(), by_hand.parameters(), strict=True):
        np.testing.assert_array_equal(p.data, q.data)


def test_the_same_generator_gives_the_same_run():
    assert run(seed=3)[1].steps == run(seed=3)[1].steps
    assert run(seed=3)[1].steps != run(seed=4)[1].steps


def test_validation_is_looked_at_and_not_learnt_from():
    x, y = small_problem(40)
    _, history = run(epochs=2, validation=(x, y))
    model, plain = run(epochs=2)
    assert history.steps == plain.steps
    assert history["val_loss"][-1] == pytest.approx(F.cross_entropy(model(x), y).item())
    assert history["val_accuracy"][-1] == np.mean(model(x).data.argmax(axis=1) == y)


def test_no_accuracy_for_a_regression():
    x, _ = small_problem()
    model = Linear(3, 1, rng=np.random.default_rng(0), dtype=np.float64)
    rng = np.random.default_rng(0)
    target = x.sum(axis=1, keepdims=True)
    history = fit(
        model,
        F.mse_loss,
        SGD(model.parameters(), 0.1),
        x,
        target,
        epochs=60,
        batch_size=5,
        rng=rng,
        validation=(x, target),
    )
    assert "val_accuracy" not in history
    assert history["val_loss"][-1] < 1e-3 * history["val_loss"][0]


def test_validation_is_in_evaluation_mode_and_training_is_not():
    modes = []

    def loss(logits, labels):
        modes.append(model.training)
        return F.cross_entropy(logits, labels)

    x, y = small_problem(4)
    model = mlp([3, 2], rng=np.random.default_rng(0), dtype=np.float64)
    rng = np.random.default_rng(0)
    fit(model, loss, SGD(model.parameters(), 0.1), x, y, epochs=1, batch_size=2, rng=rng, validation=(x, y))
    assert modes == [True, True, False]
    assert model.training


@pytest.mark.parametrize("answer", [True, "stop", np.True_])
def test_a_callback_stops_the_run(answer):
    seen = []

    def callback(epoch, history, model):
        seen.append((epoch, history.n_epochs, len(model.parameters())))
        return answer if epoch == 2 else None

    _, history = run(epochs=5, callbacks=[callback])
    assert seen == [(1, 1, 4), (2, 2, 4)]
    assert history.n_epochs == 2


def test_other_answers_of_a_callback_let_the_run_go_on():
    answers = iter([1, "go on", [1.0], np.ones(3), False])
    _, history = run(epochs=5, callbacks=[lambda *_: next(answers)])
    assert history.n_epochs == 5


def test_every_callback_is_called_even_after_one_asked_to_stop():
    seen = []
    run(epochs=5, callbacks=[lambda *_: True, lambda epoch, *_: seen.append(epoch)])
    assert seen == [1]


def test_stopping_from_the_keyboard_returns_what_there_is():
    def interrupt(epoch, history, model):
        if epoch == 2:
            raise KeyboardInterrupt

    model, history = run(epochs=5, callbacks=[interrupt])
    assert history.interrupted
    assert history.n_epochs == 2
    assert np.isfinite(model(np.ones((1, 3))).data).all()


def test_divergence_names_step_and_rate_and_keeps_the_history():
    x, y = small_problem()
    model = Linear(3, 1, rng=np.random.default_rng(0), dtype=np.float64)
    optimizer = SGD(model.parameters(), 50.0)
    rng = np.random.default_rng(0)
    with pytest.raises(
        FloatingPointError, match=r"the loss became (inf|nan) at step \d+ .* learning rate 50"
    ) as caught:
        fit(model, F.mse_loss, optimizer, x, x[:, :1], epochs=500, batch_size=10, rng=rng)
    assert isinstance(caught.value, Divergence)
    assert len(caught.value.history.steps) > 10
    assert np.isfinite(caught.value.history.steps[:-1]).all()


def test_a_last_step_that_diverges_shows_in_the_validation_loss():
    x, _ = small_problem()
    model = Linear(3, 1, rng=np.random.default_rng(0), dtype=np.float64)
    data, rng = (x, x[:, :1]), np.random.default_rng(0)
    with pytest.raises(Divergence, match="the validation loss became inf at step 1 "):
        fit(
            model,
            F.mse_loss,
            SGD(model.parameters(), 1e200),
            *data,
            epochs=1,
            batch_size=10,
            rng=rng,
            validation=data,
        )
    assert model.training


def test_nothing_is_written_outside_notebooks(capsys):
    run()
    assert capsys.readouterr() == ("", "")


def test_in_a_notebook_one_line_overwrites_itself_and_ends_blank(monkeypatch):
    written = []
    handle = SimpleNamespace(update=lambda bundle, raw: written.append(bundle["text/plain"]))

    def display(bundle, raw, display_id):
        assert raw
        assert display_id
        written.append(bundle["text/plain"])
        return handle

    import IPython
    import IPython.display

    monkeypatch.setattr(IPython, "get_ipython", lambda: SimpleNamespace(kernel=object()))
    monkeypatch.setattr(IPython.display, "display", display)
    monkeypatch.setattr("course_utils.nn.training._Line.seconds_between", -1.0)
    run(epochs=2)
    assert written[0] == written[-1] == ""
    assert [text.split(":")[0] for text in written[1:-1]] == ["epoch 1 of 2", "epoch 2 of 2"]
    written.clear()
    run(progress=False)
    assert written == []
    assert "IPython" in sys.modules


def test_messages():
    x, y = small_problem()
    model = mlp([3, 2], rng=np.random.default_rng(0))
    optimizer, rng = SGD(model.parameters(), 0.1), np.random.default_rng(0)

    def call(x, y, epochs=1, batch_size=2):
        fit(model, F.cross_entropy, optimizer, x, y, epochs=epochs, batch_size=batch_size, rng=rng)

    with pytest.raises(ValueError, match=r"same first length, at least 1, got shapes \(10, 3\) and \(9,\)"):
        call(x, y[:9])
    with pytest.raises(ValueError, match="expected batch_size >= 1, got 0"):
        call(x, y, batch_size=0)
    with pytest.raises(ValueError, match="expected epochs >= 0, got -1"):
        call(x, y, epochs=-1)


@pytest.mark.parametrize(("split", "expected"), [("random", 0.97), ("writers", 0.915)])
def test_the_network_reads_digits(split, expected):
    scores = []
    for seed in range(10):  # float64: its rounding, unlike float32's, turns no answer on another processor
        digits, rng = load_digits(split, seed=seed, dtype=np.float64), np.random.default_rng(seed)
        model = mlp([64, 128, 10], rng=rng, dtype=np.float64)
        history = fit(
            model,
            F.cross_entropy,
            SGD(model.parameters(), lr=0.1, momentum=0.9),
            digits.x_train,
            digits.y_train,
            epochs=40,
            batch_size=32,
            rng=rng,
            validation=(digits.x_test, digits.y_test),
        )
        scores.append(history["val_accuracy"][-1])
    assert np.mean(scores[:3]) >= expected
    assert np.mean(scores) >= expected
