"""A computer so fast that the second of two signals always comes while it counts as the same press."""
from rig_agent.sessions import follow

follow.SAME_PRESS = 100.0
