"""Shared by the whole package: errors, processes, steps, paths, versions."""
