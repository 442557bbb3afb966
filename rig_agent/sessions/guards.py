"""What should make a person hesitate before this mouse goes into this stage on this rig.

Each guard has a name, by which `--accept NAME` overrides it; asking and recording is the caller's.
"""
from __future__ import absolute_import, unicode_literals

import time
from collections import namedtuple
from email.utils import parsedate

from rig_agent.base.compat import text_type
from rig_agent.base.errors import NotFound, Unreachable
from rig_agent.base.units import parse_utc
from rig_agent.mtrain.regimen import mouse_of
from rig_agent.regimens.model import stage_sha256
from rig_agent.sessions.record import local_time

NAMES = ('unknown-mouse', 'repeat-session', 'unexpected-stage', 'other-rig', 'changed-stage')
DID_NOT_RUN = ('refused', 'not_started')

# message: one sentence without a full stop. advice: what to look at before going on.
Guard = namedtuple('Guard', 'name message advice')


def check(configuration, subject, regimen, stage, client=None, records=()):
    """The Guards that warn, in the order of NAMES; none is good.

    subject: the mouse. regimen, stage: what is about to run. client: of mtrain, or None when no service is to be asked.
    records: of this mouse's sessions, newest first; simulated ones and those that never ran do not count.
    """
    past = [record for record in records if record['subject'] == subject and not record['simulated']
            and record['outcome'] not in DID_NOT_RUN and record['times']['started']]
    unknown, days = _ask_service(client, subject, past)
    last = past[0] if past else None
    found = [unknown, _repeat_session(subject, past, days)]
    if last:
        found += [_unexpected_stage(last, subject, regimen, stage), _other_rig(last, configuration)]
        found += [_changed_stage(past, regimen, stage)]
    elif mouse_of(regimen.where) not in (None, subject):
        found += [_stage_of_another(subject, regimen)]
    return [guard for guard in found if guard]


def _ask_service(client, subject, past):
    """(Guard or None, the days (year, month, day) on which the service has sessions of this mouse)."""
    if client is None:
        return None, []
    try:
        client.state_of_mouse(subject)
        dates = [parsedate(text_type(row.get('date'))) for row in client.sessions_of(subject)]
        return None, [date[:3] for date in dates if date]
    except NotFound:
        return Guard('unknown-mouse', 'mtrain does not know the mouse %s' % subject,
                     'Compare the id with the cage card.'), []
    except Unreachable as error:
        if past:  # an outage does not make a mouse unknown that has run here before
            return None, []
        return Guard('unknown-mouse', 'The mouse %s never ran here and could not be looked up: %s' % (
            subject, error.found or error.what), 'Compare the id with the cage card.'), []


def _repeat_session(subject, past, days):
    today = time.localtime()[:3]
    for record in past:
        if time.localtime(parse_utc(record['times']['started']))[:3] == today:
            return Guard('repeat-session', 'The mouse %s had a session today, at %s: %s, %s' % (
                subject, local_time(record)[11:16], record['stage'], record['outcome'] or record['state']),
                'A second session a day changes its water and its training.')
    if today in days:
        return Guard('repeat-session', 'The mouse %s had a session today, says mtrain' % subject,
                     'A second session a day changes its water and its training.')
    return None


def _unexpected_stage(last, subject, regimen, stage):
    mouse = mouse_of(regimen.where)
    if mouse is not None:
        # The service itself computed this stage from the transitions, which it does not tell.
        return None if mouse == subject else _stage_of_another(subject, regimen)
    if last['stage'] == stage.name or last['regimen'].get('name') == regimen.name and any(
            _leads(transition, last['stage'], stage.name) for transition in regimen.transitions):
        return None
    message = 'The mouse was on stage %s of %s last time, and no transition leads from there to %s'
    return Guard('unexpected-stage', message % (
        last['stage'], last['regimen'].get('name'), stage.name), 'See which stage it is due for.')


def _leads(transition, source, dest):
    sources = transition.get('source')
    sources = sources if isinstance(sources, list) else [sources]
    return transition.get('dest') == dest and (source in sources or '*' in sources)


def _stage_of_another(subject, regimen):
    return Guard('unexpected-stage', 'This stage is what mtrain has for the mouse %s, not for %s' % (
        mouse_of(regimen.where), subject), 'Give the same mouse to --mouse and --regimen.')


def _other_rig(last, configuration):
    if last['rig'].get('id') == configuration['rig.id']:
        return None
    return Guard('other-rig', 'The mouse was on rig %s last time, this is %s' % (
        last['rig'].get('id'), configuration['rig.id']), 'A mouse that changes rigs may change its behaviour.')


def _changed_stage(past, regimen, stage):
    for record in past:
        if record['stage'] == stage.name and record['regimen'].get('name') == regimen.name:
            before = record['regimen'].get('stage_sha256')
            if before is None or before == stage_sha256(stage):
                return None
            message = 'Stage %s of %s is not what it was at the session of %s, under the same name'
            return Guard('changed-stage', message % (stage.name, regimen.name, local_time(record)[:16]),
                'Compare the two with `rig-agent regimen diff`; a changed regimen needs a name of its own.')
    return None
