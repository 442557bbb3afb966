"""A camstim machine without one: simulated camstim, misbehaving scripts, stand-in mtrain."""
