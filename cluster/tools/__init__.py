"""kind, helm, kubectl and the tools of the tests: taken from PATH, or compiled from Go modules."""
