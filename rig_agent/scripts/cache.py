"""The cache: exact bytes by their md5, copies by name, and an index of where each came from.

objects/<md5>    exact bytes, read-only; hashed in full whenever they are taken out
v2/<name>        installed copies: what scripts on this rig import or start by name
manifest.json    name or URL -> md5, size, source, commit, when; written last, so that it never names what is not there
damaged/         objects whose bytes changed, set aside
replaced/        what stood in the place of an installed script and was nowhere else
lock             held while something is written; readers need none, what they read is moved into place whole
"""
from __future__ import absolute_import, unicode_literals

import contextlib
import os
import threading

from rig_agent.base import files, units
from rig_agent.base.compat import monotonic, read_json, reason_of, replace, text_type
from rig_agent.base.errors import Refused
from rig_agent.base.locks import held
from rig_agent.base.masking import mask

FLUSH_EVERY = 0.25  # seconds of entries that a kill may cost, while many scripts are fetched


class Cache(object):
    """One cache folder. Several threads may use one Cache; several processes one folder.

    say: called with one line when another process has to be waited for or damage is found.
    """

    def __init__(self, folder, say=None):
        self.folder = os.path.abspath(folder)
        self.say = say or (lambda line: None)
        self._writers = 0
        self._system_lock = None
        self._guard = threading.RLock()
        self._pending = {}
        self._flushed_at = 0.0
        self._read_manifest = None

    # -------------------------------------------------------------------------------- taking out

    def object_path(self, md5):
        return os.path.join(self.folder, 'objects', md5)

    def installed_path(self, name):
        return os.path.join(self.folder, 'v2', files.check_name(name, 'script name'))

    def read(self, md5):
        """The bytes that have this md5, hashed just now; None when there are none. Damaged ones are set aside."""
        content = files.read_file(self.object_path(md5))
        if content is None:
            return None
        if files.md5_of_bytes(content) == md5:
            return content
        self.say('The cached object %s was changed; it is set aside%s.' % (md5, self._set_aside(md5)))
        return None

    def has_object(self, md5):
        """Whether there is an object of this md5, whole or not; `read` tells whether it is."""
        return os.path.isfile(self.object_path(md5))

    def size(self, md5):
        return os.path.getsize(self.object_path(md5)) if self.has_object(md5) else None

    def installed(self, name):
        """The bytes of v2/<name>, or None."""
        return files.read_file(self.installed_path(name))

    def record(self, reference, md5=None):
        """What the index says of a reference: its newest entry, or the one with this md5; None when there is none."""
        newest = self.manifest().get(mask(reference))
        if newest is None or md5 in (None, newest['md5']):
            return newest
        return next((entry for entry in newest.get('earlier', []) if entry['md5'] == md5), None)

    def record_of_bytes(self, md5):
        """(reference, entry) of any reference that has these bytes; (None, None) when nothing is known of them."""
        for reference, newest in sorted(self.manifest().items()):
            for entry in [newest] + newest.get('earlier', []):
                if entry['md5'] == md5:
                    return reference, entry
        return None, None

    def manifest(self):
        """The index as it is on disk, with what this process has yet to write. A broken one reads as empty."""
        path = os.path.join(self.folder, 'manifest.json')
        with self._guard:
            stamp = _stamp(path)
            if self._read_manifest is None or self._read_manifest[0] != stamp:
                self._read_manifest = (stamp, _checked_manifest(path))
            if not self._pending:
                return self._read_manifest[1]
            return _merged(self._read_manifest[1], self._pending)

    # -------------------------------------------------------------------------------- putting in

    @contextlib.contextmanager
    def writing(self):
        """Hold the cache's lock, for this process: its threads may be inside together, other processes wait.

        Raises Refused when the folder cannot be written.
        """
        self._enter()
        try:
            yield
        finally:
            self._leave()

    def _enter(self):
        with self._guard:
            if not self._writers:
                try:
                    for folder in ('objects', 'v2'):
                        files.make_folder(os.path.join(self.folder, folder))
                    lock = held(os.path.join(self.folder, 'lock'), 'writes to the cache %s' % self.folder, self.say)
                    lock.__enter__()
                except EnvironmentError as error:
                    raise unwritable(self.folder, error)
                self._system_lock = lock
                self._sweep()
            self._writers += 1

    def _leave(self):
        with self._guard:
            self._writers -= 1
            if self._writers:
                return
            try:
                self._flush()
            finally:
                self._system_lock.__exit__(None, None, None)
                self._system_lock = None

    def add(self, reference, content, **entry):
        """Keep bytes under their md5 and note where they are from; returns the md5.

        reference: the name or URL they were asked for by. entry: source, served_by, commit, ref, kind, used_by, and
        asserted, when a regimen or its lock file names this md5.
        Raises Refused when the folder cannot be written.
        """
        md5 = files.md5_of_bytes(content)
        with self.writing():
            try:
                if self.read(md5) is None:
                    files.write_atomically(self.object_path(md5), content)
                    files.make_read_only(self.object_path(md5))
                self._note(reference, dict(entry, md5=md5, size=len(content), fetched_at=units.utc_now()))
            except EnvironmentError as error:
                raise unwritable(self.folder, error)
        return md5

    def touch(self, reference, script, **entry):
        """Change what the index says of a reference's bytes, such as who uses them; an entry is made where none is."""
        with self.writing():
            known = self.record(reference, script.found_md5) or {
                'md5': script.found_md5, 'size': script.size, 'kind': script.kind, 'source': script.source,
                'commit': script.commit, 'fetched_at': script.fetched_at or units.utc_now()}
            self._note(reference, dict(known, **{name: value for name, value in entry.items() if value is not None}))

    def install(self, name, content):
        """Put bytes under v2/<name>; what stood there and is nowhere else is set aside. True when something changed."""
        path = self.installed_path(name)
        standing = files.read_file(path)
        if standing == content:
            return False
        with self.writing():
            try:
                if standing is not None and files.read_file(self.object_path(files.md5_of_bytes(standing))) != standing:
                    self.say('v2/%s had bytes of its own; they are kept as %s.' % (name, self.keep(name, standing)))
                files.write_atomically(path, content)
            except EnvironmentError as error:
                raise unwritable(self.folder, error)
        return True

    def keep(self, name, content):
        """Keep bytes that are about to be replaced; returns the path. Raises EnvironmentError."""
        kept = self._aside('replaced', name)
        files.write_atomically(kept, content)
        return kept

    def _note(self, reference, entry):
        with self._guard:
            key = mask(reference)
            newest = self.manifest().get(key)
            others = [newest] + newest.get('earlier', []) if newest else []
            same = next((other for other in others if other['md5'] == entry['md5']), {})
            entry['used_by'] = sorted(set(same.get('used_by', [])) | set(entry.get('used_by', [])))
            entry['earlier'] = [{name: value for name, value in other.items() if name != 'earlier'}
                                for other in others if other['md5'] != entry['md5']]
            self._pending[key] = {name: mask(value) if hasattr(value, 'split') else value
                                  for name, value in entry.items() if value not in (None, [])}
            if monotonic() - self._flushed_at > FLUSH_EVERY:
                self._flush()

    def _flush(self):
        """Write the index; the lock is ours, so what is on disk is merged with what this process found."""
        if not self._pending:
            return
        try:
            files.write_json(os.path.join(self.folder, 'manifest.json'), self.manifest())
        except EnvironmentError as error:
            raise unwritable(self.folder, error)
        self._pending = {}
        self._flushed_at = monotonic()

    # -------------------------------------------------------------------------------- keeping it whole

    def verify(self):
        """Hash every object: (md5s that are whole, {md5 of a damaged one: where it was put aside or why not})."""
        whole, damaged = [], {}
        for md5 in self.objects():
            content = files.read_file(self.object_path(md5))
            if content is not None and files.md5_of_bytes(content) == md5:
                whole.append(md5)
            else:
                damaged[md5] = self._set_aside(md5).strip() or 'could not be set aside'
        return whole, damaged

    def objects(self):
        """The md5s of all objects, sorted."""
        return sorted(name for name in _names(os.path.join(self.folder, 'objects')) if files.STAGED not in name)

    @property
    def has_index(self):
        """Whether the index can be read; without it nobody can tell which objects are still wanted."""
        try:
            return isinstance(read_json(os.path.join(self.folder, 'manifest.json')), dict)
        except (EnvironmentError, ValueError):
            return False

    def forget(self, keep):
        """Remove every object whose md5 is not in `keep`, with its entries; [(md5, size)] of what is gone."""
        with self.writing(), self._guard:
            kept = {}
            for reference, newest in self.manifest().items():
                entries = [entry for entry in [newest] + newest.get('earlier', []) if entry['md5'] in keep]
                if entries:
                    kept[reference] = dict(entries[0], earlier=entries[1:]) if entries[1:] else dict(entries[0])
            try:
                files.write_json(os.path.join(self.folder, 'manifest.json'), kept)
            except EnvironmentError as error:
                raise unwritable(self.folder, error)
            gone = []
            for md5 in self.objects():
                path = self.object_path(md5)
                if md5 not in keep:
                    size = os.path.getsize(path)
                    if files.remove_quietly(path):
                        gone.append((md5, size))
            return gone

    def _set_aside(self, md5):
        """Move a damaged object out of the way; ` as PATH`, or nothing where the cache cannot be written."""
        try:
            kept = self._aside('damaged', md5)
            replace(self.object_path(md5), kept)
        except EnvironmentError:
            return ''
        return ' as %s' % kept

    def _aside(self, folder, name):
        """A new path in a folder for things set aside. Raises EnvironmentError."""
        folder = os.path.join(self.folder, folder)
        files.make_folder(folder)
        stem = os.path.join(folder, '%s-%s' % (units.local_stamp(), name))
        path, number = stem, 1
        while os.path.exists(path):
            path, number = '%s-%d' % (stem, number), number + 1
        return path

    def _sweep(self):
        """Remove what killed processes left. Whoever holds the lock knows that no live one is staging anything."""
        for folder in (self.folder, os.path.join(self.folder, 'objects'), os.path.join(self.folder, 'v2')):
            for name in _names(folder):
                if files.STAGED in name:
                    files.remove_quietly(os.path.join(folder, name))


