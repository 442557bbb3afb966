"""The acceptance: it passes on a sound machine, finds what is wrong with another, and its page says so."""
from __future__ import absolute_import, unicode_literals

import io
import os

import pytest

from rig_agent.harness import acceptance
from rig_agent.harness.acceptance import bench, page, steps
from rig_agent.rig import configuration
from support import PROJECT


def test_every_step_passes_or_says_why_not_and_the_page_holds_all(agent, folder):
    report = os.path.join(folder, 'page', 'acceptance.html')
    ended = agent('harness', 'acceptance', '--report', report, '--json')
    results = ended.json['results']
    assert ended.code == 0, [result for result in results if result['result'] == 'failed']
    assert [result['title'] for result in results] == [step.title for step in acceptance.STEPS]
    skipped = {result['title'] for result in results if result['result'] == 'skipped'}
    assert len(skipped) <= 3, skipped
    with io.open(report, encoding='utf-8') as stream:
        text = stream.read()
    assert 'TEST.1' in text and 'Fit: ' in text and 'http-equiv' not in text and 'src=' not in text
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


def test_a_page_that_cannot_be_written_is_a_usage_error(agent, write):
    path = write('file', b'')
    assert agent('harness', 'acceptance', '--report', os.path.join(path, 'x.html')).code == 2


def test_the_documentation_holds_the_checklist(agent):
    with io.open(os.path.join(PROJECT, 'docs', 'windows-acceptance.md'), encoding='utf-8') as stream:
        assert acceptance.checklist() in stream.read()
    assert agent('harness', 'acceptance', '--checklist').out.strip() == acceptance.checklist().strip()
