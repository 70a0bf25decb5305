"""The error for problems that the user can fix. It is shown without a traceback."""


class ClusterError(Exception):
    """One sentence: what is wrong, where, and what to do."""
