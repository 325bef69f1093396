"""zslviz: see how attribute-based zero-shot learning sees."""

__version__ = "0.1.0"
