"""Threads and limited waits on the virtual clock: each in its simulated time."""
from __future__ import absolute_import, unicode_literals

import socket
import threading
import time

import pytest

from rig_agent.base.compat import WINDOWS
from rig_agent.harness.simulation import free_control_port


def test_a_valve_that_a_timer_closes_is_open_for_its_two_seconds(simulate):
    run = simulate('''
        import threading, time
        from psychopy import visual
        window, is_open = visual.Window(fullscr=True), [True]
        begun = time.time()
        threading.Timer(2.0, is_open.pop).start()
        while is_open:
            window.flip()
        assert 2.0 <= time.time() - begun <= 2.5, time.time() - begun
    ''')
    assert run.code == 0, run


def test_a_thread_that_polls_does_so_as_often_as_simulated_time_allows(simulate):
    """But for a few times, when a machine with much to do takes the processor away from it."""
    run = simulate('''
        from __future__ import print_function
        import threading, time
        from psychopy import core, visual
        window, running, moments, pulses = visual.Window(fullscr=True), [1], [], []
        def poll():
            while running:
                moments.append(time.time())
                time.sleep(1 / 60.0)
        thread = threading.Thread(target=poll)
        thread.start()
        clock = core.Clock()
        while clock.getTime() < 5:
            window.flip()
        del running[:]
        thread.join()
        assert 270 <= len(moments) <= 303, len(moments)
        assert 0.016 < sorted(after - before for before, after in zip(moments, moments[1:]))[len(moments) // 2] < 0.018
        for number in range(10):
            threading.Timer(0.05, lambda: pulses.append(clock.getTime())).start()
            for _ in range(72):
                window.flip()
        assert len(pulses) >= 9, pulses
    ''')
    assert run.code == 0, run


@pytest.mark.parametrize('wait', [
    'event.wait(0.1)', 'never(lambda: simple.get(timeout=0.1), queue.Empty)', 'never(lambda: things.get(timeout=0.1), queue.Empty)', 'thread.join(0.1)',
    'never(lambda: receiver.recvfrom(9), socket.timeout)', 'select.select([receiver], [], [], 0.1)',
    'never(lambda: listener.accept(), socket.timeout)'])
def test_a_loop_of_limited_waits_for_what_never_comes_takes_its_simulated_minute(simulate, wait):
    run = simulate('''
        import select, socket, threading, time
        try:
            import queue
        except ImportError:
            import Queue as queue
        event, things, receiver = threading.Event(), queue.Queue(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        simple = getattr(queue, "SimpleQueue", queue.Queue)()
        listener = socket.socket()
        for one in (receiver, listener):
            one.bind(("127.0.0.1", 0))
            one.settimeout(0.1)
        listener.listen(1)
        thread = threading.Thread(target=event.wait)
        thread.start()
        def never(wait, error):
            try:
                wait()
            except error:
                return
            raise AssertionError("something came")
        begun = time.time()
        while time.time() - begun < 60:
            before = time.time()
            %s
            assert 0.1 <= time.time() - before < 0.101, time.time() - before
        event.set()
    ''' % wait)
    assert run.code == 0, run
    assert 60 <= run.report['duration']['simulated'] < 61
    assert run.report['duration']['real'] < 45


def test_what_comes_meanwhile_ends_a_limited_wait_at_its_simulated_moment(simulate):
    run = simulate('''
        import socket, threading, time
        try:
            import queue
        except ImportError:
            import Queue as queue
        event, things, receiver = threading.Event(), queue.Queue(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(10)
        sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        for act, wait in ((event.set, lambda: event.wait(10)), (lambda: things.put(1), lambda: things.get(timeout=10)),
                          (event.clear, lambda: timer.join(10)),
                          (lambda: sender.sendto(b"go", receiver.getsockname()), lambda: receiver.recv(9))):
            begun = time.time()
            timer = threading.Timer(3.0, act)
            timer.start()
            assert wait() is not False
            assert 3 <= time.time() - begun < 3.5, time.time() - begun
            timer.join()
    ''')
    assert run.code == 0, run


def test_what_comes_from_another_process_is_waited_for(simulate):
    port = free_control_port()
    run = simulate('''
        import socket, subprocess, sys
        receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        receiver.bind(("127.0.0.1", %d))
        receiver.settimeout(10)
        child = subprocess.Popen([sys.executable, "-E", "-c", """if 1:
            import socket, time
            time.sleep(0.3)
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"ready", ("127.0.0.1", %d))"""])
        assert receiver.recvfrom(100)[0] == b"ready"
        child.wait()
    ''' % (port, port))
    assert run.code == 0, run


