"""The crash test: an office killed with -9 again and again while mail and calls come in, and what must be true after.

`python -m tests.crash` is `make crash`. `run.py` kills; `senders.py` and `callers.py` are the public, and the ledger is
what it was told; `oracle.py` compares that with what lies on the disk, and knows nothing of the product's code.
"""
