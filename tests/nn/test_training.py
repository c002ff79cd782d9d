"""The training loop: what it deals out, records, reports and survives; and the scores on digits."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest

from course_utils.data import load_digits
from course_utils.models import mlp
from course_utils.nn import (
    BatchNorm1d,
    Dropout,
    Linear,
    Module,
    Parameter,
    ReLU,
    Sequential,
    Tanh,
    fit,
    minibatches,
)
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


# ---------------------------------------------------------------- where a number was lost


class Exp(Module):
    """A layer that overflows."""

    def forward(self, x):
        return x.exp()


def diverge(model, x, y, *, lr=0.1, loss_fn=F.mse_loss, epochs=50, batch_size=5, **options):
    """Train until the loss is no number; return the message and the history."""
    optimizer, rng = SGD(model.parameters(), lr), np.random.default_rng(0)
    with pytest.raises(Divergence) as caught:
        fit(model, loss_fn, optimizer, x, y, epochs=epochs, batch_size=batch_size, rng=rng, **options)
    return str(caught.value), caught.value.history


def linear(n_in=3, n_out=1, seed=0):
    return Linear(n_in, n_out, rng=np.random.default_rng(seed), dtype=np.float64)


def test_an_exploding_rate_is_found_in_the_weights_it_moved():
    x, _ = small_problem()
    model = Sequential(linear(3, 4), ReLU(), linear(4, 1))
    message, history = diverge(model, x, x[:, :1], lr=1e200, batch_size=10)
    n = len(history.steps)
    assert message.startswith(
        f"the loss became {history.steps[-1]} at step {n} (epoch {n}) at learning rate 1e+200"
    )
    assert (
        "layer '2' (Linear) was the first to give nan, from inputs up to 1.16e+200 and weights up to"
        in message
    )


def test_weights_that_became_nan_name_the_step_and_its_gradient():
    x, _ = small_problem()
    model = Sequential(linear(3, 4), ReLU(), linear(4, 1))

    class Poison:
        lr = 0.25

        def __init__(self, optimizer):
            self.optimizer, self.steps = optimizer, 0

        def zero_grad(self):
            self.optimizer.zero_grad()

        def step(self):
            self.steps += 1
            if self.steps == 3:
                model[2].weight.grad = np.full((1, 4), np.nan)
            self.optimizer.step()

    optimizer = Poison(SGD(model.parameters(), 0.25))
    with pytest.raises(
        Divergence,
        match=r"became nan at step 4 \(epoch 2\) at learning rate 0.25: '2.weight' of layer '2' \(Linear\) "
        "was nan before this step: step 3, at learning rate 0.25, moved it there, "
        "with a gradient that was nan",
    ):
        fit(
            model,
            F.mse_loss,
            optimizer,
            x,
            x[:, :1],
            epochs=9,
            batch_size=5,
            rng=np.random.default_rng(0),
        )


def test_weights_that_overflow_name_the_size_of_their_gradient():
    model = Sequential(linear(1, 1))
    model[0].weight.data, model[0].bias.data = np.array([[-1e150]]), np.array([0.0])
    message, _ = diverge(model, np.ones((2, 1)), np.zeros((2, 1)), lr=1e160)
    assert message == (
        "the loss became inf at step 2 (epoch 2) at learning rate 1e+160: '0.weight' of layer '0' (Linear) "
        "was inf before this step: step 1, at learning rate 1e+160, moved it there, "
        "with gradients up to 2e+150; try a smaller rate, or clip the gradients"
    )


def test_weights_that_were_lost_before_training():
    model = Sequential(linear(), linear(1, 1))
    model[1].bias.data = np.array([np.inf])
    x, _ = small_problem()
    message, _ = diverge(model, x, x[:, :1])
    assert message.endswith("'1.bias' of layer '1' (Linear) was already inf when training began")
    model[0].bias.grad = np.array([1.0])  # of someone else's step
    assert diverge(model, x, x[:, :1])[0] == message


def test_weights_that_were_lost_between_two_runs_are_no_fault_of_the_last_step():
    x, y = small_problem()
    model, history = fit_with(F.cross_entropy, x, y)
    model.weight.data = model.weight.data * np.nan
    message, _ = diverge(model, x, y, loss_fn=F.cross_entropy, history=history)
    assert "at step 7 (epoch 3)" in message
    assert message.endswith("'weight' of the model (Linear) was already nan when training began")


def test_a_buffer_that_was_lost_is_named_in_validation():
    x, _ = small_problem()
    model = Sequential(BatchNorm1d(3, momentum=0.0, dtype=np.float64), linear())
    model[0].running_mean = np.array([0.0, np.nan, 0.0])
    message, _ = diverge(model, x, x[:, :1], validation=(x, x[:, :1]))
    assert "the validation loss became nan at step 2 (epoch 1)" in message
    assert "'0.running_mean' of layer '0' (BatchNorm1d) was nan: step 2, at learning rate 0.1" in message


def test_running_means_that_the_bad_batch_spoilt_are_not_the_cause():
    x, _ = small_problem()
    bad = x.copy()
    bad[7, 1] = np.nan
    model = Sequential(BatchNorm1d(3, dtype=np.float64), linear())
    message, _ = diverge(model, bad, x[:, :1])
    assert np.isnan(model[0].running_mean).any()
    assert message.endswith("the inputs hold nan in row 7 (1 of the 5 rows of this batch)")
    model = Sequential(linear(), Exp(), BatchNorm1d(1, dtype=np.float64))
    model[0].bias.data = np.array([2000.0])
    assert "layer '1' (Exp) was the first to give inf" in diverge(model, x, x[:, :1])[0]


def test_nan_in_the_data_names_the_row():
    x, _ = small_problem()
    y = x[:, :1].copy()
    bad = x.copy()
    bad[7, 1] = np.nan
    message, history = diverge(Sequential(linear()), bad, y)
    assert message.endswith("the inputs hold nan in row 7 (1 of the 5 rows of this batch)")
    assert len(history.steps) <= 2
    bad = y.copy()
    bad[[2, 4]] = -np.inf
    message, _ = diverge(Sequential(linear()), x, bad, batch_size=10)
    first = np.random.default_rng(0).permutation(10)
    assert f"the targets hold inf in row {next(i for i in first if i in (2, 4))} (2 of the 10 rows" in message


def test_nan_in_the_validation_data_names_the_row_of_that_data():
    x, _ = small_problem()
    bad = x.copy()
    bad[7, 1] = np.inf
    model = Sequential(linear())
    validation = (bad, x[:, :1])
    for size in (None, 3):
        message, history = diverge(
            model, x, x[:, :1], validation=validation, validation_batch_size=size, batch_size=10
        )
        assert message.startswith("the validation loss became inf at step 1 (epoch 1) at learning rate 0.1: ")
        assert "the inputs hold inf in row 7" in message


def test_the_first_layer_to_overflow_is_named_innermost_first():
    model = Sequential(Sequential(linear(3, 2), Exp()), linear(2, 1))
    model[0][0].bias.data = np.array([2000.0, 0.0])
    x, _ = small_problem()
    message, _ = diverge(model, x, x[:, :1])
    assert "layer '0.1' (Exp) was the first to give inf, from inputs up to 2e+03" in message
    message, _ = diverge(Growth(), 1000 * np.ones((2, 1)), np.ones((2, 1)), batch_size=2)
    assert message.endswith(
        "the model (Growth) was the first to give inf, from inputs up to 1e+03 and weights up to 2"
    )


class Growth(Module):
    """A model that is one layer, and overflows."""

    def __init__(self):
        self.rate = Parameter(np.array([2.0]))

    def forward(self, x):
        return (self.rate * x).exp()


def test_a_bad_loss_is_blamed_on_the_loss():
    x, _ = small_problem()
    model = Sequential(linear())
    message, _ = diverge(model, x, x[:, :1], loss_fn=lambda y, t: F.mse_loss(y, t) / 0.0)
    assert "the layers' outputs are finite" in message
    assert message.endswith("so that the loss function itself gave inf")


def test_the_look_leaves_the_model_alone():
    x, _ = small_problem()
    models = []
    for last in (Exp(), Tanh()):  # one that overflows and one that does not see the same batch
        norm = BatchNorm1d(3, dtype=np.float64)
        model = Sequential(norm, Dropout(rng=np.random.default_rng(3)), linear(), last)
        model[2].bias.data = np.array([2000.0])
        models.append(model)
    bad, good = models
    seen = []
    bad[0].register_forward_hook(lambda *_: seen.append(1))
    message, _ = diverge(bad, x, x[:, :1])
    assert "layer '3' (Exp) was the first to give inf" in message
    assert seen == [1]
    good(x[np.random.default_rng(0).permutation(10)[:5]])
    for name, array in good.state_dict().items():
        np.testing.assert_array_equal(bad.state_dict()[name], array, err_msg=name)
    assert bad[1].rng.random() == good[1].rng.random()


def test_a_model_that_cannot_be_copied_still_gets_a_message():
    class Stubborn(Module):
        def __init__(self):
            self.inner = linear()

        def forward(self, x):
            return (self.inner(x) + 2000.0).exp()

        def __deepcopy__(self, memo):
            raise TypeError("no copies")

    x, _ = small_problem()
    assert "could not be tried on a copy" in diverge(Stubborn(), x, x[:, :1])[0]


# ---------------------------------------------------------------- several losses


def test_several_losses_stand_in_one_history():
    x, _ = small_problem()
    model = Sequential(linear(3, 3))

    def loss(y, target):
        reconstruction, size = F.mse_loss(y, target), (y * y).mean()
        return {"loss": reconstruction + 0.1 * size, "reconstruction": reconstruction, "size": size}

    rng = np.random.default_rng(0)
    history = fit(
        model,
        loss,
        SGD(model.parameters(), 0.1),
        x,
        x,
        epochs=3,
        batch_size=4,
        rng=rng,
        validation=(x, x),
        validation_batch_size=4,
    )
    assert list(history.columns) == [
        f"{side}{name}" for side in ("", "val_") for name in ("loss", "reconstruction", "size")
    ]
    for side in ("", "val_"):
        parts = np.array(history[f"{side}reconstruction"]) + 0.1 * np.array(history[f"{side}size"])
        np.testing.assert_allclose(history[f"{side}loss"], parts)
    assert history["val_reconstruction"][-1] == pytest.approx(F.mse_loss(model(x), x).item())  # 4 + 4 + 2
    assert history["loss"][-1] < history["loss"][0]


def test_a_dict_with_the_loss_alone_is_the_scalar():
    x, y = small_problem()
    results = []
    for loss in (F.cross_entropy, lambda *a: {"loss": F.cross_entropy(*a)}):
        model, rng = linear(3, 2), np.random.default_rng(0)
        history = fit(model, loss, SGD(model.parameters(), 0.1), x, y, epochs=2, batch_size=4, rng=rng)
        results.append((history.columns, history.steps))
    assert results[0] == results[1]


def test_what_a_loss_may_not_be():
    x, y = small_problem()
    with pytest.raises(ValueError, match=r"expected loss_fn to give a scalar loss, got shape \(4,\)"):
        fit_with(lambda *a: F.cross_entropy(*a, reduction="none"), x, y)
    with pytest.raises(
        ValueError, match=r"expected an entry 'loss' in what loss_fn returns, got \['total'\]"
    ):
        fit_with(lambda *a: {"total": F.cross_entropy(*a)}, x, y)
    for lost in (lambda *a: F.cross_entropy(*a).item(), lambda p, y: F.cross_entropy(p.data, y)):
        with pytest.raises(ValueError, match=r"to give a Tensor, made from the predictions.*got float"):
            fit_with(lost, x, y)
    with pytest.raises(ValueError, match=r"to give a Tensor, .*got NoneType"):
        fit_with(lambda *a: None, x, y)


def fit_with(loss_fn, x, y, **options):
    model = linear(3, 2)
    rng = np.random.default_rng(0)
    optimizer = options.pop("optimizer", None) or SGD(model.parameters(), 0.1)
    return model, fit(model, loss_fn, optimizer, x, y, epochs=2, batch_size=4, rng=rng, **options)


@pytest.mark.parametrize("size", [1, 3, 4, 10, 99])
def test_validation_in_batches_is_validation_at_once(size):
    x, y = small_problem()
    whole = fit_with(F.cross_entropy, x, y, validation=(x, y))[1]
    parts = fit_with(F.cross_entropy, x, y, validation=(x, y), validation_batch_size=size)[1]
    assert whole.steps == parts.steps
    for name in ("val_loss", "val_accuracy"):
        np.testing.assert_allclose(parts[name], whole[name], rtol=1e-12)


# ---------------------------------------------------------------- Ctrl-C


def interrupt_at(n):
    """Return a function that lets n calls pass and raises KeyboardInterrupt in the next."""
    calls = iter(range(n))

    def call():
        if next(calls, None) is None:
            raise KeyboardInterrupt

    return call


@pytest.mark.parametrize(
    "where", ["forward", "loss", "backward", "step", "zero_grad", "callback", "validation"]
)
def test_ctrl_c_anywhere_leaves_a_usable_history_and_model(where, monkeypatch):
    x, y = small_problem()
    model = Sequential(linear(3, 4), ReLU(), linear(4, 2))
    optimizer, tick = SGD(model.parameters(), 0.1, momentum=0.9), interrupt_at(4)  # in the second epoch

    def before(function):
        def wrapped(*a, **k):
            tick()
            return function(*a, **k)

        return wrapped

    def loss(logits, labels):
        value = F.cross_entropy(logits, labels)
        if where == "backward":
            value.backward = before(value.backward)
        return value

    def loss_in_validation(logits, labels):
        if not model.training:
            raise KeyboardInterrupt
        return F.cross_entropy(logits, labels)

    if where == "forward":
        model[2].forward = before(model[2].forward)
    if where in ("step", "zero_grad"):
        monkeypatch.setattr(optimizer, where, before(getattr(optimizer, where)))
    loss_fn = {"loss": before(F.cross_entropy), "validation": loss_in_validation}.get(where, loss)
    listener = [lambda *_: interrupt_at(0)()] if where == "callback" else []
    settings = {"epochs": 5, "batch_size": 4, "callbacks": listener}
    validation = (x, y) if where == "validation" else None
    rng = np.random.default_rng(0)
    history = fit(model, loss_fn, optimizer, x, y, rng=rng, validation=validation, **settings)
    assert history.interrupted
    assert history.n_epochs == (0 if where == "validation" else 1)
    assert len({len(column) for column in history.columns.values()}) <= 1
    assert np.isfinite(history.steps).all()
    assert len(history.rates) == len(history.steps) < 7
    assert model.training
    assert all(np.isfinite(p.data).all() for p in model.parameters())
    monkeypatch.undo()
    vars(model[2]).pop("forward", None)
    again = fit(model, F.cross_entropy, optimizer, x, y, rng=rng, epochs=5, batch_size=4, history=history)
    assert again.n_epochs == 5
    assert not again.interrupted


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
    monkeypatch.setattr("course_utils.nn.progress_line.ProgressLine.seconds_between", -1.0)
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


def test_data_wider_than_the_weights_is_refused_and_narrower_is_not():
    x, y = small_problem()
    narrow, rng = mlp([3, 2], rng=np.random.default_rng(0)), np.random.default_rng(0)
    options = {"epochs": 1, "batch_size": 2, "rng": rng}
    with pytest.raises(
        ValueError, match=r"weights' dtype float32, got float64: write x\.astype\(np\.float32"
    ):
        fit(narrow, F.cross_entropy, SGD(narrow.parameters(), 0.1), x.astype(np.float64), y, **options)
    wide = mlp([3, 2], rng=np.random.default_rng(0), dtype=np.float64)
    for good in (x.astype(np.float32), x.astype(np.float64), x.astype(np.int64)):
        fit(wide, F.cross_entropy, SGD(wide.parameters(), 0.1), good, y, **options)


def test_what_would_train_nothing_is_refused():
    x, y = small_problem()
    model, other, rng = linear(3, 2), linear(3, 2), np.random.default_rng(0)
    with pytest.raises(ValueError, match="optimizer of this model's parameters, got one that holds none"):
        fit(model, F.cross_entropy, SGD(other.parameters(), 0.1), x, y, epochs=1, batch_size=2, rng=rng)
    whole = Sequential(linear(3, 3), model)  # an optimizer of a part leaves the rest as it is
    fit(whole, F.cross_entropy, SGD(model.parameters(), 0.1), x, y, epochs=1, batch_size=2, rng=rng)
    for wrong in (0, np.random, np.random.default_rng):
        with pytest.raises(ValueError, match=r"expected rng=np\.random\.default_rng\(\.\.\.\), got "):
            fit(model, F.cross_entropy, SGD(model.parameters(), 0.1), x, y, epochs=1, batch_size=2, rng=wrong)
    with pytest.raises(ValueError, match="expected numbers in x, got an array of Python objects"):
        fit_with(F.cross_entropy, x.astype(object), y)


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
