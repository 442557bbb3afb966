"""What a smoke test says of one session: passed, failed, or not told because the simulator has a gap there.

The session's record says how the script ended; the simulation's report, where there is one, says what it did and whose
an exception or a finding is: the script's, this machine's (a library or an asset that it lacks), the simulator's.
"""
from __future__ import absolute_import, unicode_literals

import os
import re

from rig_agent.base.units import format_duration
from rig_agent.harness.simulated.rig_simulation.merging import DATA

PASSED, FAILED, GAP = 'passed', 'failed', 'gap'
GOOD_ENDS = ('completed', 'stopped')
NOT_STARTED = 'The simulation could not be started.'  # what the simulation says then
END_OF_SIMULATION = 'EndOfSimulation'
IMPORT_ERRORS = ('ImportError', 'ModuleNotFoundError')
OF_A_RIG = re.compile(r'\b(?:camstim|psychopy|toolbox)\b')
MOST_NAMED = 3  # unknown things in a reason
LONG_AFTER_THE_START = 60  # seconds; when in the session an exception came is said from here on


class Verdict(object):
    """verdict: passed, failed or gap. whose: script, regimen, machine, simulator, rig_agent; None when passed.

    reasons: one line each, the most telling first; empty when passed. notes: what to know all the same.
    """

    def __init__(self, reasons=(), notes=()):
        self.reasons = [reason for _, reason in reasons]
        self.whose = reasons[0][0] if reasons else None
        self.verdict = PASSED if not reasons else GAP if self.whose == 'simulator' else FAILED
        self.notes = list(notes)

    @property
    def passed(self):
        return self.verdict == PASSED


def judge(record, report=None, stop_asked=False):
    """The Verdict on an ended session.

    record: the session's. report: the simulation's, None on a rig. stop_asked: whether the smoke test itself asked for
    the stop, when its duration was over.
    """
    report = report or {}
    reasons = _end(record, report, stop_asked)
    reasons += [(_owner(finding), finding['message']) for finding in report.get('findings', [])
                if not any(finding['message'] in reason for _, reason in reasons)]
    reasons = [(whose, _as_written(reason, record, report)) for whose, reason in reasons]
    elsewhere = _data_elsewhere(record, report)
    if not reasons and not record['outputs'] and not elsewhere:
        reasons.append(('script', 'no output of more than 0 bytes was written'))
    reasons += _left_behind(record)
    if record['simulated'] and not reasons and not report.get('complete'):
        reasons.append(('simulator', 'the simulation told nothing: simulation.json is missing or not complete'))
    if any(finding[0] != 'simulator' for finding in reasons) and not _gap_ended_it(report):
        reasons.sort(key=lambda finding: finding[0] == 'simulator')  # a gap beside a fault does not hide the fault
    notes = [note for note in _notes(record, report) if not any(note in reason for _, reason in reasons)]
    if not record['outputs']:
        notes += ['data was written, but to no output folder of a session, or not as .pkl or .hdf5: %s'
                  % _as_written(path, record, report) for path in elsewhere]
    return Verdict(reasons, notes)


def refused(error, whose=None):
    """The Verdict on a stage that could not be started: a RigAgentError says why."""
    text = error.what
    for label in ('expected', 'found'):
        if getattr(error, label):
            text += '; %s %s' % (label, getattr(error, label))
    return Verdict([(whose or {4: 'machine', 6: 'regimen'}.get(error.exit_code, 'rig_agent'), ' '.join(text.split()))])


def _end(record, report, stop_asked):
    """Why the end of the session is none that a good stage has."""
    exception = report.get('exception')
    if exception and exception['of'] != 'user':
        if exception['type'] == END_OF_SIMULATION and report.get('findings'):
            return []  # the finding says it better
        told = _lacking(exception, report) or _told(exception, record)
        if exception['of'] == 'simulator' and report.get('unknown'):
            told += '; ' + _what_is_unknown(report)
        return [(_owner(exception), told)]
    outcome = record['outcome']
    if outcome == 'completed' or outcome == 'stopped' and stop_asked:
        return []
    if outcome in ('refused', 'not_started', 'interrupted'):
        return [('rig_agent', '%s: %s' % (outcome, record['reason']))]
    if record['simulated'] and NOT_STARTED in (record['stderr_tail'] or ''):
        return [('simulator', 'the simulation could not be started: see stderr.log in %s' % record['folder'])]
    trace = record['traceback']
    if outcome == 'failed' and trace:
        return [('script', _told(dict(trace, simulated=None), record))]
    if report.get('stuck'):
        return [('script', '%s: computed for %.0f s at %s without a frame, a wait or a look at the clock'
                 % (outcome, report['stuck']['seconds'], report['stuck']['where']))]
    where = ', at %s:%s' % (_file_name(exception), exception['line']) if exception else ''  # where the interrupt met it
    return [('script', '%s: %s%s%s' % (outcome, record['reason'], where, _last_words(record)))]


