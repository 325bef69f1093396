"""What is to be known of the yardsticks ESZSL and DAP before they are built: two ways to solve for one linear map."""

from zslviz.models.linear.network import LinearAttributes, LinearConfig
from zslviz.models.linear.solvers import DAP_SOLVER, ESZSL_SOLVER
from zslviz.models.registry import System

ESZSL, DAP = (
    System(
        name,
        title,
        LinearAttributes,
        LinearConfig,
        frozenset({"attributes", "evidence"}),  # a mean looks everywhere alike: its attention tells nothing
        granularities=LinearAttributes.granularities,
        strides=(32,),
        about=about,
        solver=solver,
    )
    for name, title, solver, about in (
        (
            "eszsl",
            "ESZSL",
            ESZSL_SOLVER,
            "ESZSL has a closed form: one linear system is solved, nothing is trained in epochs",
        ),
        (
            "dap",
            "DAP",
            DAP_SOLVER,
            "DAP's attribute classifiers are fitted one by one on the pooled feature, nothing is trained in epochs",
        ),
    )
)
