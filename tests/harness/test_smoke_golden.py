"""Golden runs: kept facts, and what an edit changed."""
from __future__ import absolute_import, unicode_literals

import io
import os

import pytest

from rig_agent.base.errors import NotFound
from rig_agent.harness import golden

FACTS = {'TRAINING_1': {'duration': 3600.0, 'rewards': {'count': 120, 'volume': 0.84}, 'files': ['a.npy', 'b.npy']},
         'a stage / with: odd "name"': {'duration': 10.0}}


def test_when_nothing_changed_a_comparison_is_empty(folder):
    golden.record(os.path.join(folder, 'golden'), FACTS)
    assert golden.compare(os.path.join(folder, 'golden'), FACTS) == []


def test_when_facts_change_each_is_named_with_before_and_after(folder):
    golden.record(folder, FACTS)
    edited = {'TRAINING_1': {'duration': 3600.0, 'rewards': {'count': 60}, 'files': ['a.npy'], 'epilogue': 'movie'},
              'NEW': {}}
    assert golden.compare(folder, edited) == [
        {'stage': 'TRAINING_1', 'fact': 'epilogue', 'before': None, 'after': 'movie'},
        {'stage': 'TRAINING_1', 'fact': 'files', 'before': '[ "a.npy", "b.npy" ]', 'after': '[ "a.npy" ]'},
        {'stage': 'TRAINING_1', 'fact': 'rewards.count', 'before': '120', 'after': '60'},
        {'stage': 'TRAINING_1', 'fact': 'rewards.volume', 'before': '0.84', 'after': None},
        {'stage': 'NEW', 'fact': 'stage', 'before': None, 'after': 'not recorded yet'}]


def test_long_values_that_differ_at_their_end_differ(folder):
    golden.record(folder, {'A': {'table': 'x' * 500 + '1'}})
    change, = golden.compare(folder, {'A': {'table': 'x' * 500 + '2'}})
    assert len(change['before']) < 70 and change['before'] != change['after']


def test_stages_whose_names_are_no_file_names_do_not_share_a_file(folder):
    paths = golden.record(folder, {'a/b': {}, 'a:b': {}, 'a-b': {}, '../up': {}})
    assert len(set(paths)) == 4 and {os.path.dirname(path) for path in paths} == {folder}


def test_a_folder_without_golden_runs_says_how_to_record_them(folder):
    with pytest.raises(NotFound) as caught:
        golden.compare(os.path.join(folder, 'nothing'), FACTS)
    assert '--record' in caught.value.advice


@pytest.mark.parametrize('content', ['{', '[]', '{"schema": 2, "facts": {}}', '{"schema": 1, "facts": 1}'])
def test_a_file_that_is_no_golden_run_is_named(folder, content):
    path, = golden.record(folder, {'A': {}})
    with io.open(path, 'w', encoding='utf-8') as stream:
        stream.write(content)
    with pytest.raises(NotFound) as caught:
        golden.compare(folder, {'A': {}})
    assert caught.value.where == path
