"""What every room stands on: errors, files, units, masking, downloads, clones, and what Python 2 or Windows lack."""