def unwritable(folder, error):
    return Refused('The cache cannot be written', where=folder, found=reason_of(error),
                   advice='Make that folder writable for this account, or name another one with `cache:`.')


def _stamp(path):
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_mtime, found.st_size, found.st_ino


def _checked_manifest(path):
    """The entries of an index that are entries; an edit by hand costs no more than what it broke."""
    try:
        document = read_json(path)
    except (EnvironmentError, ValueError):
        return {}
    if not isinstance(document, dict):
        return {}
    return {key: entry for key, entry in document.items()
            if _is_entry(entry) and isinstance(entry.get('earlier', []), list)
            and all(_is_entry(earlier) for earlier in entry.get('earlier', []))}


def _is_entry(entry):
    """Whether this is an entry of the index, its md5 one that can name a file in objects/ and no other."""
    try:
        return bool(files.MD5.match(entry['md5'])) and (
            entry.get('fetched_at') is None or units.parse_utc(entry['fetched_at']) is not None) and all(
            isinstance(user, text_type) for user in entry.get('used_by', []))
    except (KeyError, TypeError, ValueError, AttributeError):
        return False


def _merged(entries, pending):
    merged = dict(entries)
    merged.update(pending)
    return merged


def _names(folder):
    try:
        return os.listdir(folder)
    except OSError:
        return []
