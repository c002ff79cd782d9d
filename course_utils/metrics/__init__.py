"""Metrics: how good a model is, in numbers. Chapter 02 in depth.

Everything takes arrays or lists and returns Python floats or NumPy arrays; the values are those of
scikit-learn, scikit-image or sacrebleu, except where a docstring says otherwise.
"""

from course_utils.metrics.calibration import brier_score, calibration_curve, expected_calibration_error
from course_utils.metrics.classification import (
    accuracy,
    confusion_matrix,
    f1,
    precision,
    precision_recall_f1,
    recall,
)
from course_utils.metrics.images import psnr, ssim
from course_utils.metrics.ranking import average_precision, precision_recall_curve, roc_auc, roc_curve
from course_utils.metrics.regression import mean_absolute_error, mean_squared_error, r2
from course_utils.metrics.text import bleu, perplexity

__all__ = [
    "accuracy",
    "average_precision",
    "bleu",
    "brier_score",
    "calibration_curve",
    "confusion_matrix",
    "expected_calibration_error",
    "f1",
    "mean_absolute_error",
    "mean_squared_error",
    "perplexity",
    "precision",
    "precision_recall_curve",
    "precision_recall_f1",
    "psnr",
    "r2",
    "recall",
    "roc_auc",
    "roc_curve",
    "ssim",
]
