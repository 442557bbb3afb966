"""HTML made of untrusted text: what scripts print may hold anything, and none of it becomes markup.

A page is one file: its style inside, no script, no address that a browser would open by itself, and a policy that
forbids all of that even if the escaping had a hole.
"""
from __future__ import absolute_import, unicode_literals

import base64
import hashlib
import io
import os
import re

from rig_agent import __version__
from rig_agent.base.compat import folder_of, text_type
from rig_agent.base.printed import plain
from rig_agent.base.units import utc_now

STYLE_PATH = os.path.join(folder_of(__file__), 'page.css')
MARKUP = re.compile(r'<[^>]*>')
OPTION = re.compile(r'(?<![\w-])--[a-z][a-z-]*')
CODE = re.compile(r'`([^`\n]{1,200})`')
SHORT = 20  # characters of a cell that stay on one line
# outcome -> (sign, kind): what a person sees first, also in black and white.
SIGNS = {'completed': ('\u2713', 'good'), 'stopped': ('\u25a0', 'asked'), 'aborted': ('\u25a0', 'asked'),
         'running': ('\u25b6', 'open'), 'prepared': ('\u25b6', 'open'), 'stopping': ('\u25b6', 'open')}
BAD = ('\u2717', 'bad')


class Markup(text_type):
    """Text that is HTML already."""


def escape(value):
    """Any value as HTML text, harmless in an element and in a quoted attribute."""
    if isinstance(value, Markup):
        return value
    text = plain(text_type(value).replace('\r\n', '\n').replace('\r', '\n'))
    return Markup(text.replace('&', '&amp;').replace('<', '&lt;').replace('>', '&gt;').replace('"', '&quot;')
                  .replace("'", '&#39;'))


def tag(name, content='', **attributes):
    """<name attributes>content</name>; `class_` for class, `data_label` for data-label. None leaves one out."""
    parts = ''.join(' %s="%s"' % (key.rstrip('_').replace('_', '-'), escape(value))
                    for key, value in sorted(attributes.items()) if value is not None)
    return Markup('<%s%s>%s</%s>' % (name, parts, escape(content), name))


def name(text):
    """A name that a narrow column breaks behind an underscore; one that is long without any, wherever it has to."""
    if max(len(part) for part in text.split('_')) > SHORT:
        return escape(text)
    return tag('span', Markup(escape(text).replace('_', '_<wbr>')), class_='name')


def advised(text):
    """Words of advice; what is to be typed looks so, and the options in it are not broken."""
    return Markup(OPTION.sub(r'<span class="word">\g<0></span>', CODE.sub(r'<code>\g<1></code>', escape(text))))


def join(parts, between=''):
    return Markup(between.join(escape(part) for part in parts))


def table(headings, rows, numbers=()):
    """A table that becomes a list of cards on a narrow screen. numbers: headings of columns that hold numbers."""
    head = tag('thead', tag('tr', join(tag('th', heading, class_='number' if heading in numbers else None)
                                       for heading in headings)))
    body = join(tag('tr', join(tag('td', '' if cell is None else cell, data_label=heading or None,
                                   class_=_kind_of_cell(cell, heading in numbers))
                               for heading, cell in zip(headings, row))) for row in rows)
    return tag('table', join([head, tag('tbody', body)]))


def _kind_of_cell(cell, is_number):
    """Short cells are not broken; of the others, any word may be, so that no table is wider than its page."""
    short = len(MARKUP.sub('', text_type(cell))) <= SHORT
    return ' '.join(kind for kind, holds in (('number', is_number), ('short', short)) if holds) or None


def facts(pairs):
    """A list of what is known, label by label; what is not known is left out."""
    return tag('dl', join(join([tag('dt', label), tag('dd', value)]) for label, value in pairs
                          if value not in (None, '', [])))


def section(title, *parts):
    return tag('section', join([tag('h2', title)] + list(parts)))


def sign(outcome):
    """(sign, kind) of an outcome or state."""
    return SIGNS.get(outcome, BAD)


def badge(outcome):
    mark, kind = sign(outcome)
    return tag('span', '%s %s' % (mark, outcome.replace('_', ' ')), class_='badge ' + kind)


def document(title, *parts):
    """The bytes of a whole page."""
    with io.open(STYLE_PATH, encoding='utf-8') as stream:
        style = stream.read()
    digest = base64.b64encode(hashlib.sha256(style.encode('utf-8')).digest()).decode('ascii')
    policy = "default-src 'none'; style-src 'sha256-%s'; base-uri 'none'; form-action 'none'" % digest
    page = join([
        Markup('<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'),
        Markup('<meta http-equiv="Content-Security-Policy" content="%s">\n' % policy),
        Markup('<meta name="viewport" content="width=device-width, initial-scale=1">\n'),
        Markup('<meta name="referrer" content="no-referrer">\n'),
        tag('title', title), Markup('\n<style>%s</style>\n</head>\n<body>\n' % style)] + list(parts) + [
        tag('footer', 'rig-agent %s, made %s UTC.' % (__version__, utc_now()[:19].replace('T', ' '))),
        Markup('\n</body>\n</html>\n')])
    return page.encode('utf-8', 'replace')
