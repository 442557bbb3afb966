"""Secrets are masked where text is made: in messages, records, logs, bundles and pages.

Masked is what stands under a name that says so (`password`, `*_TOKEN`, `--api-key`, `Authorization`), the login in a
URL, and what has the well-known shape of a token, wherever it stands.
"""
from __future__ import absolute_import, unicode_literals

import base64
import re

from rig_agent.base.compat import binary_type, text_type

MASK = '***'
SECRET_WORD = (r'(?:token|passw(?:or)?d|passphrase|(?<![A-Za-z])pwd|[_-]pass(?![A-Za-z])|secret'
               r'|(?:api|access|private|account|shared|encryption|signing|ssh|master|client|license|session)[._-]?key'
               r'|credential|signature)')
# Bounded, or a line of one word takes hours.
SECRET_NAME = r'[A-Za-z0-9_.-]{0,80}' + SECRET_WORD + r'[A-Za-z0-9_-]{0,40}'
SECRET_KEY = re.compile(r'^(?:%s|pass|pw|auth|x-auth|(?:proxy-)?authorization|(?:set-)?cookie)$' % SECRET_NAME,
                        re.IGNORECASE)
SECRET_VARIABLE = re.compile(r'token|passw|secret|key|credential|^auth|passphrase|pass$|(?:^|_)pwd$', re.IGNORECASE)
SECRET_OPTION = re.compile(r'^--?(?:%s|pw|auth)$' % SECRET_NAME, re.IGNORECASE)
# A value: in quotes (also escaped ones, as JSON in JSON has them), a quote that never closes, a list, a map, or a bare
# word.
VALUE = (r'(?P<prefix>[ubrfUBRF]{0,2})(?:(?P<quote>\\*["\'])(?:\\.|[^\r\n\\])*?(?P=quote)|(?P<open>\\*["\'])[^\r\n"\']+'
         r'|(?P<list>\[[^\]\r\n]*\])|(?P<map>\{[^{}\r\n]*\})|[^\s"\',;&{}\]\\\[(][^\s"\',;&}\]\\]*)')
# Where a word begins; also behind the `\n` that stands for the end of a line in JSON and in Python's reprs.
ESCAPED = r'(?<=\\[nrt])'
START = r'(?:\b|%s)' % ESCAPED


def _hide(match):
    """What stands for a VALUE: a text stays a text and a list a list, so that JSON with it stays JSON."""
    parts = match.groupdict()
    if parts['list']:
        return match.group(1) + '["%s"]' % MASK
    if parts['map']:
        return match.group(1) + '{"%s": "%s"}' % (MASK, MASK)
    quote = parts['quote'] or parts['open'] or ''
    return match.group(1) + (parts['prefix'] if quote else '') + quote + MASK + (parts['quote'] or '')


def _hide_login(match):
    """`Basic` and what may be any word: a login, when it is base64 of name and password."""
    try:
        is_login = b':' in base64.b64decode(match.group(2).encode('ascii'))
    except (ValueError, TypeError):  # TypeError: Python 2
        is_login = False
    return match.group(1) + MASK if is_login else match.group(0)


# What names and well-known shapes hold, in lower case: text without any of them need not be looked at.
NAMED = ('token', 'pass', 'pwd', 'secret', 'key', 'credential', 'signature')
SHAPES = ('ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_', 'github_pat', 'glpat-', 'xox', 'akia', 'asia', 'aiza', 'npm_',
          'pypi-', 'hf_', 'k_live_', 'k_test_', 'sk-', 'sg.', 'ya29.', 'tt3x', 'bbdc-', 'eyj')
