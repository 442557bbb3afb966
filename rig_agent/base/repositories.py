"""Bare clones of git repositories: kept, brought up to date, read by commit; never a working tree.

Bytes come from git's objects, so no line-ending setting changes them, and every blob is hashed against its own id when
it is read.
"""
from __future__ import absolute_import, unicode_literals

import os
import re
import threading
from collections import OrderedDict

from rig_agent.base.compat import TimedOut, read_json, reason_of, replace, to_text
from rig_agent.base.errors import NotFound, Refused, Unreachable, UsageError
from rig_agent.base.files import (STAGED, git_blob_id, make_folder, md5_of_bytes, remove_folder, remove_quietly, slug,
                                  staged_path, write_json)
from rig_agent.base.gitprocess import GitFailed, end_orphans, run_git
from rig_agent.base.locks import held
from rig_agent.base.masking import mask
from rig_agent.base.nearest import did_you_mean
from rig_agent.base.units import utc_now, utc_text

UPDATE_TIMEOUT = 120.0  # seconds for a clone or a fetch
READ_TIMEOUT = 60.0
LARGEST_BLOB = 16 << 20
AT_ONCE = 32 << 20  # bytes of blobs that are read from git in one go
SYMBOLIC_LINK = b'120000'
GITS_LITTER = ('tmp_pack_', 'tmp_idx_', 'tmp_obj_', 'packed-refs.new')
COMMIT = re.compile(r'[0-9a-f]{40}\Z')
STATE = 'rig_agent.json'  # in the clone: its URL and the last time that a fetch succeeded


class DamagedClone(Unreachable):
    """The clone on disk cannot be read; `Repository.healed` makes it anew."""


def repository_folder(cache_folder, url):
    """Where the clone of `url` lies in a cache: readable, and different for each URL."""
    readable = slug(re.sub(r'^[a-z+]+://', '', mask(url).rstrip('/').replace('\\', '/')), 50)
    return os.path.join(cache_folder, 'repositories', '%s-%s' % (readable, md5_of_bytes(url.encode('utf-8'))[:8]))


class SymbolicLink(NotFound):
    """What stands under that name in the repository leads to another file; it is none itself."""


