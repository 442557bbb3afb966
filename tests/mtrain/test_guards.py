"""What makes a person hesitate before a mouse goes into a stage."""
from __future__ import absolute_import, unicode_literals

import json
import time

import pytest

from rig_agent.base.units import utc_text
from rig_agent.harness.standin.faults import Fault
from rig_agent.mtrain.client import Client
from rig_agent.regimens.model import stage_sha256
from rig_agent.regimens.reading import read
from rig_agent.rig import configuration
from rig_agent.sessions import guards

FILE = '''
name: Task1_v1.0.0
stages:
  A: {script: a_v2.py, script_md5: %(md5)s, parameters: {x: 1}}
  B: {script: b_v2.py, script_md5: %(md5)s, parameters: {x: 1}}
  C: {script: c_v2.py, script_md5: %(md5)s, parameters: {x: 1}}
transitions:
  - {trigger: progress, source: A, dest: B}
  - {trigger: manual, source: [B, C], dest: A}
''' % {'md5': '0' * 32}
DAY = 86400


@pytest.fixture
def settings():
    found = configuration.load()
    found.override('rig.id', 'BEH.1')
    return found


def regimen(where='regimen.yml', content=FILE):
    return read(content.encode('utf-8'), where)


def session(stage='A', days_ago=1, **parts):
    """The record of a session of the mouse 612345, as far as guards look at it."""
    started = utc_text(time.time() - days_ago * DAY)
    return dict({'folder': '/sessions/261120070501_%s_0a0a0a0a' % stage, 'subject': '612345', 'simulated': False,
                 'state': 'ended', 'outcome': 'completed', 'stage': stage,
                 'times': {'started': started}, 'rig': {'id': 'BEH.1'},
                 'regimen': {'name': 'Task1_v1.0.0', 'stage_sha256': stage_sha256(regimen().stage(stage))}}, **parts)


def names(settings, stage, records, client=None, of=None):
    of = of or regimen()
    return [guard.name for guard in guards.check(settings, '612345', of, of.stage(stage), client, records)]


@pytest.mark.parametrize('stage, records, expected', [
    ('A', [], []),
    ('A', [session('A')], []),
    ('B', [session('A')], []),
    ('A', [session('C')], []),
    ('C', [session('A')], ['unexpected-stage']),
    ('A', [session('A', days_ago=0)], ['repeat-session']),
    ('A', [session('A', days_ago=0, outcome='refused')], []),
    ('A', [session('A', days_ago=0, simulated=True)], []),
    ('A', [session('A', days_ago=0, subject='7')], []),
    ('A', [session('A', rig={'id': 'BEH.2'})], ['other-rig']),
    ('B', [session('A', rig={'id': 'BEH.1'}), session('C', 2, rig={'id': 'BEH.2'})], []),
    ('C', [session('A', 0, rig={'id': 'BEH.2'})], ['repeat-session', 'unexpected-stage', 'other-rig']),
    ('B', [session('A', regimen={'name': 'Other_v1'})], ['unexpected-stage']),
    ('A', [session('A', regimen={'name': 'Task1_v1.0.0', 'stage_sha256': 'other'})], ['changed-stage']),
    ('A', [session('A', regimen={'name': 'Other', 'stage_sha256': 'other'})], []),
    ('A', [session('C'), session('A', 2, regimen={'name': 'Task1_v1.0.0', 'stage_sha256': 'other'})],
     ['changed-stage']),
])
def test_the_past_of_a_mouse_warns(settings, stage, records, expected):
    assert names(settings, stage, records) == expected


def test_a_changed_parameter_under_the_same_name_warns(settings):
    changed = regimen(content=FILE.replace('A: {script: a_v2.py, script_md5: %s, parameters: {x: 1}}' % ('0' * 32),
                                           'A: {script: a_v2.py, script_md5: %s, parameters: {x: 2}}' % ('0' * 32)))
    assert names(settings, 'A', [session('A')], of=changed) == ['changed-stage']
    assert names(settings, 'B', [session('A')], of=changed) == []


def test_an_unknown_mouse_warns(settings, standin):
    assert names(settings, 'A', [], Client(standin.url)) == []
    standin.store.path = standin.store.path + '-other'
    standin.store.__init__(standin.store.path)
    assert names(settings, 'A', [], Client(standin.url)) == ['unknown-mouse']


def test_when_the_service_is_away_only_a_mouse_that_never_ran_here_warns(settings, standin):
    standin.front.faults = [Fault('html')]
    assert names(settings, 'A', [], Client(standin.url, 2)) == ['unknown-mouse']
    assert names(settings, 'A', [session('A')], Client(standin.url, 2)) == []


def test_a_session_of_today_on_another_rig_is_known_by_the_service(settings, standin):
    import requests
    requests.post(standin.url + '/set_behavior_session/',
                  data=json.dumps({'data_list': [{'LabTracks_ID': '612345'}]}))
    assert names(settings, 'A', [], Client(standin.url)) == ['repeat-session']


def test_the_stage_that_the_service_gives_is_expected_for_its_mouse_only(settings):
    assert names(settings, 'C', [session('A')], of=regimen('mtrain:612345')) == []
    assert names(settings, 'C', [session('A')], of=regimen('mtrain:M700001')) == ['unexpected-stage']
    assert names(settings, 'C', [], of=regimen('mtrain:M700001')) == ['unexpected-stage']
