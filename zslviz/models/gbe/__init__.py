"""GBE-MLZSL: groups of channels and the whole map, ranked together (arXiv 2309.00923). Our construction."""
