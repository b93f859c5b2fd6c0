"""store - a second hand at a data directory: the job store opened for writing, with the checksums
that broker and verify expect, so that a test can break one thing and nothing else."""
import contextlib
import hashlib
import struct

import lmdb
import msgpack

KEY = b"daybook-kv-sum1\0"
TABLES = ("meta", "jobs", "units", "contexts", "keys", "tenants", "changes", "expiry")
HEAD = 96  # bytes of struct stored_job
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
MASK = 2**64 - 1


def entries(data, table):
    """How many records a table has, beside a running system or without one."""
    with lmdb.open(str(data / "jobs"), readonly=True, max_dbs=16) as env, \
            env.begin(db=env.open_db(table.encode(), create=False)) as read:
        return read.stat()["entries"]


def siphash(data, key=KEY):
    """SipHash-2-4, as libsodium's crypto_shorthash."""
    k0, k1 = struct.unpack("<QQ", key)
    v = [k0 ^ 0x736F6D6570736575, k1 ^ 0x646F72616E646F6D,
         k0 ^ 0x6C7967656E657261, k1 ^ 0x7465646279746573]

    def rotate(value, bits):
        return (value << bits | value >> (64 - bits)) & MASK

    def rounds(n):
        for _ in range(n):
            v[0] = v[0] + v[1] & MASK
            v[1] = rotate(v[1], 13) ^ v[0]
            v[0] = rotate(v[0], 32)
            v[2] = v[2] + v[3] & MASK
            v[3] = rotate(v[3], 16) ^ v[2]
            v[0] = v[0] + v[3] & MASK
            v[3] = rotate(v[3], 21) ^ v[0]
            v[2] = v[2] + v[1] & MASK
            v[1] = rotate(v[1], 17) ^ v[2]
            v[2] = rotate(v[2], 32)

    last = len(data) // 8 * 8
    words = struct.unpack(f"<{last // 8}Q", data[:last])
    tail = data[last:] + bytes(7 - len(data) % 8) + bytes([len(data) & 255])
    for word in (*words, *struct.unpack("<Q", tail)):
        v[3] ^= word
        rounds(2)
        v[0] ^= word
    v[2] ^= 255
    rounds(4)
    return struct.pack("<Q", v[0] ^ v[1] ^ v[2] ^ v[3])


def checksum(table, key, value):
    return siphash(siphash(key) + siphash(value) + bytes([TABLES.index(table)]))


def id_bytes(job):
    """The 16 bytes of job_<ULID>."""
    number = 0
    for letter in job.removeprefix("job_"):
        number = number * 32 + ALPHABET.index(letter)
    return number.to_bytes(16, "big")


class Store:
    def __init__(self, env, txn):
        self.txn = txn
        self.tables = {name: env.open_db(name.encode(), txn=txn) for name in TABLES}

    def get(self, table, key):
        value = self.txn.get(key, db=self.tables[table])
        assert value[-8:] == checksum(table, key, value[:-8])
        return value[:-8]

    def put(self, table, key, value):
        self.txn.put(key, value + checksum(table, key, value), db=self.tables[table])

    def delete(self, table, key):
        assert self.txn.delete(key, db=self.tables[table])

    def items(self, table):
        return [(key, value[:-8]) for key, value in self.txn.cursor(db=self.tables[table])
                if not key.startswith(b"\0format")]

    def edit(self, job, stored_status=None, **fields):
        """Changes a job's status in the head of its record, and what it tells."""
        value = self.get("jobs", id_bytes(job))
        head = bytearray(value[:HEAD])
        rest = HEAD + struct.unpack_from("<I", head, 88)[0]
        record = msgpack.unpackb(value[rest:])
        if stored_status is not None:
            head[1] = stored_status
        for name, change in fields.items():
            record[name] = change(record[name]) if callable(change) else change
        self.put("jobs", id_bytes(job), bytes(head) + value[HEAD:rest] + msgpack.packb(record))


@contextlib.contextmanager
def store_of(data):
    env = lmdb.open(str(data / "jobs"), max_dbs=16, map_size=1 << 30)
    try:
        with env.begin(write=True) as txn:
            yield Store(env, txn)
    finally:
        env.close()


def blob_name(content, job):
    return f"{hashlib.blake2b(content, digest_size=32).hexdigest()}.{job.removeprefix('job_')}"
