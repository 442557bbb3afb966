"""Two regimens compared by meaning, and the version step that the change asks for."""
from __future__ import absolute_import, unicode_literals

import io
import os

import pytest

from rig_agent.base.errors import NotFound
from rig_agent.regimens.differences import Difference, step_between
from rig_agent.regimens.reading import read
from support import REAL_REGIMENS

TEXT = """
_base: &base {size: [1, 2], deep: {x: 1, y: null}, volume: 1}
name: Lab_Task_v1.0.0
transitions:
- {trigger: progress, source: A_0, dest: B_0, conditions: [good, better]}
- {trigger: manual, source: B_0, dest: C_0}
stages:
  A_0: {script: a_v2.py, script_md5: 0123456789abcdef0123456789abcdef, parameters: {<<: *base, stage: A_0}}
  B_0: {script: b_v2.py, script_md5: b_v2.py, parameters: {<<: *base, stage: B_0}}
  C_0: {script: b_v2.py, script_md5: b_v2.py, parameters: {stage: C_0, other: 1}}
"""


def difference(*pairs):
    text = TEXT
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    return Difference(read(TEXT.encode(), 'a'), read(text.encode(), 'b'))


@pytest.mark.parametrize('pairs, step', [
    ([], 'none'), ([('volume: 1}', 'volume: 1.0}')], 'none'), ([('[good, better]', '[better, good]')], 'none'),
    ([('&base', '&other'), ('*base', '*other')], 'none'), ([('volume: 1', 'volume: 2')], 'patch'),
    ([('y: null', 'y: 0')], 'patch'), ([('0123456789abcdef0', '1123456789abcdef0')], 'patch'),
    ([('script: a_v2.py', 'script: c_v2.py')], 'minor'), ([('[good, better]', 'good')], 'minor'),
    ([('manual', 'progress')], 'minor'), ([('dest: C_0', 'dest: A_0')], 'minor'),
    ([('  C_0: {', '  D_0: {script: d_v2.py}\n  C_0: {')], 'minor'), ([('C_0', 'C_1')], 'major'),
    ([('  C_0: {script: b_v2.py, script_md5: b_v2.py, parameters: {stage: C_0, other: 1}}\n', '')], 'major')])
def test_the_step_follows_from_what_a_mouse_would_notice(pairs, step):
    assert difference(*pairs).step == step


def test_a_changed_parameter_is_told_with_old_and_new():
    changes = difference(('x: 1', 'x: true'), ('volume: 1', 'volume: [1]')).changed
    assert list(changes) == ['A_0', 'B_0']
    assert [change.as_json() for change in changes['A_0']] == [
        {'key': 'parameters.deep.x', 'kind': 'changed', 'old': 1, 'new': True},
        {'key': 'parameters.volume', 'kind': 'changed', 'old': 1, 'new': [1]}]


def test_a_stage_that_only_got_another_name_is_renamed_and_its_transitions_are_the_same():
    found = difference(('B_0', 'B_zero'))
    assert found.renamed == [('B_0', 'B_zero')]
    assert not (found.added or found.removed or found.transitions or found.changed)


def test_transitions_are_told():
    assert difference(('[good, better]', 'good')).transitions == [
        ('changed', 'progress: A_0 -> B_0, if good (was: if better and good)')]
    assert difference(('dest: C_0', 'dest: A_0')).transitions == [
        ('removed', 'manual: B_0 -> C_0'), ('added', 'manual: B_0 -> A_0')]


@pytest.mark.parametrize('name, change, enough, words', [
    ('Lab_Task_v1.0.0', False, True, 'the name is the same'), ('Lab_Task_v1.0.0', True, False, 'the name is still'),
    ('Lab_Task_v1.0.1', True, True, 'takes a patch step'), ('Lab_Task_v2.0.0', True, True, 'takes a major step'),
    ('Lab_Task_v0.9.0', True, False, 'goes back'), ('Lab_Other_v1.0.0', True, True, 'another regimen'),
    ('LabTask', True, True, 'without a version'), ('Lab_Task_v2', True, True, 'major step')])