class Repository(object):
    """One repository and its bare clone in `folder`.

    url: https, ssh, git or a path. say: called with one line when another process has to be waited for.
    """

    def __init__(self, url, folder, say=None):
        self.url = _checked(url)
        self.folder = os.path.abspath(folder)
        self.say = say
        self._seen = self.fetched_at
        self._healing = threading.Lock()

    # -------------------------------------------------------------------------------- the clone

    @property
    def exists(self):
        return os.path.isfile(os.path.join(self.folder, STATE))

    @property
    def fetched_at(self):
        """When the repository last answered, as UTC text; None without a clone."""
        try:
            return read_json(os.path.join(self.folder, STATE))['fetched_at']
        except (EnvironmentError, ValueError, KeyError):
            return None

    def update(self, timeout=UPDATE_TIMEOUT, fresh=False, commit=None):
        """Clone or fetch. A failed update leaves the clone as it was.

        fresh: throw a damaged clone away once a new one is complete. commit: bring this commit too, even when no branch
        holds it any more (servers may refuse that; it is not an error here).
        When another process updated the clone since this object looked last, while we waited for it, its work is ours.
        Raises Unreachable when the repository does not answer as one in `timeout` seconds, or git is missing; Refused
        where no clone can be written.
        """
        try:
            make_folder(os.path.dirname(self.folder))
            lock = held(self.folder + '.lock', 'fetches %s' % mask(self.url), self.say, timeout * 2)
            with lock:
                if self.fetched_at != self._seen and not commit and not fresh:
                    self._seen = self.fetched_at
                    return
                self._sweep()
                if fresh or not self.exists:
                    self._clone(timeout)
                else:
                    self._fetch(self.folder, timeout)
                if commit and not self.has(commit):
                    self._fetch_commit(commit, timeout)
                self._seen = self.fetched_at
        except EnvironmentError as error:
            raise Refused('The clone of a repository cannot be written', where=self.folder, found=reason_of(error),
                          advice='Make the cache folder writable, or name another one with `cache:`.')

    def _clone(self, timeout):
        staged = staged_path(self.folder)
        try:
            self._init(staged)
            self._fetch(staged, timeout)
            if os.path.isdir(self.folder):
                remove_folder(self.folder)
            remove_quietly(self.folder)  # where it is no folder at all
            replace(staged, self.folder)
        finally:
            if os.path.isdir(staged):
                remove_folder(staged)

    def _init(self, folder):
        try:
            self._git(['init', '--quiet', '--bare', '--template=', folder], folder=os.path.dirname(folder))
        except GitFailed as failure:  # nobody was asked yet
            raise Refused('git cannot begin the clone of a repository', where=folder, found=_reasons(failure.said),
                          advice='Put right what git says: its settings for this account, or room in the cache folder.')

    def _fetch(self, folder, timeout):
        try:
            self._git(['fetch', '--quiet', '--prune', '--no-tags', '--', self.url,
                       '+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*'], timeout, folder=folder)
        except GitFailed as failure:
            if folder == self.folder and self._is_damaged():
                return self._clone(timeout)
            raise self._unreachable(failure.said)
        write_json(os.path.join(folder, STATE), {'url': mask(self.url), 'fetched_at': utc_now()})

    def _fetch_commit(self, commit, timeout):
        try:
            self._git(['fetch', '--quiet', '--no-tags', '--', self.url, '%s:refs/rig_agent/%s' % (commit, commit)],
                      timeout)
        except GitFailed:
            pass  # many servers give only what a branch holds; `has` tells

    def _is_damaged(self):
        try:
            self._git(['rev-list', '--quiet', '--objects', '--all'])
            return False
        except GitFailed:
            return True

    def _sweep(self):
        """Remove what a killed clone or fetch left: staged clones, git's own locks, packs that were on their way.

        Whoever holds our lock knows that no live rig-agent writes the clone. A git that outlived its own is ended
        first; its locks would make every later fetch fail.
        """
        folder, name = os.path.split(self.folder)
        staged = [os.path.join(folder, found) for found in os.listdir(folder) if found.startswith(name + STAGED)]
        litter = [os.path.join(place, found) for place, _, names in os.walk(self.folder) for found in names
                  if found.endswith('.lock') or found.startswith(GITS_LITTER)]
        if staged or litter:
            end_orphans([self.folder] + staged)
        for path in staged:
            remove_folder(path)
        for path in litter:
            remove_quietly(path)

    def _unreachable(self, said):
        return Unreachable('The repository did not answer', where=mask(self.url), found=mask(_reasons(said)),
                           advice='See whether its address is right, this machine has a network, and git may log in '
                                  'there without asking.')

    # -------------------------------------------------------------------------------- what is in it

    def healed(self, read, offline=False):
        """What the function `read` gives; where it finds the clone damaged, once more from one made anew.

        Raises what `read` raises, and where the repository can be asked what `update` raises.
        """
        try:
            return read()
        except DamagedClone:
            if offline:
                raise
            with self._healing:
                self.update(fresh=True)
            return read()

    def resolve(self, ref):
        """The commit (40 hex digits) of a tag, a branch or a commit. Raises NotFound, naming what there is."""
        if COMMIT.match(ref.lower()):
            if self.has(ref):
                return ref.lower()
            raise NotFound('There is no such commit in the repository', where=mask(self.url), found=ref,
                           advice='It may have been force-pushed away. Name another commit, a tag or a branch.')
        refs = self.refs()
        for name in ('refs/tags/' + ref, 'refs/heads/' + ref, ref):
            if name in refs:
                return refs[name]
        if re.match(r'[0-9a-f]{7,39}$', ref.lower()):
            try:
                return self._text(['rev-parse', '--quiet', '--verify', ref + '^{commit}']).strip()
            except GitFailed:
                pass
        if not refs:
            raise NotFound('The repository is empty', where=mask(self.url),
                           expected='a tag, branch or commit `%s`' % ref)
        names = [name.split('/', 2)[2] for name in refs if name.count('/') > 1]
        branches = sorted(name[len('refs/heads/'):] for name in refs if name.startswith('refs/heads/'))
        raise NotFound('There is no tag, branch or commit `%s` in the repository' % ref, where=mask(self.url),
                       advice=did_you_mean(ref, names),
                       found='branches: %s' % (', '.join(branches[:8]) or 'none'))

    def refs(self):
        """Every tag and branch by its full name with the commit that it stands for."""
        found = {}
        listing = self._read(['for-each-ref', '--format=%(objectname) %(*objectname) %(refname)'])
        for line in to_text(listing).splitlines():
            direct, peeled, name = line.split(' ', 2)
            found[name] = peeled or direct
        return found

    def has(self, commit):
        try:
            return self._text(['cat-file', '-t', commit]).strip() == 'commit'
        except GitFailed:
            return False

    def read(self, commit, path):
        """The exact bytes of one file at one commit. Raises NotFound; DamagedClone when the objects are broken."""
        folder, _, name = path.rpartition('/')
        mode, kind, blob = self._entries(commit, folder).get(name, (None, None, None))
        if mode == SYMBOLIC_LINK:
            raise SymbolicLink('This is a symbolic link in the repository, not a file',
                               where='%s %s at %s' % (mask(self.url), path, commit),
                               found='a link to %s' % to_text(self.blobs([blob])[blob][:200]),
                               advice='Name the file that it leads to.')
        if kind != b'blob':
            raise NotFound('There is no such file in the repository', where='%s at %s' % (mask(self.url), commit),
                           found=path)
        return self.blobs([blob])[blob]

    def blobs(self, ids):
        """The exact bytes of many blobs at once: {blob id: bytes}. Raises Refused, DamagedClone where one is gone."""
        found, names, size = {}, [], 0
        for name, length in self._sizes(ids):
            if names and size + length > AT_ONCE:
                found.update(self._batch(names))
                names, size = [], 0
            names.append(name)
            size += length
        found.update(self._batch(names) if names else {})
        return found

    def list(self, commit, folder):
        """{name: blob id} of the files directly in `folder` at a commit. Raises NotFound when it is no folder."""
        return {name: blob for name, (mode, kind, blob) in self._entries(commit, folder).items()
                if kind == b'blob' and mode != SYMBOLIC_LINK}

    def _entries(self, commit, folder):
        """{name: (mode, kind, id)} of all that is directly in `folder` at a commit. Raises NotFound, DamagedClone."""
        try:
            listing = self._git(['ls-tree', '-z', '%s:%s' % (commit, folder.strip('/'))])
        except GitFailed as failure:
            self._raise_if_damaged(failure)
            raise NotFound('There is no folder `%s` in the repository' % folder,
                           where='%s at %s' % (mask(self.url), commit))
        found = {}
        for entry in listing.split(b'\0')[:-1]:
            about, _, name = entry.partition(b'\t')
            mode, kind, blob = about.split()
            found[to_text(name)] = mode, kind, to_text(blob)
        return found

    def history(self, path, commit=None):
        """[(commit, UTC date, blob id)] of one file, newest first; `blob id` is None where it was removed."""
        return self.histories(path, commit).get(path, [])

    def histories(self, folder, commit=None):
        """{path: [(commit, UTC date, blob id)]} of every file in a folder, newest first."""
        try:
            # -c: of a merge, what is in neither of its sides. --full-history: a version that lost a merge was one all
            # the same. Whatever the user set for `git log` must not change what it tells.
            listing = self._git(['-c', 'log.showRoot=true', '-c', 'log.showSignature=false', '-c', 'log.follow=false',
                                 'log', '--format=%x01%H %ct', '--raw', '-c', '--no-abbrev', '--no-renames', '-z',
                                 '--full-history', '--topo-order', commit or '--all', '--', folder])
        except GitFailed as failure:
            self._raise_if_damaged(failure)
            raise NotFound('There is no history', where='%s at %s' % (mask(self.url), commit), found=failure.said)
        found = OrderedDict()
        for entry in listing.split(b'\x01')[1:]:
            about, _, changes = entry.partition(b'\0')
            made, seconds = to_text(about).split()
            words = [word for word in changes.lstrip(b'\n').split(b'\0') if word]
            for change, path in zip(words[::2], words[1::2]):
                parents = len(change) - len(change.lstrip(b':'))
                blob = to_text(change.split()[2 * parents + 1])
                found.setdefault(to_text(path), []).append(
                    (made, utc_text(int(seconds)), None if blob == '0' * 40 else blob))
        return found

    def _sizes(self, ids):
        """(blob id, bytes) of each, looked at before any content is read. Raises Refused, DamagedClone."""
        if not ids:
            return []
        lines = to_text(self._read(['cat-file', '--batch-check'], _lines(ids))).splitlines()
        found = []
        for name, line in zip(ids, lines):
            about = line.split(' ')
            if about[1:2] != ['blob'] or not about[-1].isdigit():
                raise self._damaged('%s: %s' % (name, line))  # git itself named this id a moment ago
            if int(about[-1]) > LARGEST_BLOB:
                raise Refused('A file of the repository is too large', where='%s %s' % (mask(self.url), name),
                              expected='at most %d bytes' % LARGEST_BLOB, found='%s bytes' % about[-1])
            found.append((name, int(about[-1])))
        return found

    def _batch(self, ids):
        """{blob id: bytes}, each hashed against its id. Raises DamagedClone."""
        answer, found, position = self._read(['cat-file', '--batch'], _lines(ids)), OrderedDict(), 0
        for name in ids:
            end = answer.find(b'\n', position)
            words = to_text(answer[position:max(position, end)]).split()
            if len(words) != 3 or not words[2].isdigit():
                raise self._damaged('%s: %s' % (name, ' '.join(words) or 'nothing is said of it'))
            content = answer[end + 1:end + 1 + int(words[2])]
            position = end + 2 + int(words[2])
            if git_blob_id(content) != name:
                raise self._damaged('the bytes of %s do not have that id' % name)
            found[name] = content
        return found

    def _raise_if_damaged(self, failure):
        if self._is_damaged():
            raise self._damaged(failure.said if failure else 'objects are missing')

    def _damaged(self, said):
        return DamagedClone('The clone of a repository is damaged', where=self.folder, found=_reasons(said),
                            advice='It is made anew at the next fetch; or remove that folder.')

    def _read(self, words, given=b''):
        """What git reads from the clone; its failure means damage."""
        try:
            return self._git(words, given=given)
        except GitFailed as failure:
            raise self._damaged(failure.said)

    def _text(self, words):
        return to_text(self._git(words))

    def _git(self, words, timeout=READ_TIMEOUT, folder=None, given=b''):
        """Run git on the clone; its stdout as bytes. Raises GitFailed, Unreachable."""
        folder = folder or self.folder
        if not os.path.isdir(folder):
            raise self._damaged('it is not there')
        place = ['--git-dir=' + folder, '-c', 'safe.directory=' + folder.replace('\\', '/')]
        if self.url.lower().startswith('https:'):
            place += ['-c', 'protocol.http.allow=never']  # where a redirect may lead: git follows them by itself
        try:
            return run_git(words if words[0] == 'init' else place + words, folder, timeout, given)
        except TimedOut:
            raise Unreachable('The repository did not answer in %g s' % timeout, where=mask(self.url),
                              advice='See whether this machine reaches that host.')


def _checked(url):
    if re.match(r'^[a-z+]+://[^/@]*:[^@]*@', url, re.IGNORECASE):
        raise UsageError('A repository address must not carry a password', where=mask(url),
                         advice="Leave it out; git's own credential helper keeps it.")
    if not url or url.startswith('-') or '::' in url.split('/')[0]:
        raise UsageError('This is no address of a git repository', found=mask(url) or 'nothing',
                         expected='https://host/path, ssh://host/path, git@host:path or a folder')
    return url


def _lines(ids):
    return '\n'.join(ids).encode('ascii') + b'\n'


def _reasons(said, count=3):
    """What git gives as reasons, without its advice."""
    lines = [line.strip() for line in said.strip().splitlines() if line.strip()]
    reasons = [line for line in lines if line.startswith(('fatal:', 'error:', 'ssh:'))]
    return '; '.join(reasons[:count] or lines[-count:])
