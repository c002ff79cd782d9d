"""Exercises, predictions and progress: resolving an answer, judging it, and saying what is wrong with it."""
