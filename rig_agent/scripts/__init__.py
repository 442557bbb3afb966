"""From a reference to verified bytes: sources, cache, lock file, comparison with the repository."""
