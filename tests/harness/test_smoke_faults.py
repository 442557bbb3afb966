"""Each planted fault is found and named; a gap of the simulator is never taken for a fault, nor the other way round."""
from __future__ import absolute_import, unicode_literals

import os
import re

import pytest

from rig_agent.base.compat import PY2

LAB = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'lab_scripts')
# stage -> what the reasons have to say
FAULTS = {
    'wrong_parameter_name': r"KeyError: u?'sweep_lenght' \(wrong_parameter_name.py, line 8\)",
    'unexpected_parameter': r"TypeError: .*unexpected keyword argument 'colour' \(unexpected_parameter.py, line 9\)",
    'wrong_keyword': r'sweeplength \(at wrong_keyword\.py:8\); did you mean sweep_length',
    'wrong_sweep_name': r'Contrst.*did you mean Contrast',
    'misspelt_parameter': r'volume_limt; did you mean volume_limit',
    'missing_movie': r'no_such_movie\.npy',
    'missing_image_folder': r"'//lab-share/images/set_a'",
    'wrong_output_folder': r'no/such/folder',
    'output_elsewhere': r'without an output file',
    'output_never_written': r'without an output file',
    'empty_output': r'no output of more than 0 bytes',
    'endless_loop': r'(computed for|still running after) .* at endless_loop\.py:[45]',
    'endless_session': r'not at its end after .* simulated hours.*endless_session\.py',
    'too_much_water': r'one reward is 7 mL',
    'exception_after_an_hour': r'ValueError: the hour is over \(exception_after_an_hour.py, line 8\), 1 h after the start',
    'missing_import': r'(ImportError|ModuleNotFoundError): No module named .?lab_tools_that_nobody_installed',
    'missing_name_in_second_part': r"NameError: .*'optotaging' is not defined \(missing_name_in_second_part.py, line 12\)",
    'not_python': r'not_python.py: line 3 does not compile on Python [23]\.\d+ .*: def session\(window\)',
    'tabs_and_blanks': r'tabs_and_blanks.py: line 4 (does not compile|is Python 2, this)',
    'shorter_than_it_says': r'session_dur says 1 min, simulated were 20 s',
    'exit_code': r'failed: exit code 3',
    'killed_by_a_signal': r'crashed: ended by SIGSEGV',
    'left_behind': r'left behind: python',
    'waits_for_a_person': r'EOFError: nobody answered',
    'task_without_stimulus': r'stimulus',
    'only_reads_a_stand_in': r'//lab-share/images/set_a.pkl',  # not stood in for here
    'reversed_response_window': r'response_window is \[0.75, 0.15\]: it ends before it begins',
    'flash_of_one_number': r'periodic_flash is two numbers of seconds, not 0.25 \(too_much_water.py, line 13\)',
    'negative_duration': r'sweep_length is -1 s \(at wrong_times.py:[78]\)',
    'reversed_sequence': r'\(20, 10\) ends before it begins \(at wrong_times.py:10\)',
    'order_beyond_the_table': r'IndexError: sweep_order holds 2, the sweep table has 2 rows',
    'never_shown': r'the Stimulus GratingStim was never shown: its display sequence has no time',
    'angles_of_text': r"TypeError: ori is a number, not u?'0' \(wrong_times.py, line 11\)",
    'blank_of_text': r"TypeError: pre_blank_sec is a number, not u?'one' \(wrong_times.py, line 11\)",
    'wrong_monitor': r"no monitor is called u?'Gama1.Luminance50' .*; did you mean 'Gamma1.Luminance50'\?",
    'division_in_a_callback': r'ZeroDivisionError: .* \(division_in_a_callback.py, line 10\)',
    'waits_for_a_key': r'after 8 simulated hours; .*waits_for_a_key.py:5 and looks for keys, which nobody presses',
}

OF_MACHINE = ('missing_movie', 'missing_image_folder', 'missing_import', 'only_reads_a_stand_in')


@pytest.fixture(scope='module')
def faults(module_agent):
    """{stage: result} of one smoke test of all planted faults."""
    ended = module_agent('smoke', '--all', '--simulate', '--jobs', '3', '--timeout', '10s', '--json',
                         '--regimen', os.path.join(LAB, 'faults.yml'))
    assert ended.code == 1
    return {result['stage']: result for result in ended.json['results']}


@pytest.mark.parametrize('fault', sorted(FAULTS))
def test_a_planted_fault_is_found_and_named(faults, fault):
    if fault == 'tabs_and_blanks' and PY2:
        return  # Python 2 takes it
    result = faults[fault]
    assert result['verdict'] == 'failed' and result['exit_code'] in (1, 8)
    assert re.search(FAULTS[fault], result['reasons'][0]), result['reasons']
    assert result['whose'] in ('script', 'machine' if fault in OF_MACHINE else 'script')


def test_every_planted_fault_is_tested(faults):
    assert sorted(faults) == sorted(FAULTS)


@pytest.fixture(scope='module')
def gaps(module_agent):
    ended = module_agent('smoke', '--all', '--simulate', '--jobs', '2', '--json',
                         '--regimen', os.path.join(LAB, 'gaps.yml'))
    return {result['stage']: result for result in ended.json['results']}


def test_a_gap_that_hurts_nothing_is_named_and_the_stage_passes(gaps):
    result = gaps['unknown_but_harmless']
    assert result['verdict'] == 'passed'
    assert any('psychopy.visual.ConcentricStim' in note for note in result['notes'])


def test_a_gap_that_ends_the_script_is_the_simulators(gaps):
    result = gaps['unknown_and_fatal']
    assert (result['verdict'], result['whose']) == ('gap', 'simulator')
    assert any('camstim.future.TrialTable' in note for note in result['notes'])


def test_what_goes_wrong_with_the_numbers_of_something_unknown_is_the_simulators(gaps):
    result = gaps['calculated_from_unknown']
    assert (result['verdict'], result['whose']) == ('gap', 'simulator')
    assert 'unknown to the simulator: psychopy.monitors.Monitor.getRefreshRate' in result['reasons'][0]


def test_a_fault_beside_a_gap_is_the_scripts(gaps):
    result = gaps['own_fault_beside_unknown']
    assert (result['verdict'], result['whose']) == ('failed', 'script')
    assert 'no_such_parameter' in result['reasons'][0]


def test_a_library_that_this_machine_lacks_is_the_machines(gaps):
    result = gaps['library_that_is_not_here']
    assert (result['verdict'], result['whose']) == ('failed', 'machine')
    assert 'pynwb' in result['reasons'][0]


def test_when_strict_a_gap_fails_the_stage_as_a_gap(module_agent):
    ended = module_agent('smoke', 'unknown_but_harmless', '--simulate', '--strict-simulation', '--json',
                         '--regimen', os.path.join(LAB, 'gaps.yml'))
    result, = ended.json['results']
    assert (ended.code, result['verdict'], result['whose']) == (1, 'gap', 'simulator')
    assert 'psychopy.visual.ConcentricStim' in result['reasons'][0]
