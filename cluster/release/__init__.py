"""Build the images and install the chart's release on the cluster."""
