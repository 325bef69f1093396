"""What is to be known of our construction of Refiner before it is built."""

from zslviz.models.refiner.loss import training_loss
from zslviz.models.refiner.network import Refiner, RefinerConfig
from zslviz.models.refining import Refining
from zslviz.models.registry import System

SYSTEM = System(
    "refiner",
    "Refiner",
    Refiner,
    RefinerConfig,
    frozenset({"compositions", "attention", "evidence", "queries"}),
    about="Refiner is public only as an abstract (ICASSP 2025); this is our construction of it.",
    refining=Refining(
        before="At first sight",
        after="After looking again",
        turned="Looking again turned the photo’s summary by {}.",
        beside="Whole photo",
    ),
    loss=training_loss,
)
