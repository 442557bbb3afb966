"""From a reference to verified bytes: which md5 is expected, which places are asked in which order, what is refused.

A name is looked up in the cache, the clone of the scripts repository, the repository itself, and last among the bundled
scripts; a URL in the cache and where it points. Where the regimen or its lock file asserts an md5 and bytes at hand
have it, nothing is contacted.
"""
from __future__ import absolute_import, unicode_literals

import copy
import threading
import time

from rig_agent.base import units
from rig_agent.base.errors import NotFound, Refused, RigAgentError, Unreachable, WrongBytes
from rig_agent.base.files import md5_of_bytes
from rig_agent.base.masking import mask
from rig_agent.base.nearest import did_you_mean
from rig_agent.regimens.references import classify
from rig_agent.scripts import bundled_scripts, diagnosis, places
from rig_agent.scripts.expectation import expect
from rig_agent.scripts.script import LOCK, NAMES, REPOSITORY, UNASSERTED, URLS, PlannedScript, Script

BUNDLED = 'bundled'


class Resolver(object):
    """Turns references of one regimen into scripts.

    cache: a `scripts.cache.Cache`. offline: contact nothing. strict: refuse moving URLs and unasserted scripts.
    local_regimen_folder: the folder of a regimen that is a file here; without it no `file` reference is accepted.
    lock: a `scripts.lockfile.LockFile` or None. overrides: names, roles or references whose malformed `script_md5` the
    user accepts. refresh: ask again for what nobody pins, as `cache fetch` does, rather than use the recorded copy.
    siblings: {md5: reference} that the regimen asserts, to recognise swapped ones. say: called with lines for people.
    One Resolver may be used by several threads.
    """

    def __init__(self, configuration, cache, offline=False, strict=False, local_regimen_folder=None, lock=None,
                 say=None, overrides=(), refresh=False, siblings=None):
        self.cache = cache
        self.offline = offline
        self.strict = strict
        self.local_regimen_folder = local_regimen_folder
        self.lock = lock
        self.overrides = frozenset(overrides)
        self.refresh = refresh
        self.siblings = siblings or {}
        self._flights, self._guard = {}, threading.Lock()
        self.urls = places.Urls(configuration['mirrors'], say)
        self.repository = places.ScriptsRepository(configuration, cache.folder, offline, say)

    def for_regimen(self, local_regimen_folder, lock, siblings):
        """A Resolver for another regimen, which shares what this one learns of hosts and the repository."""
        other = copy.copy(self)
        other.local_regimen_folder, other.lock, other.siblings = local_regimen_folder, lock, siblings
        return other

    def plan(self, text, script_md5=None, role='script'):
        """The PlannedScript of a reference; nothing is contacted, git is not asked. Never raises a RigAgentError."""
        try:
            wanted = expect(text, script_md5, role, self)
        except RigAgentError as error:
            reference = classify(text)
            return PlannedScript(role=role, name=reference.name, reference=text, kind=reference.kind,
                                 assertion=UNASSERTED, state='refused', reason=_one_line(error),
                                 exit_code=error.exit_code, notes=list(reference.problems))
        plan = dict(role=role, name=wanted.name, reference=text, kind=wanted.kind, source=self._source(wanted),
                    commit=wanted.commit, expected_md5=wanted.md5, assertion=wanted.assertion, notes=wanted.notes)
        script = self._from_cache(wanted)
        if script is not None:
            plan.update(state='cached', source=script.source, commit=script.commit, found_md5=script.found_md5,
                        assertion=script.assertion, size=script.size, fetched_at=script.fetched_at, notes=script.notes)
        elif wanted.kind == 'file':
            plan.update(state='local')
        elif wanted.md5 and self._bundled(wanted) is not None:
            plan.update(state=BUNDLED, source=BUNDLED, found_md5=wanted.md5)
        else:
            plan.update(self._missing(wanted))
        return PlannedScript(**plan)

    def obtain(self, text, script_md5=None, role='script', used_by=(), progress=None):
        """The Script of a reference, its bytes hashed just now.

        used_by: texts that the cache's index keeps, such as `REGIMEN: STAGE`. progress: called with numbers of bytes.
        Raises WrongBytes (5), NotFound (6), Unreachable (7), Refused (4: strict, too large, cache not writable).
        """
        wanted = expect(text, script_md5, role, self)
        refreshed = self._is_refreshed(wanted)
        script = None if refreshed else self._from_cache(wanted)
        if script is None:
            try:
                script = self._from_places(wanted, used_by, progress)
            except (Unreachable, NotFound) as error:
                script = self._from_cache(wanted) if refreshed else None
                if script is None:
                    raise error
                script.notes.append('it could not be fetched again: %s' % _one_line(error))
                script.stale = True
        if used_by:
            self._note_use(wanted, script, used_by)
        self._install(script)
        return script

    # -------------------------------------------------------------------------------- at hand

    def _note_use(self, wanted, script, used_by):
        entry = self.cache.record(wanted.text, script.found_md5) or {}
        if not set(used_by) <= set(entry.get('used_by', ())) or wanted.md5 and not entry.get('asserted'):
            try:
                self.cache.touch(wanted.text, script, used_by=list(used_by), asserted=bool(wanted.md5) or None)
            except Refused:
                pass  # a cache that cannot be written serves all the same

    def _is_refreshed(self, wanted):
        return self.refresh and not wanted.md5 and wanted.kind != 'pinned-url'

    def _source(self, wanted):
        if wanted.kind in URLS:
            return wanted.text
        return self.repository.url if wanted.kind in NAMES else self.local_regimen_folder

    def _from_cache(self, wanted):
        """The Script that the cache has, or None. Contacts nothing."""
        if wanted.kind == 'file':
            return None
        entry = self.cache.record(wanted.text, wanted.md5)
        if wanted.md5 is None and not self._is_usable(wanted, entry):
            return None
        md5 = wanted.md5 or entry['md5']
        content = self.cache.read(md5)
        if content is None:
            return None
        if entry is None:
            other, entry = self.cache.record_of_bytes(md5)
            if entry is not None:
                wanted.notes.append('the same bytes are in the cache as %s' % other)
        entry = entry or {}
        if wanted.md5 is None:
            wanted.notes.append(_age(entry))
        return self._script(wanted, content, entry.get('source') or self._source(wanted), entry.get('served_by'),
                            entry.get('commit') or wanted.commit, entry.get('fetched_at'))

    def _is_usable(self, wanted, entry):
        """Whether a recorded copy answers to a reference that nobody asserts: it has to be from where we would ask."""
        if entry is None:
            return False
        if wanted.kind in NAMES:
            return (entry.get('source'), entry.get('ref')) == (mask(self.repository.url), self.repository.ref)
        return True

    def _bundled(self, wanted):
        """The bytes of a bundled script of that name, if they are the asserted ones or none are."""
        content = bundled_scripts.read(wanted.name) if wanted.kind in NAMES else None
        if content is None or wanted.md5 not in (None, md5_of_bytes(content)):
            return None
        return content

    def _missing(self, wanted):
        if self.offline and wanted.kind in URLS:
            return {'state': 'refused', 'exit_code': Unreachable.exit_code,
                    'reason': 'it is not in the cache, and --offline forbids to fetch it'}
        return {'state': 'to fetch', 'reason': None if wanted.md5 or wanted.kind == 'pinned-url'
                else 'nobody asserts its md5'}

    # -------------------------------------------------------------------------------- elsewhere

    def _from_places(self, wanted, used_by, progress):
        if wanted.kind == 'file':
            found = places.read_local(wanted.text, self.local_regimen_folder)
            return self._keep(wanted, found, used_by)
        if wanted.kind in NAMES:
            return self._from_names(wanted, used_by)
        return self._from_url(wanted, used_by, progress)

    def _from_url(self, wanted, used_by, progress):
        if self.offline:
            raise Unreachable('This script is not in the cache, and --offline forbids to fetch it',
                              where=mask(wanted.text), advice='Run `rig-agent cache fetch` with the network.')
        with self._flight(wanted.text), self.cache.writing():
            kept = self._from_cache(wanted) if not self._is_refreshed(wanted) else None
            if kept is not None:  # another process or thread fetched it while we waited
                return kept
            return self._keep(wanted, self.urls.fetch(wanted.text, progress), used_by, fetched=True)

    def _flight(self, text):
        """The lock under which one URL is fetched: stages may name it with an md5 and without."""
        with self._guard:
            return self._flights.setdefault(text, threading.Lock())

    def _from_names(self, wanted, used_by):
        found = None
        if self.repository.clone.exists and not self._is_refreshed(wanted):
            found = self._in_clone(wanted)
        if found is None and wanted.md5:
            found = self._as_bundled(wanted)
        fetched = found is None
        if found is None:
            with self.cache.writing():
                self.repository.update(wanted.commit)
                found = self._in_clone(wanted, at_ref=True) or self._as_bundled(wanted)
        if found is None:
            raise self._not_there(wanted)
        stale = fetched and self.repository.failure is not None
        if stale:
            found.notes.append(_one_line(self.repository.failure))
            if found.commit:
                found.notes.append(_age({'fetched_at': found.fetched_at, 'commit': found.commit}))
        had = self.cache.record(wanted.text, md5_of_bytes(found.content)) is not None
        script = self._keep(wanted, found, used_by, fetched=not had)
        script.stale = stale and found.source != BUNDLED
        return script

    def _in_clone(self, wanted, at_ref=False):
        """What the clone has for a name: at the locked or recorded commit, at the ref, or wherever the md5 was."""
        recorded = self.cache.record(wanted.text, wanted.md5)
        recorded = recorded if wanted.md5 is None and self._is_usable(wanted, recorded) else None
        commit = wanted.commit or (recorded or {}).get('commit')
        if wanted.md5 is None:
            if commit and not at_ref:
                return self.repository.read_if_there(wanted.name, commit)
            return self.repository.read_if_there(wanted.name) if at_ref else None
        for candidate in (commit, None):
            found = self.repository.read_if_there(wanted.name, candidate)
            if found is not None and md5_of_bytes(found.content) == wanted.md5:
                return found
        return self.repository.find(wanted.name, wanted.md5)

    def _as_bundled(self, wanted):
        content = self._bundled(wanted)
        notes = [] if wanted.md5 else ['it is the bundled script']
        return None if content is None else places.found(content, BUNDLED, notes=notes)

    def _not_there(self, wanted):
        """The error for a name that no place has, or has only with other bytes."""
        from rig_agent.base.repositories import DamagedClone, SymbolicLink
        found, failure = None, self.repository.failure
        try:
            found = self.repository.read(wanted.name, wanted.commit)
        except (DamagedClone, SymbolicLink) as error:
            return error
        except (NotFound, Unreachable):
            pass
        if failure is not None:
            return type(failure)('%s is not at hand as it has to be, and the repository gives nothing' % wanted.name,
                                 where=failure.where, expected=wanted.md5, found=_one_line(failure),
                                 advice=failure.advice)
        if found is not None:
            return self._wrong_bytes(wanted, found)
        try:
            self.repository.clone.resolve(self.repository.ref)
        except RigAgentError as error:
            return error
        if wanted.commit and not self.repository.clone.has(wanted.commit):
            return NotFound('The commit that %s is pinned to is not in the repository' % wanted.name,
                            where=mask(self.repository.url), found='commit %s' % wanted.commit,
                            advice='It may have been force-pushed away. Take the bytes from a rig whose cache has '
                                   'them, or let go of them: rig-agent lock --update %s' % wanted.name)
        known = set(self.repository.names() + bundled_scripts.names()) - {wanted.name}
        return NotFound('There is no script `%s` in the repository' % wanted.name,
                        where='%s, %s at %s' % (mask(self.repository.url), self.repository.folder or 'top folder',
                                                wanted.commit or self.repository.ref),
                        advice=did_you_mean(wanted.name, sorted(known)) or
                        'Correct the name in the regimen, or `scripts:` in the configuration.')

    # -------------------------------------------------------------------------------- judged and kept

    def _keep(self, wanted, found, used_by, fetched=False):
        """Verify what was found, put it into the cache, and give it as a Script. Raises WrongBytes, Refused."""
        instead = diagnosis.what_instead(found.content) if wanted.md5 is None else None
        if instead:
            raise WrongBytes('What came is no script: %s' % instead, where=mask(found.served_by or found.source),
                             found='%d bytes' % len(found.content), advice='Correct the reference in the regimen.')
        if wanted.md5 not in (None, md5_of_bytes(found.content)):
            raise self._wrong_bytes(wanted, found)
        wanted.notes.extend(found.notes)
        path = None
        try:
            self.cache.add(wanted.text, found.content, kind=wanted.kind, source=found.source, served_by=found.served_by,
                           commit=found.commit or wanted.commit, ref=found.ref, used_by=list(used_by),
                           asserted=bool(wanted.md5) or None)
        except Refused:
            path = self._readable_elsewhere(wanted, found)
            if path is None:
                raise
            wanted.notes.append('the cache cannot be written; the file itself is used')
        script = self._script(wanted, found.content, found.source, found.served_by, found.commit or wanted.commit,
                              found.fetched_at or units.utc_now(), fetched)
        script.path = path or script.path
        return script

    def _readable_elsewhere(self, wanted, found):
        if found.source == BUNDLED:
            return bundled_scripts.path(wanted.name)
        return found.source if wanted.kind == 'file' else None

    def _script(self, wanted, content, source, served_by, commit, fetched_at, fetched=False):
        md5 = md5_of_bytes(content)
        assertion = wanted.assertion
        if assertion == UNASSERTED and wanted.kind in NAMES and commit:
            assertion = REPOSITORY
        return Script(content, role=wanted.role, name=wanted.name, reference=wanted.text, kind=wanted.kind,
                      source=source, served_by=served_by, commit=commit, expected_md5=wanted.md5, found_md5=md5,
                      assertion=assertion, size=len(content), path=self.cache.object_path(md5), fetched=fetched,
                      fetched_at=fetched_at, notes=wanted.notes)

    def _wrong_bytes(self, wanted, found):
        history = self.repository.history(wanted.name) if wanted.kind in NAMES and found.source != BUNDLED else []
        known = self.cache.record_of_bytes(wanted.md5)[0]
        causes = diagnosis.explain(found.content, wanted.md5, wanted.text, history, self.siblings, known)
        return WrongBytes(
            '%s does not have the md5 that %s asserts' % (
                wanted.name or mask(wanted.text), 'the lock file' if wanted.assertion == LOCK else 'the regimen'),
            where=mask(found.served_by or found.source) + (' at commit %s' % found.commit if found.commit else ''),
            expected=wanted.md5, found='%s, %d bytes' % (md5_of_bytes(found.content), len(found.content)),
            advice='What it could be: %s. Nothing was kept, nothing runs.' % (
                '; '.join(mask(cause) for cause in causes) or 'simply other bytes; correct the md5 or the reference'))

    def _install(self, script):
        """Put a named script where others import it from: when it is new, missing there, or asked for."""
        if script.kind not in NAMES:
            return
        try:
            if script.fetched or self.refresh or self.cache.installed(script.name) is None:
                self.cache.install(script.name, script.content)
        except Refused:
            script.notes.append('it could not be copied to v2/ of the cache, which cannot be written')


def _age(entry):
    """`a copy of 2026-11-20, 3 days old, at commit 0123456789ab`."""
    fetched_at = entry.get('fetched_at')
    text = 'a copy'
    if fetched_at:
        try:
            old = units.format_duration(max(0.0, time.time() - units.parse_utc(fetched_at)))
        except ValueError:
            old = 'unknown'
        text += ' of %s, %s old' % (fetched_at[:16].replace('T', ' ') + ' UTC', old)
    return text + (', at commit %s' % entry['commit'][:12] if entry.get('commit') else '')


def _one_line(error):
    return mask('; '.join('%s' % part for part in (error.what, error.found) if part))
