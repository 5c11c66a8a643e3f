"""What ours is measured beside, and what measures it: peers as context managers, each with `port` and `pids`.

`postfix` a Postfix hop with postfwd; `sink` the next hop; `load` messages/s and latency against any port; `record`
plain SQL group commit; `webhook` a bare Starlette document and signed posts; `processes` CPU seconds of a target.
"""
