"""Drawings of a regimen: every stage and transition on it, nothing outside, nothing over another."""
from __future__ import absolute_import, unicode_literals

import io
import os
import re
import xml.dom.minidom

import pytest

from rig_agent.regimens.drawing import as_html, as_svg
from rig_agent.regimens.graph import Graph, as_dot, as_mermaid
from rig_agent.regimens.layout import Layout
from rig_agent.regimens.reading import read
from support import PROJECT, real_regimens


def regimen(ways, stages):
    transitions = ''.join('- {trigger: %s, source: %s, dest: %s%s}\n' % way for way in ways)
    return read(('name: Lab_Task_v1.0.0\ntransitions:\n%sstages:\n%s' % (
        transitions or '  []\n', ''.join('  %s: {script: a_v2.py}\n' % name for name in stages))).encode('utf-8'), 'x')


def sixty():
    names = ['STAGE_%d_with_a_long_name' % number for number in range(60)]
    ways = [('progress', one, other, ', conditions: [good, better]') for one, other in zip(names, names[1:])]
    ways += [('manual', names[n], names[n + 5], '') for n in range(0, 50, 4)]
    ways += [('progress', names[n], names[n - 3], ', unless: good') for n in range(6, 60, 5)]
    return regimen(ways, names)


def own():
    with io.open(os.path.join(PROJECT, 'regimen.yml'), 'rb') as stream:
        return read(stream.read(), 'regimen.yml')


SMALL = [('progress', 'A', 'B', ', conditions: good'), ('manual', 'B', 'C', ''), ('handoff', 'C', 'A', ''),
         ('odd', 'A', 'A', ''),
         ('progress', 'C', 'GONE', '')]


def readable():
    found = [sixty(), regimen(SMALL, 'ABCD'), regimen([], 'A'), regimen([], 'ABCDEFG')]
    for path in real_regimens():
        with io.open(path, 'rb') as stream:
            try:
                found.append(read(stream.read(), os.path.basename(path)))
            except Exception:
                continue
    return found


def test_an_end_that_is_a_list_is_told_the_same_on_every_python():
    graph = Graph(regimen([('progress', '[A, B]', 'B', '')], 'AB'))
    assert [edge.source for edge in graph.edges] == ['["A", "B"]'] and graph.nodes['["A", "B"]'].kind == 'missing'


def test_no_box_lies_over_another_or_outside_of_the_picture():
    for one in readable():
        graph = Graph(one)
        if not graph.nodes:
            continue
        layout = Layout(graph)
        boxes = [(box.x - box.width / 2, box.y - box.height / 2, box.x + box.width / 2, box.y + box.height / 2)
                 for box in layout.boxes.values()]
        assert set(layout.boxes) == set(graph.nodes)
        for index, (left, top, right, bottom) in enumerate(boxes):
            assert 0 <= left and right <= layout.width and 0 <= top and bottom <= layout.height
            for other in boxes[:index]:
                assert right <= other[0] or other[2] <= left or bottom <= other[1] or other[3] <= top, one.name


def test_every_transition_is_drawn_once_and_ways_forward_lead_down():
    for one in readable():
        graph = Graph(one)
        if not graph.nodes:
            continue
        layout = Layout(graph)
        assert sorted(list(layout.paths) + list(layout.back)) == sorted(graph.edges)
        for edge in layout.paths:
            assert layout.boxes[edge.source].y < layout.boxes[edge.dest].y


def test_a_way_that_passes_a_layer_passes_its_boxes():
    layout = Layout(Graph(sixty()))
    for points in layout.paths.values():
        for x, y in points[1:-1]:
            assert not any(abs(box.y - y) < 1 and abs(box.x - x) < box.width / 2 for box in layout.boxes.values())


