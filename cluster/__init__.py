"""Create a kind cluster on any machine, and run the chart's release on it.

With Docker and a reachable image registry this is plain kind. Without a registry, or with
OFFLINE=1, the node image and its programs are built from packages first. Uses only Python's
standard library, so that it runs before anything is installed.
"""
