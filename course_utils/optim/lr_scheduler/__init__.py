"""Schedules of the learning rate, with the names and arguments of ``torch.optim.lr_scheduler``."""

from course_utils.optim.lr_scheduler.cosine import CosineAnnealingLR, CosineAnnealingWarmRestarts
from course_utils.optim.lr_scheduler.one_cycle import OneCycleLR
from course_utils.optim.lr_scheduler.plateau import ReduceLROnPlateau
from course_utils.optim.lr_scheduler.products import ExponentialLR, LinearLR, MultiStepLR, StepLR
from course_utils.optim.lr_scheduler.schedule import LRScheduler
from course_utils.optim.lr_scheduler.sequence import SequentialLR
from course_utils.optim.lr_scheduler.towards_average import SWALR

__all__ = [
    "SWALR",
    "CosineAnnealingLR",
    "CosineAnnealingWarmRestarts",
    "ExponentialLR",
    "LRScheduler",
    "LinearLR",
    "MultiStepLR",
    "OneCycleLR",
    "ReduceLROnPlateau",
    "SequentialLR",
    "StepLR",
]
