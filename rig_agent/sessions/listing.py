"""Sessions of this rig: what ran, filtered; what runs now; one of them by whatever a person calls it."""
from __future__ import absolute_import, unicode_literals

import datetime
import io
import os
import re

from rig_agent.base.compat import to_text
from rig_agent.base.errors import NotFound, UsageError
from rig_agent.base.masking import mask
from rig_agent.base.nearest import did_you_mean
from rig_agent.base.printed import last_line
from rig_agent.base.units import parse_utc, utc_now
from rig_agent.sessions import prepare, record
from rig_agent.sessions.start import HANDED_OVER

FOLDER_NAME = re.compile(r'^(\d{12})_(.*)_([0-9a-f]{8})$')
TAIL = 4096
DAY = re.compile(r'^(\d{4})-?(\d\d)-?(\d\d)$')


def list_sessions(configuration, stage=None, mouse=None, outcome=None, since=None, until=None, limit=None):
    """Records, newest first. Each filter that is not None must hold.

    outcome: an outcome, or `running` for what is not ended. since, until: local days, `2026-11-23`, both included.
    limit: at most so many. Folders without a readable record are left out.
    """
    first, last = _day(since), _day(until)
    found = []
    for name in reversed(_folder_names(configuration)):
        day = name[:6]
        if first and day < first or last and day > last:
            continue
        try:
            values = record.read(os.path.join(configuration.sessions_folder, name))
        except NotFound:
            continue
        if stage is not None and values['stage'] != stage or mouse is not None and values['subject'] != mouse:
            continue
        if outcome is not None and outcome != (values['outcome'] or 'running'):
            continue
        found.append(values)
        if limit is not None and len(found) >= limit:
            break
    return found


def find(configuration, text):
    """The folder of the session that `text` names: an id or its beginning, a folder's name or path, `last`.

    Raises NotFound when there is none and UsageError when there is more than one.
    """
    if os.path.isfile(os.path.join(text, record.FILE)):
        return os.path.abspath(text)
    names = _folder_names(configuration)
    if text == 'last' and names:
        return os.path.join(configuration.sessions_folder, names[-1])
    matching = [name for name in names
                if name == text or len(text) >= 2 and FOLDER_NAME.match(name).group(3).startswith(text[:8].lower())]
    if len(text) > 8:
        matching = [name for name in matching
                    if name == text or _id(configuration, name).startswith(text.lower())]
    if len(matching) == 1:
        return os.path.join(configuration.sessions_folder, matching[0])
    if matching:
        raise UsageError('More than one session begins with `%s`' % text, found=', '.join(matching),
                         advice='Give more of its id.')
    if not names:
        raise NotFound('No session has run on this rig yet', where=configuration.sessions_folder)
    raise NotFound('There is no session `%s`' % text, where=configuration.sessions_folder,
                   advice=did_you_mean(text, [name[-8:] for name in names] + names)
                   or '`rig-agent sessions list` names them.')


def running(configuration):
    """Records of the sessions that are not ended, oldest first."""
    found = []
    for entry in prepare.open_sessions(configuration['home']).values():
        try:
            values = record.read(entry['folder'])
        except NotFound:
            continue
        if values['state'] != 'ended':
            found.append(values)
    return sorted(found, key=lambda values: values['times']['requested'])


def now(values):
    """What a session does at this moment: {running_s, last_line, cpu_percent, memory_bytes, processes}."""
    started = values['times']['started']
    cpu, memory, processes = _last_sample(values['folder'])
    return {'running_s': round(max(parse_utc(utc_now()) - parse_utc(started), 0.0), 1) if started else None,
            'last_line': mask(last_line(_tail(os.path.join(values['folder'], 'stdout.log'))) or
                              last_line(_tail(os.path.join(values['folder'], 'stderr.log')))),
            'cpu_percent': cpu, 'memory_bytes': memory, 'processes': processes}


def _last_sample(folder):
    """(CPU percent, bytes of memory, processes); Nones before the first sample and for a line that a full disk cut."""
    sample = last_line(_tail(os.path.join(folder, 'resources.csv'))).split(',')
    try:
        return float(sample[2]), int(sample[3]), int(sample[4])
    except (ValueError, IndexError):
        return None, None, None


def _folder_names(configuration):
    """Names of the folders of sessions, oldest first; those of one second in the order in which they were made."""
    folder = configuration.sessions_folder
    try:
        names = [to_text(name) for name in os.listdir(folder)]
    except EnvironmentError:
        return []

    def made(name):
        try:
            return name[:12], os.stat(os.path.join(folder, name, HANDED_OVER)).st_mtime  # written once
        except EnvironmentError:
            return name[:12], 0
    return sorted((name for name in names if FOLDER_NAME.match(name)), key=made)


def _id(configuration, name):
    try:
        return record.read(os.path.join(configuration.sessions_folder, name))['id']
    except NotFound:
        return ''


def _day(text):
    if text is None:
        return None
    match = DAY.match(text)
    try:
        return datetime.date(*[int(part) for part in match.groups()]).strftime('%y%m%d')
    except (AttributeError, ValueError):  # another form; no day of the calendar
        raise UsageError('This is no day', expected='such as 2026-11-23', found=text)


def _tail(path):
    """The last bytes of a log; none where it is not there. Where it was shortened there are zeros."""
    try:
        with io.open(path, 'rb') as stream:
            stream.seek(0, 2)
            stream.seek(max(stream.tell() - TAIL, 0))
            return stream.read().replace(b'\0', b'')
    except EnvironmentError:
        return b''
