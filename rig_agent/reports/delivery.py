"""Deliver what waits in the outbox: one HTTP POST a record, and what each kind of answer means.

The body is the record as JSON, the header `Idempotency-Key` its session's id, `Authorization: Bearer` the token. Any
2xx says that the receiver keeps it, unless a web page, a list or another id comes back: then somebody else answered.
"""
from __future__ import absolute_import, unicode_literals

import json
import re

from rig_agent import __version__
from rig_agent.base.compat import environment, python_command, reason_of, text_type
from rig_agent.base.errors import RigAgentError, Unreachable, UsageError
from rig_agent.base.exchange import exchange
from rig_agent.base.masking import mask
from rig_agent.reports.outbox import Outbox

TOKEN_VARIABLE = 'RIG_AGENT_REPORT_TOKEN'
FAILURES_IN_A_ROW = 3  # after so many the receiver is taken to be down, and the rest waits
PATIENCE = 120.0  # seconds that one flush waits for another
# Statuses that are about this one record, which will not be better next time.
ABOUT_THE_RECORD = (400, 409, 413, 415, 422)


class Flushed(object):
    """What a flush did: delivered [id], failed {id: reason} (to be tried again), refused {id: reason}, left [id]."""

    def __init__(self):
        self.delivered, self.failed, self.refused, self.left = [], {}, {}, []

    @property
    def exit_code(self):
        return 7 if self.failed or self.left else 1 if self.refused else 0

    def as_json(self):
        return {'delivered': self.delivered, 'failed': self.failed, 'refused': self.refused, 'left': self.left}


def flush(configuration, everything=True, say=None, progress=None):
    """Deliver the entries that are queued (or, without `everything`, whose pause is over); returns a Flushed.

    progress: wraps the list of entries to show how far it is. Raises UsageError without a `report.url`, Refused while
    another flush is at work for too long.
    """
    address, headers = _address(configuration), _headers(configuration)
    outbox, flushed, in_a_row = Outbox(configuration['home']), Flushed(), 0
    with outbox.flushing(PATIENCE, say):
        due = outbox.due(everything)
        for entry in (progress(due) if progress else due):
            if in_a_row >= FAILURES_IN_A_ROW:
                flushed.left.append(entry['id'])
                continue
            try:
                problem, forever = _post(address, headers, entry, configuration['report.timeout'] or 20.0)
            except Unreachable as error:
                problem, forever = error.found, False
            if problem is None:
                outbox.delivered(entry['id'])
                flushed.delivered.append(entry['id'])
                in_a_row = 0
                continue
            outbox.failed(entry['id'], problem, forever)
            (flushed.refused if forever else flushed.failed)[entry['id']] = mask(problem)
            in_a_row = 0 if forever else in_a_row + 1
    return flushed


def session_ended(configuration, say=None, offline=False):
    """Queue what has ended and start delivering in the background. Never raises, waits for nobody on the network.

    offline: only queue; a later command delivers.
    """
    if not configuration['report.url']:
        return
    try:
        if Outbox(configuration['home']).collect(configuration.sessions_folder) and not offline:
            flush_in_background(configuration)
    except (RigAgentError, EnvironmentError) as error:
        if say:  # the record itself is safe in its folder, and the next command collects it
            say('The outcome could not be queued: %s' % reason_of(error))


def flush_in_background(configuration):
    """Start `outbox flush --due` as a process of its own, which outlives this one. Raises EnvironmentError."""
    from rig_agent.sessions.start import PACKAGE_PARENT
    from rig_agent.sessions.system import start_detached
    variables = dict(environment(), RIG_AGENT_HOME=configuration['home'], RIG_AGENT_CONFIG=configuration.path or '')
    for key in ('report.url', 'report.token_file', 'report.timeout'):  # as they hold here, wherever they came from
        if configuration[key] is not None:
            variables['RIG_AGENT_' + key.replace('.', '_').upper()] = text_type(configuration[key])
    argv = python_command('rig_agent') + ['outbox', 'flush', '--due', '--quiet']
    start_detached(argv, PACKAGE_PARENT, variables)  # where it finds this very package, as the keeper does


def _post(address, headers, entry, timeout):
    """Send one entry: (None, False) when it is delivered, else (why not, whether it never will be)."""
    answer = exchange('the receiver of outcomes', 'POST', address, entry['document'].encode('utf-8'),
                      dict(headers, **{'Idempotency-Key': entry['id']}), timeout=timeout)
    if 200 <= answer.status < 300:
        return _doubt(answer, entry['id']), False
    if 300 <= answer.status < 400:
        return 'it redirects to %s: put that into report.url' % answer.headers.get('location', 'nowhere'), False
    if answer.status in (401, 403):
        return 'status %d: the token is missing or not accepted' % answer.status, False
    return 'status %d: %s' % (answer.status, answer.excerpt()), answer.status in ABOUT_THE_RECORD


def _doubt(answer, identity):
    """Why a 2xx does not say that the record is kept, or None."""
    if answer.is_page:
        return 'a web page came back, so this is no receiver of outcomes, or a proxy in between answered'
    try:
        document = json.loads(answer.content.decode('utf-8'))
    except (ValueError, RuntimeError):
        return None  # nothing, or a word or two, is as good as JSON
    if isinstance(document, dict) and document.get('id') in (None, identity):
        return None
    return 'JSON of another shape came back: %s' % answer.excerpt(80)


def _address(configuration):
    if not configuration['report.url']:
        raise UsageError('No receiver of outcomes is configured', expected='`report: {url: https://...}`',
                         advice='Put it into the configuration, or set RIG_AGENT_REPORT_URL.')
    return configuration['report.url']


def _headers(configuration):
    headers = {'Content-Type': 'application/json', 'User-Agent': 'rig-agent/%s' % __version__}
    token = _token(configuration)
    if token:
        headers['Authorization'] = 'Bearer ' + token
    return headers


def _token(configuration):
    """The token from the environment, else from the configured file, else None. Raises UsageError, never showing it."""
    token, where = environment().get(TOKEN_VARIABLE), TOKEN_VARIABLE
    if not token and configuration['report.token_file']:
        where = configuration['report.token_file']
        try:
            with open(where, 'rb') as stream:
                token = stream.read(10000).decode('utf-8').strip()
        except (EnvironmentError, UnicodeError) as error:
            raise UsageError('The token file cannot be read', where=where,
                             found='no text' if isinstance(error, UnicodeError) else reason_of(error),
                             advice='Put the token into it, readable by the account that runs sessions only.')
    if token and not re.match(r'[\x21-\x7e]+$', text_type(token)):
        raise UsageError('The token holds characters that no header can carry', where=where,
                         advice='It is one word; look for blanks, quotes or a second line.')
    return token
