"""DFAN: a local and a global answer, and a learned offset (arXiv 2309.13833)."""
