"""Single values: quotes, paths, numbers and words that are read otherwise than they look."""
from __future__ import absolute_import, unicode_literals

import re

from rig_agent.regimens.model import ASSET_ENDINGS
from rig_agent.regimens.syntax import MISSING, SWALLOWED
from rig_agent.regimens.values import FLOAT, INTEGER

SCIENTIFIC = re.compile(r'[-+]?(\d+(?:\.\d*)?|\.\d+)[eE]([-+]?)(\d+)$')
SIXTY = re.compile(r'[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?$')
OCTAL = re.compile(r'[-+]?0[0-7_]*[1-7][0-7_]*$')
NO_NUMBER = re.compile(r'(0o[0-7]+|0[0-9]*[89][0-9]*|[-+]?\d+,\d+|[-+]?\d+(?:\.\d+)? ?%)$')
PYTHON_WORDS = {'None': 'null', 'nan': '.nan', 'NaN': '.nan', 'NAN': '.nan', 'inf': 'a large number',
                'Inf': 'a large number', 'infinity': 'a large number', 'Infinity': 'a large number',
                '-inf': 'a large negative number'}
AS_LIST = re.compile(r'\(\s*[-+.\d][^()]*\)$|\[\s*[-+.\d][^\[\]]*\]$|[-+.\d][-+.\d\s]*,[-+.,\d\s]*\]$')
EDGE_QUOTES = '"\'\u2018\u2019\u201c\u201d\u201e`'
ANY_QUOTE = re.compile('[%s]' % EDGE_QUOTES)
NEAR_PATH = re.compile('[/\\\\\t\n\r\x07\x08\x0b\x0c]')
POSIX = re.compile(r'/(?:home|Users|mnt|media|tmp|var|usr|opt|data|Volumes|allen|local\d*|root|scratch|net|export'
                   r'|srv|nfs)(?:/|$)')
CONTROL = re.compile('[\t\n\r\x07\x08\x0b\x0c]')  # what \t \n \r \a \b \v \f become inside double quotes
PERSONAL = re.compile(r'(?i)[a-z]:[\\/]+(?:users|documents and settings)[\\/]+(?!public|default)[^\\/]+')
INCHES = re.compile(r'(?i)screen|monitor|display|diagonal|inch|panel|lcd')
SHARE = re.compile(r'(?:\\\\|//)[A-Za-z0-9_.$-]+[\\/]')
ADDRESS = re.compile(r'(?:tcp://|udp://)?(\d{1,3}(?:\.\d{1,3}){3})(?::\d+)?$')


def check_values(document):
    """Findings about every value as it is written, and about keys with quotes."""
    keys = set()
    for path, key, node in document.written():
        if id(key) not in keys and key.kind == 'scalar':
            keys.add(id(key))
            _check_quotes(document, key, path, 'key')
        if node.kind == 'scalar' and node.tag != MISSING and path[0] != 'transitions':
            if node.plain:
                _check_plain(document, node, path)
            else:
                _check_quoted(document, node, path)
            if node.text:
                _check_text(document, node, path)
        elif node.kind == 'scalar' and node.tag != MISSING:
            _check_quotes(document, node, path, 'value')
        elif node.kind in ('sequence', 'mapping') and node.flow:
            _check_question_marks(document, node, path)


def _check_question_marks(document, node, path):
    """PyYAML's own parser, which is used where the C one is not installed, ends a text there."""
    for item in node.items:
        if item.kind == 'scalar' and item.plain and '?' in item.text:
            document.add('question-mark', item,
                         'A `?` stands in this text without quotes, inside of brackets or braces: `%s`'
                         % _short(item.text), 'Put the text in quotes: not every machine can read it as it is.',
                         key=_dotted(path))


def _dotted(path):
    return '.'.join(path)


def _check_plain(document, node, path):
    text = node.text
    if node.tag is None and text and (text[0] in '+-.0123456789(' or text in PYTHON_WORDS):
        _check_number(document, node, text, path)
    if node.over_lines and ' ' in text and '\n' not in text:
        document.add('text-over-lines', node,
                     'This value goes on in the next line: it is read as one text, `%s`' % _short(text),
                     'Put it in quotes if that is meant. If the next line is a key of its own, put a colon and a '
                     'blank after it and begin it in the same column as its neighbours.', key=_dotted(path))


def _check_number(document, node, text, path):
    def add(code, what, advice):
        document.add(code, node, what, advice, key=_dotted(path))
    if path[-1] in ('script', 'script_md5', 'name') and len(path) <= 3:
        return
    scientific = SCIENTIFIC.match(text)
    if FLOAT.match(text) and text.lower().lstrip('+-') in ('.inf', '.nan') or scientific and _is_infinite(text):
        add('infinite',
            'Parameters are handed on as JSON, which carries neither `.inf` nor `.nan`',
            'Write a number that is large enough, such as 1000000, or null.')
    elif scientific and not FLOAT.match(text):
        digits, sign, power = scientific.groups()
        add('number-as-text', '`%s` is read as text, not as a number' % text,
            'Write `%s%se%s%s`: with a point and a sign.'
            % ('-' if text.startswith('-') else '', digits if '.' in digits else digits + '.0', sign or '+', power))
    elif NO_NUMBER.match(text):
        add('number-as-text', '`%s` is read as text, not as a number' % text,
            'Write the number with digits and a point only, or put it in quotes if it is text.')
    elif SIXTY.match(text) and (INTEGER.match(text) or FLOAT.match(text)):
        add('odd-number', '`%s` is read as a number to the base of sixty' % text,
            'Put it in quotes if it is a time or ratio, or write the number itself.')
    elif OCTAL.match(text):
        add('odd-number', '`%s` is read as the number %d, to the base of eight, because it begins with 0'
            % (text, int(text.replace('_', ''), 8)), 'Leave the 0 out, or put it in quotes if it is text.')
    elif text in PYTHON_WORDS:
        add('python-word', '`%s` is read as the text "%s"' % (text, text),
            'Write `%s`, or put it in quotes if the script expects that text.' % PYTHON_WORDS[text]
            if PYTHON_WORDS[text][0] in '.n'
            else 'Write %s, or put it in quotes if the script expects that text.' % PYTHON_WORDS[text])
    elif AS_LIST.match(text):
        add('list-as-text', '`%s` is read as text, not as a list' % _short(text), 'Write it in square brackets: `[%s]`.'
            % text.strip('()[]').strip())


