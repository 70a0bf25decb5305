"""What a person can mend is raised as one sentence, never as a traceback."""


class ClusterError(Exception):
    """One clear sentence: what is wrong, where, and what to do."""
