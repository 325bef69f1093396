"""Refiner: network, loss, and what is its own."""
