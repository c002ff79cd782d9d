"""Callbacks: when they are told what, early stopping, resuming bit for bit, gradients, pace."""

import os

import numpy as np
import pytest

from course_utils.nn import BatchNorm1d, Dropout, Linear, Module, ReLU, Sequential, callbacks, fit
from course_utils.nn import functional as F
from course_utils.nn.callbacks import (
    Callback,
    Checkpoint,
    ClipGradients,
    EarlyStopping,
    GradientNorms,
    Schedule,
    WeightAveraging,
    archive,
    load_checkpoint,
)
from course_utils.nn.callbacks.base import as_callbacks
from course_utils.nn.training import Divergence
from course_utils.optim import SGD, Adam, AveragedModel, lr_scheduler


def data(n=10):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n, 3))
    return x, (x[:, 0] > 0).astype(np.int64)


class Problem:
    """A model with batch norm and dropout, Adam and schedules, the same each time it is built."""

    def __init__(self, *, lr=0.05, path=None, seed=1):
        rng = np.random.default_rng(seed)
        self.model = Sequential(
            Linear(3, 4, rng=rng, dtype=np.float64),
            BatchNorm1d(4, dtype=np.float64),
            ReLU(),
            Dropout(0.2, rng=np.random.default_rng(5)),
            Linear(4, 2, rng=rng, dtype=np.float64),
        )
        self.optimizer = Adam(self.model.parameters(), lr=lr)
        self.rng = np.random.default_rng(seed)
        self.average = AveragedModel(self.model, decay=0.9)
        self.stopping = EarlyStopping(patience=100, restore_best=False)
        self.norms = GradientNorms()
        self.callbacks = [
            self.norms,
            ClipGradients(0.5),
            Schedule(lr_scheduler.ExponentialLR(self.optimizer, 0.9)),
            Schedule(lr_scheduler.ReduceLROnPlateau(self.optimizer, patience=0), monitor="val_loss"),
            WeightAveraging(self.average),
            self.stopping,
        ]
        if path:
            self.callbacks.append(Checkpoint(path))

    def fit(self, epochs, *, more=(), **options):
        x, y = data()
        return fit(
            self.model,
            F.cross_entropy,
            self.optimizer,
            x,
            y,
            epochs=epochs,
            batch_size=4,
            rng=self.rng,
            validation=(x, y),
            callbacks=[*more, *self.callbacks],
            **options,
        )


def assert_same_state(first, second):
    assert first.keys() == second.keys()
    for name in first:
        np.testing.assert_array_equal(first[name], second[name], err_msg=name)


class Recorder(Callback):
    def __init__(self):
        self.told = []

    def on_train_begin(self, run):
        self.told.append("begin")

    def on_backward(self, run):
        self.weights = run.model.parameters()[0].data
        assert run.model.parameters()[0].grad is not None
        self.told.append("backward")

    def on_step_end(self, run):
        assert (run.model.parameters()[0].data != self.weights).any()
        self.told.append("step")

    def on_epoch_end(self, run):
        assert run.history.n_epochs == run.epoch
        self.told.append(f"epoch {run.epoch}")

    def on_train_end(self, run):
        self.told.append("end")


# ---------------------------------------------------------------- moments


def test_the_moments_come_in_order():
    recorder = Recorder()
    Problem().fit(2, more=[recorder])
    steps = ["backward", "step"] * 3
    assert recorder.told == ["begin", *steps, "epoch 1", *steps, "epoch 2", "end"]


def test_no_epochs_still_begin_and_end():
    recorder = Recorder()
    assert Problem().fit(0, more=[recorder]).n_epochs == 0
    assert recorder.told == ["begin", "end"]


def test_run_stop_ends_after_the_epoch():
    class Stop(Callback):
        def on_step_end(self, run):
            run.stop()

    assert len(Problem().fit(5, more=[Stop()]).steps) == 3


def test_a_callback_must_be_one():
    for alone in (GradientNorms(), print):
        with pytest.raises(ValueError, match=r"expected a list of callbacks, got .*: write \[callback\]"):
            as_callbacks(alone)
    with pytest.raises(ValueError, match=r"got <.*StepLR object.*>: wrap it, as in Schedule\(scheduler\)"):
        Problem().fit(1, more=[lr_scheduler.StepLR(Problem().optimizer, 1)])
    with pytest.raises(ValueError, match="expected a Callback or a function.* got 3"):
        Problem().fit(1, more=[3])
    with pytest.raises(ValueError, match="expected a Callback or a function.* got <class"):
        Problem().fit(1, more=[GradientNorms])


