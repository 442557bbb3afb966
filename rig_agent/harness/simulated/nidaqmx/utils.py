"""nidaqmx.utils: lists of channels as one text, `Dev1/ai0:3, Dev1/ai5`, and back."""
from __future__ import absolute_import, division, print_function

import re

NUMBERED = re.compile(r'^(.*?)(\d+)$')


def unflatten_channel_string(channel_names):
    """`Dev1/ai0:2` as the list of its three channels."""
    names = []
    for part in str(channel_names).split(','):
        first, _, last = part.strip().partition(':')
        begin, end = NUMBERED.match(first), NUMBERED.match(last)
        if begin is None or end is None:
            names += [first] if first else []
            continue
        low, high = int(begin.group(2)), int(end.group(2))
        step = 1 if low <= high else -1
        names += ['%s%d' % (begin.group(1), number) for number in range(low, high + step, step)]
    return names


def flatten_channel_string(channel_names):
    """A list of channels as one text, neighbours in a row as `Dev1/ai0:2`."""
    rows = []  # [beginning of the name, first number, last number]; the numbers are None without one
    for name in channel_names:
        match = NUMBERED.match(name.strip())
        head, number = (match.group(1), int(match.group(2))) if match else (name.strip(), None)
        if rows and number is not None and rows[-1][0] == head and rows[-1][2] == number - 1:
            rows[-1][2] = number
        else:
            rows.append([head, number, number])
    return ','.join(head if first is None else '%s%d' % (head, first) if first == last else
                    '%s%d:%d' % (head, first, last) for head, first, last in rows)
