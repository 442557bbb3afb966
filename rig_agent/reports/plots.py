"""What a session used over time, as SVG that needs no script; ten hours of samples become a few hundred points."""
from __future__ import absolute_import, unicode_literals

import io
import math
import os

from rig_agent.base.units import format_duration
from rig_agent.reports.markup import Markup, join, tag
from rig_agent.sessions import resources

COLUMNS = 400       # of a plot; each shows the least and the most of the samples in it
HEIGHT = 100.0
MARGIN = 2.0        # above the highest value, so that its line is seen whole
ROUND = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)
LARGEST_FILE = 256 << 20


def read_samples(folder):
    """[(elapsed s, CPU percent, memory bytes, bytes printed)] from resources.csv, without lines that are cut short."""
    found = []
    try:
        with io.open(os.path.join(folder, resources.FILE), 'rb') as stream:
            for line in stream.read(LARGEST_FILE).split(b'\n'):
                fields = line.strip().split(b',')
                if len(fields) == len(resources.HEADER):
                    try:
                        found.append((float(fields[1]), float(fields[2]), float(fields[3]),
                                      float(fields[7]) + float(fields[8])))
                    except ValueError:
                        continue  # the heading
    except EnvironmentError:
        pass
    return [sample for sample in found if all(abs(value) < 1e18 for value in sample)]


def rates(samples):
    """[(elapsed s, bytes printed a second)] between each two samples."""
    found = []
    for before, after in zip(samples, samples[1:]):
        span = after[0] - before[0]
        if span > 0:
            found.append((after[0], max(after[3] - before[3], 0.0) / span))
    return found


def envelope(points, length, columns=COLUMNS):
    """[(column, least, most)] of points [(position, value)] from 0 to `length`, in order; empty columns are absent."""
    found = {}
    for position, value in points:
        column = min(int(max(position, 0.0) / length * columns), columns - 1) if length > 0 else 0
        least, most = found.get(column, (value, value))
        found[column] = (min(least, value), max(most, value))
    return [(column,) + found[column] for column in sorted(found)]


def plot(title, points, write, length, limit=None):
    """A figure: the caption says what and how much at most, the scale goes from 0 to that, time runs to the right.

    points: [(elapsed s, value)]. write: a value as text. limit: a value to draw as a dashed line when it is near.
    """
    most = max([value for _, value in points] + [0.0])
    top = round_up(most)
    if limit is not None and limit <= 2 * top:
        top = max(top, round_up(limit))
    columns = envelope(points, length)

    def y(value):
        return '%.1f' % (HEIGHT - (HEIGHT - MARGIN) * value / top)
    upper = ['%d,%s' % (column, y(high)) for column, _, high in columns]
    lower = ['%d,%s' % (column, y(low)) for column, low, _ in columns]
    shapes = [tag('polygon', points=' '.join(upper + lower[::-1]), class_='area'),
              tag('polyline', points=' '.join(upper), class_='line')]
    if len(columns) == 1:
        shapes = [tag('path', d='M0,%s H%d' % (y(columns[0][2]), COLUMNS), class_='line')]
    if limit is not None and limit <= top:
        shapes.append(tag('path', d='M0,%s H%d' % (y(limit), COLUMNS), class_='limit'))
    drawing = tag('svg', join(shapes), viewBox='0 0 %d %d' % (COLUMNS, HEIGHT), preserveAspectRatio='none', role='img',
                  aria_label='%s over time, at most %s' % (title, write(most)))
    return tag('figure', join([
        tag('figcaption', '%s: at most %s%s' % (title, write(most), '' if limit is None or limit > top else
                                                '; the dashed line is the limit, %s' % write(limit))),
        tag('div', join([
            tag('div', join([tag('span', write(top)), tag('span', write(0))]), class_='scale'), drawing,
            _times(length)]), class_='plot')]))


def round_up(value):
    """The next number that a scale may end with: 360 -> 400, 9.85 -> 10."""
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next((power * step for step in ROUND if power * step >= value), power * ROUND[-1])


def _times(length):
    return tag('div', join(tag('span', text) for text in ('0', format_duration(length / 2), format_duration(length))),
               class_='times')


def strip(moments, length):
    """A line of time with a mark at each moment (elapsed s), from the start to `length`."""
    marks = []
    for moment in moments:
        position = 2 + 396.0 * min(max(moment / length if length > 0 else 0.0, 0.0), 1.0)
        marks.append('M%.1f,4 V28' % position)
    line = tag('svg', join([Markup('<path d="M0,16 H400" class="mark"></path>'),
                            tag('path', d=' '.join(marks) or 'M0,16', class_='mark')]),
               viewBox='0 0 400 32', preserveAspectRatio='none', role='img', aria_label='time line')
    return tag('div', join([line, _times(length)]), class_='strip')


def share(good, other, bad):
    """A small bar: white for what went well, grey for what was asked to end, black for what went wrong."""
    total, position, bars = float(max(good + other + bad, 1)), 0.0, []
    for kind, count in (('good', good), ('other', other), ('bad', bad)):
        width = 100.0 * count / total
        if count:
            bars.append(tag('rect', x='%.1f' % position, y='0', width='%.1f' % width, height='10', class_=kind))
        position += width
    return tag('svg', join(bars), class_='share', viewBox='0 0 100 10', preserveAspectRatio='none', role='img',
               aria_label='%d of %d completed' % (good, good + other + bad))