# (what a text must hold, in lower case, for the pattern to be tried: one of these; the pattern; what replaces it)
PATTERNS = [
    # a private key in its envelope, also one that is cut off
    (('private key',),
     r'-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----(?:[A-Za-z0-9+/=:,\s]|\\[nr]|-(?!-)){0,20000}'
     r'(?:-----END [A-Z0-9 ]*PRIVATE KEY-----)?', MASK),
    # user:password@ or token@ in a URL; a password may hold a slash, a port may not be taken for one
    (('://',),
     r'(?i)(?<![a-z0-9+.-])([a-z][a-z0-9+.-]{0,30}://)(?:[^/\s"\'<>]+|[^/\s:@"\'<>]*:(?!\d+/)[^\s@"\'<>]+)@',
     r'\1' + MASK + '@'),
    # the same where a URL is quoted as a part of another
    (('%40',),
     r'(?i)([a-z][a-z0-9+.-]{0,30}%3A%2F%2F)(?:(?!%2F|%40)[^\s&"\'<>/@]){1,500}%40', r'\1' + MASK + '%40'),
    # ?token=..., &api_key=..., in URLs and in form bodies, also when they are quoted once more
    (NAMED + ('sig=', 'sig%3d', 'auth', 'jwt', 'code', 'pw'),
     r'(?i)((?:[?&;#]|%%3F|%%26)(?:%s|key|sig|auth|jwt|code|pass|pw)(?:=|%%3D))(?:(?!%%26)[^&#\s"\'<>])+' % SECRET_NAME,
     r'\1' + MASK),
    # Authorization: Bearer ..., also of many parts; Proxy-Authorization, Cookie and Set-Cookie carry sessions
    (('authorization',),
     r'(?im)((?:proxy-)?authorization\\*["\']?\s*[:=]\s*\\*["\']?(?:[a-z][a-z0-9-]{0,30}[ \t]+)?)'
     r'(?:[a-z][a-z-]{0,30}="[^"\r\n]*"|[^\s"\',;\\]+)(?:,[ \t]*[a-z][a-z-]{0,30}=(?:"[^"\r\n]*"|[^\s",;]+))*',
     r'\1' + MASK),
    (('cookie',),
     r'(?im)(' + START + r'(?:set-)?cookie\\*["\']?\s*[:=]\s*\\*["\']?)[^\r\n"\']+', r'\1' + MASK),
    (('bearer',),
     r'(?i)' + START + r'(bearer\s+)[A-Za-z0-9._~+/=-]{8,}', r'\1' + MASK),
    (('basic',),
     r'(?i)' + START + r'(basic\s+)([A-Za-z0-9+/]{6,}={0,2})', _hide_login),
    # curl -u jane:x, sshpass -p x, net use \\server\share x /user:jane, a .netrc
    (('-u',),
     r'(?:' + ESCAPED + r'|(?<![\w-]))((?:-u|--(?:proxy-)?user)(?:[ \t]+|=)["\']?[^\s:"\']{1,80}:)'
     r'(?!\d{1,5}(?:[\s"\']|$))[^\s"\']+',
     r'\1' + MASK),
    (('sshpass',),
     START + r'(sshpass\s+-p\s*)[^\s"\'\\]+', r'\1' + MASK),
    (('net',),
     r'(?i)' + START + r'(net\s+use\s[^\r\n]{0,200}?\\\\[^\s"]+"?\s+)(?!/)[^\s"\'\\]+', r'\1' + MASK),
    (('login',),
     r'(?i)' + START + r'(login[ \t]+\S{1,80}[ \t]+password[ \t]+)[^\s"\'\\]+', r'\1' + MASK),
    # said in words: the password is x1, token x1; a word without a digit may be any word
    (('passw', 'passphrase', 'token'),
     r'(?i)((?:passw(?:or)?d|passphrase|' + START + r'token)(?:[ \t]+(?:is|was))?[ \t]+)(?=[^\s\d]{0,80}\d)(?![\d.]+\b)'
     r'[^\s"\',;<>()]{6,}', r'\1' + MASK),
    (('passw',),
     r'(?i)(passw(?:or)?d for [^\s:]{1,80}:[ \t]*)[^\s"\'\\]+', r'\1' + MASK),
    # auth=("jane", "x"), HTTPBasicAuth("jane", "x")
    (('auth',),
     r'(?i)((?:\bauth\s*=\s*|basicauth)\(\s*[ubrf]{0,2}["\'][^"\'\r\n]{0,200}["\']\s*,\s*[ubrf]{0,2}["\'])[^"\'\r\n]*',
     r'\1' + MASK),
    # <password>x</password>, key="token" value="x"
    (NAMED,
     r'(?i)(<(?P<element>%s)(?:\s[^<>]{0,200})?>)[^<\r\n]+' % SECRET_NAME, r'\1' + MASK),
    (NAMED,
     r'(?i)(\b(?:key|name)["\']?\s*[:=]\s*u?["\']%s["\']\s*,?\s*u?["\']?value["\']?\s*[:=]\s*u?["\'])[^"\'\r\n]*'
     % SECRET_NAME, r'\1' + MASK),
    # --token x, --api-key=x, and the same as a list of words
    (NAMED + ('--pw', '--auth'),
     r'(?i)((?:%s|(?<![?&;\w-]))(?:--?%s|--(?:pw|auth))(?:\s+|=))%s' % (ESCAPED, SECRET_NAME, VALUE), _hide),
    (NAMED,
     r'(?i)((?<![\w-])--?%s\\*["\']\s*,\s*[ub]?)(\\*["\']).*?(\2|$)' % SECRET_NAME, r'\1\2' + MASK + r'\3'),
    # "password": "x", TOKEN=x, secret: [x]
    (NAMED + ('auth', 'pw'),
     r'(?i)((?<![?&;A-Za-z0-9_.-])u?\\*["\']?(?:%s|(?<=["\'])(?:auth|pass|pw)(?=\\*["\']))\\*["\']?'
     r'(?:\][ \t]*==?|\s*(?:=>|:=|==|[:=]|%%3D))\s*)%s' % (SECRET_NAME, VALUE), _hide),
    # RIG_KEY=x: any variable in capitals that is called a key; DBPASS=x
    (('key', 'pass'),
     r'((?:%s|(?<![A-Za-z0-9_]))[A-Z0-9_]{0,80}(?:KEY\\*["\']?\s*[:=]\s*|PASS=))%s' % (ESCAPED, VALUE), _hide),
    # well-known shapes, wherever they stand
    (SHAPES,
     START + r'(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{16,}'
     r'|xox[abeprs]-[A-Za-z0-9-]{10,}|A[KS]IA[0-9A-Z]{16}|AIza[A-Za-z0-9_-]{30,}|npm_[A-Za-z0-9]{30,}'
     r'|pypi-[A-Za-z0-9_-]{20,}|hf_[A-Za-z0-9]{20,}|[sr]k_(?:live|test)_[A-Za-z0-9]{16,}|sk-[A-Za-z0-9_-]{24,}'
     r'|SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}|ya29\.[A-Za-z0-9_-]{20,}|AT[AC]TT3x[A-Za-z0-9_=-]{20,}'
     r'|BBDC-[A-Za-z0-9+/]{20,}|eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+)', MASK),
    (('hooks.slack',),
     r'(?i)(https://hooks\.slack\.com/services/)[A-Za-z0-9/_-]+', r'\1' + MASK),
]
_compiled = {}  # pattern -> compiled; all of them together take longer than many a command
# Bytes above ASCII as characters that no pattern knows, so that any bytes can be masked and come back as they were.
TO_PRIVATE = {byte: 0xe000 + byte for byte in range(0x80, 0x100)}
FROM_PRIVATE = {private: byte for byte, private in TO_PRIVATE.items()}