def _last_words(record):
    """What a script printed last on stderr that ended itself without a traceback, as `sys.exit("no reward")` does."""
    lines = [line.strip() for line in (record['stderr_tail'] or '').splitlines() if line.strip()]
    return '; last on stderr: %s' % lines[-1][-200:] if record['outcome'] == 'failed' and lines else ''


def _what_is_unknown(report):
    misspelt = [finding['message'] for finding in report.get('findings', []) if finding['code'] == 'misspelt']
    return misspelt[0] if misspelt else 'unknown to the simulator: %s' % ', '.join(
        gap['name'] for gap in report['unknown'][:MOST_NAMED])


def _lacking(exception, report):
    """The one line on a library that this machine's Python lacks; None for another exception."""
    if exception['of'] != 'environment' or exception['type'] not in IMPORT_ERRORS:
        return None
    words = re.findall(r'[\w.]+', exception['message'])
    for lack in report.get('environment', []):
        if any(word.partition('.')[0] == lack['lacks'] for word in words):
            return 'this machine lacks %s: %s (%s, line %s)' % (
                lack['lacks'], lack['advice'], _file_name(exception), exception['line'])
    return None


def _told(exception, record):
    text = ' '.join(('%s: %s' % (exception['type'], exception['message'])).split()) if exception['message'] \
        else exception['type']
    place = '(%s, line %s)' % (_file_name(exception), exception['line'])
    if exception['file'] and place not in text:  # a SyntaxError says it itself
        text += ' ' + place
    if exception['type'] == 'EOFError' and 'reading a line' in text:
        text += ': the script asks a person there, and a session has no keyboard'
    if (exception.get('simulated') or 0) >= LONG_AFTER_THE_START:
        text += ', %s after the start' % format_duration(exception['simulated'])
    return text


def _file_name(exception):
    return exception['file'].replace('\\', '/').rpartition('/')[2]


def _as_written(text, record, report):
    """A message with names as regimen and script have them, in place of the session's.

    The script is `<yymmddHHMMSS>_<stage>.py` in its session, and a rig's paths lead into the session's folder.
    """
    redirected = ((report.get('files') or {}).get('redirected') or {}).items()
    for path, place in sorted(redirected, key=lambda item: -len(item[1])):
        text = text.replace(place, path)
    if len(record['argv']) > 1 and record['scripts']:
        return text.replace(os.path.basename(record['argv'][1]), record['scripts'][0]['name'])
    return text


def _owner(item):
    return {'environment': 'machine'}.get(item.get('of'), item.get('of') or 'script')


def _gap_ended_it(report):
    return (report.get('exception') or {}).get('of') == 'simulator'


def _data_elsewhere(record, report):
    """Data that the script wrote, and that its session does not count as an output: another folder or kind."""
    paths = set((report.get('files') or {}).get('written', ()))
    output = os.path.join(record['folder'], 'output')  # a forked child of the script may have written there
    paths.update(os.path.join(output, name) for name in (os.listdir(output) if os.path.isdir(output) else ()))
    counted = {output['path'] for output in record['outputs']}
    return sorted(path for path in paths if path.lower().endswith(DATA) and path not in counted and _size(path))


def _size(path):
    try:
        return os.path.getsize(path)
    except OSError:
        return 0


def _left_behind(record):
    return [('script', 'left behind: %s (pid %s, %s)'
             % (left.get('name') or 'a process', left.get('pid'), left.get('result')))
            for left in record['leftovers'] if left.get('result') not in ('kept, as asked', 'ended by itself')]


def _notes(record, report):
    notes = ['unknown: %s (%s)' % (gap['name'], _as_written(gap['where'] or '?', record, report))
             for gap in report.get('unknown', [])]
    notes += ['this machine lacks %s: %s' % (lack['lacks'], lack['advice']) for lack in report.get('environment', [])]
    trace = record['traceback'] or {}
    if not record['simulated'] and trace.get('type') in IMPORT_ERRORS and OF_A_RIG.search(trace.get('message') or ''):
        notes.append('--simulate runs a stage where there is no camstim')
    notes += ['stood in for %s' % path for path in sorted((report.get('files') or {}).get('stood_in', ()))]
    return notes + report.get('notes', []) + record['warnings']
