"""A session's outcome in a few lines, for whoever stands at the rig."""
from __future__ import absolute_import, unicode_literals

from rig_agent.base.units import format_duration, format_size

LONGEST_TAIL = 12  # lines of stderr


def lines(record):
    """[(label, text)] of a record: outcome first, then why, what ran, and where everything is."""
    outcome = record['outcome'] or record['state']
    yield 'outcome', '%s%s' % (outcome, ': %s' % record['reason'] if record['reason'] else '')
    yield 'stage', record['stage']
    if record['subject']:
        yield 'subject', record['subject']
    for script in record['scripts']:
        yield script['role'] if script['role'] != 'main' else 'script', script_line(script)
    for output in record['outputs']:
        yield 'output', '%s (%s)' % (output['path'], format_size(output['size']))
    yield 'duration', duration(record)
    for step in record['stop']['steps']:
        yield 'stop', '%s: %s' % (step['step'], step.get('result') or '-')
    for leftover in record['leftovers']:
        yield 'leftover', 'pid %s %s: %s' % (leftover.get('pid'), leftover.get('name'), leftover.get('result'))
    trace = record['traceback']
    if trace:
        yield 'error', ': '.join(part for part in (trace['type'], trace.get('message')) if part)
        for label, place in places(record):
            yield label, '%s:%s' % place
    for finding in (record.get('simulation') or {}).get('findings') or ():
        yield 'finding', finding['message']
    for warning in record['warnings']:
        yield 'warning', warning
    yield 'session', record['folder']


def places(record):
    """[(label, (file, line))]: where in the script the traceback was, then where it was raised when that is elsewhere."""
    trace = record['traceback']
    raised, own = (trace['file'], trace['line']), (trace.get('script_file'), trace.get('script_line'))
    told = (record.get('simulation') or {}).get('exception')
    if told:  # a simulation tells the place in the script; the frame that raised is one of the simulated camstim
        return [('at', (told.get('file'), told.get('line')))]
    if own[0] is None or own == raised:
        return [('at', raised)] if raised[0] else []
    return [('at', own), ('raised in', raised)]


def text(record):
    """The lines as aligned text."""
    return '\n'.join('%-9s %s' % pair for pair in lines(record))


def script_line(script):
    """`name  md5 ...  bundled, asserted by the regimen`: which bytes, from where, and who vouches for them."""
    assertion = script.get('assertion') or 'unasserted'
    if assertion in ('regimen', 'lock', 'repository'):
        assertion = 'asserted by the %s' % assertion
    return '%s  md5 %s  %s, %s' % (script['name'], script['found_md5'], origin(script), assertion)


def origin(script):
    """Where a script's bytes are from: `bundled`, a commit, or the source."""
    commit = script.get('commit')
    return 'commit %s' % commit[:12] if commit else script.get('source') or '-'


def duration(record):
    """How long it took; with the simulated time where there was one."""
    real = format_duration(record['times']['duration_s'])
    simulated = simulated_seconds(record)
    return real if simulated is None else '%s, for %s of simulated session' % (real, format_duration(simulated))


def simulated_seconds(record):
    """Seconds of session that were simulated, None for a real one or where nothing was told."""
    told = (record.get('simulation') or {}).get('duration')
    return round(told['simulated'], 2) if isinstance(told, dict) else None