def test_rates_of_every_step():
    problem = Problem()
    problem.callbacks = [Schedule(lr_scheduler.StepLR(problem.optimizer, 1, gamma=0.1))]
    assert problem.fit(2).rates == pytest.approx([0.05] * 3 + [0.005] * 3)
    problem = Problem()
    problem.callbacks = [Schedule(lr_scheduler.StepLR(problem.optimizer, 1, gamma=0.5), every="step")]
    assert problem.fit(1).rates == [0.05, 0.025, 0.0125]


def test_the_plateau_schedule_sees_the_monitored_value():
    seen = []

    class Fake:
        def step(self, metrics):
            seen.append(metrics)

    problem = Problem()
    problem.callbacks = [Schedule(Fake(), monitor="val_loss")]
    assert seen == problem.fit(3)["val_loss"][: len(seen)]
    assert len(seen) == 3
    with pytest.raises(
        ValueError, match="expected monitor='val_loss' or alike, since Fake.step needs 'metrics'"
    ):
        Schedule(Fake())
    with pytest.raises(ValueError, match="expected every='epoch' with a monitor"):
        Schedule(Fake(), every="step", monitor="loss")
    with pytest.raises(ValueError, match="expected every 'step' or 'epoch', got 'batch'"):
        Schedule(Fake(), every="batch", monitor="loss")


# ---------------------------------------------------------------- early stopping


def scripted(values):
    """Return a callback that writes a column, and moves the weights so that each epoch can be told apart."""
    values = iter(values)

    class Script(Callback):
        def on_epoch_end(self, run):
            run.history.append(score=next(values))
            run.model.parameters()[0].data = np.full((4, 3), float(run.epoch))

    return Script()


@pytest.mark.parametrize(
    ("values", "options", "best_epoch", "n_epochs"),
    [
        ([3, 2, 4, 5, 1, 0], {"patience": 2}, 2, 4),
        ([3, 2, 4, 1, 5, 6, 7], {"patience": 2}, 4, 6),
        ([3, 2, 2, 2, 0], {"patience": 2}, 2, 4),  # equal is not better
        ([3, 2.5, 2.1, 1.8, 1.5], {"patience": 3, "min_delta": 1.0}, 4, 5),
        ([3, 2.5, 2.1, 2.2, 0], {"patience": 3, "min_delta": 1.0}, 1, 4),
        ([1, 2, 1, 1, 9], {"patience": 2, "mode": "max"}, 2, 4),
        ([-1, -3, -2, -2, 0], {"patience": 2, "min_delta": 0.5}, 2, 4),
        ([np.nan, np.nan, 1, np.nan, 0.5, 1], {"patience": 3}, 5, 6),
        ([np.nan, np.nan, np.nan, 0], {"patience": 3}, None, 3),
    ],
)
def test_when_it_stops_and_what_was_best(values, options, best_epoch, n_epochs):
    problem, stopping = Problem(), EarlyStopping("score", **options)
    problem.callbacks = [stopping]
    history = problem.fit(len(values), more=[scripted(values)])
    assert history.n_epochs == n_epochs
    assert stopping.best_epoch == best_epoch
    last = np.full((4, 3), float(history.n_epochs if best_epoch is None else best_epoch))
    np.testing.assert_array_equal(problem.model.parameters()[0].data, last)
    assert stopping.best == (None if best_epoch is None else values[best_epoch - 1])


def test_without_restoring_the_last_weights_stay():
    problem = Problem()
    problem.callbacks = [EarlyStopping("score", patience=1, restore_best=False)]
    problem.fit(5, more=[scripted([1, 2, 3, 4, 5])])
    np.testing.assert_array_equal(problem.model.parameters()[0].data, np.full((4, 3), 2.0))


def test_the_best_buffers_come_back_too_after_ctrl_c():
    problem = Problem()
    problem.callbacks = [EarlyStopping("score", patience=10)]

    def interrupt(epoch, history, model):
        if epoch == 3:
            raise KeyboardInterrupt

    history = problem.fit(5, more=[scripted([2, 1, 3]), interrupt])
    assert history.interrupted
    np.testing.assert_array_equal(problem.model.parameters()[0].data, np.full((4, 3), 2.0))
    assert problem.model.state_dict()["1.num_batches_tracked"] == 6  # two epochs of three batches


