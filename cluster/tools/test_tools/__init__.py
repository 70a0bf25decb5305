"""Programs that only the tests run, compiled from a dedicated go.mod."""
