"""Pairs of a state and an object, also pairs that were never seen together."""