def test_the_best_weights_come_back_after_divergence():
    problem = Problem()
    x, y = data()
    problem.callbacks = [EarlyStopping("score", patience=10)]
    bad = iter([0.0, 0.0, np.nan])

    def loss(logits, labels):
        return F.cross_entropy(logits, labels) + next(bad)

    with pytest.raises(Divergence):
        fit(
            problem.model,
            loss,
            problem.optimizer,
            x,
            y,
            epochs=3,
            batch_size=10,
            rng=problem.rng,
            callbacks=[scripted([1, 2]), *problem.callbacks],
        )
    np.testing.assert_array_equal(problem.model.parameters()[0].data, np.full((4, 3), 1.0))


def test_a_new_run_forgets_the_best_of_the_old_one():
    stopping = EarlyStopping("score", patience=10)
    for values in ([0, 1], [5, 6]):
        problem = Problem()
        problem.callbacks = [stopping]
        problem.fit(2, more=[scripted(values)])
    assert (stopping.best, stopping.best_epoch) == (5, 1)


def test_messages_of_early_stopping():
    x, y = data()
    problem = Problem()
    with pytest.raises(
        ValueError, match="expected a column .* one of \\['loss'\\], got 'val_loss': pass valid"
    ):
        fit(
            problem.model,
            F.cross_entropy,
            problem.optimizer,
            x,
            y,
            epochs=1,
            batch_size=5,
            rng=problem.rng,
            callbacks=[EarlyStopping(patience=1)],
        )
    with pytest.raises(ValueError, match="expected patience >= 1, got 0"):
        EarlyStopping(patience=0)
    with pytest.raises(ValueError, match="expected mode 'min' or 'max', got 'least'"):
        EarlyStopping(patience=1, mode="least")
    with pytest.raises(ValueError, match="expected min_delta >= 0, got -1"):
        EarlyStopping(patience=1, min_delta=-1)


# ---------------------------------------------------------------- checkpoints


def test_resumed_from_a_file_the_run_is_the_uninterrupted_one(tmp_path):
    whole = Problem(path=tmp_path / "whole.npz")
    expected = whole.fit(6)
    Problem(path=tmp_path / "run.npz").fit(3)
    second = Problem(path=tmp_path / "run.npz", seed=99)  # other weights and generators, all replaced
    history = load_checkpoint(
        tmp_path / "run.npz", second.model, second.optimizer, rng=second.rng, callbacks=second.callbacks
    )
    assert history.n_epochs == 3
    history = second.fit(6, history=history)
    assert history.columns == expected.columns
    assert history.steps == expected.steps
    assert history.rates == expected.rates
    assert_same_state(second.model.state_dict(), whole.model.state_dict())
    assert_same_state(second.average.state_dict(), whole.average.state_dict())
    assert second.rng.random() == whole.rng.random()
    np.testing.assert_array_equal(second.norms.norms, whole.norms.norms)
    assert second.norms.norms.shape == (18, 6)
    assert second.callbacks[1].norms == whole.callbacks[1].norms
    assert (second.stopping.best, second.stopping.best_epoch) == (
        whole.stopping.best,
        whole.stopping.best_epoch,
    )


def test_early_stopping_resumes_with_its_best_weights(tmp_path):
    values = [2, 1, 3, 4, 5]
    states = []
    for interrupted in (False, True):
        problem = Problem()
        problem.callbacks = [EarlyStopping("score", patience=3), Checkpoint(tmp_path / "run.npz")]
        script = scripted(values)
        if interrupted:
            problem.fit(3, more=[script])
            problem = Problem(seed=8)
            problem.callbacks = [EarlyStopping("score", patience=3), Checkpoint(tmp_path / "run.npz")]
            history = load_checkpoint(
                tmp_path / "run.npz",
                problem.model,
                problem.optimizer,
                rng=problem.rng,
                callbacks=[script, *problem.callbacks],
            )
            history = problem.fit(9, more=[script], history=history)
        else:
            history = problem.fit(9, more=[script])
        states.append(problem.model.state_dict())
        assert history.n_epochs == 5
    assert_same_state(*states)


def test_after_ctrl_c_a_second_call_goes_on():
    problem = Problem()
    problem.callbacks.append(interrupting(2))  # behind the schedules, which have moved then
    first = problem.fit(4)
    assert first.interrupted
    assert first.n_epochs == 2
    problem.callbacks.pop()
    second = problem.fit(4, history=first)
    assert second is first
    assert not second.interrupted
    assert second.columns == Problem().fit(4).columns


