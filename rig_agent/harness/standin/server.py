"""The stand-in as a real HTTP server on the loopback."""
from __future__ import absolute_import, unicode_literals

import socket
import threading
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from six.moves import socketserver

from rig_agent.base.compat import WINDOWS, reason_of, to_native
from rig_agent.base.errors import UsageError
from rig_agent.harness.standin.faults import Misbehaving
from rig_agent.harness.standin.service import Service
from rig_agent.harness.standin.store import Store

LOOPBACK = '127.0.0.1'
DESK_USER = DESK_PASSWORD = 'desk'


class StandIn(object):
    """One stand-in: `with StandIn(database) as standin: ... standin.url`. port 0: any free one.

    The other arguments are Service's. Raises UsageError when the port is taken or the database is none.
    """

    def __init__(self, database, port=0, faults=(), user=DESK_USER, password=DESK_PASSWORD, **options):
        self.store = _opened(database)
        self.service = Service(self.store, user, password, **options)
        self.front = Misbehaving(self.service.application, faults)
        try:
            self._server = _Server((to_native(LOOPBACK), port), _Handler)
        except socket.error as error:
            raise UsageError('The stand-in cannot listen on port %d' % port, found=reason_of(error),
                             advice='Give another with --port, or 0 for any free one.')
        self._server.set_app(self.front)
        self.url = 'http://%s:%d' % (LOOPBACK, self._server.server_port)
        self._thread = None

    def serve(self):
        """Answer until interrupted."""
        try:
            self._server.serve_forever()
        finally:
            self._server.server_close()

    def __enter__(self):
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.daemon = True
        self._thread.start()
        return self

    def __exit__(self, *_):
        self.front.stopped.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _opened(database):
    import sqlite3
    try:
        return Store(database)
    except sqlite3.Error as error:
        raise UsageError('This is no database of the stand-in', where=database, found=reason_of(error),
                         advice='Give the file that an earlier start made, or a new name.')


class _Server(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 128
    allow_reuse_address = not WINDOWS  # on Windows it would let two servers share a port

    def server_bind(self):
        socketserver.TCPServer.server_bind(self)  # the base's own asks a name server about us
        self.server_name, self.server_port = LOOPBACK, self.server_address[1]
        self.setup_environ()

    def handle_error(self, request, client_address):
        """A client that went away, or one whom a fault cut off, is nothing to print a traceback for."""


class _Handler(WSGIRequestHandler):
    def get_environ(self):
        return dict(WSGIRequestHandler.get_environ(self), **{to_native('standin.connection'): self.connection})

    def get_stderr(self):
        return _Nowhere()

    def log_message(self, *_):
        pass


class _Nowhere(object):
    def write(self, _):
        pass

    def flush(self):
        pass
