"""TransZero: a small transformer between regions and attributes (AAAI 2022, arXiv 2112.01683)."""
