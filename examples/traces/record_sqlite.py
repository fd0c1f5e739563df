#!/usr/bin/env python3
"""Record the page accesses of SQLite under a mixed transactional and analytical load.

A small shop runs on SQLite: orders, payments and look-ups with skewed popularity whose hot set moves every day; an
event log that grows and is trimmed; reports that range over recent days or scan whole tables; index builds. A shim
in front of SQLite's page cache (page_recorder.c) writes down every page that the pager asks for.

    python3 examples/traces/record_sqlite.py OUT.oracleGeneral.zst [--requests 800000] [--seed 1]

Needs gcc, the SQLite header (Debian: libsqlite3-dev) and the Python package zstandard. The same seed and the same
SQLite version give the same file, byte for byte.
"""

from __future__ import annotations

import argparse
import bisect
import ctypes
import ctypes.util
import itertools
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import sqlite3

HERE = Path(__file__).resolve().parent

N_CUSTOMERS = 16_000
N_ITEMS = 24_000
N_PAST_ORDERS = 24_000
N_PAST_EVENTS = 36_000
EVENTS_KEPT = 40_000
TRANSACTIONS_PER_DAY = 500

SCHEMA = """
CREATE TABLE customers(id INTEGER PRIMARY KEY, region INT, balance INT, visits INT, profile TEXT);
CREATE TABLE items(id INTEGER PRIMARY KEY, category INT, price INT, stock INT, text TEXT);
CREATE TABLE orders(id INTEGER PRIMARY KEY, customer INT, day INT, status INT, total INT, note TEXT);
CREATE TABLE lines(order_id INT, line INT, item INT, quantity INT, price INT,
                   PRIMARY KEY(order_id, line)) WITHOUT ROWID;
CREATE TABLE events(id INTEGER PRIMARY KEY, customer INT, kind INT, body TEXT);
CREATE TABLE sessions(token TEXT PRIMARY KEY, customer INT, day INT, state TEXT) WITHOUT ROWID;
CREATE INDEX orders_by_customer ON orders(customer, id);
CREATE INDEX items_by_category ON items(category, price);
"""


class Recorder:
    """The C shim: compiled, and put in front of the page cache before SQLite starts."""

    def __init__(self, folder: Path) -> None:
        library = folder / "page_recorder.so"
        source = HERE / "page_recorder.c"
        command = ["gcc", "-std=c11", "-O2", "-fPIC", "-shared", "-o", str(library), str(source), "-lsqlite3"]
        subprocess.run(command, check=True)
        if "sqlite3" in sys.modules:
            raise RuntimeError("the recorder must be installed before the sqlite3 module is imported")
        self._lib = ctypes.CDLL(str(library))
        self._lib.recorder_count.restype = ctypes.c_uint64
        if self._lib.recorder_install() != 0:
            raise RuntimeError("SQLite refused the recording page cache (sqlite3_config failed)")
        self._path = folder / "accesses.bin"

    def start(self) -> None:
        if self._lib.recorder_start(str(self._path).encode()) != 0:
            raise OSError(f"cannot write {self._path}")

    def set_time(self, now: int) -> None:
        self._lib.recorder_set_time(ctypes.c_uint32(now))

    @property
    def count(self) -> int:
        return int(self._lib.recorder_count())

    def stop(self) -> Path:
        self._lib.recorder_stop()
        return self._path


