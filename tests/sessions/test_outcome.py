"""When a session's facts are known, the outcome follows from them; limits, tracebacks and states likewise."""
from __future__ import absolute_import, unicode_literals

import pytest

from rig_agent.base.errors import NotFound
from rig_agent.sessions import limits, outcome, record, tracebacks
from rig_agent.sessions.watch import Watch

TRACE = {'type': 'ValueError', 'message': 'bad', 'at_end': True, 'nested': False}


@pytest.mark.parametrize('facts, expected', [
    ({'exit_code': 0}, 'completed'),
    ({'exit_code': 3}, 'failed'),
    ({'exit_code': 1, 'traceback': TRACE}, 'failed'),
    ({'exit_code': 0, 'escape_pressed': True}, 'aborted'),
    ({'exit_code': 0, 'traceback': TRACE}, 'failed'),
    ({'exit_code': 0, 'traceback': TRACE, 'outputs': True}, 'completed'),
    ({'exit_code': 0, 'traceback': TRACE, 'went_on': True}, 'completed'),
    ({'exit_code': 0, 'traceback': dict(TRACE, at_end=False)}, 'completed'),
    ({'exit_code': 0, 'traceback': dict(TRACE, nested=True), 'outputs': True, 'went_on': True}, 'failed'),
    ({'exit_code': 0, 'traceback': dict(TRACE, nested=True), 'outputs': True, 'saved_after': True}, 'completed'),
    ({'signal': 11, 'signal_name': 'SIGSEGV'}, 'crashed'),
    ({'exit_code': 3221225477}, 'crashed'),
    ({'exit_code': -1073741819}, 'crashed'),
    ({'exit_code': 0, 'cause': 'total', 'last_step': 'control'}, 'timed_out'),
    ({'exit_code': 0, 'cause': 'silence', 'last_step': 'interrupt'}, 'stalled'),
    ({'exit_code': 0, 'cause': 'startup'}, 'stalled'),
    ({'signal': 9, 'cause': 'memory', 'last_step': 'kill'}, 'killed'),
    ({'exit_code': 0, 'cause': 'user', 'last_step': 'control'}, 'stopped'),
    ({'exit_code': 1, 'cause': 'user', 'last_step': 'interrupt', 'traceback': TRACE}, 'stopped'),
    ({'signal': 2, 'signal_name': 'SIGINT', 'cause': 'user', 'last_step': 'interrupt'}, 'stopped'),
    ({'exit_code': 0, 'cause': 'user', 'last_step': 'terminate'}, 'killed'),
    ({'signal': 9, 'cause': 'user', 'last_step': 'kill', 'signal_name': 'SIGKILL'}, 'killed'),
    ({'signal': 11, 'cause': 'user', 'last_step': 'control', 'signal_name': 'SIGSEGV'}, 'crashed'),
    ({'refusal': 'busy'}, 'refused'),
    ({'spawn_error': 'no such file'}, 'not_started'),
    ({'lost': 'gone'}, 'interrupted'),
])
def test_when_the_facts_are_these_the_outcome_is_that(facts, expected):
    found, reason = outcome.judge(facts)
    assert found == expected
    assert reason and found in outcome.EXIT_CODES and found in record.OUTCOMES


def test_when_a_traceback_cannot_be_why_the_script_ended_it_is_not_named_as_the_reason():
    handled = dict(TRACE, at_end=False)
    assert outcome.judge({'exit_code': 2, 'traceback': handled}) == ('failed', 'exit code 2')
    assert outcome.judge({'exit_code': 2, 'traceback': TRACE}) == ('failed', 'exit code 2: ValueError: bad')
    assert outcome.judge({'exit_code': 1, 'traceback': handled}) == ('failed', 'exit code 1: ValueError: bad')


