"""Scripts in every style that a lab writes pass on the Pythons that they are written for."""
from __future__ import absolute_import, unicode_literals

import os

import pytest

from rig_agent.base.compat import PY2

LAB = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'lab_scripts')
STYLES = sorted(name[:-3] for name in os.listdir(os.path.join(LAB, 'styles')) if name.endswith('.py'))
ELSEWHERE = {'task_control': r'C:\ProgramData\TaskControl\Data'}  # data where no session looks for it


@pytest.fixture(scope='module')
def results(module_agent):
    """{stage: result} of one smoke test of all styles."""
    ended = module_agent('smoke', '--all', '--simulate', '--fake-assets', '--jobs', '3', '--json',
                         '--regimen', os.path.join(LAB, 'styles.yml'))
    return {result['stage']: result for result in ended.json['results']}


@pytest.mark.parametrize('style', STYLES)
def test_a_script_of_this_style_passes(results, style):
    if style == 'python2_print' and not PY2:
        pytest.skip('written for Python 2 only')
    result = results[style]
    assert (result['verdict'], result['outcome'], result['reasons']) == ('passed', 'completed', [])
    if style in ELSEWHERE:
        assert any(ELSEWHERE[style] in note for note in result['notes'])
    else:
        assert all(output['size'] > 0 for output in result['outputs']) and result['outputs']
    assert not [note for note in result['notes'] if note.startswith('unknown: ') and 'toolbox.misc.mail' not in note]


def test_there_is_a_stage_for_every_style(results):
    assert sorted(results) == STYLES


def test_a_python_2_script_on_python_3_says_so_in_one_line_and_never_runs(results):
    result = results['python2_print']
    if not PY2:
        assert result['reasons'][0].startswith('python2_print.py: line 6 is Python 2, this is Python 3.')
        assert result['exit_code'] == 1 and result['session'] is None


def test_a_script_with_a_second_part_leaves_the_outputs_of_both(results):
    assert len(results['optotagging']['outputs']) == 2
    assert len([output for output in results['image_task']['outputs']]) >= 2


def test_assets_that_were_stood_in_for_are_named(results):
    notes = ' '.join(results['stim_files']['notes'])
    for asset in ('gabor_20_deg_250ms.stim', 'flash_250ms.stim', 'countdown.npy'):
        assert asset in notes


def test_a_pickle_that_was_stood_in_for_is_no_output(module_agent):
    ended = module_agent('smoke', 'only_reads_a_stand_in', '--simulate', '--fake-assets', '--json',
                         '--regimen', os.path.join(LAB, 'faults.yml'))
    result, = ended.json['results']
    assert (ended.code, result['outputs']) == (1, []) and 'set_a.pkl' in ' '.join(result['notes'])
    assert result['reasons'] == ['the script ended without an output file']