def _is_infinite(text):
    return float(text) in (float('inf'), float('-inf'))


def _check_quoted(document, node, path):
    text = node.text
    if node.over_lines and node.style in ('"', "'") and SWALLOWED.search(text):
        document.add('swallowed-lines', node,
                     'The quote that begins here swallows the lines below it, up to the next quote',
                     'Close it at the end of this line, or delete it.', _short(text), key=_dotted(path))
        return
    if node.style in ('"', "'") and text != text.strip() and text.strip():
        document.add('blank-at-edge', node, 'There is a blank at the %s of this text' % ('end' if text == text.lstrip()
                     else 'beginning'), 'Delete it, unless the script wants it.', key=_dotted(path))
    if node.style in ('"', "'") and AS_LIST.match(text.strip()):
        document.add('list-as-text', node, '`%s` is read as text, not as a list' % _short(text),
                     'Take the quotes away and write it in square brackets, unless the script expects a text.',
                     key=_dotted(path))


def _check_text(document, node, path):
    text = node.text
    _check_quotes(document, node, path, 'value')
    if NEAR_PATH.search(text):
        _check_path(document, node, path)
    elif '.' in text and ADDRESS.match(text):
        address = ADDRESS.match(text).group(1)
        is_local = address.startswith('127.') or address == '0.0.0.0'
        if not is_local and all(int(part) < 256 for part in address.split('.')):
            document.add('rig-specific', node, '`%s` is the address of one computer' % text,
                         "A regimen runs on every rig: keep addresses in the rig's own configuration.",
                         key=_dotted(path))
    if ' ' in text and len(text) < 300:
        words = text.split()
        for word in words:
            if word in document.stages and len(word) > 5 and len(words) < 6:
                document.add('stage-name-in-value', node,
                             'The name of a stage, `%s`, stands inside of this value' % word,
                             'Was it pasted here? The value is read as `%s`.' % _short(text), key=_dotted(path))


def _check_quotes(document, node, path, what):
    """A quote that belongs to no pair: at one edge of a text only, or an odd number of double ones."""
    text = node.text
    if not ANY_QUOTE.search(text):
        return
    begins, ends = text[0] in EDGE_QUOTES, text[-1] in EDGE_QUOTES
    inches = re.search(r'\s\d+(\.\d+)?"$', text) or re.match(r'\d+(\.\d+)?"$', text) and INCHES.search(path[-1])
    pair = begins and ends and len(text) > 1
    if pair and what == 'value' and not node.plain or not pair and not (begins or ends) and text.count('"') % 2 == 0:
        return
    if inches or ends and not begins and text[-1] == "'" and re.search(r"(^|\s)'\w|s'$", text):
        return
    if text.count('"') and text.count('"') % 2 == 0 and not begins and ' ' in text:
        return  # a sentence that ends with "a quotation"
    document.add('stray-quote', node,
                 'There is a quote in this %s that belongs to no pair: `%s`' % (what, _short(text)),
                 'Delete it: the %s is read with the quote in it.' % what, key=_dotted(path))


def _check_path(document, node, path):
    text = node.text.strip('"\' ')

    def add(code, what, advice):
        document.add(code, node, what, advice, key=_dotted(path))
    if '://' in text[:10] or path[-1] == 'script':
        return
    if node.style == '"' and CONTROL.search(text) and re.match(r'(?i)[a-z]:|\\\\?\w', text) and _looks_like_path(text):
        add('escaped-path', 'Inside double quotes a backslash and the letter after it became an invisible character',
            'Write the path with forward slashes, or in single quotes.')
    elif re.match(r'\\[A-Za-z0-9]', text) and _looks_like_path(text):
        add('escaped-path', 'This path begins with one backslash: `%s`' % _short(text),
            'A share begins with two. Inside double quotes each must be written twice; write //server/folder, which '
            'needs no quotes.')
    elif re.match(r'\\{3,}|/{3,}', text) or re.match(r'(?:\\\\|[A-Za-z]:).*[^\\]\\{2,}[^\\]', text):
        add('escaped-path', 'The backslashes of this path are doubled: `%s`' % _short(text),
            'They are doubled inside double quotes only. Write it with forward slashes.')
    elif POSIX.match(text) or text.startswith('~/'):
        add('posix-path', '`%s` is a path of Linux or macOS; rigs run Windows' % _short(text), 'Write the share as '
            '//server/folder/..., or a path with a drive letter.')
    elif PERSONAL.match(text):
        add('rig-specific', '`%s` is the folder of one person on one computer' % _short(text),
            'Put the file on a share or where every rig has it.')


def _looks_like_path(text):
    return text.count('\\') > 1 or text.lower().endswith(ASSET_ENDINGS + ('.py', '.json', '.yml')) or SHARE.match(text)


def _short(text):
    text = ' '.join(text.split())
    return text if len(text) <= 80 else text[:38] + '...' + text[-38:]