def test_when_windows_reports_a_status_it_is_said_in_words():
    assert outcome.decode_status(3221225477) == '0xC0000005 access violation'
    assert outcome.decode_status(-1073741510) == '0xC000013A ended by Ctrl-C'
    assert 'unknown' in outcome.decode_status(0xC0DEC0DE)
    assert outcome.decode_status(1) is None and outcome.decode_status(255) is None and outcome.decode_status(None) is None


def test_when_wrong_bytes_are_refused_the_exit_code_says_so():
    assert outcome.exit_code_of({'outcome': 'refused', 'refused_for': 'wrong_bytes'}) == 5
    assert outcome.exit_code_of({'outcome': 'refused', 'refused_for': 'rig_busy'}) == 4
    assert outcome.exit_code_of({'outcome': 'stalled'}) == 8


@pytest.mark.parametrize('before, after', [('ended', 'running'), ('stopping', 'running'), ('prepared', 'stopping')])
def test_when_a_state_cannot_follow_another_it_is_an_error(tmpdir, before, after):
    with pytest.raises(AssertionError):
        record.Record(str(tmpdir), {'state': before}).move(after)


@pytest.mark.parametrize('content', [b'{}', b'[]', b'null', b'{"state": ', b'\xff'])
def test_when_a_file_is_no_record_it_is_said_where_and_why(tmpdir, content):
    tmpdir.join('session.json').write_binary(content)
    with pytest.raises(NotFound) as caught:
        record.read(str(tmpdir))
    assert caught.value.found and 'session.json' in caught.value.where


def test_when_a_record_holds_what_cannot_be_written_it_is_not_taken_for_closed(tmpdir):
    odd = record.Record(str(tmpdir), {'state': 'running', 'warnings': [], 'params': float('nan')})
    with pytest.raises(ValueError):
        odd.move('ended')
    odd.values['params'] = None
    assert odd.state == 'running' and odd.move('ended')


# ------------------------------------------------------------------------------------------------ tracebacks

PY3 = '''psychopy warning
Traceback (most recent call last):
  File "/s/a_task.py", line 3, in run
    open("x")
    ~~~~^^^^^
FileNotFoundError: [Errno 2] No such file or directory: 'x'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/s/a_task.py", line 9, in <module>
    main()
    ~~~~^^
  File "/s/helper.py", line 5, in main
    raise zro.Error(text)
zro.Error: no answer
on port 12000
'''
PY2 = '''Traceback (most recent call last):
  File "C:\\s\\a_task.py", line 9, in <module>
    main()
  File "C:\\s\\a_task.py", line 5, in main
    raise KeyError
KeyError
fatal: not a git repository
'''
SYNTAX = '''  File "/s/a_task.py", line 2
    print 'x'
            ^
SyntaxError: Missing parentheses in call to 'print'
'''


def test_when_a_traceback_is_chained_the_last_one_is_meant():
    found = tracebacks.find(PY3, '/s/a_task.py')
    assert (found['type'], found['message']) == ('zro.Error', 'no answer\non port 12000')
    assert (found['file'], found['line'], found['function']) == ('/s/helper.py', 5, 'main')
    assert found['at_end'] and not found['nested']


def test_when_it_is_python_2s_it_is_read_as_well():
    found = tracebacks.find(PY2, 'a_task.py')
    assert (found['type'], found['message'], found['line']) == ('KeyError', '', 5)
    assert found['file'] == 'C:\\s\\a_task.py' and found['at_end'] and not found['nested']


IN_A_LIBRARY = '''Traceback (most recent call last):
  File "{0}a_task.py", line 9, in <module>
    main()
  File "{0}helper.py", line 4, in main
    json.loads(text)
  File "/usr/lib/python3/json/decoder.py", line 355, in raw_decode
    raise JSONDecodeError("Expecting value", s, err.value) from None
json.decoder.JSONDecodeError: Expecting value
'''


