"""The project's own regimen and the scripts that come with the package."""
from __future__ import absolute_import, unicode_literals

import io
import os
import re

import pytest
import yaml

import rig_agent.scripts
from rig_agent.base.files import md5_of_file

PROJECT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')
BUNDLED = os.path.join(os.path.dirname(rig_agent.scripts.__file__), 'bundled')
SCRIPTS = sorted(name for name in os.listdir(BUNDLED) if name.endswith('.py'))


@pytest.fixture(scope='module')
def document():
    with io.open(os.path.join(PROJECT, 'regimen.yml'), 'rb') as stream:
        return yaml.safe_load(stream)


def test_every_md5_in_regimen_yml_is_that_of_the_bytes_which_ship(document):
    pinned = {(stage['script'], stage['script_md5']) for stage in document['stages'].values()}
    assert pinned == {(name, md5_of_file(os.path.join(BUNDLED, name))) for name in SCRIPTS}, \
        'after an edit of a bundled script: python develop.py pins'


def test_regimen_yml_shows_what_a_labs_regimen_holds(document):
    stages = document['stages']
    assert re.match(r'^[A-Za-z0-9]+_[A-Za-z0-9]+_v\d+\.\d+\.\d+$', document['name'])
    assert len(stages) >= 10
    assert all(stage['parameters']['stage'] == name for name, stage in stages.items())
    assert any('passive' in name for name in stages) and any('receptive_field' in name for name in stages)
    transitions = document['transitions']
    assert all(transition[end] in stages for transition in transitions for end in ('source', 'dest'))
    assert {transition['trigger'] for transition in transitions} == {'progress', 'manual'}
    assert any('conditions' in transition for transition in transitions)
    assert any('unless' in transition for transition in transitions)
    reached = {transition['dest'] for transition in transitions} | {next(iter(stages))}
    assert len(reached) >= len(stages) - 1


@pytest.mark.parametrize('name', SCRIPTS)
def test_a_bundled_script_has_a_v2_name_and_lf_line_ends(name):
    assert re.match(r'^rig_agent_[a-z_]+_v2\.py$', name)
    with io.open(os.path.join(BUNDLED, name), 'rb') as stream:
        content = stream.read()
    assert b'\r' not in content
    content.decode('ascii')
    compile(content, name, 'exec')
