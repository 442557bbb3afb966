"""The page of one session: what happened, what is wrong and what to do, at a glance; everything else below."""
from __future__ import absolute_import, unicode_literals

import io
import json
import os
import re

from rig_agent.base.compat import json_text, printed_text
from rig_agent.base.files import write_atomically
from rig_agent.base.masking import mask_value
from rig_agent.base.units import format_duration, format_size, parse_utc
from rig_agent.reports import material, plots, summary
from rig_agent.reports.markup import advised, document, facts, join, section, sign, table, tag
from rig_agent.sessions import record

NAME = 'page.html'
LOG_TAIL = 16000        # bytes of each log
MOST_EVENTS = 200
LONGEST_RECORD = 100000  # characters of the record that are shown
LONGEST_TEXT = 20000
PLAIN_NAME = re.compile(r'^[\w.-]+$')
STATUS_SIGNS = {'failed': '\u2717 failed', 'warning': '! warning'}
TRACEBACK_ADVICE = ('The script raised an error, shown below. The same stage can be tried without an animal: '
                    '`rig-agent smoke %s --simulate`.')
OUTPUT_ADVICE = 'The script gave up by itself; what it printed last, below, may say why.'
FORCED_ADVICE = ('It did not end by itself. Before the next session: see that nothing of it still runs, '
                 '`rig-agent status`; what it printed last, below, may say where it hung.')
ADVICE = {
    'crashed': 'The interpreter died: look at drivers, memory and the screen. Then try `rig-agent smoke STAGE`.',
    'refused': 'Nothing was run. Do what is said here, then run it again.',
    'not_started': 'Nothing was run. See that the interpreter is there: `rig-agent doctor`.',
    'interrupted': 'The machine or the agent went away. See that nothing of the script still runs: `rig-agent status`.',
    'aborted': 'A key in the script\'s window ended it; its output holds what was done until then.'}


def write(folder, path=None):
    """Write the page of the session in `folder`, beside its record or as `path`: where. Raises EnvironmentError."""
    path = os.path.abspath(path or os.path.join(folder, NAME))
    write_atomically(path, make(folder, material.known_secrets([folder])))
    return path


def make(folder, known=()):
    """The page as bytes. known: secrets to mask wherever they stand. Raises NotFound when there is no record."""
    values = _masked(record.read(folder), known)
    events, left_out = _events(folder, known)
    samples = plots.read_samples(folder)
    title = '%s: %s' % (values['stage'], values['outcome'] or values['state'])
    return document(title, _head(values), _what_to_do(values), _traceback(values), _facts(values), _ran(values),
                    _time_line(values, events, left_out), _used(values, samples), _stop(values), _outputs(values),
                    _logs(folder, known), _checks(values), _limits(values), _record(values))


def _masked(value, known):
    """A document with secrets masked by their names, their shapes, and wherever known ones stand."""
    text = material.clean(json_text(mask_value(value)).encode('ascii'), material.encoded(known, json.dumps))
    try:
        return json.loads(text.decode('ascii'))
    except ValueError:
        return mask_value(value)


# ------------------------------------------------------------------------------------------------ at a glance

def _head(values):
    outcome = values['outcome'] or values['state']
    mark, kind = sign(outcome)
    times = values['times']
    return join([
        tag('h1', values['stage'] + (' (simulated)' if values['simulated'] else '')),
        tag('p', ' \u00b7 '.join(part for part in (
            'mouse %s' % values['subject'] if values['subject'] else 'no mouse', 'rig %s' % values['rig']['id'],
            'by %s' % values['rig']['user'], record.local_time(values)[:16],
            format_duration(times['duration_s']) if times['duration_s'] is not None else '') if part)),
        tag('div', join([tag('span', '%s %s' % (mark, outcome.replace('_', ' ').upper()), class_='word'),
                         tag('span', advised(_short(values['reason'] or '')), class_='reason')]),
            class_='outcome ' + kind),
        tag('p', _saved(values), class_='saved') if times['started'] and values['state'] == 'ended' else ''])


def _saved(values):
    """Whether there is data, which is what a session was for."""
    outputs = values['outputs']
    if not outputs:
        return 'No output file was saved.'
    size = format_size(sum(one['size'] or 0 for one in outputs))
    return 'Saved: %s (%s)' % (re.split(r'[\\/]', outputs[0]['path'])[-1] if len(outputs) == 1 else
                               '%d files' % len(outputs), size)


def _what_to_do(values):
    lines = [_advice(values)] if _advice(values) else []
    lines += ['%s: %s. %s' % (one.get('name'), one.get('message'), one.get('solution') or '')
             for one in values['checks'] if one.get('status') == 'failed']
    lines += ['Still alive: pid %s %s. End it by hand.' % (one.get('pid'), one.get('name'))
              for one in values['leftovers'] if one.get('result') == 'could not be ended']
    lines += values['warnings'][:20]
    return section('To look at', tag('ul', join(tag('li', advised(_short(line))) for line in lines))) if lines else ''


