"""Is it true? What the maps promise of a photo without one of its places, and what the network makes of it.

`places` has how much of a map lies in a rectangle, `without` the scores that are left, `deciding` the smallest rectangle that
decides, `trial` a promise beside its proof. docs/is_it_true.md tells what was measured.
"""