def test_an_answer_of_a_stand_in_outside_is_waited_for_each_time(simulate):
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(('127.0.0.1', 0))

    def answer():
        datagram, address = server.recvfrom(99)
        while datagram != b'end':
            time.sleep(0.005)
            server.sendto(datagram, address)
            datagram, address = server.recvfrom(99)
    thread = threading.Thread(target=answer)
    thread.start()
    run = simulate('''
        import socket, time
        with_server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        with_server.settimeout(10)
        for _ in range(60):
            with_server.sendto(b"go", ("127.0.0.1", %d))
            assert with_server.recv(99) == b"go"
    ''' % server.getsockname()[1])
    server.sendto(b'end', server.getsockname())
    thread.join()
    server.close()
    assert run.code == 0, run


def test_a_failed_child_for_which_a_thread_waits_is_seen_to_have_failed(simulate):
    run = simulate('''
        import subprocess, sys, threading, time
        codes = []
        def work():
            codes.append(subprocess.call([sys.executable, "-E", "-S", "-c", "raise SystemExit(3)"]))
        thread = threading.Thread(target=work)
        thread.start()
        while thread.is_alive():
            time.sleep(0.1)
        assert codes == [3], codes
    ''')
    assert run.code == 0, run


def test_while_a_pool_of_processes_works_its_own_threads_move_no_time(simulate):
    run = simulate('''
        import multiprocessing, os, time
        def compute(number):
            begun = os.times()[0]
            while os.times()[0] - begun < 0.5:
                sum(range(1000))
            return number
        if __name__ == "__main__":
            begun = time.time()
            pool = multiprocessing.Pool(1)
            assert pool.map(compute, [1]) == [1]
            assert time.time() - begun < 1, time.time() - begun
            pool.close()
            pool.join()
    ''')
    assert run.code == 0, run


def test_a_thread_that_computes_or_waits_for_something_real_does_not_stop_the_session(simulate):
    run = simulate('''
        import socket, threading, time
        from psychopy import visual
        window, running, counted = visual.Window(fullscr=True), [1], [0]
        receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        receiver.bind(("127.0.0.1", 0))
        def count():
            while running:
                counted[0] += 1
        for function in (count, lambda: receiver.recv(9)):
            thread = threading.Thread(target=function)
            thread.daemon = True
            thread.start()
        begun = time.time()
        for _ in range(36000):
            window.flip()
        assert 599.9 < time.time() - begun < 600.1 and counted[0]
        del running[:]
    ''')
    assert run.code == 0, run


@pytest.mark.skipif(WINDOWS, reason='nothing tells there whom a busy machine keeps from computing')
def test_a_thread_that_computes_takes_no_simulated_time(simulate):
    run = simulate('''
        import os, threading, time
        from psychopy import visual
        window, loaded = visual.Window(fullscr=True), []
        def load():
            begun = os.times()[0]
            while os.times()[0] - begun < 0.1:
                sum(range(1000))
            loaded.append(1)
        begun = time.time()
        threading.Thread(target=load).start()
        while not loaded:
            window.flip()
        assert time.time() - begun < 1, time.time() - begun
    ''')
    assert run.code == 0, run


def test_a_busy_wait_of_a_thread_and_a_window_that_a_thread_flips_take_their_time(simulate):
    run = simulate('''
        import threading, time
        from psychopy import visual
        window = visual.Window(fullscr=True)
        def wait():
            end = time.time() + 30
            while time.time() < end:
                pass
        def show():
            for _ in range(600):
                window.flip()
        for work, seconds in ((wait, 30), (show, 10)):
            begun = time.time()
            thread = threading.Thread(target=work)
            thread.start()
            thread.join()
            assert seconds - 0.02 <= time.time() - begun < seconds + 0.1, (work, time.time() - begun)
    ''')
    assert run.code == 0, run
    assert run.report['frames'] == 600


