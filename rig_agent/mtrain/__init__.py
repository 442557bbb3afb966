"""Client of the mtrain service."""
