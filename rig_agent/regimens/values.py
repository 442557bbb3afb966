"""What a plain word in a regimen means: YAML 1.1, as the camstim machines and mtrain read it, the same on every Python.

`on` is true, `1:30` is ninety, `010` is eight, `1e3` is text. Dates become ISO text, because JSON has none. The rules
are those of the YAML 1.1 type pages with PyYAML's deviations; they stand here so that no version of PyYAML changes a
value.
"""
from __future__ import absolute_import, unicode_literals

import base64
import datetime
import re

from rig_agent.base.compat import binary_type

TAG = 'tag:yaml.org,2002:'
LONGEST_NUMBER = 1000  # characters; later Pythons refuse to print integers of more than 4,300 digits
WORDS = {'': None, '~': None, 'null': None, 'Null': None, 'NULL': None}
for _value, _words in ((True, 'yes true on'), (False, 'no false off')):
    for _word in _words.split():
        WORDS.update({_word: _value, _word.capitalize(): _value, _word.upper(): _value})

INTEGER = re.compile(r'[-+]?(?:0b[01_]+|0[0-7_]+|0|[1-9][0-9_]*(?::[0-5]?[0-9])*|0x[0-9a-fA-F_]+)$')
FLOAT = re.compile(r'(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?'
                   r'|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$')
TIMESTAMP = re.compile(r'([0-9]{4})-([0-9][0-9]?)-([0-9][0-9]?)'
                       r'(?:(?:[Tt]|[ \t]+)([0-9][0-9]?):([0-9][0-9]):([0-9][0-9])'
                       r'(?:\.([0-9]*))?(?:[ \t]*(?:(Z)|([-+])([0-9][0-9]?)(?::([0-9][0-9]))?))?)?$')
# Not a date: month and day take two digits where no time follows.
SHORT_DATE = re.compile(r'[0-9]{4}-(?:[0-9]-[0-9][0-9]?|[0-9][0-9]-[0-9])$')
NUMBER_STARTS = frozenset('+-.0123456789')
# Tags that a regimen may write out, `!!int "5"`; every other one would make an object.
KNOWN_TAGS = frozenset(TAG + name for name in (
    'str', 'int', 'float', 'bool', 'null', 'timestamp', 'binary', 'merge', 'value', 'seq', 'map', 'set', 'omap',
    'pairs'))


def scalar_value(text, tag=None):
    """The value of a plain scalar (tag None) or of one with a written tag.

    Raises ValueError, with a sentence for people, where the text looks like a number or date but is none.
    """
    if tag is None and text in WORDS:
        return WORDS[text]
    try:
        if tag is None:
            return _number_or_date(text) if text[0] in NUMBER_STARTS else text
        return _TAGGED.get(tag, lambda same: same)(text)
    except OverflowError:
        raise ValueError('this number is larger than any that can be carried')


def _number_or_date(text):
    if INTEGER.match(text):
        return _integer(text)
    if FLOAT.match(text):
        return _float(text)
    if TIMESTAMP.match(text) and not SHORT_DATE.match(text):
        return _timestamp(text)
    return text


def _integer(text):
    _check_length(text)
    digits = text.replace('_', '').lstrip('+-')
    try:
        if digits.startswith('0b'):
            value = int(digits[2:], 2)
        elif digits.startswith('0x'):
            value = int(digits[2:], 16)
        elif digits.startswith('0') and digits != '0':
            value = int(digits, 8)
        elif ':' in digits:
            value = _base_60(int, digits)
        else:
            value = int(digits)
    except ValueError:
        raise ValueError('`%s` looks like a whole number but is none' % text)
    return -value if text.startswith('-') else value


def _float(text):
    _check_length(text)
    digits = text.replace('_', '').lower().lstrip('+-')
    try:
        if digits in ('.inf', '.nan'):
            value = float(digits[1:])
        else:
            value = _base_60(float, digits) if ':' in digits else float(digits)
    except ValueError:
        raise ValueError('`%s` looks like a number but is none' % text)
    return -value if text.startswith('-') else value


def _base_60(number, digits):
    return sum(number(part) * 60 ** place for place, part in enumerate(reversed(digits.split(':'))))


def _check_length(text):
    if len(text) > LONGEST_NUMBER:
        raise ValueError('this number has %d characters, at most %d can be carried' % (len(text), LONGEST_NUMBER))


def _timestamp(text):
    match = TIMESTAMP.match(text)
    if not match:
        raise ValueError('`%s` looks like a date but is none' % text)
    year, month, day, hour, minute, second, fraction, utc, sign, zone_hour, zone_minute = match.groups()
    try:
        date = datetime.date(int(year), int(month), int(day)).isoformat()
        if hour is None:
            return '%s' % date
        time = datetime.time(int(hour), int(minute), int(second), int((fraction or '')[:6].ljust(6, '0')))
    except ValueError:
        raise ValueError('`%s` looks like a date but there is no such day or time' % text)
    zone = '+00:00' if utc else '%s%02d:%02d' % (sign, int(zone_hour), int(zone_minute or 0)) if sign else ''
    return '%sT%s%s' % (date, time.isoformat(), zone)


def _word(expected):
    def value(text):
        if text.lower() not in WORDS and text.capitalize() not in WORDS:
            raise ValueError('`%s` is no %s' % (text, expected))
        return WORDS.get(text, WORDS.get(text.lower()))
    return value


def _binary(text):
    try:
        content = base64.b64decode(text.encode('ascii'))
    except (ValueError, TypeError):
        raise ValueError('what stands behind !!binary is not base64')
    encoded = base64.b64encode(content)
    return encoded.decode('ascii') if isinstance(encoded, binary_type) else encoded


_TAGGED = {TAG + 'int': lambda text: _integer(text) if INTEGER.match(text) else _not_a('whole number', text),
           TAG + 'float': lambda text: _float(text) if FLOAT.match(text) else float(_integer(text))
           if INTEGER.match(text) else _not_a('number', text),
           TAG + 'bool': _word('yes or no'), TAG + 'null': lambda text: None,
           TAG + 'timestamp': _timestamp, TAG + 'binary': _binary}


def _not_a(what, text):
    raise ValueError('`%s` is no %s' % (text, what))
