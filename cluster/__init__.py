"""A kind cluster on any machine: `python3 -m cluster --help`.

Where Docker runs and a registry is reachable this is plain kind. Where no image registry is
reachable (or OFFLINE=1) the node image and all it needs are built from packages first.
Only the standard library is used, so that it runs before anything is installed.
"""
