"""Programs that write parts of other files: `make docs` and `make version` run them."""
