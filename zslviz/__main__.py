"""`python -m zslviz`: the command line."""

from zslviz.cli import main

main()
