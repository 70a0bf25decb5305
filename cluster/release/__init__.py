"""The main job: the reference image, built, loaded and released on the cluster."""