@pytest.mark.parametrize('folder', ['/s/', 'C:\\s\\', ''])
def test_when_a_library_raises_the_line_in_the_scripts_own_files_is_told_too(folder):
    found = tracebacks.find(IN_A_LIBRARY.format(folder), (folder or '/s/') + 'a_task.py')
    assert (found['file'], found['line']) == ('/usr/lib/python3/json/decoder.py', 355)
    assert (found['script_file'], found['script_line']) == (folder + 'helper.py', 4)


def test_when_none_of_the_scripts_files_is_in_it_there_is_no_such_line():
    found = tracebacks.find(IN_A_LIBRARY.format('/lib/'), '/s/another.py')
    assert (found['script_file'], found['script_line']) == (None, None)
    own = tracebacks.find(PY2, 'C:\\s\\a_task.py')
    assert (own['script_file'], own['script_line']) == (own['file'], own['line'])


def test_when_the_script_does_not_compile_that_is_a_traceback():
    assert tracebacks.find(SYNTAX)['type'] == 'SyntaxError'


def test_when_another_interpreter_failed_it_is_called_nested():
    assert tracebacks.find(PY2, '/s/run_task.py')['nested']
    assert not tracebacks.find(PY2.replace('<module>', 'step'), '/s/run_task.py')['nested']
    handled = PY2.replace('C:\\s\\', 'C:\\conda\\lib\\site-packages\\camstim\\')  # by a library, as it was imported
    assert tracebacks.find(handled, '/s/run_task.py') and not tracebacks.find(handled, '/s/run_task.py')['nested']


LATE = '''Traceback (most recent call last):
  File "/s/window.py", line 80, in __del__
AttributeError: window is gone
'''


@pytest.mark.parametrize('line', ['Exception ignored in: <function Window.__del__ at 0x7f01>', 'Error in sys.exitfunc:',
                                  'Error in atexit._run_exitfuncs:'])
def test_when_something_fails_as_the_interpreter_ends_it_is_not_what_the_script_ended_with(line):
    found = tracebacks.find('%s%s\n%s' % (PY2, line, LATE), 'a_task.py')
    assert (found['type'], found['at_end']) == ('KeyError', True)
    alone = tracebacks.find('%s\n%s' % (line, LATE), 'a_task.py')
    assert alone is None if line.startswith('Exception ignored') else alone['type'] == 'AttributeError'


GROUP = '''  + Exception Group Traceback (most recent call last):
  |   File "/s/a_task.py", line 3, in <module>
  |     raise ExceptionGroup("many", [ValueError(1), TypeError("b")])
  | ExceptionGroup: many (2 sub-exceptions)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "/s/a_task.py", line 2, in one
    |     raise ValueError(1)
    | ValueError: 1
    +---------------- 2 ----------------
    | TypeError: b
    +------------------------------------
'''


def test_when_it_is_a_group_of_exceptions_the_group_is_told_with_all_of_them():
    found = tracebacks.find('before\n' + GROUP, '/s/a_task.py')
    assert (found['type'], found['message']) == ('ExceptionGroup', 'many (2 sub-exceptions)')
    assert (found['line'], found['at_end'], found['nested']) == (3, True, False) and 'TypeError: b' in found['text']
    assert not tracebacks.find(GROUP + 'next trial\n', '/s/a_task.py')['at_end']
    assert tracebacks.find('  + Exception Group Traceback (most recent call last):\n') is None


@pytest.mark.parametrize('text', ['', 'Traceback (most recent call last):', 'a File "x", line 2', '\x00\ufffd\n' * 50,
                                  'Traceback (most recent call last):\n  File "x", line 2, in y\n'])
def test_when_there_is_no_whole_traceback_there_is_none(text):
    assert tracebacks.find(text) is None


def test_when_the_script_went_on_printing_the_traceback_is_not_its_end():
    assert not tracebacks.find(PY2 + '\nnext trial\n', 'a_task.py')['at_end']


# ------------------------------------------------------------------------------------------------ limits

