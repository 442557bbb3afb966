"""Sessions copied to a share: resumable, each file verified by its hash, nothing half-written under its final name.

<share>/<computer>/<session's folder>/...  the files, secrets in texts masked, outputs byte for byte
<share>/<computer>/<session's folder>/copied.json  what is there, verified, and what it was made of

Killed at any moment and run again, it goes on where it was. `prune` removes what is verified there from this rig.
"""
from __future__ import absolute_import, unicode_literals

import contextlib
import io
import os
import threading
import time

import six
from six.moves import _thread

from rig_agent.base.compat import monotonic, name_as_text, read_json, reason_of, replace, system_path, to_text
from rig_agent.base.errors import NotFound, RigAgentError, Unreachable
from rig_agent.base.files import (BLOCK, STAGED_NAME, make_folder, md5_of_file, new_md5, remove_folder, remove_quietly,
                                  slug, staged_path, write_json)
from rig_agent.base.locks import held
from rig_agent.base.units import parse_utc
from rig_agent.reports import material
from rig_agent.sessions import record

COPIED = 'copied.json'
ANSWER_LIMIT = 5.0   # seconds in which a share has to show that it is there
STALL_LIMIT = 60.0   # seconds without any progress after which a share counts as gone
PRUNING = '.pruning-'
SAME_MOMENT = 0.001  # seconds; times of files lose digits on some Pythons


def place_for(share, configuration):
    """The folder of this rig on a share. Raises NotFound when the share is not there, Unreachable when it hangs.

    The share's own folder is never made: where a share is not connected, it would be made on this rig's disk.
    """
    def look():
        return os.path.isdir(system_path(share))
    if not bounded(look, share, limit=ANSWER_LIMIT):
        raise NotFound('There is no such folder to copy to', where=share,
                       advice='Connect the share, or make the folder. Nothing was copied, nothing was removed.')
    return os.path.join(share, slug(configuration['rig.computer']))


@contextlib.contextmanager
def alone(home, say=None):
    """Hold the right to copy and remove sessions, which one process has at a time. Raises EnvironmentError, Refused."""
    make_folder(home)
    with held(os.path.join(home, 'collect.lock'), 'copies sessions', say):
        yield


def bounded(work, share, limit=STALL_LIMIT, progress=None):
    """The result of work(), done in a thread, because a share that went away keeps a call waiting for ever.

    progress: () -> a number that changes while it goes on. Raises Unreachable after `limit` seconds without change.
    """
    outcome, done = [], threading.Event()

    def run():
        try:
            outcome.append((work(), None))
        except BaseException as error:  # handed to the caller's thread
            outcome.append((None, error))
        done.set()
    _thread.start_new_thread(run, ())
    seen, since = progress and progress(), monotonic()
    while not done.wait(0.1):
        now = progress and progress()
        if now != seen:
            seen, since = now, monotonic()
        elif monotonic() - since > limit:
            raise Unreachable('The share does not answer', where=share, found='no progress in %g s' % limit,
                              advice='Connect it and run the same again: what was copied stays, nothing was removed '
                              'that is not safe there.')
    value, error = outcome[0]
    if error is None:
        return value
    if isinstance(error, RigAgentError):
        six.reraise(type(error), error)
    if isinstance(error, EnvironmentError):
        raise Unreachable('The share cannot be written', where=share, found=reason_of(error),
                          advice='See whether it is connected, full or read-only; then run the same again: what was '
                          'copied stays, nothing was removed.')
    six.reraise(type(error), error)


# ------------------------------------------------------------------------------------------------ copying

