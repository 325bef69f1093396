"""The tab *Multi-label*."""