def mask(text):
    """Text with every secret in it replaced by `***`; structure and line breaks stay."""
    lowered = text.lower()
    for needs, pattern, replacement in PATTERNS:
        if any(need in lowered for need in needs):
            if pattern not in _compiled:
                _compiled[pattern] = re.compile(pattern)
            text = _compiled[pattern].sub(replacement, text)
    return text


def mask_bytes(content):
    """The same for bytes of any encoding, or of none: what is not masked stays as it is, byte for byte."""
    assert isinstance(content, binary_type)
    return mask(content.decode('latin-1').translate(TO_PRIVATE)).translate(FROM_PRIVATE).encode('latin-1')


def is_secret_name(name):
    """Whether an environment variable, key or option of this name holds a secret."""
    return bool(SECRET_VARIABLE.search(name))


def mask_value(value, name=None):
    """A JSON-ready value with secrets masked, at any depth; `name` is the key it stands under."""
    if isinstance(value, dict):
        named = _named_value(value)
        return {_masked_key(key): mask_value(item, _owner(key, name, named)) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [mask_value(item, _option_before(value, place) or name) for place, item in enumerate(value)]
    if is_secret_key(name) and value and not isinstance(value, bool):
        return MASK
    return mask(value) if isinstance(value, text_type) else value


def _masked_key(key):
    return mask(key) if isinstance(key, text_type) and '://' in key else key  # `mirrors:` has URLs for keys


def secrets_in(value, name=None):
    """The set of texts that `mask_value` would mask for their key, at any depth, to find them where no key stands."""
    found = set()
    if isinstance(value, dict):
        named = _named_value(value)
        for key, item in value.items():
            found |= secrets_in(item, _owner(key, name, named))
    elif isinstance(value, (list, tuple)):
        for place, item in enumerate(value):
            found |= secrets_in(item, _option_before(value, place) or name)
    elif isinstance(value, text_type) and is_secret_key(name) and value != MASK:
        found.add(value)
    return found


def is_secret_key(name):
    """Whether a key of a document says that a secret stands under it."""
    return isinstance(name, (text_type, str)) and bool(
        SECRET_KEY.match(name) or name.isupper() and is_secret_name(name))


def _owner(key, name, named):
    """The name that decides about what stands under `key`: a name above it that says secret holds for all below."""
    if key == 'value' and named:
        return named
    return name if is_secret_key(name) and not is_secret_key(key) else key


def _named_value(document):
    """In {"name": "password", "value": "x"}, the name; else None."""
    return next((document[key] for key in ('name', 'key') if is_secret_key(document.get(key))), None)


def _option_before(words, place):
    """In `--token x`, the name of what comes before the word: a list of arguments holds both one after the other."""
    before = words[place - 1] if place else None
    return before.lstrip('-') if isinstance(before, text_type) and SECRET_OPTION.match(before) else None
