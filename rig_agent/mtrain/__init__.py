"""Client of the mtrain service: which mouse is on which stage, and the few things that may be changed there."""
