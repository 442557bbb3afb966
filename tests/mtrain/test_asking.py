"""What is asked at a real terminal before a mouse goes on a stage, and before something is written to mtrain."""
from __future__ import absolute_import, unicode_literals

import hashlib
import os

import pytest

from rig_agent.base.compat import WINDOWS, read_json
from terminals import Terminal

pytestmark = pytest.mark.skipif(WINDOWS, reason='a terminal of POSIX')
SCRIPT = b'print("ran")\n'
REGIMEN = '''
name: Task1_v1.0.0
stages:
  A: {script: ./task.py, script_md5: %(md5)s, parameters: {x: %(x)d}}
  B: {script: ./task.py, script_md5: %(md5)s, parameters: {}}
transitions: []
'''
QUESTION = 'Go on all the same? [y/N]:'
RUN = ['run', 'A', '--mouse', '612345']


@pytest.fixture
def lab(agent, write):
    """A mouse that ran stage A on this rig a moment ago."""
    def regimen(x=1):
        write('regimen.yml', REGIMEN % {'md5': hashlib.md5(SCRIPT).hexdigest(), 'x': x})
    agent.regimen = regimen
    write('task.py', SCRIPT)
    regimen()
    assert agent(*RUN).code == 0
    return agent


def records(agent):
    sessions = os.path.join(agent.home, 'sessions')
    return [read_json(os.path.join(sessions, name, 'session.json')) for name in os.listdir(sessions)]


def answers(agent):
    """Every guard of every session with what was answered."""
    return sorted((check['name'], check['answer']) for one in records(agent) for check in one['checks']
                  if 'answer' in check)


def test_a_no_starts_nothing(lab):
    for typed in ('n', '', 'perhaps\nn'):
        seen = Terminal(lab, RUN, [(QUESTION, typed)])
        assert seen.code == 4 and 'Nothing was run: the answer was no' in seen.sent and '\nran' not in seen.sent
        assert 'had a session today, at ' in seen.sent and '--accept repeat-session' in seen.sent
    assert len(records(lab)) == 1


def test_each_guard_is_asked_alone_and_the_record_carries_the_answers(lab):
    lab.environment['AIBS_RIG_ID'] = 'TEST.2'
    words = ['run', 'B', '--mouse', '612345', '--accept', 'repeat-session']
    seen = Terminal(lab, words, [(QUESTION, 'y'), (QUESTION, 'yes')])
    assert seen.code == 0 and seen.sent.count(QUESTION) == 2, seen.sent
    assert answers(lab) == [('other-rig', 'accepted at the terminal'), ('repeat-session', 'accepted by --accept'),
                            ('unexpected-stage', 'accepted at the terminal')]


def test_a_stage_that_changed_under_the_same_name_is_asked_about(lab):
    lab.regimen(x=2)
    seen = Terminal(lab, RUN + ['--accept', 'repeat-session'], [(QUESTION, 'n')])
    assert seen.code == 4 and 'is not what it was at the session of 20' in ' '.join(seen.lines()), seen.sent


def test_an_unknown_mouse_is_asked_about(desk, write):
    write('task.py', SCRIPT)
    write('regimen.yml', REGIMEN % {'md5': hashlib.md5(SCRIPT).hexdigest(), 'x': 1})
    words = ['run', 'A', '--mouse', '999999']
    seen = Terminal(desk, words, [(QUESTION, 'n')])
    assert seen.code == 4 and 'mtrain does not know the mouse 999999' in seen.sent
    assert Terminal(desk, words, [(QUESTION, 'y')]).code == 0
    assert answers(desk) == [('unknown-mouse', 'accepted at the terminal')]


def test_without_a_terminal_all_guards_are_named_at_once_with_what_overrides_them(lab):
    lab.environment['AIBS_RIG_ID'] = 'TEST.2'
    refused = lab('run', 'B', '--mouse', '612345')
    options = '--accept repeat-session --accept unexpected-stage --accept other-rig'
    assert refused.code == 4 and options in refused.err and refused.err.count('error: ') == 1
    assert lab('run', 'B', '--mouse', '612345', *options.split()).code == 0
    seen = Terminal(lab, ['--json'] + RUN)
    assert seen.code == 4 and QUESTION not in seen.sent  # --json is for programs, also at a terminal


def test_the_login_is_asked_for_and_the_password_not_shown(desk):
    del desk.environment['RIG_AGENT_MTRAIN_USER'], desk.environment['RIG_AGENT_MTRAIN_PASSWORD']
    words = ['mice', 'add', '800001', '--regimen', 'Wheel_Task1_v1.0.0', '--stage', 'HABITUATION']
    seen = Terminal(desk, words, [(']:', 'desk'), ('password of desk:', 'Sesame-9')])
    assert seen.code == 4 and 'did not accept the login of desk' in seen.sent and 'Sesame' not in seen.sent
    seen = Terminal(desk, words, [(']:', 'desk'), ('password of desk:', 'desk')])
    assert seen.code == 0 and 'added 800001' in seen.sent and seen.sent.count('desk') == 2  # typed, and in the question
