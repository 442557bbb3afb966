"""The acceptance: it passes on a sound machine, finds what is wrong with another, and its page says so."""
from __future__ import absolute_import, unicode_literals

import io
import os

import pytest

from rig_agent.base.compat import to_native, to_text
from rig_agent.cli import main
from rig_agent.harness import acceptance
from rig_agent.harness.acceptance import bench, page, steps
from rig_agent.rig import configuration
from rig_agent.sessions import shim
from support import HANG, PROJECT


def test_every_step_passes_or_says_why_not_and_the_page_holds_all(agent, folder):
    report = os.path.join(folder, 'page', 'acceptance.html')
    ended = agent('harness', 'acceptance', '--report', report, '--json', patience=6 * HANG)
    results = ended.json['results']
    assert ended.code == 0, [result for result in results if result['result'] == 'failed']
    assert [result['title'] for result in results] == [step.title for step in acceptance.STEPS]
    skipped = {result['title'] for result in results if result['result'] == 'skipped'}
    assert len(skipped) <= 3, skipped
    with io.open(report, encoding='utf-8') as stream:
        text = stream.read()
    verdict = 'Fit, as far as it was tried: ' if skipped else 'Fit: '
    assert 'TEST.1' in text and verdict in text and 'http-equiv' not in text and 'src=' not in text
    assert all(page.escape(result['title']) in text for result in results)


def test_what_is_wrong_with_a_machine_is_found_and_told(agent, folder, monkeypatch):
    """An interpreter that always ends well: scripts that fail or hang seem to complete."""
    if os.name == 'nt':
        pytest.skip('needs a shell script')
    python = os.path.join(folder, 'python')
    with io.open(python, 'w') as stream:
        stream.write('#!/bin/sh\nexit 0\n')
    os.chmod(python, 0o755)
    chosen = [step for step in steps.STEPS if step.function in (steps.fails, steps.hangs)]
    monkeypatch.setattr(acceptance, 'STEPS', chosen)
    settings = configuration.load()
    settings.override('python', python)
    results = acceptance.accept(settings, os.path.join(folder, 'page.html'))
    assert [result['result'] for result in results] == ['failed', 'failed']
    assert 'completed' in results[0]['seen'] and 'must be failed' in results[0]['seen']
    with io.open(os.path.join(folder, 'page.html'), encoding='utf-8') as stream:
        assert 'Not fit: 0 passed, 2 failed' in stream.read()


def test_a_step_that_itself_fails_is_a_finding_and_the_page_is_escaped(folder, monkeypatch):
    def breaks(_):
        raise ValueError('<script>')
    monkeypatch.setattr(acceptance, 'STEPS', [steps.Step('a <b>', 'c', 'd', breaks)])
    results = acceptance.accept(configuration.load(), os.path.join(folder, 'page.html'))
    assert results[0]['result'] == 'failed' and '<script>' in results[0]['seen']
    with io.open(os.path.join(folder, 'page.html'), encoding='utf-8') as stream:
        text = stream.read()
    assert '<script>' not in text and 'a &lt;b&gt;' in text and bench.HANG


@pytest.mark.parametrize('wrong, said, code', [
    (None, 'This machine is fit.', 0), (bench.Wrong('x'), 'NOT fit: b', 1),
    (bench.Skipped('no camstim'), 'This machine is fit, as far as it was tried; not tried: b', 0)])
def test_a_machine_is_called_fit_only_for_what_was_tried_on_it(folder, monkeypatch, capsys, wrong, said, code):
    """Without camstim nobody may read that a rig is fit for animals."""
    def tried(_):
        if wrong:
            raise wrong
    monkeypatch.setattr(acceptance, 'STEPS', [steps.Step('a', 'c', 'd', lambda _: None), steps.Step('b', 'c', 'd', tried)])
    monkeypatch.setenv(str('RIG_AGENT_HOME'), to_native(folder))
    assert main.run(['harness', 'acceptance', '--report', os.path.join(folder, 'page.html')]) == code
    assert to_text(capsys.readouterr()[0]).splitlines()[-1] == said


def test_a_rig_with_a_session_is_left_alone(agent):
    lock = shim.take_lock(os.path.join(agent.home, 'rig.lock'))
    ended = agent('harness', 'acceptance')
    os.close(lock)
    assert ended.code == 4 and 'A session runs on this rig' in ended.err


def test_the_documentation_holds_the_checklist(agent):
    with io.open(os.path.join(PROJECT, 'docs', 'windows-acceptance.md'), encoding='utf-8') as stream:
        assert acceptance.checklist() in stream.read()
    assert agent('harness', 'acceptance', '--checklist').out.strip() == acceptance.checklist().strip()
