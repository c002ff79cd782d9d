"""Optimizers, schedules and averages of weights in NumPy, with torch's names and rules.

Schedules are in ``lr_scheduler``, as in torch; `AveragedModel` and `update_bn` are ``torch.optim.swa_utils``
there.
"""

from course_utils.optim import lr_scheduler
from course_utils.optim.adadelta import Adadelta
from course_utils.optim.adagrad import Adagrad
from course_utils.optim.adam import Adam
from course_utils.optim.adamw import AdamW
from course_utils.optim.averaging import AveragedModel, update_bn
from course_utils.optim.nadam import NAdam
from course_utils.optim.optimizer import Optimizer
from course_utils.optim.radam import RAdam
from course_utils.optim.range_test import RangeTest, learning_rate_range_test
from course_utils.optim.rmsprop import RMSprop
from course_utils.optim.sgd import SGD

__all__ = [
    "SGD",
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamW",
    "AveragedModel",
    "NAdam",
    "Optimizer",
    "RAdam",
    "RMSprop",
    "RangeTest",
    "learning_rate_range_test",
    "lr_scheduler",
    "update_bn",
]
