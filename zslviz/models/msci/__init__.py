"""MSCI: network, loss, and what is its own."""
