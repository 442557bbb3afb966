"""The verdict on a session: whose a failure is, and the most telling line first."""
from __future__ import absolute_import, unicode_literals

import pytest

from rig_agent.base.errors import WrongBytes
from rig_agent.harness.verdict import judge, refused

RECORD = {'outcome': 'completed', 'reason': 'exit code 0', 'simulated': True, 'traceback': None, 'leftovers': [],
          'outputs': [{'path': 'a.pkl', 'size': 5}], 'stderr_tail': None, 'folder': '/sessions/s', 'warnings': [], 'scripts': [{'name': 'flashes.py'}],
          'argv': ['python', '/sessions/s/261123070000_STAGE.py', '/sessions/s/261123070000_STAGE.json']}
REPORT = {'complete': True, 'exception': None, 'findings': [], 'unknown': [], 'environment': [], 'notes': [],
          'stuck': None, 'files': {'stood_in': {}}}


def record(**changes):
    return dict(RECORD, **changes)


def report(**changes):
    return dict(REPORT, **changes)


def exception(of, **changes):
    return dict({'type': 'KeyError', 'message': "'flsh'", 'file': '/sessions/s/261123070000_STAGE.py', 'line': 7,
                 'simulated': 0.1, 'of': of}, **changes)


def test_a_session_that_ends_well_with_an_output_passes():
    assert judge(record(), report()).passed
    assert judge(record(simulated=False), None).passed


def test_an_exception_is_told_with_the_scripts_own_name_and_when_it_came():
    found = judge(record(outcome='failed', outputs=[]), report(exception=exception('script', simulated=3600.5)))
    assert (found.verdict, found.whose) == ('failed', 'script')
    assert found.reasons == ["KeyError: 'flsh' (flashes.py, line 7), 1 h after the start"]


@pytest.mark.parametrize('of, verdict, whose', [('script', 'failed', 'script'), ('environment', 'failed', 'machine'),
                                                ('simulator', 'gap', 'simulator')])
def test_whose_an_exception_is_decides_what_is_said(of, verdict, whose):
    found = judge(record(outcome='failed', outputs=[]), report(exception=exception(of)))
    assert (found.verdict, found.whose, found.passed) == (verdict, whose, False)


def test_a_library_that_is_not_here_is_told_as_this_machines_lack():
    found = judge(record(outcome='failed', outputs=[]), report(
        exception=exception('environment', type='ModuleNotFoundError', message="No module named 'scipy.io'"),
        environment=[{'lacks': 'scipy', 'advice': 'install it'}]))
    assert found.reasons == ['this machine lacks scipy: install it (flashes.py, line 7)'] and found.whose == 'machine'


def test_a_gap_that_ended_the_script_names_what_is_unknown():
    gap = {'name': 'psychopy.visual.RadialStim', 'uses': 1, 'where': 'x.py:3'}
    found = judge(record(outcome='failed', outputs=[]), report(exception=exception('simulator'), unknown=[gap]))
    assert found.reasons == [
        "KeyError: 'flsh' (flashes.py, line 7); unknown to the simulator: psychopy.visual.RadialStim"]


def test_a_session_that_never_ends_is_told_by_its_finding_and_an_interrupted_one_with_its_place():
    endless = {'code': 'endless', 'message': 'not at its end after 8 simulated hours', 'of': 'script'}
    found = judge(record(outcome='failed', outputs=[]), report(
        exception=exception('script', type='EndOfSimulation'), findings=[endless]))
    assert found.reasons == ['not at its end after 8 simulated hours'] and found.whose == 'script'
    found = judge(record(outcome='timed_out', reason='still running after 10 s', outputs=[]), report(
        exception=exception('user', type='KeyboardInterrupt')))
    assert found.reasons == ['timed_out: still running after 10 s, at flashes.py:7']


def test_data_in_a_folder_or_of_a_kind_that_sessions_do_not_look_for_is_an_output(tmpdir):
    data, empty = tmpdir.join('intervals.csv'), tmpdir.join('x.hdf5')
    data.write('1')
    empty.write('')
    files = {'stood_in': {}, 'written': [str(data), str(empty)]}
    found = judge(record(outputs=[]), report(files=files))
    assert found.passed and 'intervals.csv' in found.notes[0]
    assert not judge(record(outputs=[]), report(files=dict(files, written=[str(empty)]))).passed