def test_threads_that_were_started_without_a_name_for_them_have_the_clock_too(simulate):
    run = simulate('''
        import time
        try:
            import thread
        except ImportError:
            import _thread as thread
        from psychopy import visual
        window, done = visual.Window(fullscr=True), []
        def later(seconds):
            time.sleep(seconds)
            done.append(time.time())
        begun = time.time()
        thread.start_new_thread(later, (3,))
        while not done:
            window.flip()
        assert 3 <= done[0] - begun <= time.time() - begun < 3.05
    ''')
    assert run.code == 0, run


def test_a_lock_that_a_sleeping_thread_holds_is_given_in_a_moment(simulate):
    run = simulate('''
        import threading, time
        lock, held = threading.Lock(), threading.Event()
        def hold():
            with lock:
                held.set()
                for _ in range(10):
                    time.sleep(60)
        threading.Thread(target=hold).start()
        held.wait()
        begun = time.time()
        with lock:
            assert 600 <= time.time() - begun < 601
    ''')
    assert run.code == 0, run


def test_threads_that_outlive_the_script_end_in_simulated_time_and_an_endless_one_is_named(simulate):
    text = '''
        import threading, time
        def poll():
            number = 0
            while number != %d:
                number += 1
                time.sleep(0.1)
        threading.Thread(target=poll).start()
    '''
    run = simulate(text % 600)
    assert run.code == 0 and not run.err and 59.9 < run.report['duration']['simulated'] < 61, run
    run = simulate(text % -1, limit=600)
    assert 'endless' in run.codes('script') and run.report['complete'] and not run.err, run
    assert 'a thread goes on' in run.report['findings'][0]['message']


def test_a_thread_may_join_another_and_one_may_wait_for_the_end_of_the_script(simulate):
    run = simulate('''
        from __future__ import print_function
        import threading, time
        main, begun = threading.current_thread(), time.time()
        def work():
            time.sleep(3)
        def manage():
            workers = [threading.Thread(target=work) for _ in range(3)]
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join()
            print("worked", int(time.time() - begun))
        def end_by_looking():
            while main.is_alive():
                time.sleep(0.1)
            print("looked", int(time.time() - begun))
        def end_by_joining():
            main.join()
            print("joined", int(time.time() - begun))
        threads = [threading.Thread(target=function) for function in (manage, end_by_looking, end_by_joining)]
        for thread in threads:
            thread.start()
        threads[0].join()
        time.sleep(10)
    ''')
    assert run.code == 0 and not run.err, run
    assert sorted(run.out.splitlines()) == ['joined 13', 'looked 13', 'worked 3']


def test_an_endless_wait_is_named_where_the_script_waits(simulate):
    run = simulate('''
        import threading, time
        event = threading.Event()
        def poll():
            while True:
                time.sleep(1)
        thread = threading.Thread(target=poll)
        thread.daemon = True
        thread.start()
        event.wait()
    ''', limit=600)
    assert run.code == 1 and run.codes('script')[:1] == ['endless'], run
    assert 'script.py:10' in run.report['findings'][0]['message']


def test_nothing_is_printed_of_daemons_that_sleep_as_the_interpreter_ends(simulate):
    run = simulate('''
        import threading, time
        def poll(wait):
            while True:
                wait(0.01)
        for wait in (time.sleep, threading.Event().wait):
            thread = threading.Thread(target=poll, args=(wait,))
            thread.daemon = True
            thread.start()
        time.sleep(10)
    ''')
    assert run.code == 0 and not run.err, run


@pytest.mark.skipif(not hasattr(__import__('os'), 'fork'), reason='Windows knows no fork')
def test_a_forked_child_has_a_clock_of_its_own(simulate):
    run = simulate('''
        import os, threading, time
        def poll():
            while True:
                time.sleep(0.1)
        def work():
            child = os.fork()
            if child == 0:
                begun = time.time()
                for _ in range(100):
                    time.sleep(1)
                os._exit(0 if 100 <= time.time() - begun < 101 else 1)
            codes.append(os.waitpid(child, 0)[1])
        codes, other = [], threading.Thread(target=poll)
        other.daemon = True
        other.start()
        time.sleep(1)
        work()
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        assert codes == [0, 0], codes
    ''')
    assert run.code == 0, run


def test_at_speed_one_timers_and_waits_are_real(simulate):
    run = simulate('''
        import threading, time
        event = threading.Event()
        threading.Timer(0.3, event.set).start()
        begun = time.time()
        assert not event.wait(0.1) and event.wait(20)
        assert 0.29 < time.time() - begun < 20
    ''', speed=1)
    assert run.code == 0, run
