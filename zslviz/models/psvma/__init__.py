"""PSVMA: attributes adapt to the photo, then the photo's regions to the attributes (CVPR 2023)."""