def test_the_name_is_judged(name, change, enough, words):
    pairs = [('Lab_Task_v1.0.0', name)] + [('volume: 1', 'volume: 2')] * change
    verdict = difference(*pairs).verdict()
    assert verdict[0] is enough and words in verdict[1], verdict


def test_a_step_that_is_too_small_fails():
    enough, sentence = difference(('C_0', 'C_1'), ('v1.0.0', 'v1.1.0')).verdict()
    assert not enough and 'takes a minor step' in sentence
    assert 'asks for a major step (stage C_0 renamed to C_1)' in sentence


@pytest.mark.parametrize('old, new, step', [((1, 0, 0), (1, 0, 0), 'none'), ((1, 0, 0), (1, 0, 2), 'patch'),
                                            ((1, 9, 9), (2, 0, 0), 'major'), ((1, 2, 3), (1, 3, 0), 'minor'),
                                            ((2, 0, 0), (1, 9, 9), None)])
def test_steps(old, new, step):
    assert step_between(old, new) == step


def test_every_pair_of_real_versions_has_a_verdict():
    """Consecutive versions of one real regimen: the verdict says the step their names took, or why it is too small."""
    if not os.path.isdir(REAL_REGIMENS):
        pytest.skip('the real regimens are not at hand')
    regimens = {}
    for name in sorted(os.listdir(REAL_REGIMENS)):
        with io.open(os.path.join(REAL_REGIMENS, name), 'rb') as stream:
            try:
                regimen = read(stream.read(), name)
            except NotFound:
                continue
        if regimen.name and regimen.stages and '_v' in regimen.name:
            base, version = regimen.name.rsplit('_v', 1)
            regimens.setdefault(base, []).append((tuple(int(part) for part in version.split('.')), name, regimen))
    compared = 0
    for versions in regimens.values():
        versions.sort(key=lambda version: version[:2])
        for (_, _, old), (_, _, new) in zip(versions, versions[1:]):
            found = Difference(old, new)
            enough, sentence = found.verdict()
            assert sentence and (enough or found.step in sentence or 'goes back' in sentence)
            assert found.is_empty == (found.step == 'none')
            compared += 1
    assert compared >= 15


def test_the_command_fails_when_the_step_is_too_small(agent, write):
    write('a.yml', TEXT)
    write('b.yml', TEXT.replace('volume: 1', 'volume: 2').replace('v1.0.0', 'v1.0.1'))
    ended = agent('regimen', 'diff', 'a.yml', 'b.yml')
    assert ended.code == 0 and '2 stages: A_0, B_0' in ended.out and 'parameters.volume: 1 -> 2' in ended.out, ended
    write('c.yml', TEXT.replace('C_0', 'C_1').replace('v1.0.0', 'v1.0.1'))
    ended = agent('regimen', 'diff', 'a.yml', 'c.yml', '--json')
    assert ended.code == 1 and ended.json['step'] == 'major' and ended.json['renamed'] == [{'old': 'C_0', 'new': 'C_1'}]


def test_the_command_compares_tags_of_the_regimens_repository(agent, repository):
    repository.commit({'regimen.yml': TEXT.encode()})
    repository.git('tag', 'Lab_Task_v1.0.0')
    repository.commit({'regimen.yml': TEXT.replace('v1.0.0', 'v1.0.1').replace('volume: 1', 'volume: 2').encode()})
    agent.environment['RIG_AGENT_REGIMENS_REPOSITORY'] = repository.url
    ended = agent('regimen', 'diff', 'Lab_Task_v1.0.0', 'git:master')
    assert ended.code == 0 and 'patch step' in ended.out, ended
    assert agent('regimen', 'diff', 'Lab_Task_v9.0.0', 'git:master').code == 6
