"""What only the tests run: programs compiled from a go.mod of their own, never by `make up`."""
