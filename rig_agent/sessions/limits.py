"""The limits of one session: from options, from what the stage says of its length, from the configuration."""
from __future__ import absolute_import, unicode_literals

from rig_agent.base.compat import text_type

NAMES = ('total', 'silence', 'startup', 'memory', 'log', 'disk', 'grace')
# What parameters say of a stage's length (facts of real regimens): key -> seconds in one unit.
LENGTHS = {'max_task_duration_min': 60.0, 'max_mapping_duration_min': 60.0, 'session_dur': 1.0,
           'start_stop_padding': 1.0}
LONGEST = 7 * 24 * 3600.0  # seconds; a longer stage is a typing error
ALLOWANCE, MARGIN = 1.25, 600.0


def resolve(options, parameters, configuration):
    """name -> {value, origin} for every limit; None means no such limit. Seconds and bytes."""
    found = {name: {'value': configuration['limits.' + name], 'origin': configuration.origins['limits.' + name]}
             for name in NAMES}
    expected, named = expected_length(parameters)
    if expected is not None:
        found['total'] = {'value': expected * ALLOWANCE + MARGIN,
                          'origin': 'regimen: %s say %g s; a quarter and 10 min more' % (', '.join(named), expected)}
    for name, value in options.items():
        if value is not None:
            found[name] = {'value': value, 'origin': 'option'}
    return found


def expected_length(parameters):
    """(seconds that the stage should take, the parameters that say so), or (None, []).

    A task and a mapping follow each other, with the padding before and after; `session_dur` is the whole of both.
    Values that are no positive finite numbers say nothing.
    """
    lengths = {}
    _collect(parameters, lengths, depth=4)
    padding = 2 * lengths.get('start_stop_padding', 0.0)
    parts = [key for key in ('max_task_duration_min', 'max_mapping_duration_min') if key in lengths]
    named = ['session_dur'] if 'session_dur' in lengths else parts
    if not named:
        return None, []
    total = max(lengths.get('session_dur', 0.0), sum(lengths[key] for key in parts)) + padding
    return total, sorted(set(named + parts + (['start_stop_padding'] if padding else [])))


def _collect(value, lengths, depth):
    if not isinstance(value, dict) or depth == 0:
        return
    for key, item in value.items():
        seconds = _seconds(item, LENGTHS[key]) if isinstance(key, text_type) and key in LENGTHS else None
        if seconds is not None:
            lengths[key] = max(seconds, lengths.get(key, 0.0))
        _collect(item, lengths, depth - 1)


def _seconds(value, unit):
    if isinstance(value, bool):
        return None
    try:
        seconds = float(value) * unit
    except (TypeError, ValueError, OverflowError):
        return None
    return seconds if 0 < seconds <= LONGEST else None  # also false for NaN