def curve_points(path):
    """Points on a drawn path, `M x y C x y x y x y ...`, a few pixels from each other."""
    numbers = [float(number) for number in re.findall(r'-?[0-9.]+', path)]
    points = list(zip(numbers[::2], numbers[1::2]))
    for start in range(0, len(points) - 1, 3):
        for step in range(41):
            t = step / 40.0
            weights = ((1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t ** 2, t ** 3)
            yield tuple(sum(weight * point[axis] for weight, point in zip(weights, points[start:start + 4]))
                        for axis in (0, 1))


@pytest.mark.parametrize('of, conditions', [('sixty stages', 70), ('this project', 7)])
def test_a_condition_stands_where_no_way_runs_through_it(of, conditions):
    drawn = sixty() if of == 'sixty stages' else own()
    picture = xml.dom.minidom.parseString(as_svg(Graph(drawn)).encode('utf-8'))
    ways = [list(curve_points(way.getAttribute('d'))) for way in picture.getElementsByTagName('path')
            if way.getElementsByTagName('title')]
    labels = [text for text in picture.getElementsByTagName('text') if text.getAttribute('class') == 'label']
    assert len(labels) == conditions
    for label in labels:
        x, y, width = float(label.getAttribute('x')), float(label.getAttribute('y')), len(label.lastChild.data) * 5.8
        assert not any(x < a < x + width and y - 9 < b < y + 2 for way in ways for a, b in way), label.toxml()


def test_the_picture_stands_alone_and_tells_triggers_apart():
    svg = as_svg(Graph(regimen(SMALL, 'ABCD'), {'A': ['612345']}))
    document = xml.dom.minidom.parseString(svg.encode('utf-8'))
    kinds = [path.getAttribute('class') for path in document.getElementsByTagName('path')]
    for trigger in ('progress', 'manual', 'handoff', 'other'):
        assert 'way ' + trigger in kinds
    assert len(document.getElementsByTagName('g')) == 1 + 5
    assert 'stage missing' in svg and 'stage alone' in svg and '612345' in svg and '>good<' in svg
    assert not re.search(r'(href|src)=|@import|url\((?!#)', svg)


def test_names_cannot_break_out_of_a_drawing():
    evil = '</title><script>alert(1)</script>&"]'
    drawn = Graph(read(('name: "<b>"\ntransitions: [{trigger: progress, source: A, dest: B, conditions: \'%s\'}]\n'
                        'stages: {A: {script: x_v2.py}, \'%s\': {script: x_v2.py}}' % (evil, evil)).encode('utf-8'),
                        'x'))
    xml.dom.minidom.parseString(as_svg(drawn).encode('utf-8'))
    assert '<script>' not in as_html(drawn) and '<b>' not in as_html(drawn)
    assert '<script>' not in as_mermaid(drawn) and '\\"]"' in as_dot(drawn)


def test_mermaid_and_dot_have_every_stage_and_way():
    graph = Graph(regimen(SMALL, 'ABCD'))
    mermaid = as_mermaid(graph)
    for part in ('s0 -->|"good"| s1', 's1 -.-> s2', 's2 ==> s0', ':::missing'):
        assert part in mermaid
    dot = as_dot(graph)
    assert '"A" -> "B" [style=solid, label="good"];' in dot and '"B" -> "C" [style=dashed' in dot


def test_alike_transitions_become_one_way():
    ways = [('progress', 'A', 'B', ', conditions: x'), ('progress', 'A', 'B', ', unless: [y, z]')]
    edge, = Graph(regimen(ways, 'AB')).edges
    assert edge.label == 'x or unless y or z'


@pytest.mark.parametrize('name, beginning', [('x.svg', '<svg'), ('x.html', '<!DOCTYPE html>'), ('x.dot', 'digraph'),
                                             ('x.mmd', 'flowchart')])
def test_the_command_draws_by_the_ending(agent, write, folder, name, beginning):
    write('regimen.yml', 'name: A_B_v1.0.0\ntransitions: [{trigger: manual, source: A, dest: B}]\n'
                         'stages: {A: {script: x_v2.py}, B: {script: x_v2.py}}')
    assert agent('regimen', 'graph', '-o', name).code == 0
    with io.open(os.path.join(folder, name), encoding='utf-8') as stream:
        assert stream.read().startswith(beginning)


def test_the_command_prints_mermaid_or_json(agent, write):
    write('regimen.yml', 'name: A_B_v1.0.0\nstages: {A: {script: x_v2.py}}')
    assert agent('regimen', 'graph').out.startswith('flowchart TD')
    assert agent('regimen', 'graph', '--json').json['stages'][0]['name'] == 'A'
    write('other.yml', 'name: A_B_v1.0.0\nstages: {B: {script: x_v2.py}}')
    assert agent('regimen', 'graph', 'other.yml', '--json').json['stages'][0]['name'] == 'B'


def test_the_mice_of_the_regimen_stand_at_their_stages(agent, write, tmpdir):
    from rig_agent.harness.standin.server import StandIn
    document = {'name': 'A_B_v1.0.0', 'transitions': [], 'stages': {
        'A': {'script': 'x_v2.py', 'script_md5': 'x_v2.py', 'parameters': {}}}}
    write('regimen.yml', 'name: A_B_v1.0.0\nstages: {A: {script: x_v2.py}}')
    with StandIn(os.path.join(str(tmpdir), 'mtrain.sqlite')) as server:
        server.store.add_regimen(document)
        server.store.add_subject('612345', server.store.find_state('A_B_v1.0.0', 'A'))
        agent.environment['RIG_AGENT_MTRAIN_URL'] = server.url
        assert agent('regimen', 'graph', '--mice', '--json').json['stages'][0]['mice'] == ['612345']
        assert '1 mouse: 612345' in agent('regimen', 'graph', '--mice').out