class Popularity:
    """Zipf ranks over `n` keys; `move` replaces part of the hot set, so that yesterday's favourites cool down."""

    def __init__(self, rng: random.Random, n: int, exponent: float) -> None:
        self._rng = rng
        self._keys = list(range(1, n + 1))
        rng.shuffle(self._keys)
        self._cumulative = list(itertools.accumulate((rank + 3.0) ** -exponent for rank in range(n)))

    def draw(self) -> int:
        point = self._rng.random() * self._cumulative[-1]
        return self._keys[min(bisect.bisect_left(self._cumulative, point), len(self._keys) - 1)]

    def move(self, n_swaps: int) -> None:
        for _ in range(n_swaps):
            hot, cold = self._rng.randrange(len(self._keys) // 20), self._rng.randrange(len(self._keys))
            self._keys[hot], self._keys[cold] = self._keys[cold], self._keys[hot]


class Shop:
    """The load. Every public method is one transaction or one report."""

    def __init__(self, db: sqlite3.Connection, seed: int) -> None:
        self.rng = random.Random(seed)
        self.run: Callable[..., Any] = db.execute
        self.many = db.executemany
        self.customers = Popularity(self.rng, N_CUSTOMERS, 0.95)
        self.items = Popularity(self.rng, N_ITEMS, 0.9)
        self.day = 0
        self.n_orders = 0
        self.n_events = 0

    def text(self, low: int, high: int) -> str:
        return "x" * self.rng.randint(low, high)

    def fill(self) -> None:
        rng = self.rng
        customers = ((i, i % 40, 0, 0, self.text(120, 420)) for i in range(1, N_CUSTOMERS + 1))
        self.many("INSERT INTO customers VALUES(?,?,?,?,?)", customers)
        items = ((i, rng.randrange(300), rng.randint(1, 999), 100, self.text(150, 700)) for i in range(1, N_ITEMS + 1))
        self.many("INSERT INTO items VALUES(?,?,?,?,?)", items)
        for _ in range(N_PAST_ORDERS):
            self.place_order()
        for _ in range(N_PAST_EVENTS):
            self.log_event(self.customers.draw())

    def log_event(self, customer: int) -> None:
        self.n_events += 1
        row = (self.n_events, customer, self.rng.randrange(9), self.text(60, 500))
        self.run("INSERT INTO events VALUES(?,?,?,?)", row)

    def place_order(self) -> None:
        self.n_orders += 1
        customer, total = self.customers.draw(), 0
        for line in range(self.rng.randint(1, 7)):
            item = self.items.draw()
            price = self.run("SELECT price, stock FROM items WHERE id=?", (item,)).fetchone()[0]
            quantity = self.rng.randint(1, 5)
            self.run("UPDATE items SET stock = stock - ? WHERE id=?", (quantity, item))
            self.run("INSERT INTO lines VALUES(?,?,?,?,?)", (self.n_orders, line, item, quantity, price))
            total += quantity * price
        order = (self.n_orders, customer, self.day, 0, total, self.text(80, 400))
        self.run("INSERT INTO orders VALUES(?,?,?,?,?,?)", order)

    def pay(self) -> None:
        customer = self.customers.draw()
        self.run("UPDATE customers SET balance = balance - 1, visits = visits + 1 WHERE id=?", (customer,))
        self.log_event(customer)

    def browse(self) -> None:
        for _ in range(self.rng.randint(3, 12)):
            self.run("SELECT price, text FROM items WHERE id=?", (self.items.draw(),)).fetchone()

    def browse_category(self) -> None:
        query = "SELECT id, price, text FROM items WHERE category=? ORDER BY price LIMIT 25"
        self.run(query, (int(300 * self.rng.random() ** 2),)).fetchall()

    def order_history(self) -> None:
        query = "SELECT id, total, note FROM orders WHERE customer=? ORDER BY id DESC LIMIT 8"
        for order, _, _ in self.run(query, (self.customers.draw(),)).fetchall():
            self.run("SELECT item, quantity FROM lines WHERE order_id=?", (order,)).fetchall()

    def log_in(self) -> None:
        customer = self.customers.draw()
        token = f"{customer * 2654435761 % 2**32:08x}"
        self.run("INSERT OR REPLACE INTO sessions VALUES(?,?,?,?)", (token, customer, self.day, self.text(100, 300)))
        self.run("SELECT profile FROM customers WHERE id=?", (customer,)).fetchone()

    def ship_recent(self) -> None:
        low = max(1, self.n_orders - 900)
        self.run("UPDATE orders SET status = status + 1 WHERE id BETWEEN ? AND ?", (low, low + 120))

    # Reports: these are what pollutes a cache.
    def recent_sales(self) -> None:
        # +item keeps SQLite from walking the whole index by item.
        query = """SELECT item, sum(quantity * price) FROM lines WHERE order_id > ?
                   GROUP BY +item ORDER BY 2 DESC LIMIT 50"""
        for item, _ in self.run(query, (self.n_orders - 1_500,)).fetchall():
            self.run("SELECT text FROM items WHERE id=?", (item,)).fetchone()

    def scan_orders(self) -> None:
        query = "SELECT day, status, count(*), sum(total), sum(length(note)) FROM orders GROUP BY day, status"
        self.run(query).fetchall()

    def scan_customers(self) -> None:
        self.run("SELECT region, sum(balance), sum(length(profile)) FROM customers GROUP BY region").fetchall()

    def audit_events(self) -> None:
        query = "SELECT kind, count(*), sum(length(body)) FROM events WHERE id BETWEEN ? AND ? GROUP BY kind"
        low = self.n_events - self.rng.randint(2_000, EVENTS_KEPT)
        self.run(query, (low, low + 4_000)).fetchall()

    def join_old_orders(self) -> None:
        query = """SELECT c.region, sum(o.total) FROM orders o JOIN customers c ON c.id = o.customer
                   WHERE o.id BETWEEN ? AND ? GROUP BY c.region"""
        low = self.rng.randint(1, max(1, self.n_orders - 400))
        self.run(query, (low, low + 400)).fetchall()

    def build_index(self) -> None:
        self.run("DROP INDEX IF EXISTS lines_by_item")
        self.run("CREATE INDEX lines_by_item ON lines(item, order_id)")

    def trim(self) -> None:
        self.run("DELETE FROM events WHERE id <= ?", (self.n_events - EVENTS_KEPT,))
        self.run("DELETE FROM sessions WHERE day < ?", (self.day - 6,))

    def transaction(self) -> None:
        kinds = (self.place_order, self.pay, self.browse, self.browse_category, self.order_history, self.log_in)
        self.rng.choices(kinds, (22, 22, 26, 5, 15, 10))[0]()

    def end_of_day(self) -> None:
        self.day += 1
        self.items.move(60)
        self.customers.move(25)
        self.trim()
        self.ship_recent()
        self.recent_sales()
        for every, report in ((9, self.scan_orders), (7, self.scan_customers), (11, self.build_index)):
            if self.day % every == 0:
                report()


def play(shop: Shop, recorder: Recorder, n_requests: int) -> None:
    for moment in itertools.count(1):
        if recorder.count >= n_requests:
            return
        recorder.set_time(moment)
        shop.run("BEGIN")
        shop.transaction()
        if moment % 90 == 0:
            shop.audit_events()
        if moment % 70 == 0:
            shop.join_old_orders()
        if moment % TRANSACTIONS_PER_DAY == 0:
            shop.end_of_day()
        shop.run("COMMIT")


def record(folder: Path, n_requests: int, seed: int) -> Path:
    recorder = Recorder(folder)
    import sqlite3  # only now: the page cache has to be in place first

    with sqlite3.connect(folder / "shop.db", isolation_level=None) as db:
        db.executescript("PRAGMA page_size=4096; PRAGMA synchronous=OFF; PRAGMA cache_size=2000;" + SCHEMA)
        shop = Shop(db, seed)
        db.execute("BEGIN")
        shop.fill()
        db.execute("COMMIT")
        recorder.start()
        play(shop, recorder, n_requests)
    print(f"SQLite {sqlite3.sqlite_version}: {shop.day} days, {shop.n_orders} orders", file=sys.stderr)
    return recorder.stop()


def write_oracle_general(accesses: Path, out: Path, n_requests: int) -> None:
    """16-byte accesses -> 24-byte oracleGeneral records; the next access is the 1-based number of the request."""
    import numpy as np
    import zstandard

    raw = np.fromfile(accesses, dtype=[("id", "<u8"), ("time", "<u4"), ("size", "<u4")], count=n_requests)
    order = np.argsort(raw["id"], kind="stable")
    following = np.full(len(raw), -1, dtype=np.int64)
    same = raw["id"][order[:-1]] == raw["id"][order[1:]]
    following[order[:-1][same]] = order[1:][same] + 1
    records = np.empty(len(raw), dtype=[("time", "<u4"), ("id", "<u8"), ("size", "<u4"), ("next", "<i8")])
    for field in ("time", "id", "size"):
        records[field] = raw[field]
    records["next"] = following
    out.write_bytes(zstandard.ZstdCompressor(level=22).compress(records.tobytes()))
    n_objects = len(np.unique(raw["id"]))
    print(f"{out}: {len(raw):,} requests, {n_objects:,} pages, {out.stat().st_size:,} bytes", file=sys.stderr)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--requests", type=int, default=800_000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        accesses = record(Path(folder), args.requests, args.seed)
        write_oracle_general(accesses, args.out, args.requests)
    return 0


if __name__ == "__main__":
    sys.exit(main())
