"""The course's table of contents: one place for numbers, files, questions and minutes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Chapter:
    """One notebook of the course.

    Parameters
    ----------
    number : str
        Two digits, and a letter where a chapter is split ("01a").
    topic : str
        What it is about, in the field's words.
    question : str
        What it asks.
    minutes : int
        Working time of a learner, predictions and exercises included.
    file : str or None
        The notebook's file name in ``notebooks/``; None while it is in preparation.
    """

    number: str
    topic: str
    question: str
    minutes: int
    file: str | None = None


CHAPTERS = (
    Chapter("00", "Start here", "How does this course work?", 20, "00_start_here.ipynb"),
    Chapter(
        "01a",
        "Fundamentals: forward and backward",
        "What does it take to learn?",
        120,
        "01a_fundamentals_forward_backward.ipynb",
    ),
    Chapter(
        "01b",
        "Fundamentals: training",
        "What happens when a network learns?",
        110,
        "01b_fundamentals_training.ipynb",
    ),
    Chapter("02", "Data and metrics", "How good is good?", 120),
    Chapter(
        "03a",
        "Activations: bends and slopes",
        "Why bend the line?",
        120,
        "03a_activations_bends_and_slopes.ipynb",
    ),
    Chapter(
        "03b",
        "Activations: death and choice",
        "Which bend, and what if it dies?",
        110,
        "03b_activations_death_and_choice.ipynb",
    ),
    Chapter(
        "04a",
        "Initialization",
        "How does a signal survive a hundred layers?",
        110,
        "04a_initialization.ipynb",
    ),
    Chapter(
        "04b",
        "Normalization and residuals",
        "Can a network keep its own signal level?",
        110,
        "04b_normalization_and_residuals.ipynb",
    ),
    Chapter(
        "05a",
        "Optimizers: curvature, momentum, noise",
        "How do you walk downhill in the dark?",
        120,
        "05a_optimizers_curvature_momentum_noise.ipynb",
    ),
    Chapter(
        "05b",
        "Optimizers: adaptive steps",
        "How long should the next step be?",
        110,
        "05b_optimizers_adaptive_steps.ipynb",
    ),
    Chapter(
        "05c",
        "Optimizers: schedules and convergence",
        "When do you slow down, and when have you arrived?",
        110,
        "05c_optimizers_schedules_and_convergence.ipynb",
    ),
    Chapter(
        "06a",
        "Overfitting",
        "When does learning turn into memorizing?",
        110,
        "06a_overfitting.ipynb",
    ),
    Chapter(
        "06b",
        "Regularization",
        "What keeps a network from memorizing?",
        130,
        "06b_regularization.ipynb",
    ),
    Chapter("07", "Hyperparameters", "How do you choose what training cannot learn?", 100),
    Chapter("08", "Convolutional networks", "What does a picture know that a list does not?", 150),
    Chapter("09", "RNN, LSTM and GRU", "How does a network remember?", 150),
    Chapter("10", "Attention", "How does a network choose where to look?", 120),
    Chapter("11", "Generative models", "Can a network make something new?", 150),
    Chapter("12", "Transfer learning", "What carries over to the next task?", 90),
    Chapter("13", "Energy models", "Can a network dream what it has seen?", 100),
    Chapter("14", "Reinforcement learning", "How does one learn without being told?", 120),
    Chapter("15", "Deployment", "What changes when others depend on it?", 120),
    Chapter("16", "Clinic", "What ails this training run?", 120),
    Chapter("17", "Capstone", "Can you do it on your own?", 240),
)
