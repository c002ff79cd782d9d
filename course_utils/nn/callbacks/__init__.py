"""What may look at, and act on, a training run: ``fit(..., callbacks=[EarlyStopping(patience=5)])``."""

from course_utils.nn.callbacks.base import Callback, Run
from course_utils.nn.callbacks.checkpoint import Checkpoint, load_checkpoint
from course_utils.nn.callbacks.early_stopping import EarlyStopping
from course_utils.nn.callbacks.gradients import ClipGradients, GradientNorms
from course_utils.nn.callbacks.schedule import Schedule, WeightAveraging

__all__ = [
    "Callback",
    "Checkpoint",
    "ClipGradients",
    "EarlyStopping",
    "GradientNorms",
    "Run",
    "Schedule",
    "WeightAveraging",
    "load_checkpoint",
]
