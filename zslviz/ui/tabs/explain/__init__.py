"""The tab *Explain & edit*."""