class Copier(object):
    """Copies the folders of ended sessions. `copied`, `unchanged` count files; `problems`: what could not be read."""

    def __init__(self, place, known=(), on_bytes=None):
        self.place, self.known, self.on_bytes = place, known, on_bytes or (lambda count: None)
        self.copied = self.unchanged = self.bytes = self.steps = 0
        self.problems = []

    def copy(self, folder):
        """Bring the copy of one session up to date."""
        target = os.path.join(self.place, os.path.basename(folder))
        make_folder(target)
        before, now = read_copied(target), {}
        self._sweep(target)
        for entry in material.entries(folder, self._not_looked_at):
            self.steps += 1
            known = before.get(entry.name)
            if known and _is_same(known, entry) and _size(_path(target, entry.name)) == known['size']:
                now[entry.name] = known
                self.unchanged += 1
                self.on_bytes(entry.size)
                continue
            try:
                now[entry.name] = self._copy_file(entry, _path(target, entry.name))
            except material.Unreadable as error:
                self.problems.append('%s: %s' % (name_as_text(entry.path), error))
        if now != before:
            write_json(os.path.join(target, COPIED), {'files': now})

    def _not_looked_at(self, error):
        self.problems.append('%s: %s' % (name_as_text(error.filename), reason_of(error)))

    def _copy_file(self, entry, path):
        make_folder(os.path.dirname(path))
        staged = staged_path(path)
        digest, size = new_md5(), 0
        with io.open(staged, 'wb') as stream:
            for block in material.readable(entry, self.known):
                stream.write(block)
                digest.update(block)
                size += len(block)
                self.bytes += len(block)
            stream.flush()
            os.fsync(stream.fileno())
        md5 = to_text(digest.hexdigest())
        if self._md5_of(staged) != md5:
            remove_quietly(staged)
            raise EnvironmentError(0, 'what was written to it does not read back the same')
        replace(staged, path)
        self.copied += 1
        self.on_bytes(entry.size)
        return {'md5': md5, 'size': size, 'of_size': entry.size, 'of_mtime': entry.mtime}

    def _md5_of(self, path):
        digest = new_md5()
        with io.open(path, 'rb') as stream:
            for block in iter(lambda: stream.read(BLOCK), b''):
                digest.update(block)
                self.steps += 1
        return to_text(digest.hexdigest())

    def _sweep(self, target):
        """Take away what a kill left half-written."""
        for place, _, names in os.walk(target):
            for name in names:
                if STAGED_NAME.search(name_as_text(name)):
                    remove_quietly(os.path.join(place, name))


def read_copied(target):
    """name -> {md5, size, of_size, of_mtime} of what is on the share, as far as it was noted."""
    try:
        return read_json(os.path.join(target, COPIED))['files']
    except (EnvironmentError, ValueError, KeyError, TypeError):
        return {}


def _is_same(known, entry):
    return known['of_size'] == entry.size and abs(known['of_mtime'] - entry.mtime) < SAME_MOMENT


def _size(path):
    try:
        return os.path.getsize(path)
    except OSError:
        return None


def _path(target, name):
    return os.path.join(target, *name.split('/'))


# ------------------------------------------------------------------------------------------------ pruning

def prune(folder, place, older_than):
    """Remove a session from this rig when its copy is whole and it is old enough: None, or in words why it stays.

    older_than: seconds since its end. Every file of the copy is hashed again, at this moment. Raises Unreachable when
    the share hangs.
    """
    return bounded(lambda: _doubt(folder, place, older_than), place, limit=10 * STALL_LIMIT) or _remove(folder)


def _doubt(folder, place, older_than):
    """Why a session is not to be removed, or None."""
    values = record.read(folder)
    if values['state'] != 'ended':
        return 'it has not ended'
    ended = values['times']['ended'] or values['times']['requested']
    if time.time() - parse_utc(ended) < older_than:
        return 'it is not old enough'
    target = os.path.join(place, os.path.basename(folder))
    copied = read_copied(target)
    try:
        here = material.entries(folder, _raise)
    except EnvironmentError as error:
        return 'not all of it can be looked at: %s' % reason_of(error)
    for entry in here:
        known = copied.get(entry.name)
        if not known or not _is_same(known, entry):
            return '%s is not on the share as it is here' % entry.name
        try:
            if md5_of_file(_path(target, entry.name)) != known['md5']:
                return '%s on the share was changed' % entry.name
        except EnvironmentError as error:
            return '%s on the share cannot be read: %s' % (entry.name, reason_of(error))
    return None


def _raise(error):
    raise error


def _remove(folder):
    """Remove it: None, or why not. Windows removes nothing that a program or a console uses."""
    # Out of the list in one step: half a session is worse than none or all of it.
    aside = os.path.join(os.path.dirname(folder), PRUNING + os.path.basename(folder))
    try:
        os.rename(folder, aside)
        remove_folder(aside)
    except EnvironmentError as error:
        return 'it cannot be removed, maybe a program or a console uses it: %s' % reason_of(error)
    return None


def sweep_pruned(sessions_folder, warn):
    """Finish what a kill interrupted, or what was in use; warn(text) of what still is."""
    try:
        names = [to_text(name) for name in os.listdir(sessions_folder)]
    except EnvironmentError:
        return
    for name in names:
        if name.startswith(PRUNING):
            try:
                remove_folder(os.path.join(sessions_folder, name))
            except EnvironmentError as error:
                warn('what is left of a session cannot be removed: %s: %s' % (os.path.join(sessions_folder, name),
                                                                             reason_of(error)))