class Settings(dict):
    origins = dict.fromkeys(['limits.' + name for name in limits.NAMES], 'default')


SETTINGS = Settings({'limits.total': 7200.0, 'limits.silence': None, 'limits.startup': 120.0, 'limits.grace': 20.0,
                     'limits.log': 200, 'limits.memory': None, 'limits.disk': 10})


@pytest.mark.parametrize('parameters, seconds', [
    ({'max_task_duration_min': 60.0, 'start_stop_padding': 300.0}, 4200),
    ({'max_task_duration_min': 60, 'max_mapping_duration_min': 35, 'start_stop_padding': 1}, 5702),
    ({'session_dur': 4118.7}, 4118.7),
    ({'task': {'params': {'max_task_duration_min': '15'}}}, 900),
    ({'max_task_duration_min': '`1.0'}, None),
    ({'max_task_duration_min': float('nan')}, None), ({'session_dur': float('inf')}, None),
    ({'session_dur': -5}, None), ({'session_dur': None}, None), ({'session_dur': True}, None),
    ({'session_dur': [1]}, None), ({'session_dur': 10 ** 400}, None), ({'start_stop_padding': 300}, None),
    ([1, 2], None), (None, None), ({}, None),
])
def test_when_parameters_say_how_long_a_stage_takes_that_is_understood(parameters, seconds):
    assert limits.expected_length(parameters)[0] == pytest.approx(seconds) if seconds else \
        limits.expected_length(parameters) == (None, [])


def test_when_several_say_a_limit_the_nearest_wins_and_is_named():
    parameters = {'max_task_duration_min': 60}
    assert limits.resolve({}, {}, SETTINGS)['total'] == {'value': 7200.0, 'origin': 'default'}
    found = limits.resolve({}, parameters, SETTINGS)['total']
    assert found['value'] == 3600 * 1.25 + 600 and 'max_task_duration_min' in found['origin']
    assert limits.resolve({'total': 5}, parameters, SETTINGS)['total'] == {'value': 5, 'origin': 'option'}


def watch(**values):
    return Watch({name: {'value': values.get(name), 'origin': 'test'} for name in limits.NAMES})


def test_when_a_look_itself_takes_long_that_is_no_sleep():
    slow = watch(silence=60)
    for moment in range(0, 50, 10):
        slow.looked(moment)
        slow.rested(moment + 9.9)
    assert slow.breach(60.1)[0] == 'silence'
    slow.looked(100)  # here the computer slept
    assert slow.breach(100) is None


def test_when_the_computer_was_asleep_nobody_was_silent_meanwhile():
    for limit in ('silence', 'startup'):
        woken, awake = watch(**{str(limit): 60}), watch(**{str(limit): 60})
        for moment in list(range(10)) + list(range(1000, 1040)):
            woken.looked(moment)
            assert woken.breach(moment) is None
        for moment in range(70):
            awake.looked(moment)
        assert awake.breach(69)[0] == limit and woken.breach(1060)[0] == limit
    assert watch(total=60).breach(61)[0] == 'total'


def test_when_a_limit_is_exceeded_it_is_named():
    assert watch(total=2).breach(1.9) is None and watch(total=2).breach(2.1)[0] == 'total'
    silent = watch(silence=2)
    silent.heard(1)
    assert silent.breach(2.9) is None and silent.breach(3.1)[0] == 'silence'
    assert watch(startup=2).breach(2.1)[0] == 'startup'
    talking = watch(startup=2)
    talking.heard(1)
    assert talking.breach(100) is None
    assert watch(memory=10).breach(1, memory=11)[0] == 'memory' and watch(memory=10).breach(1, memory=9) is None
    assert watch().breach(10 ** 9, 10 ** 15) is None
    waiting = watch(total=2, silence=2, startup=9)
    assert waiting.breach(8, started=False) is None and waiting.breach(10, started=False)[0] == 'startup'