def _advice(values):
    """What whoever stands at the rig may do next; None where all is well or the reason says it."""
    if values['outcome'] == 'failed':
        return TRACEBACK_ADVICE % _typed(values['stage']) if values['traceback'] else OUTPUT_ADVICE
    if values['outcome'] in ('timed_out', 'stalled', 'killed'):
        limit = {'total': '--timeout', 'silence': '--silence', 'startup': '--startup'}.get(values['stop']['cause'])
        return FORCED_ADVICE + (' When it is right to take so long: %s with a longer time.' % limit if limit else '')
    advice = ADVICE.get(values['outcome'])
    return advice.replace('STAGE', _typed(values['stage'])) if advice else None


def _typed(name):
    """A name as it is typed in a command."""
    return name if PLAIN_NAME.match(name) else '"%s"' % name


def _traceback(values):
    trace = values['traceback']
    if not trace:
        return ''
    said = ': '.join(part for part in (trace['type'], trace.get('message')) if part)
    return section('Traceback', tag('p', tag('strong', _short(said, 400))),
                   tag('p', '%s, line %s' % (trace.get('file'), trace.get('line')), class_='mono'),
                   tag('pre', _short(trace.get('text') or '')))


def _facts(values):
    ended, rig, regimen = values['exit'], values['rig'], values['regimen'] or {}
    how = ended['error'] or ended['signal'] or ended['status'] or (
        None if ended['code'] is None else 'exit code %s' % ended['code'])
    interpreter = rig['interpreter']
    return section('The session', facts([
        ('Session', tag('span', values['id'], class_='mono')), ('Ended by', how),
        ('Asked for', "%s by the rig's clock" % record.local_time(values)),
        ('Requested', _utc(values['times']['requested'])), ('Started', _utc(values['times']['started'])),
        ('Ended', _utc(values['times']['ended'])),
        ('Took', summary.duration(values) if values['times']['duration_s'] is not None else None),
        ('Regimen', '%s, from %s%s' % (regimen.get('name'), regimen.get('source'), ', commit %s' % regimen['commit']
                                       if regimen.get('commit') else '') if regimen else None),
        ('Changed for this run', ', '.join('%s = %s' % (key, json.dumps(item)) for key, item in
                                           sorted((values['overrides'] or {}).items()))),
        ('Computer', '%s, %s' % (rig['computer'], rig['platform'])),
        ('Python', '%s %s' % (interpreter['path'], interpreter['version'] or '')),
        ('Agent', 'rig-agent %s on Python %s' % (rig['agent']['version'], rig['agent']['python'])),
        ('Folder', tag('span', values['folder'], class_='mono'))]))


def _ran(values):
    rows = []
    for script in values['scripts']:
        rows.append((script.get('role'), script.get('name'), _md5(script.get('found_md5')),
                     summary.origin(script), _assertion(script), _short(script.get('reference') or '', 500)))
    title = 'What ran' if values['times']['started'] else 'What was to run'
    return section(title, table(('Role', 'Script', 'md5', 'From', 'Asserted by', 'Reference'), rows))


def _assertion(script):
    assertion = script.get('assertion')
    return 'nobody' if assertion in (None, 'unasserted') else \
        'the %s' % assertion if assertion in ('regimen', 'lock', 'repository') else assertion


# ------------------------------------------------------------------------------------------------ over time

def _events(folder, known):
    """([event], how many are left out): the first and the last ones when there are too many."""
    try:
        with io.open(os.path.join(folder, 'events.jsonl'), 'rb') as stream:
            lines = stream.read(8 << 20).splitlines()
    except EnvironmentError:
        return [], 0
    half = MOST_EVENTS // 2
    kept = lines if len(lines) <= MOST_EVENTS else lines[:half] + lines[-half:]
    found = []
    for line in kept:
        try:
            event = json.loads(line.decode('utf-8'))
            parse_utc(event['at'])
            found.append(_masked(event, known))
        except (ValueError, KeyError, TypeError, AttributeError):
            continue  # cut short by a kill
    return found, len(lines) - len(kept)


def _time_line(values, events, left_out):
    start = values['times']['started'] or values['times']['requested']
    begun = parse_utc(start)
    rows, moments = [], []
    for event in events:
        elapsed = parse_utc(event['at']) - begun
        moments.append(elapsed)
        rows.append((_moment(event['at'])[11:], _after(elapsed), event.get('event'), _short(_told(event), 1000)))
    length = max([values['times']['duration_s'] or 0.0, 0.001] + moments)
    note = tag('p', '%d events in between are left out; events.jsonl has all.' % left_out) if left_out else ''
    return section('Time line', plots.strip(moments, length), note,
                   table(('UTC', 'After the start', 'What', 'How'), rows, numbers=('After the start',)))


def _after(elapsed):
    return '%s%s' % ('-' if elapsed < 0 else '+', format_duration(abs(elapsed)))


def _told(event):
    if event.get('event') == 'stop step':
        return '%s: %s, %s' % (event.get('step'), event.get('result'), format_duration(event.get('after_s')))
    return ', '.join('%s' % event[key] if key == 'text' else '%s %s' % (key, event[key])
                     for key in sorted(event) if key not in ('at', 'event') and event[key] not in (None, '', []))