def interrupting(at):
    def interrupt(epoch, history, model):
        if epoch == at:
            raise KeyboardInterrupt

    return interrupt


def test_a_checkpoint_only_when_something_improves(tmp_path):
    path = tmp_path / "best.npz"
    problem = Problem()
    problem.callbacks = [Checkpoint(path, monitor="score", mode="max")]
    problem.fit(4, more=[scripted([1, 3, 2, 3])])
    history = load_checkpoint(path, problem.model)
    assert history["score"] == [1, 3]
    np.testing.assert_array_equal(problem.model.parameters()[0].data, np.full((4, 3), 2.0))


def test_a_checkpoint_every_third_epoch(tmp_path):
    path = tmp_path / "third.npz"
    problem = Problem()
    problem.callbacks = [Checkpoint(path, every=3)]
    problem.fit(2)
    assert not path.exists()
    problem.fit(8)
    assert load_checkpoint(path, problem.model).n_epochs == 6


def test_weights_stand_in_the_file_by_name_and_without_pickle(tmp_path):
    problem = Problem(path=tmp_path / "run.npz")
    problem.fit(1)
    with np.load(tmp_path / "run.npz", allow_pickle=False) as file:
        np.testing.assert_array_equal(file["model/0.weight"], problem.model.parameters()[0].data)
        assert all(not file[name].dtype.hasobject for name in file.files)


@pytest.mark.parametrize("moment", ["savez", "fsync", "replace"])
@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_a_failure_while_writing_leaves_the_old_file_whole(tmp_path, monkeypatch, moment, error):
    path = tmp_path / "file.npz"
    archive.save(path, {"a": np.arange(3)})

    def fail(*_, **__):
        raise error

    monkeypatch.setattr(np if moment == "savez" else os, moment, fail)
    with pytest.raises(error):
        archive.save(path, {"a": np.arange(4)})
    monkeypatch.undo()
    assert archive.load(path)["a"].tolist() == [0, 1, 2]
    assert os.listdir(tmp_path) == ["file.npz"]


def test_trees_come_back_as_they_went(tmp_path):
    tree = {
        "state": {0: {"momentum_buffer": np.ones((2, 0), np.float32)}, "0": {"x": np.array(7)}},
        "0/x": np.array([True]),
        "0": {"x": np.array([2.5])},
        "betas": (0.9, np.float32(0.5)),
        "list": [None, True, "text", {"big": 2**127 + 1}, float("inf"), 0.1],
    }
    archive.save(tmp_path / "tree.npz", tree)
    back = archive.load(tmp_path / "tree.npz")
    assert back["betas"] == (0.9, 0.5)
    assert back["list"] == tree["list"]
    assert back["state"][0]["momentum_buffer"].shape == (2, 0)
    assert back["state"][0]["momentum_buffer"].dtype == np.float32
    assert back["state"]["0"]["x"] == 7
    assert back["0/x"].tolist() == [True]
    assert back["0"]["x"].tolist() == [2.5]
    with pytest.raises(TypeError, match="got object at 'a/1'"):
        archive.save(tmp_path / "tree.npz", {"a": [1, object()]})
    with pytest.raises(TypeError, match="expected an array of numbers at 'a', got dtype object"):
        archive.save(tmp_path / "tree.npz", {"a": np.array([None])})


@pytest.mark.parametrize("kind", [np.random.MT19937, np.random.Philox, np.random.SFC64, np.random.PCG64DXSM])
def test_generators_of_every_kind_are_kept(tmp_path, kind):
    problem = Problem(path=tmp_path / "run.npz")
    problem.rng = np.random.Generator(kind(3))
    problem.fit(1)
    other = np.random.Generator(kind(4))
    load_checkpoint(tmp_path / "run.npz", problem.model, rng=other)
    assert other.random(3).tolist() == problem.rng.random(3).tolist()


