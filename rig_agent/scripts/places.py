"""Where bytes come from: a URL or its mirror, the scripts repository, a file of this machine.

Each gives a Found; none looks at md5s that are asserted, `resolution` does.
"""
from __future__ import absolute_import, unicode_literals

import io
import os
import threading
from collections import namedtuple

from rig_agent.base import files
from rig_agent.base.compat import expand_user, read_json
from rig_agent.base.errors import NotFound, Refused, Unreachable
from rig_agent.base.masking import mask

# content: bytes. source: URL, repository or path. served_by: another URL that gave it. commit, ref: of a repository.
Found = namedtuple('Found', 'content source served_by commit ref fetched_at notes')


def found(content, source, served_by=None, commit=None, ref=None, fetched_at=None, notes=()):
    return Found(content, source, served_by, commit, ref, fetched_at, list(notes))


class Urls(object):
    """Scripts by URL, through the configured mirrors. A host that took no connection is not asked again."""

    def __init__(self, mirrors, say=None):
        self.mirrors = mirrors
        self.say = say
        self._away = {}

    def address(self, url):
        """Where a URL is really fetched from: the longest mirrored prefix is replaced.

        A prefix ends where a part of the URL ends: `http://host` is none of `http://host.example.org/`.
        """
        for prefix in sorted(self.mirrors, key=len, reverse=True):
            rest = url[len(prefix):]
            if url.startswith(prefix) and (prefix.endswith('/') or rest[:1] in ('', '/', '?')):
                return self.mirrors[prefix] + rest
        return url

    def fetch(self, url, progress=None):
        """The bytes behind a URL. Raises what `base.download.download` raises."""
        from rig_agent.base.download import NoConnection, download  # imported here, as few commands fetch
        address = self.address(url)
        host = address.split('/')[2]
        if host in self._away:
            raise self._away[host]
        stream = io.BytesIO()
        try:
            done = download(address, stream, files.LARGEST_SCRIPT, say=self.say, progress=progress)
        except NoConnection as error:
            self._away[host] = error
            raise
        served_by = done.final_url if done.final_url != url else None
        notes = []
        if done.final_url.split('/')[2] != host:
            notes.append('the server redirected to %s' % mask(done.final_url.split('?')[0]))
        return found(stream.getvalue(), url, served_by, notes=notes)


