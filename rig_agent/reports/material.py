"""The files of a session as others may have them: which there are, and their content with secrets masked.

Text is masked wherever it leaves this rig; what is binary (outputs) is handed on byte for byte or not at all.
"""
from __future__ import absolute_import, unicode_literals

import io
import json
import os
import stat
from collections import namedtuple

from rig_agent.base.compat import environment, json_text, name_as_text, reason_of, system_path, to_text
from rig_agent.base.files import STAGED_NAME, read_file
from rig_agent.base.masking import MASK, is_secret_name, mask_bytes, mask_value, secrets_in
from rig_agent.sessions import prepare, record, script, system

TEXT = ('.json', '.jsonl', '.csv', '.log', '.py', '.txt', '.yml', '.yaml', '.md', '.bat', '.ini', '.cfg')
NO_CONTENT = (record.BALLAST, prepare.KEEPER_LOCK, script.LOCK)  # of the agent itself, in a session's folder
BLOCK = 1 << 20
CONTEXT = 1 << 16          # how far a secret may reach beyond the place where text is cut to be masked in parts
LARGEST_DOCUMENT = 8 << 20
LONGEST_UNCUT = 32 << 20   # what is nothing but secrets is cut anywhere after so much
SHORTEST_SECRET = 6        # shorter ones are masked where their name stands, but not looked for elsewhere

# name: relative to the session's folder, with slashes. path: as the system gave it. text: whether it is masked.
Entry = namedtuple('Entry', 'name path size mtime text')


class Unreadable(Exception):
    """A file of this rig that cannot be read, told apart from a place that cannot be written."""


def entries(folder, on_error=None):
    """[Entry] of the ordinary files below a folder, in order. Links are not followed: they may lead anywhere.

    on_error(EnvironmentError): is told of each folder and file that cannot be looked at.
    """
    found = []
    for place, folders, names in os.walk(system_path(folder), onerror=on_error):
        folders.sort()
        for name in sorted(names):
            path = os.path.join(place, name)
            try:
                status = os.lstat(path)
            except OSError as error:
                if on_error:
                    on_error(error)
                continue
            inside = to_text(os.path.relpath(name_as_text(path), folder).replace(os.sep, '/'))
            # All else is the script's, whatever its name looks like.
            if stat.S_ISREG(status.st_mode) and inside not in NO_CONTENT and not STAGED_NAME.search(inside):
                found.append(Entry(inside, path, status.st_size, status.st_mtime, inside.lower().endswith(TEXT)))
    return found


def known_secrets(folders, token_file=None):
    """Secrets that stand under a name in this process's environment or a session's documents: found elsewhere too."""
    found = set()
    for name, value in environment().items():
        # Base64 may hold a slash and begin with one: only what is there is taken for a path.
        if is_secret_name(name) and not (os.path.isabs(value) and os.path.exists(system_path(value))):
            found.add(value)
    if token_file:
        found.add(to_text(read_file(token_file, 1 << 16) or b'').strip())
    for folder in folders:
        for entry in entries(folder):
            if entry.name.endswith('.json') and '/' not in entry.name and entry.size <= LARGEST_DOCUMENT:
                found |= secrets_in(_document(entry.path))
    return {secret for secret in found if len(secret) >= SHORTEST_SECRET and secret != MASK}


def _document(path):
    try:
        with io.open(path, 'rb') as stream:
            return json.loads(stream.read(LARGEST_DOCUMENT).decode('utf-8'))
    except (EnvironmentError, ValueError, RuntimeError):
        return None


def readable(entry, known=()):
    """The blocks of `content`. Raises Unreadable, so that an EnvironmentError is of whoever writes them."""
    found = content(entry, known)
    while True:
        try:
            block = next(found)
        except StopIteration:
            return
        except EnvironmentError as error:
            raise Unreadable(reason_of(error))
        yield block


def content(entry, known=()):
    """The blocks of bytes of a file as others may have it. Raises EnvironmentError."""
    if not entry.text:
        return blocks(entry.path)
    if entry.name.endswith('.json') and entry.size <= LARGEST_DOCUMENT:
        document = _document(entry.path)
        if document is not None:
            try:
                return iter([clean(json_text(mask_value(document)).encode('ascii'), encoded(known, json.dumps))])
            except (ValueError, RuntimeError):
                pass
    if entry.name.endswith('.jsonl') and entry.size <= LARGEST_DOCUMENT:
        return _masked_lines(entry.path, encoded(known, json.dumps))
    return masked(blocks(entry.path), known)


def _masked_lines(path, known):
    """A document a line; a line that a kill cut short is masked as text."""
    for line in b''.join(blocks(path)).splitlines(True):
        try:
            document = mask_value(json.loads(line.decode('utf-8')))
            line = json.dumps(document, sort_keys=True).encode('ascii') + b'\n'
        except (ValueError, RuntimeError):
            pass
        yield clean(line, known)


def blocks(path):
    """The bytes of a file; what was dropped from the beginning of a log is one line that says so, not zeros."""
    with io.open(path, 'rb', buffering=0) as stream:
        descriptor = stream.fileno()
        size = os.fstat(descriptor).st_size
        begin = min(system.next_data(descriptor, 0), size)
        if begin:
            yield ('[the first %d bytes were dropped: the log was over its limit]\n' % begin).encode('ascii')
        os.lseek(descriptor, begin, 0)
        left = size - begin
        while left > 0:
            block = os.read(descriptor, min(BLOCK, left))
            if not block:
                return
            left -= len(block)
            yield block


def masked(parts, known=()):
    """The same bytes without their secrets, in blocks: each cut is made where no secret lies across it."""
    known = encoded(known)
    rest = b''
    for block in parts:
        rest += block
        if len(rest) > BLOCK + 2 * CONTEXT:
            cut = _cut(rest, known)  # 0 where there is no such place yet: more of it is read
            yield clean(rest[:cut], known)
            rest = rest[cut:]
    yield clean(rest, known)


def encoded(known, write=None):
    forms = set()
    for secret in known:
        forms.add(secret.encode('utf-8'))
        if write:
            forms.add(to_text(write(secret))[1:-1].encode('ascii'))
    return sorted(forms, key=lambda form: (-len(form), form))


def clean(raw, known):
    for secret in known:
        raw = raw.replace(secret, MASK.encode('ascii'))
    return mask_bytes(raw)


def _cut(rest, known):
    """A place near the end where both sides masked alone are what they are together, or 0; ends of lines first."""
    last = len(rest) - CONTEXT
    places, place = [], last
    for _ in range(20):
        place = rest.rfind(b'\n', last - CONTEXT, place) + 1
        if place <= 0:
            break
        places.append(place)
        place -= 1
    for place in places + list(range(last, last - CONTEXT, -331)):
        before, after = rest[max(place - CONTEXT, 0):place], rest[place:place + CONTEXT]
        if clean(before, known) + clean(after, known) == clean(before + after, known):
            return place
    return 0 if len(rest) < LONGEST_UNCUT else last
