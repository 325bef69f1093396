"""Do the maps tell the truth? Deletion and insertion curves, the pointing game, energy inside parts, scenes, randomised weights."""

from zslviz.faithfulness.curves import Curves, area, measure_curves
from zslviz.faithfulness.localisation import Localisation, Target, localise
from zslviz.faithfulness.run import Settings, measure_faithfulness
from zslviz.faithfulness.sanity import rank_correlation
from zslviz.faithfulness.summary import summarise
from zslviz.tasks.attributes.shuffling import with_shuffled_weights

__all__ = [
    "Curves",
    "Localisation",
    "Settings",
    "Target",
    "area",
    "localise",
    "measure_curves",
    "measure_faithfulness",
    "rank_correlation",
    "summarise",
    "with_shuffled_weights",
]
