"""What `benchmarks/grading.py` needs: a class, the cost of a tree of processes, and nbgrader's way."""
