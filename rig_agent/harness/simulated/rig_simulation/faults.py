"""Errors that the real packages would raise as well: they are the script's, though they are raised in here."""
from __future__ import absolute_import, division, print_function


def misuse(kind, message):
    """An exception of this kind that counts as the script's."""
    error = kind(message)
    error.rig_agent_of = 'script'
    return error


def number(name, value):
    """A number as a float. Raises TypeError for a text too, as a rig would when it calculates with it."""
    try:
        return float(value) if not isinstance(value, (str, type(u''))) else float('text')
    except (TypeError, ValueError):
        raise misuse(TypeError, '%s is a number, not %r' % (name, value))
