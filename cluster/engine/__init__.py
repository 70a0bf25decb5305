"""The container engine: found or started, and the images that it builds."""
