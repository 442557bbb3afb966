"""What is asked for: a reference that can be resolved, the md5 that its bytes must have, and who says so."""
from __future__ import absolute_import, unicode_literals

from rig_agent.base.errors import NotFound, Refused, WrongBytes
from rig_agent.base.masking import mask
from rig_agent.regimens.references import classify, expected_md5
from rig_agent.scripts.script import LOCK, NAMES, OVERRIDE, REGIMEN, UNASSERTED, URLS


class Wanted(object):
    """One reference with what is known of the bytes it has to have.

    md5, assertion: as in `scripts.script`. commit: the one that the URL or the lock file pins. notes: for people.
    """

    def __init__(self, reference, role):
        self.text, self.kind, self.name, self.role = reference.text, reference.kind, reference.name, role
        self.commit = reference.commit
        self.md5 = None
        self.assertion = UNASSERTED
        self.notes = list(reference.problems)


def expect(text, script_md5, role, rules):
    """The Wanted of a reference and its `script_md5`.

    rules: has local_regimen_folder, overrides, lock, strict, as a Resolver does.
    Raises NotFound for what cannot be resolved, WrongBytes for a malformed md5, Refused under `strict`.
    """
    reference = classify(text)
    wanted = Wanted(reference, role)
    if reference.kind not in NAMES + URLS + ('file',):
        raise NotFound('This cannot be resolved to a script: %s' % '; '.join(reference.problems), where=role,
                       found=mask(reference.text) or 'nothing',
                       advice='Name a pinned URL or a v2 name in the regimen.')
    if reference.kind == 'file' and rules.local_regimen_folder is None:
        raise NotFound('A file of this machine counts only in a regimen that is a file of this machine', where=role,
                       found=text)
    _assert_by_regimen(wanted, script_md5, rules.overrides)
    _assert_by_lock(wanted, rules.lock)
    if rules.strict and reference.kind == 'moving-url':
        raise Refused('--strict refuses a URL that moves: %s' % '; '.join(reference.problems), where=role,
                      found=mask(text), advice='Name a URL with a commit in it.')
    if rules.strict and not wanted.md5:
        raise Refused('--strict refuses a script whose md5 nobody asserts', where=role, found=mask(text),
                      advice='Write its md5 into the regimen, or make a lock file: rig-agent lock')
    return wanted


def _assert_by_regimen(wanted, script_md5, overrides):
    try:
        wanted.md5 = expected_md5(wanted.text, script_md5)
        wanted.assertion = REGIMEN if wanted.md5 else UNASSERTED
    except WrongBytes as error:
        if not overrides & {wanted.name, wanted.role, wanted.text}:
            error.where = '%s of %s' % (wanted.role, mask(wanted.text))
            error.advice = 'Correct it in the regimen, or accept this script as it is: --accept-md5 %s' % (
                wanted.name or wanted.role)
            raise error
        wanted.assertion = OVERRIDE
        wanted.notes.append('its malformed script_md5 `%s` was accepted by name' % mask(script_md5))


def _assert_by_lock(wanted, lock):
    entry = lock.entry(wanted.text, wanted.md5) if lock else None
    if entry is None:
        return
    if wanted.md5 and entry['md5'] != wanted.md5:
        wanted.notes.append("the lock file has another md5; the regimen's is used. Bring the lock up to date: "
                            'rig-agent lock --update')
        return
    if wanted.assertion == UNASSERTED:
        wanted.md5, wanted.assertion = entry['md5'], LOCK
    wanted.commit = wanted.commit or entry.get('commit')
