"""Every file that a command writes where it is told to: `--output`, and one answer where it cannot be written."""
from __future__ import absolute_import, unicode_literals

import io
import os
import shutil

import pytest

from rig_agent.base.compat import to_text
from support import PROJECT, Agent

STAGE = 'TRAINING_1_gratings'
COMMANDS = [('generate', STAGE, '--output'), ('regimen', 'graph', '-o'), ('config', 'init', '-o'), ('logs', 'collect', '-o'),
            ('sessions', 'show', 'last', '--html', '-o'), ('sessions', 'report', '--html', '-o'),
            ('smoke', STAGE, '--simulate', '--junit'), ('smoke', STAGE, '--simulate', '--record'),
            ('harness', 'acceptance', '--report')]


@pytest.fixture(scope='module')
def rig(tmpdir_factory):
    """A rig with the project's regimen, on which a session ran; `file` in its folder is a file."""
    rig = Agent(to_text(str(tmpdir_factory.mktemp('folder'))), to_text(str(tmpdir_factory.mktemp('home'))))
    shutil.copy(os.path.join(PROJECT, 'regimen.yml'), rig.folder)
    with io.open(os.path.join(rig.folder, 'file'), 'wb'):
        pass
    assert rig('run', STAGE, '--simulate').code == 0
    return rig


@pytest.mark.parametrize('words', COMMANDS, ids=' '.join)
def test_where_it_cannot_be_written_the_command_is_at_fault_and_the_place_is_named(rig, words):
    ended = rig(*words + (os.path.join('file', 'x.html'),))
    assert ended.code == 2 and 'cannot be written' in ended.err and os.path.join(rig.folder, 'file') in ended.err, ended
    assert os.path.getsize(os.path.join(rig.folder, 'file')) == 0
