"""The three tasks side by side (attributes, multilabel, compositional), and what they share (base)."""
