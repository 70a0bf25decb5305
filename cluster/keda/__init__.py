"""KEDA, which scales pods on metrics other than CPU: `make up KEDA=1` installs it."""
