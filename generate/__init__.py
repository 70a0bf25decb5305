"""Programs that write parts of other files or the website: `make docs`, `version` and `site`."""