class ScriptsRepository(object):
    """The repository of v2 scripts, as the configuration names it. Updated at most once by one instance.

    offline: never contact it.
    """

    def __init__(self, configuration, cache_folder, offline=False, say=None):
        self.url = configuration['scripts.repository']
        self.ref = configuration['scripts.ref']
        self.folder = configuration['scripts.folder'].strip('/')
        self.cache_folder = cache_folder
        self.offline = offline
        self.say = say
        self.failure = None  # why the last update failed
        self._updated = False
        self._guard = threading.RLock()
        self._clone = None

    @property
    def clone(self):
        if self._clone is None:
            from rig_agent.base.repositories import Repository, repository_folder
            self._clone = Repository(self.url, repository_folder(self.cache_folder, self.url), say=self.say)
        return self._clone

    def path(self, name):
        return '%s/%s' % (self.folder, name) if self.folder else name

    def update(self, commit=None):
        """Bring the clone up to date, once; True when that worked. Offline, or a failure: False, with `failure` set."""
        with self._guard:
            if not self._updated or commit and self.failure is None and not self.clone.has(commit):
                self._updated = True
                if self.offline:
                    self.failure = Unreachable('The repository was not asked', where=mask(self.url), found='--offline',
                                               advice='Fetch once with a network, without --offline: '
                                                      '`rig-agent cache fetch STAGE` keeps what a session needs.')
                    return False
                try:
                    self.clone.update(commit=commit)
                except (Unreachable, Refused) as error:
                    self.failure = error
            return self.failure is None

    def read(self, name, commit=None):
        """A script at a commit, or at the configured ref. Raises NotFound; Unreachable when there is no clone."""
        if not self.clone.exists:
            raise self.failure or Unreachable('There is no copy of the repository here', where=mask(self.url))
        commit, content = self._reading(lambda: self._read_at(commit or self.clone.resolve(self.ref), name))
        return found(content, self.url, commit=commit, ref=self.ref, fetched_at=self.clone.fetched_at)

    def _read_at(self, commit, name):
        return commit, self.clone.read(commit, self.path(name))

    def read_if_there(self, name, commit=None):
        """As `read`, None where that is not to be had."""
        try:
            return self.read(name, commit)
        except (NotFound, Unreachable):
            return None

    def find(self, name, md5):
        """The newest version of a script that has this md5, in all of its history; None when there was none."""
        for commit, _, known in self.history(name):
            if known == md5:
                return self.read_if_there(name, commit)
        return None

    def history(self, name):
        """[(commit, date, md5)] of every version of a script in the clone, newest first."""
        if not self.clone.exists:
            return []
        try:
            versions = [version for version in self.clone.history(self.path(name)) if version[2]]
            contents = self.clone.blobs(sorted({blob for _, _, blob in versions})) if versions else {}
        except (NotFound, Unreachable, Refused):
            return []
        return [(commit, date, files.md5_of_bytes(contents[blob])) for commit, date, blob in versions]

    def names(self):
        """The names of all scripts at the configured ref; [] when that cannot be told."""
        try:
            return sorted(self.listing()[1])
        except (NotFound, Unreachable):
            return []

    def listing(self):
        """(commit, {name: (blob id, md5)}) of the scripts at the configured ref.

        It is kept beside the clone, as asking git takes a while. Raises NotFound when the ref or the folder is not
        there, Unreachable when there is no clone.
        """
        if not self.clone.exists:
            raise self.failure or Unreachable('There is no copy of the repository here', where=mask(self.url))
        path, key = self.clone.folder + '.listing', [self.ref, self.folder, self.clone.fetched_at]
        kept = _kept_listing(path)
        if kept and kept['of'] == key:
            return kept['commit'], kept['files']
        commit, blobs = self._reading(self._list)
        listed = {name: blob for name, blob in blobs.items() if name.endswith('.py')}
        md5s = {blob: md5 for blob, md5 in kept['files'].values()} if kept else {}
        contents = self.blobs({blob for blob in listed.values() if blob not in md5s})
        md5s.update({blob: files.md5_of_bytes(content) for blob, content in contents.items()})
        listing = {name: (blob, md5s[blob]) for name, blob in listed.items()}
        try:
            files.write_json(path, {'of': key, 'commit': commit, 'files': listing})
        except EnvironmentError:
            pass  # a cache that cannot be written serves all the same
        return commit, listing

    def _list(self):
        commit = self.clone.resolve(self.ref)
        return commit, self.clone.list(commit, self.folder)

    def histories(self, commit=None):
        """{name: [(commit, date, blob id)]} of every script up to a commit, newest first; without, on any branch."""
        prefix = self.path('')
        return {path[len(prefix):]: [version for version in versions if version[2]]
                for path, versions in self._reading(lambda: self.clone.histories(self.folder or '.', commit)).items()
                if path.startswith(prefix)}

    def blobs(self, ids):
        """{blob id: bytes} of those that the clone has."""
        return self._reading(lambda: self.clone.blobs(sorted(ids))) if ids else {}

    def _reading(self, read):
        return self.clone.healed(read, self.offline)


def _kept_listing(path):
    """A listing that `ScriptsRepository.listing` kept, or None."""
    try:
        kept = read_json(path)
        assert all(len(md5) == 32 for _, md5 in kept['files'].values()) and kept['commit'] and kept['of']
        return kept
    except (EnvironmentError, ValueError, KeyError, TypeError, AttributeError, AssertionError):
        return None


def read_local(text, folder):
    """A script that is a file of this machine, relative to the regimen's folder."""
    path = os.path.normpath(os.path.join(folder, expand_user(text)))
    if not os.path.isfile(path):
        raise NotFound('There is no such script', where=path)
    if os.path.getsize(path) > files.LARGEST_SCRIPT:
        raise Refused('This script is too large', where=path,
                      expected='at most %d bytes' % files.LARGEST_SCRIPT)
    content = files.read_file(path)
    if content is None:
        raise NotFound('This script cannot be read', where=path)
    return found(content, path, notes=['it is a file of this machine'])
