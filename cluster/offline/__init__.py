"""The cluster's images and tools, built from packages where no image registry is reachable."""
