"""Secrets are masked where text is made: in messages, records, logs, bundles and pages."""
from __future__ import absolute_import, unicode_literals

import re

from rig_agent.base.compat import text_type

MASK = '***'
SECRET_NAME = (r'[A-Za-z0-9_.-]*(?:token|passw(?:or)?d|secret|api[_-]?key|access[_-]?key|private[_-]?key|credential|signature)'
               r'[A-Za-z0-9_-]*')
SECRET_VARIABLE = re.compile(r'token|passw|secret|key|credential|^auth', re.IGNORECASE)

PATTERNS = [
    # user:password@ or token@ in a URL
    (re.compile(r'(?i)\b([a-z][a-z0-9+.-]*://)[^/\s@"\'<>]+@'), r'\1' + MASK + '@'),
    # ?token=..., &api_key=..., in URLs and in form bodies
    (re.compile(r'(?i)([?&;](?:%s|key|sig)=)[^&#\s"\'<>]+' % SECRET_NAME), r'\1' + MASK),
    # Authorization: Bearer ...; Proxy-Authorization, Cookie and Set-Cookie carry sessions
    (re.compile(r'(?im)((?:proxy-)?authorization["\']?\s*[:=]\s*["\']?(?:(?:bearer|basic|token|digest)\s+)?)[^\s"\',;]+'),
     r'\1' + MASK),
    (re.compile(r'(?im)((?:set-)?cookie["\']?\s*[:=]\s*["\']?)[^\r\n"\']+'), r'\1' + MASK),
    (re.compile(r'(?i)\b(bearer\s+)[A-Za-z0-9._~+/=-]{8,}'), r'\1' + MASK),
    # "password": "x", TOKEN=x, --token x, --api-key=x
    (re.compile(r'(?i)((?<![?&;\w])--?%s(?:\s+|=))[^\s"\',;&]+' % SECRET_NAME), r'\1' + MASK),
    (re.compile(r'(?i)((?<![?&;A-Za-z0-9_.-])u?["\']?%s["\']?\s*[:=]\s*)[ub]?(?:"[^"\r\n]*"|\'[^\'\r\n]*\'|[^\s"\',;&}\]]+)'
                % SECRET_NAME), r'\1' + MASK),
    # well-known shapes, wherever they stand
    (re.compile(r'\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{16,}'
                r'|xox[abprs]-[A-Za-z0-9-]{10,}|AKIA[0-9A-Z]{16}|eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+)'),
     MASK),
]


def mask(text):
    """Text with every secret in it replaced by `***`; structure and line breaks stay."""
    for pattern, replacement in PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def is_secret_name(name):
    """Whether an environment variable, key or option of this name holds a secret."""
    return bool(SECRET_VARIABLE.search(name))


def mask_value(value, name=None):
    """A JSON-ready value with secrets masked, at any depth; `name` is the key it stands under."""
    if isinstance(value, dict):
        return {key: mask_value(item, key) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [mask_value(item) for item in value]
    if isinstance(value, text_type):
        return MASK if name is not None and re.match('(?i)^%s$' % SECRET_NAME, name) and value else mask(value)
    return value
