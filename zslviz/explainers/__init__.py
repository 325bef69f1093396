"""Explainers of the three kinds of models: attributes, labels, compositions."""
