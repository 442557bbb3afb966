"""Durations, sizes and time stamps as people write them and records carry them."""
from __future__ import absolute_import, unicode_literals

import re
import time

from rig_agent.base.compat import binary_type, text_type, to_text
from rig_agent.base.errors import UsageError

DURATIONS = {'': 1, 'ms': 0.001, 's': 1, 'sec': 1, 'min': 60, 'm': 60, 'h': 3600, 'd': 86400}
SIZES = {'': 1, 'b': 1, 'kb': 10 ** 3, 'mb': 10 ** 6, 'gb': 10 ** 9, 'tb': 10 ** 12,
         'kib': 2 ** 10, 'mib': 2 ** 20, 'gib': 2 ** 30}


def parse_duration(text):
    """Seconds from `90`, `90s`, `5min`, `2h` or a number. Raises UsageError."""
    return _parse(text, DURATIONS, 'duration', 'seconds, or a number with s, min, h or d, such as 90s, 5min, 2h')


def parse_size(text):
    """Bytes from `1000`, `200MB`, `1GiB` or a number. Raises UsageError."""
    return int(_parse(text, SIZES, 'size', 'bytes, or a number with kB, MB, GB, KiB, MiB or GiB, such as 200MB'))


def _parse(value, units, what, expected):
    text = to_text(value) if isinstance(value, binary_type) else text_type(value)
    match = re.match(r'^\s*(\d{1,18}(?:\.\d{1,30})?)\s*([A-Za-z]*)\s*$', text)
    if isinstance(value, bool) or not match or match.group(2).lower() not in units:
        raise UsageError('This is no %s' % what, expected=expected, found=text)
    return float(match.group(1)) * units[match.group(2).lower()]


def format_duration(seconds):
    """`1.42 s`, `2 min 5 s`, `3 h 12 min`."""
    if seconds is None:
        return '-'
    if seconds < 60:
        return '%.3g s' % seconds
    minutes, rest = divmod(int(round(seconds)), 60)
    if minutes < 60:
        return '%d min %d s' % (minutes, rest) if rest else '%d min' % minutes
    hours, minutes = divmod(minutes, 60)
    return '%d h %d min' % (hours, minutes) if minutes else '%d h' % hours


def format_size(size):
    """`812 B`, `1.4 kB`, `20 MB`."""
    if size is None:
        return '-'
    amount = float(size)
    for unit in ('B', 'kB', 'MB', 'GB'):
        if amount < 1000:
            return '%.3g %s' % (amount, unit) if amount < 100 else '%d %s' % (amount, unit)
        amount /= 1000
    return '%.3g TB' % amount


def utc_now():
    """The moment as records carry it: `2026-11-23T07:15:02.418Z`."""
    return utc_text(time.time())


def utc_text(timestamp):
    """Seconds since the epoch as UTC text with milliseconds."""
    milliseconds = int(round(timestamp * 1000))
    return '%s.%03dZ' % (time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(milliseconds // 1000)), milliseconds % 1000)


def parse_utc(text):
    """Seconds since the epoch of a `utc_text`. Raises ValueError."""
    # No strptime: in a thread of Python 2.7 it fails now and then, because it imports a module when it is called.
    match = re.match(r'^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)\.(\d+)Z?$', text)
    if not match:
        raise ValueError('no UTC time stamp: %s' % text)
    import datetime  # few commands read a time stamp
    moment = datetime.datetime(*[int(part) for part in match.groups()[:6]])
    fraction = match.group(7)
    return (moment - datetime.datetime(1970, 1, 1)).total_seconds() + int(fraction) / 10.0 ** len(fraction)


def local_stamp(timestamp=None):
    """`yymmddHHMMSS` in local time, as the lab names folders and files."""
    return time.strftime('%y%m%d%H%M%S', time.localtime(timestamp))
