"""Mg-MRN: network, loss, and what is its own."""
