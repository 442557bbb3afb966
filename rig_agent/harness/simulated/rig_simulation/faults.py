"""Errors that the real packages would raise as well: they are the script's, though they are raised in here."""
from __future__ import absolute_import, division, print_function


def misuse(kind, message):
    """An exception of this kind that counts as the script's."""
    error = kind(message)
    error.rig_agent_of = 'script'
    return error
