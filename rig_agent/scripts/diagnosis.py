"""What bytes with a wrong md5 could be: the cause, in sentences, where it can be told."""
from __future__ import absolute_import, unicode_literals

import json
import re

from rig_agent.base.compat import to_text
from rig_agent.base.files import md5_of_bytes

MD5_OF_NOTHING = 'd41d8cd98f00b204e9800998ecf8427e'


def explain(content, expected, reference='', history=(), siblings=None, known=None):
    """What `content` could be when its md5 is not `expected`; [] when it is simply different.

    history: [(commit, date, md5)] of the same file, newest first. siblings: {md5: reference} that the regimen asserts.
    known: the reference whose bytes in the cache have the expected md5, or None.
    """
    siblings = siblings or {}
    causes = [sentence for sentence in (
        what_instead(content),
        _other_text(content, expected),
        _other_version(content, expected, history),
        _swapped(content, expected, reference, siblings),
        _md5_of_something_else(expected, reference),
    ) if sentence]
    # The same script under another URL has the same md5: that is a cause only where there is no other.
    return causes or _same_md5_elsewhere(expected, reference, siblings, known)


def what_instead(content):
    """What was served instead of a script: a page, a login form, an error, nothing; None when it may be a script."""
    start = content[:4096].lstrip(b'\xef\xbb\xbf \t\r\n')
    if not start:
        return 'there is nothing in it'
    if start.startswith(b'<'):
        form = re.search(br'type\s*=\s*["\']?password|log[ -]?in|sign[ -]?in', content[:65536], re.IGNORECASE)
        return ('this is a login form, not a script: the server wants to know who asks' if form
                else 'this is an HTML page, not a script')
    if start.startswith(b'version https://git-lfs'):
        return 'this is a pointer of git LFS, not the file itself'
    if len(content) < 2000 and re.match(br'(\d{3}:? )?(not found|forbidden|unauthorized|bad credentials)', start, re.I):
        return 'this is an error message, not a script: %s' % to_text(start[:80]).strip()
    if len(content) < 4000 and start.startswith(b'{') and _is_error_document(content):
        return 'this is an error message, not a script (has a token expired?): %s' % to_text(start[:120]).strip()
    if b'\0' in start and not start.startswith((b'\xff\xfe', b'\xfe\xff')):
        return 'these are binary bytes, not a script'
    return None


def _is_error_document(content):
    try:
        document = json.loads(to_text(content))
    except ValueError:
        return False
    return isinstance(document, dict) and bool({'message', 'error', 'errors'} & set(document))


def _other_text(content, expected):
    """The same text in other bytes, or cut short."""
    lf = content.replace(b'\r\n', b'\n')
    same_lines = {'the regimen has the md5 with LF, these bytes have CRLF': lf,
                  'the regimen has the md5 with CRLF, these bytes have LF': lf.replace(b'\n', b'\r\n')}
    for sentence, candidate in same_lines.items():
        if md5_of_bytes(candidate) == expected:
            return 'only the line endings differ: %s' % sentence
    stripped = content.rstrip(b'\r\n')
    for end in (b'', b'\n', b'\r\n'):
        if md5_of_bytes(stripped + end) == expected:
            return 'only the end of the last line differs'
    for sentence, candidate in _encoded_otherwise(content):
        if md5_of_bytes(candidate) == expected:
            return 'the same text was encoded otherwise: the md5 is the one of %s' % sentence
    if content and not content.endswith(b'\n') and not what_instead(content):
        return 'it ends in the middle of a line, after %d bytes: it may be cut short' % len(content)
    return None


def _encoded_otherwise(content):
    bom = b'\xef\xbb\xbf'
    bare = content[3:] if content.startswith(bom) else content
    for line_endings, form in (('', bare), (' with LF', bare.replace(b'\r\n', b'\n')),
                               (' with CRLF', bare.replace(b'\r\n', b'\n').replace(b'\n', b'\r\n'))):
        yield 'UTF-8 without a byte order mark' + line_endings, form
        yield 'UTF-8 with a byte order mark' + line_endings, bom + form
        for read_as in ('utf-8', 'cp1252', 'latin-1'):
            try:
                text = form.decode(read_as)
            except UnicodeDecodeError:
                continue
            for written_as in ('utf-8', 'cp1252', 'latin-1', 'utf-16'):
                try:
                    yield '%s%s' % (written_as, line_endings), text.encode(written_as)
                except UnicodeEncodeError:
                    continue


def _other_version(content, expected, history):
    md5s = [md5 for _, _, md5 in history]
    found = md5_of_bytes(content)
    if expected not in md5s:
        return None
    commit, date, _ = history[md5s.index(expected)]
    if found not in md5s:
        return 'the md5 is the one of commit %s of %s' % (commit, date[:10])
    behind = md5s.index(expected) - md5s.index(found)
    return 'the md5 is the one of %s version: commit %s of %s, %d change%s %s' % (
        'an older' if behind > 0 else 'a newer', commit, date[:10], abs(behind), '' if abs(behind) == 1 else 's',
        'before this one' if behind > 0 else 'after this one')


def _swapped(content, expected, reference, siblings):
    other = siblings.get(md5_of_bytes(content))
    if other in (None, reference):
        return None
    swapped = siblings.get(expected) not in (None, reference)
    return 'these are the bytes that the regimen asserts for %s%s' % (
        other, '; the two md5s are probably swapped' if swapped else '; the md5s may be swapped')


def _same_md5_elsewhere(expected, reference, siblings, known):
    if siblings.get(expected) not in (None, reference):
        return ['the regimen asserts the same md5 for %s: it was probably pasted twice' % siblings[expected]]
    if known not in (None, reference):
        return ['the md5 is the one of %s' % known]
    return []


def _md5_of_something_else(expected, reference):
    if expected == MD5_OF_NOTHING:
        return 'the md5 is the one of an empty file'
    name = reference.rsplit('/', 1)[-1]
    if expected in (md5_of_bytes(reference.encode('utf-8')), md5_of_bytes(name.encode('utf-8'))):
        return 'the md5 is the one of the text of the reference, not of the script'
    return None
