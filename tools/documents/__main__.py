"""`python -m tools.documents`: writes every document that holds figures."""

from tools.documents.write import main

main()
