"""What would it take for a class to be first? The smallest edits of a photo or a description, over all rivals.

`problem` has the leads, `moves` what may be changed, `fewest`, `least` and `description` the searches, `asking` the question as a
whole, `answer` what comes of it. `docs/what_would_it_take.md` tells what is proved and what was measured.
"""
