"""Images and networking for a cluster on a host that reaches no image registry."""
