"""The tab *Compose*."""
