"""Parameters of a task, looked at before its first frame: kinds, ranges, pairs.

What a rig cannot calculate with is an exception of the script's, as on a rig; what it takes but nobody means is a
finding.
"""
from __future__ import absolute_import, division, print_function

import numbers

from rig_simulation.faults import misuse
from rig_simulation.recorder import is_slip
from rig_simulation.report import REPORT

AMOUNTS = ('max_task_duration_min', 'start_stop_padding', 'reward_volume', 'reward_vol', 'auto_reward_vol',
           'volume_limit', 'auto_reward_delay', 'pre_change_time', 'stimulus_window', 'change_time_scale',
           'min_no_lick_time', 'timeout_duration', 'end_after_response_sec')
NUMBERS = AMOUNTS + ('warm_up_trials', 'free_reward_trials', 'failure_repeats', 'change_flashes_min',
                     'change_flashes_max', 'catch_frequency', 'catch_freq', 'flash_omit_probability')
FRACTIONS = ('catch_frequency', 'catch_freq', 'flash_omit_probability')
PAIRS = ('response_window', 'periodic_flash')
DISTRIBUTIONS = ('geometric', 'exponential')
LONGEST_TASK = 8 * 60.0  # minutes


def check(params):
    """Raises TypeError, ValueError for what is no number where a task needs one."""
    for name in NUMBERS:
        check_number(name, params.get(name))
    for name in PAIRS:
        check_pair(name, params.get(name))
    window = params.get('response_window')
    if isinstance(window, (list, tuple)) and window[0] > window[1]:
        tell('the parameter response_window is [%s, %s]: it ends before it begins', *window)
    lowest, highest = params.get('change_flashes_min'), params.get('change_flashes_max')
    if is_number(lowest) and is_number(highest) and lowest > highest:
        tell('the parameter change_flashes_min is %s, more than change_flashes_max, %s', lowest, highest)
    for known in DISTRIBUTIONS:
        if is_slip(str(params.get('change_time_dist')), known):
            tell('the parameter change_time_dist is %s; did you mean %s?', params['change_time_dist'], known)
    minutes = params.get('max_task_duration_min')
    if is_number(minutes) and minutes > LONGEST_TASK:
        tell('the parameter max_task_duration_min is %g: it is in minutes', minutes)


def check_number(name, value):
    if value in (None, 'None') or isinstance(value, bool):
        return
    if not is_number(value):
        try:
            number = float(value)
        except (TypeError, ValueError):
            raise misuse(TypeError, 'the parameter %s is a number, not %r' % (name, value))
        tell('the parameter %s is the text %s, not the number', name, value)
        value = number
    if name in AMOUNTS and value < 0:
        tell('the parameter %s is %g, below 0', name, value)
    if name in FRACTIONS and not 0 <= value <= 1:
        tell('the parameter %s is %g: it is a fraction from 0 to 1', name, value)


def check_pair(name, value):
    if value in (None, 'None', False):
        return
    if not isinstance(value, (list, tuple)) or len(value) != 2 or not all(is_number(item) for item in value):
        raise misuse(TypeError, 'the parameter %s is two numbers of seconds, not %r' % (name, value))
    if name == 'periodic_flash' and (min(value) < 0 or sum(value) <= 0):
        raise misuse(ValueError, 'the parameter periodic_flash is %r: no time for a flash' % (value,))


def is_number(value):
    return isinstance(value, numbers.Real) and not isinstance(value, bool)  # numpy's too


def tell(text, *values):
    REPORT.finding('parameter', text % values)