def test_messages_of_checkpoints(tmp_path):
    path = tmp_path / "run.npz"
    problem = Problem(path=path)
    problem.fit(1)
    with pytest.raises(ValueError, match="expected the names"):
        load_checkpoint(path, Linear(3, 2, rng=np.random.default_rng(0)))
    with pytest.raises(
        ValueError, match=r"expected the callbacks \['GradientNorms', .*, got \['GradientNorms'\]"
    ):
        load_checkpoint(path, problem.model, callbacks=[GradientNorms()])
    with pytest.raises(ValueError, match="expected a generator of kind PCG64 .*, got MT19937"):
        load_checkpoint(path, problem.model, rng=np.random.Generator(np.random.MT19937(0)))
    np.savez(tmp_path / "other.npz", a=np.ones(2))
    with pytest.raises(ValueError, match="expected a checkpoint, got another file"):
        load_checkpoint(tmp_path / "other.npz", problem.model)
    with pytest.raises(ValueError, match="expected every >= 1, got 0"):
        Checkpoint(path, every=0)
    problem.callbacks = [Checkpoint(path), EarlyStopping(patience=2)]
    with pytest.raises(ValueError, match="expected Checkpoint behind EarlyStopping in the callbacks"):
        problem.fit(1)


# ---------------------------------------------------------------- gradients


def test_norms_of_gradients_by_hand():
    x, y = np.array([[3.0], [4.0]]), np.zeros((2, 1))
    model = Sequential(Linear(1, 1, rng=np.random.default_rng(0), dtype=np.float64))
    model[0].weight.data, model[0].bias.data = np.array([[1.0]]), np.array([0.0])
    norms = GradientNorms()
    fit(
        model,
        F.mse_loss,
        SGD(model.parameters(), 0.0),
        x,
        y,
        epochs=1,
        batch_size=2,
        rng=np.random.default_rng(0),
        callbacks=[norms],
    )
    assert norms.names == ["0.weight", "0.bias"]
    np.testing.assert_allclose(norms.norms, [[25.0, 7.0]])  # mean of 2 x^2, and of 2 x
    np.testing.assert_allclose(norms.total, [np.hypot(25, 7)])
    np.testing.assert_allclose(norms.per_layer["0"], norms.total)


def test_layers_and_missing_gradients():
    class Half(Module):
        def __init__(self):
            self.used = Linear(3, 2, rng=np.random.default_rng(0))
            self.twice = self.used
            self.idle = Linear(3, 2, rng=np.random.default_rng(0))

        def forward(self, x):
            return self.used(x)

    norms, model, (x, y) = GradientNorms(), Half(), data()
    fit(
        model,
        F.cross_entropy,
        SGD(model.parameters(), 0.1),
        x.astype(np.float32),
        y,
        epochs=2,
        batch_size=5,
        rng=np.random.default_rng(0),
        callbacks=[norms],
    )
    assert norms.names == ["used.weight", "used.bias", "idle.weight", "idle.bias"]
    assert np.isnan(norms.norms[:, 2:]).all()
    assert norms.per_layer["idle"].tolist() == [0.0] * 4
    np.testing.assert_allclose(norms.per_layer["used"], norms.total)
    assert (norms.total > 0).all()


def test_norms_before_and_after_clipping():
    problem, before, after = Problem(), GradientNorms(), GradientNorms()
    clip = ClipGradients(1e-3)
    problem.callbacks = [before, clip, after]
    problem.fit(1)
    np.testing.assert_allclose(before.total, clip.norms)
    assert (before.total > 1e-2).all()
    np.testing.assert_allclose(after.total, 1e-3, rtol=1e-3)
    with pytest.raises(ValueError, match="expected max_norm > 0, got 0"):
        ClipGradients(0)


# ---------------------------------------------------------------- averages


def test_the_average_follows_step_by_step_or_epoch_by_epoch():
    for every, start, expected in (("step", 1, 6), ("epoch", 1, 2), ("step", 2, 3), ("epoch", 3, 0)):
        problem = Problem()
        problem.callbacks = [WeightAveraging(problem.average, every=every, start=start)]
        problem.fit(2)
        assert problem.average.n_averaged == expected
    with pytest.raises(ValueError, match="expected start >= 1, got 0"):
        WeightAveraging(problem.average, start=0)


def test_the_mean_of_the_epochs_is_their_mean():
    problem, seen = Problem(), []
    average = AveragedModel(problem.model)
    problem.callbacks = [WeightAveraging(average, every="epoch")]
    problem.fit(3, more=[lambda epoch, history, model: seen.append(model.state_dict()["0.weight"])])
    np.testing.assert_allclose(average.state_dict()["module.0.weight"], np.mean(seen, axis=0), rtol=1e-12)


def test_exports():
    assert all(hasattr(callbacks, name) for name in callbacks.__all__)
