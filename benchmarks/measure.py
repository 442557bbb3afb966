"""What the benchmarks share: repeat, compare, print a table, keep the rows as JSON."""
from __future__ import absolute_import, print_function, unicode_literals

import os
import platform
import subprocess
import sys

from rig_agent.base.compat import monotonic, read_json, to_native
from rig_agent.base.files import write_json
from rig_agent.base.units import utc_now

RESULTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'results.json')


def medians(calls, times=7):
    """Seconds that each of several functions takes: the medians of `times` runs, taken in turns on a noisy machine."""
    taken = [[] for _ in calls]
    for _ in range(times):
        for call, seconds in zip(calls, taken):
            started = monotonic()
            call()
            seconds.append(monotonic() - started)
    return [sorted(seconds)[times // 2] for seconds in taken]


def command(*argv):
    """A function that runs a command to its end, whatever it prints."""
    def run():
        process = subprocess.Popen([to_native(word) for word in argv], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        process.communicate()
    return run


def row(what, seconds, against, against_seconds, limit=None, unit='ratio', kind='s'):
    """One line of a table: what was measured, against what, their ratio and the ratio that is allowed.

    kind: `s`, or another unit, which stands in `what` then.
    """
    return {'what': what, 'seconds': round(seconds, 6), 'against': against,
            'against_seconds': round(against_seconds, 6), unit: round(seconds / against_seconds, 4), 'limit': limit,
            'kind': kind}


def report(benchmark, rows):
    """Print the rows and append them to benchmarks/results.json; 1 when a limit is passed, else 0."""
    version = platform.python_version()
    title = '%s, Python %s' % (benchmark, version)
    print('%-46s %12s %12s %7s %7s   against' % (title, 'ms', 'against ms', 'ratio', 'limit'))
    for line in rows:
        factor = 1000 if line.get('kind', 's') == 's' else 1
        print('%-46s %12.2f %12.2f %7.3g %7s   %s' % (
            line['what'], line['seconds'] * factor, line['against_seconds'] * factor, line['ratio'],
            '%.3g' % line['limit'] if line['limit'] else '-', line['against']))
    known = read_json(RESULTS) if os.path.isfile(RESULTS) else []
    stamp = {'benchmark': benchmark, 'python': version, 'platform': sys.platform, 'at': utc_now()}
    write_json(RESULTS, known + [dict(line, **stamp) for line in rows])
    return int(any(line['limit'] and line['ratio'] > line['limit'] for line in rows))
