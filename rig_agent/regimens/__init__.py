"""A regimen: found, read strictly, checked, named, compared, drawn."""
