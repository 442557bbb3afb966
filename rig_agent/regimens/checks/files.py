"""The file itself: line ends, byte order marks, characters that look like others."""
from __future__ import absolute_import, unicode_literals

import re

from rig_agent.regimens.syntax import position

INVISIBLE = '\u00a0\u00ad\u2000-\u200f\u2028\u2029\u202f\u2060\u3000\ufeff'
ODD = re.compile('[%s\u2018\u2019\u201a\u201c\u201d\u201e\u00ab\u00bb\uff1a]' % INVISIBLE)
PAIRS = ('\u201c\u201d\u201e', '\u2018\u2019\u201a', '\u00ab\u00bb')  # one of a pair speaks for the other in its line
MOST = 20


def check_file(document):
    """Findings: crlf, byte-order-mark, utf-16, odd-character."""
    content, text = document.content, document.text
    if content[:2] in (b'\xff\xfe', b'\xfe\xff'):
        document.add('utf-16', (1, 1), 'This file is saved as UTF-16', 'Save it as UTF-8 in the editor.')
    elif content[:3] == b'\xef\xbb\xbf':
        document.add('byte-order-mark', (1, 1), 'There is an invisible byte order mark at the beginning of this file',
                     'Save it as UTF-8 without a mark (some editors say "without BOM").')
    windows = text.count('\r\n')
    if windows:
        mixed = text.count('\n') > windows
        document.add('crlf', (text[:text.index('\r\n')].count('\n') + 1, 1),
                     'This file has Windows line ends%s' % (' in some lines only' if mixed else ''),
                     'Nothing breaks, but every line counts as changed for git. Save it with Unix line ends (LF).')
    told = set()
    for match in ODD.finditer(text):
        start = text.rfind('\n', 0, match.start()) + 1
        place = start, next((pair for pair in PAIRS if match.group() in pair), match.group())
        if place not in told and len(told) < MOST:
            told.add(place)
            _odd_character(document, text, match, start)


def _odd_character(document, text, match, start):
    if re.search(r'(^|\s)#', text[start:match.start()]):
        return  # in a comment it does no harm
    invisible = re.match('[%s]' % INVISIBLE, match.group())
    document.add('odd-character', position(text, match.start()),
                 'There is %s here, U+%04X'
                 % ('an invisible character' if invisible else 'the typographic character `%s`' % match.group(),
                    ord(match.group())),
                 'Type it again as a plain blank.' if invisible
                 else 'Type it again with the keyboard: \' or " or a colon.')
