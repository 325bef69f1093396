"""That a photo looks like nothing a model was shown, in words; the page shows the same sentence, which its bundle brings."""

from __future__ import annotations

import math

from zslviz.tasks.attributes.unlike.shown import Strangeness

BEGINS = "This looks like nothing the model was shown"


def unlike_sentence(strangeness: Strangeness | None) -> str:
    """ "" of a photo that does not, or where nothing is known of the photos that the model was shown."""
    if strangeness is None or not strangeness.unlike:
        return ""
    trained, held_out = _of_hundred(strangeness.trained), _of_hundred(strangeness.held_out)
    return (
        f"{BEGINS}: whatever comes first, it may be none of its classes. (It says so wrongly of {trained} in 100 photos of classes "
        f"trained on, and of {held_out} in 100 of classes never trained on.)"
    )


def _of_hundred(share: float) -> str:
    whole = math.floor(100 * share + 0.5)
    return str(whole) if whole or not share else "fewer than 1"
