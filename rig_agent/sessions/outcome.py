"""From facts to an outcome: a pure function, and the exit code that goes with each outcome."""
from __future__ import absolute_import, unicode_literals

EXIT_CODES = {
    'completed': 0, 'failed': 1, 'crashed': 1, 'aborted': 1, 'stopped': 9, 'killed': 9, 'timed_out': 8, 'stalled': 8,
    'refused': 4, 'not_started': 4, 'interrupted': 3,
}
WRONG_BYTES = 5
# What ended the session, when not the script itself: cause -> outcome.
LIMIT_OUTCOMES = {'total': 'timed_out', 'silence': 'stalled', 'startup': 'stalled', 'memory': 'killed'}
FORCED = ('terminate', 'kill')
INTERRUPT_SIGNAL = 2
UNCAUGHT = 1  # the exit code that Python gives an uncaught exception

WINDOWS_STATUSES = {
    0xC0000005: 'access violation', 0xC000001D: 'illegal instruction', 0xC0000094: 'integer division by zero',
    0xC00000FD: 'stack overflow', 0xC0000135: 'a DLL was not found', 0xC0000139: 'an entry point was not found in a DLL',
    0xC000013A: 'ended by Ctrl-C', 0xC0000142: 'a DLL could not be initialised', 0xC0000374: 'heap corruption',
    0xC0000409: 'stack buffer overrun or abort', 0xC0000017: 'out of memory', 0xC000012D: 'out of page file',
    0xC0000006: 'a page could not be read in', 0xC000007B: 'a 32-bit and a 64-bit image were mixed',
    0xC0000096: 'privileged instruction', 0xC000008E: 'floating point division by zero', 0x40010004: 'ended at logoff',
    0x80000003: 'breakpoint', 0xE06D7363: 'a C++ exception', 0xC0000420: 'an assertion failed',
}
CONTROL_C_STATUS = 0xC000013A


def judge(facts):
    """(outcome, reason) from what is known of an ended session.

    facts, all optional: refusal (text), wrong_bytes, spawn_error (text), lost (text: why the exit code is not known),
    cause (`user` or a name in LIMIT_OUTCOMES: why the agent ended it), cause_text, last_step (of the stop, that had an
    effect), exit_code, signal (number), signal_name, traceback ({type, message, nested, at_end}), escape_pressed, outputs
    (whether new ones appeared), saved_after (whether one was written after the traceback), went_on (whether it printed
    something after the traceback), unstarted (stopped before).
    """
    get = facts.get
    if get('refusal'):
        return 'refused', get('refusal')
    if get('spawn_error'):
        return 'not_started', 'the script could not be started: %s' % get('spawn_error')
    if get('cause') in LIMIT_OUTCOMES:
        return LIMIT_OUTCOMES[get('cause')], get('cause_text') or 'the %s limit' % get('cause')
    if get('cause') == 'user':
        return _judge_stopped(facts)
    if get('lost'):
        return 'interrupted', get('lost')
    if get('signal') is not None:
        return 'crashed', 'ended by %s' % get('signal_name')
    code = get('exit_code')
    if code == CONTROL_C_STATUS:
        return 'failed', decode_status(code)
    if decode_status(code):
        return 'crashed', decode_status(code)
    trace = get('traceback') or {}
    if code != 0:
        is_why = trace.get('at_end') or trace and code == UNCAUGHT
        return 'failed', 'exit code %s%s' % (code, ': ' + _told(trace) if is_why else '')
    if trace.get('at_end') and trace.get('nested') and not get('saved_after'):  # else it was handled, and told
        return 'failed', 'exit code 0, but an interpreter that it started ended with %s' % _told(trace)
    if trace.get('at_end') and not get('outputs') and not get('went_on'):
        return 'failed', 'exit code 0, but the last thing that it said is %s, and no output appeared' % _told(trace)
    if get('escape_pressed'):
        return 'aborted', 'exit code 0; Escape was pressed, says the output'
    return 'completed', 'exit code 0'


def _judge_stopped(facts):
    asked = facts.get('cause_text') or 'a stop was asked for'
    if facts.get('unstarted'):
        return 'stopped', '%s before the script was started' % asked
    if facts.get('last_step') in FORCED:
        return 'killed', '%s, and the script had to be ended (%s)' % (asked, facts['last_step'])
    if facts.get('lost'):
        return 'interrupted', '%s, then: %s' % (asked, facts['lost'])
    if facts.get('signal') not in (None, INTERRUPT_SIGNAL):
        return 'crashed', '%s, and the script was ended by %s' % (asked, facts.get('signal_name'))
    if facts.get('exit_code') != CONTROL_C_STATUS and decode_status(facts.get('exit_code')):
        return 'crashed', '%s, and the script ended with %s' % (asked, decode_status(facts['exit_code']))
    return 'stopped', '%s, and the script ended by itself' % asked


def decode_status(code):
    """A Windows status in words, such as `0xC0000005 access violation`; None for an ordinary exit code.

    A script that ends with a small negative number, as `sys.exit(-1)` does, has 0xFFFFFFFF: an exit code like others.
    """
    if code is None or 0 <= code < 0x40000000 or code & 0xffffffff >= 0xffff0000:
        return None
    code &= 0xffffffff
    return '0x%08X %s' % (code, WINDOWS_STATUSES.get(code, 'an unknown Windows status'))


def _told(trace):
    text = '%s: %s' % (trace['type'], trace['message']) if trace.get('message') else trace['type']
    return text if len(text) <= 200 else text[:197] + '...'


def exit_code_of(record):
    """The exit code that a command ends with after this session."""
    if record.get('refused_for') == 'wrong_bytes':
        return WRONG_BYTES
    return EXIT_CODES[record['outcome']]
