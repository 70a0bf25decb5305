"""What a release needs next to the workflow that publishes it."""
