"""control - a client of the broker's control socket, without an API before it."""
import msgpack
import zmq
from daybook import PATIENCE
from store import id_bytes


class Control:
    def __init__(self, data):
        self.sock = zmq.Context.instance().socket(zmq.DEALER)
        self.sock.setsockopt(zmq.LINGER, 0)
        self.sock.connect(f"ipc://{data}/run/control.ipc")

    def ask(self, **message):
        self.sock.send(msgpack.packb({"wire": message.pop("wire"), "request": 1, **message}))
        assert self.sock.poll(10000 * PATIENCE), "the broker does not answer"
        return msgpack.unpackb(self.sock.recv_multipart()[0])

    def job(self, job):
        return self.ask(wire="GET", job=id_bytes(job), tenant="")

    def close(self):
        self.sock.close()
