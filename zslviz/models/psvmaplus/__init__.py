"""PSVMA+: three depths, each with a mutual adaptation of its own, trusted as sure as each is (TPAMI 2025)."""
