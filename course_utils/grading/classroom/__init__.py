"""Grading a class: taking submissions in, judging each safely, and keeping grades that survive a regrade."""
