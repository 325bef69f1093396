"""Linear attribute scores (ESZSL, DAP): network, loss, and what is its own."""
