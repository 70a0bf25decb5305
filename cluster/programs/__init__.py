"""Every program that the cluster and the tests run: found on PATH or compiled from Go modules."""
