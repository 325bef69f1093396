"""HDAFL: kernels of several sizes find each attribute's regions (our construction from the abstract of arXiv 2404.04953)."""