def _used(values, samples):
    peaks = values['resources']
    known = facts([
        ('Peak memory', format_size(peaks['peak_memory_bytes']) if peaks['peak_memory_bytes'] is not None else None),
        ('CPU time', format_duration(peaks['cpu_s']) if peaks['cpu_s'] is not None else None),
        ('Most processes', peaks['peak_processes']),
        ('Least free disk', format_size(peaks['least_free_disk_bytes'])
         if peaks['least_free_disk_bytes'] is not None else None)])
    if not samples:
        return section('What it used', known, tag('p', 'It ended before the first sample.'))
    length = max(samples[-1][0], 0.001)
    memory_limit = (values['limits'].get('memory') or {}).get('value')
    drawn = [plots.plot('CPU', [(one[0], one[1]) for one in samples], _percent, length),
             plots.plot('Memory', [(one[0], one[2]) for one in samples], format_size, length, memory_limit)]
    if len(samples) > 1:
        drawn.append(plots.plot('Output', plots.rates(samples), lambda value: format_size(value) + '/s', length))
    return section('What it used', known, *drawn)


def _percent(value):
    return '%d %%' % round(value)


# ------------------------------------------------------------------------------------------------ the rest

def _stop(values):
    stop, parts = values['stop'], []
    if stop['cause']:
        why = stop['text'] or stop['cause']
        by = ' (%s)' % stop['by'] if stop['by'] and stop['by'] not in why else ''
        parts.append(tag('p', 'Why: %s%s' % (why, by)))
    if stop['steps']:
        parts.append(table(('Step', 'UTC', 'To', 'Result', 'Took'), [
            (one.get('step'), (_moment(one.get('at')) or '')[11:],
             ', '.join('pid %s' % pid for pid in one.get('pids') or []) or '-',
             one.get('result'), format_duration(one.get('after_s'))) for one in stop['steps']]))
    if values['leftovers']:
        parts.append(tag('p', 'What outlived the script:'))
        parts.append(table(('pid', 'Name', 'Result'), [(one.get('pid'), one.get('name'), one.get('result'))
                                                      for one in values['leftovers'][:50]]))
    return section('How it was ended', *parts) if parts else ''


def _outputs(values):
    if not values['outputs']:
        return section('Outputs', tag('p', 'No new output file appeared.'))
    rows = [(one['path'], format_size(one['size']), _md5(one['md5']),
             one.get('problem') or ('Escape was pressed' if one.get('escape_pressed') else ''))
            for one in values['outputs'][:50]]
    return section('Outputs', table(('File', 'Size', 'md5', ''), rows, numbers=('Size',)))


def _logs(folder, known):
    parts = []
    for name in ('stdout', 'stderr'):
        size, text = _tail(os.path.join(folder, name + '.log'), known)
        note = 'the last %s of ' % format_size(LOG_TAIL) if size > LOG_TAIL else ''
        parts.append(tag('h3', '%s.log (%s%s)' % (name, note, format_size(size))))
        parts.append(tag('pre', text) if text.strip() else tag('p', 'nothing'))
    return section('What it printed', *parts)


def _tail(path, known):
    try:
        with io.open(path, 'rb') as stream:
            size = stream.seek(0, 2)
            stream.seek(max(size - LOG_TAIL - material.CONTEXT, 0))
            content = material.clean(stream.read(), known and material.encoded(known)).replace(b'\0', b'')
    except EnvironmentError:
        return 0, ''
    text = printed_text(content[-LOG_TAIL:])
    return size, text.partition('\n')[2] if len(content) > LOG_TAIL and '\n' in text else text


def _checks(values):
    if not values['checks']:
        return ''
    rows = [(_status(one.get('status')), one.get('name'), _short(one.get('message') or '', 1000),
             advised(' '.join(part for part in (one.get('solution'), _answered(one)) if part)))
            for one in values['checks']]
    return section('Checks before the start', table(('Status', 'Check', 'Found', 'To do'), rows))


def _answered(check):
    return '(%s)' % check['answer'] if check.get('answer') else None


def _status(status):
    return tag('strong', STATUS_SIGNS[status]) if status in STATUS_SIGNS else status


def _limits(values):
    rows = [(name, _limit(name, one['value']), one['origin']) for name, one in sorted(values['limits'].items())]
    return section('Limits', table(('Limit', 'Value', 'From'), rows)) if rows else ''


def _limit(name, value):
    if value is None:
        return 'none'
    return format_size(value) if name in ('log', 'memory', 'disk') else format_duration(value)


def _record(values):
    return section('The whole record', tag('details', join([
        tag('summary', 'session.json'), tag('pre', _short(json_text(values), LONGEST_RECORD))])))


def _moment(text):
    return text[:19].replace('T', ' ') if text else None


def _utc(text):
    return '%s UTC' % _moment(text) if text else None


def _md5(text):
    return tag('span', text or '-', class_='mono md5')


def _short(text, longest=LONGEST_TEXT):
    return text if len(text) <= longest else '%s ... (%d more characters)' % (text[:longest], len(text) - longest)
