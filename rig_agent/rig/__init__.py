"""This machine: configuration, identity, folders, checks."""
