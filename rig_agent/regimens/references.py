"""What stands under `script:`: which of the kinds of reference it is, and what `script_md5:` asserts about it."""
from __future__ import absolute_import, unicode_literals

import re
from collections import namedtuple

from six.moves.urllib.parse import unquote, urlsplit

from rig_agent.base import masking
from rig_agent.base.compat import text_type
from rig_agent.base.errors import UsageError, WrongBytes
from rig_agent.base.files import check_name

ON_PAPER = 'NotImplemented'
COMMIT = re.compile(r'[0-9a-fA-F]{40}\Z')
NEARLY_COMMIT = re.compile(r'(?=[a-f]*[0-9])(?:[0-9a-f]{7,39}|[0-9a-f]{41,64})\Z')  # shortened, or badly copied
MD5 = re.compile(r'[0-9a-fA-F]{32}\Z')
AT = re.compile(r'(?:^|[&;])at=([^&;]*)')
TOKEN = re.compile(r'(?:^|[&;])(?:[a-z_-]*token|access_key|signature|x-amz-[a-z-]+)=', re.IGNORECASE)
HOW_TO_MD5 = 'It is what `md5sum FILE` prints, or on Windows `certutil -hashfile FILE MD5`.'
DRIVE = re.compile(r'[A-Za-z]:[\\/]')
GITHUB_PAGE = re.compile(r'/([^/]+)/([^/]+)/(?:blob|tree)/(.+)$')

# kind: pinned-url, moving-url, page-url, v2-name, bare-name, resource-id, on-paper, file or unknown. name: the script's
# file name, or None. url: for the URL kinds. commit: 40 hex digits when pinned.
# problems: sentences about what is wrong or risky with it.
Reference = namedtuple('Reference', 'kind text name url commit problems')


def classify(text):
    """The Reference that a text under `script:` is. Never fails: what is none is of kind `unknown`, with a problem."""
    text = text.strip() if isinstance(text, text_type) else ''
    if not text:
        return Reference('unknown', text, None, None, None, ('no script is named',))
    if text == ON_PAPER:
        return Reference('on-paper', text, None, None, None, ('this stage exists on paper only',))
    if COMMIT.match(text):
        return Reference('resource-id', text, None, None, None, (
            'a resource id of camstim cannot be turned into a script; name the script by URL or v2 name',))
    if '://' in text:
        return _url(text)
    if re.match(r'\.[\\/]', text) or text.startswith(('/', '\\\\')) or DRIVE.match(text):
        return Reference('file', text, re.split(r'[\\/]', text)[-1], None, None, ())
    return _name(text)


def _name(text):
    problem = None
    if re.search(r'[\\/]', text):
        problem = 'a script is named without its folder; a file of this machine begins with ./ or is a full path'
    elif re.search(r'["\'\u2018-\u201f`]', text):
        problem = 'there is a stray quote in it'
    elif not text.lower().endswith('.py'):
        problem = 'the name of a script ends in .py'
    else:
        try:
            check_name(text, 'script name')
        except UsageError as error:
            problem = error.what
    if problem:
        return Reference('unknown', text, None, None, None, (problem,))
    if '_v2' in text:
        return Reference('v2-name', text, text, None, None, ())
    return Reference('bare-name', text, text, None, None, ('it is not named as a v2 script, `..._v2.py`',))


def _url(text):
    def unknown(problem):
        return Reference('unknown', text, None, None, None, (problem,))
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError:
        return unknown('this URL cannot be read')
    if parts.scheme not in ('http', 'https'):
        return unknown('only http and https are fetched, not %s' % (parts.scheme or 'this'))
    if not host or re.search(r'[\s"\'<>`]', text):
        return unknown('a URL has a host, and neither blanks nor quotes')
    name = _file_name(parts.path)
    page = _raw_url(parts)
    if page:
        return Reference('page-url', text, name, text, None, (
            'this is the page that shows the script, not the script; the raw URL is %s' % masking.mask(page),))
    commit, problems = _commit(parts)
    problems = list(problems)
    if TOKEN.search(parts.query):
        commit = None
        problems.append('it holds a token, which expires and is a secret')
    if parts.username or parts.password:
        problems.append('it holds a login, which is a secret')
    if parts.scheme == 'http':
        problems.append('it is plain http: only an md5 protects it')
    if name is None:
        problems.append('it does not end in the name of a script')
    return Reference('pinned-url' if commit else 'moving-url', text, name, text, commit, tuple(problems))


def _file_name(path):
    try:
        return check_name(unquote(path.rsplit('/', 1)[-1]))
    except UsageError:
        return None


def _commit(parts):
    at = AT.search(parts.query)
    if at:
        at = unquote(at.group(1))
        if COMMIT.match(at):
            return at.lower(), ()
        if NEARLY_COMMIT.match(at):
            return None, ('it names a commit by %d digits; a commit has 40' % len(at),)
        return None, ('it follows `%s`, which moves; name a commit of 40 digits' % at,)
    for piece in parts.path.split('/'):
        if COMMIT.match(piece):
            return piece.lower(), ()
    return None, ('it names no commit, so what it serves can change',)


def raw_url(url):
    """The URL of the file itself, when this is the page of a code host that shows it; else None."""
    page = _raw_url(urlsplit(url))
    return page and masking.mask(page)


def _raw_url(parts):
    query = '?' + parts.query if parts.query else ''
    if '/browse/' in parts.path:
        return '%s://%s%s%s' % (parts.scheme, parts.netloc, parts.path.replace('/browse/', '/raw/', 1), query)
    if parts.hostname == 'github.com' and 'raw=' not in parts.query:
        match = GITHUB_PAGE.match(parts.path)
        return match and 'https://raw.githubusercontent.com/%s/%s/%s' % match.groups()
    if '/-/blob/' in parts.path:  # GitLab
        return '%s://%s%s%s' % (parts.scheme, parts.netloc, parts.path.replace('/-/blob/', '/-/raw/', 1), query)
    return None


def expected_md5(script, script_md5):
    """The md5 that a regimen asserts, 32 lower-case digits; None for a placeholder (the script's own text) or nothing.

    Raises WrongBytes for anything else: 31 digits, `XXXX`, a URL, another file's name.
    """
    if script_md5 is None or script_md5 == script:
        return None
    if MD5.match(script_md5):
        return script_md5.lower()
    raise WrongBytes('`script_md5` is malformed', expected='32 hexadecimal digits', found=md5_flaw(script_md5),
                     advice='Correct it in the regimen. %s' % HOW_TO_MD5)


def md5_flaw(script_md5):
    """What is wrong with a text that is no md5, for a message."""
    shown = masking.mask(script_md5 if len(script_md5) <= 60 else script_md5[:57] + '...')
    if re.match(r'[0-9a-fA-F]+$', script_md5):
        return '%s, which has %d digits' % (shown, len(script_md5))
    return shown or 'an empty text'
