"""What is proven, one module for each part of the engine.

``CASES`` (functions), ``LAYER_CASES`` (layers) and ``GRADCHECKS`` (calls of primitives, by the primitive's
name, with floating arguments away from kinks) are found by ``tests/nn/proof.py`` and the tests beside it.
"""
