"""What this room gives: a planned script, and a script whose bytes are at hand and verified."""
from __future__ import absolute_import, unicode_literals

from rig_agent.base.masking import mask

# Who asserts the md5: the regimen, its lock file, the repository at a commit only, nobody, or nobody because the user
# took a malformed `script_md5` upon himself by name.
REGIMEN, LOCK, REPOSITORY, UNASSERTED, OVERRIDE = 'regimen', 'lock', 'repository', 'unasserted', 'override'

# The kinds of reference (see `regimens.references`) that can be resolved, beside `file`.
NAMES = ('v2-name', 'bare-name')
URLS = ('pinned-url', 'moving-url')


class PlannedScript(object):
    """What a run would use for one reference, found out without contacting anything.

    state: `cached`, `bundled`, `local` (a file of this machine), `to fetch`, or `refused` with reason and exit_code.
    """
    FIELDS = ('role', 'name', 'reference', 'kind', 'source', 'commit', 'expected_md5', 'found_md5', 'assertion', 'size',
              'fetched_at', 'state', 'reason', 'exit_code', 'notes')

    def __init__(self, **fields):
        for field in self.FIELDS:
            setattr(self, field, fields.pop(field, [] if field == 'notes' else None))
        assert not fields, fields

    @property
    def unasserted(self):
        """Whether neither the regimen nor its lock file says which bytes these have to be."""
        return self.assertion not in (REGIMEN, LOCK)

    @property
    def origin(self):
        """Where the bytes are from, in a word for people: `bundled`, a commit, or the source."""
        if self.commit:
            return 'commit %s' % self.commit[:12]
        return mask(self.source or '-')

    def as_json(self):
        """All fields, secrets masked."""
        values = {field: getattr(self, field) for field in self.FIELDS}
        values['unasserted'] = self.unasserted
        values['notes'] = [mask(note) for note in self.notes]
        return {field: mask(value) if hasattr(value, 'split') else value for field, value in values.items()}


class Script(PlannedScript):
    """A script whose bytes were hashed in full a moment ago.

    path: the file that holds them, read-only, in the cache's objects. content: the bytes themselves.
    source: the URL, repository, folder or `bundled` that it is from. served_by: the mirror or the redirect's target
    that gave it, when that was another. fetched: whether the network was needed for it now. fetched_at: UTC.
    """
    FIELDS = ('role', 'name', 'reference', 'kind', 'source', 'served_by', 'commit', 'expected_md5', 'found_md5',
              'assertion', 'size', 'path', 'fetched', 'fetched_at', 'notes')

    def __init__(self, content=None, **fields):
        super(Script, self).__init__(**fields)
        self.content = content
        self.stale = False  # the copy of before, because it could not be fetched again
