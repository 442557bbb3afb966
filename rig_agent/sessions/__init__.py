"""One run of one stage: prepare, keep (supervise), judge, record."""
