"""The Docker engine: find or start it, and build images with it."""