def test_what_a_script_says_as_it_gives_up_without_a_traceback_is_told():
    found = judge(record(outcome='failed', reason='exit code 1', outputs=[], stderr_tail='noise\nERROR: no reward\n'),
                  report())
    assert found.reasons[0] == 'failed: exit code 1; last on stderr: ERROR: no reward'
    silent = record(outcome='failed', reason='exit code 1', outputs=[])
    assert judge(silent, report()).reasons[0] == 'failed: exit code 1'
    assert 'stderr' not in judge(record(outcome='killed', outputs=[], stderr_tail='noise'), report()).reasons[0]


def test_a_script_that_asks_a_person_is_told_that_nobody_is_there():
    asks = exception('script', type='EOFError', message='EOF when reading a line')
    assert judge(record(outcome='failed', outputs=[]), report(exception=asks)).reasons == [
        'EOFError: EOF when reading a line (flashes.py, line 7): the script asks a person there, '
        'and a session has no keyboard']


def test_what_a_reason_says_is_not_said_again():
    trouble = exception('script', type='SyntaxError', message='bad (261123070000_STAGE.py, line 7)')
    found = judge(record(outcome='failed', outputs=[]), report(
        exception=trouble, notes=['bad'], environment=[{'lacks': 'h5py', 'advice': 'install it'}]))
    assert found.reasons == ['SyntaxError: bad (flashes.py, line 7)']
    assert found.notes == ['this machine lacks h5py: install it']


def test_a_gap_that_hurt_nothing_is_a_note():
    found = judge(record(), report(unknown=[{'name': 'psychopy.visual.RadialStim', 'uses': 3,
                                             'where': '261123070000_STAGE.py:9'}]))
    assert found.passed and found.notes == ['unknown: psychopy.visual.RadialStim (flashes.py:9)']


def test_a_finding_of_the_script_beside_one_of_the_simulator_is_the_scripts_failure():
    found = judge(record(), report(findings=[{'code': 'x', 'message': 'not modelled', 'of': 'simulator'},
                                             {'code': 'volume', 'message': 'too much water', 'of': 'script'}]))
    assert (found.verdict, found.whose, found.reasons) == ('failed', 'script', ['too much water', 'not modelled'])


def test_without_an_output_or_with_leftovers_it_fails():
    assert judge(record(outputs=[]), report()).reasons == ['no output of more than 0 bytes was written']
    left = [{'name': 'python', 'pid': 7, 'result': 'ended by the agent'}, {'name': 'sync', 'pid': 8, 'result': 'kept, as asked'}]
    assert judge(record(leftovers=left), report()).reasons == ['left behind: python (pid 7, ended by the agent)']


def test_a_stop_is_good_only_when_the_smoke_test_asked_for_it():
    stopped = record(outcome='stopped', reason='rig-agent smoke', simulated=False)
    assert judge(stopped, None, stop_asked=True).passed
    assert not judge(stopped, None, stop_asked=False).passed
    assert judge(dict(stopped, outputs=[]), None, stop_asked=True).reasons == ['no output of more than 0 bytes was written']
    assert not judge(dict(stopped, outcome='killed'), None, stop_asked=True).passed


def test_a_rigs_traceback_is_told_as_well():
    trace = {'type': 'IOError', 'message': 'no movie', 'file': 'C:\\sessions\\s\\261123070000_STAGE.py', 'line': 3}
    found = judge(record(outcome='failed', simulated=False, traceback=trace), None)
    assert found.reasons == ['IOError: no movie (flashes.py, line 3)']


def test_where_there_is_no_camstim_the_way_to_do_without_is_told():
    trace = {'type': 'ImportError', 'message': 'No module named camstim.change', 'file': 'x.py', 'line': 3}
    lacks = record(outcome='failed', simulated=False, traceback=trace, outputs=[])
    assert judge(lacks, None).notes == ['--simulate runs a stage where there is no camstim']
    assert judge(dict(lacks, traceback=dict(trace, message='No module named pandas')), None).notes == []


def test_when_the_simulation_says_nothing_nothing_is_proved():
    assert judge(record(), None).verdict == 'gap'
    assert judge(record(), report(complete=False)).verdict == 'gap'


def test_when_the_simulation_itself_does_not_start_the_script_is_not_blamed():
    trace = {'type': 'AttributeError', 'message': 'no', 'file': 'x.py', 'line': 1}
    found = judge(record(outcome='failed', traceback=trace, stderr_tail='...\nThe simulation could not be started.\n'),
                  None)
    assert (found.verdict, found.whose) == ('gap', 'simulator')


def test_a_refusal_is_told_in_one_line():
    found = refused(WrongBytes('The script is\nnot the one', expected='a' * 32, found='b' * 32))
    assert found.reasons == ['The script is not the one; expected %s; found %s' % ('a' * 32, 'b' * 32)]
    assert found.verdict == 'failed'
