"""The language server, spoken to over its protocol."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.anvil.conformance import ROOT

pytest.importorskip("pygls")

from anvil.lsp.outline import outline, resolve, word_at

TEMPLATE = ROOT / "template.anv"
PROGRAM = """\
constexpr double kScale = 2.0;

void configure(vulcan::config& config) {
    config.add_listeners(size, {vulcan::EWMA({0.2})});
}

// Twice as much.
double twice(double x) { return x * kScale; }

double score_fn(const vulcan::store& fs, int64_t obj_id) {
    auto bytes = fs.get_latest(size, obj_id);
    double sum = 0.0;
    for (int i = 0; i < 5; ++i) {
        sum += anvil::sqrt(bytes) + fs.get_ewma(size, obj_id, 0.2);
    }
    return twice(sum) + (bytes > 10);
}
"""


class Client:
    """Raw JSON-RPC over the standard streams of a server."""

    def __init__(self, *options: str) -> None:
        command = [sys.executable, "-m", "anvil.cli", "lsp", *options]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.count = 0
        self.findings: dict[str, list[dict[str, Any]]] = {}

    def send(self, method: str, params: Any, identity: int | None = None) -> None:
        message = {"jsonrpc": "2.0", "method": method, "params": params}
        data = json.dumps(message if identity is None else message | {"id": identity}).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(data), data))
        self.process.stdin.flush()

    def read(self) -> dict[str, Any]:
        stream = self.process.stdout
        assert stream is not None
        length = 0
        while line := stream.readline().strip():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        assert length, "the server has ended"
        message: dict[str, Any] = json.loads(stream.read(length))
        if message.get("method") == "textDocument/publishDiagnostics":
            self.findings[message["params"]["uri"]] = message["params"]["diagnostics"]
        return message

    def ask(self, method: str, params: Any) -> Any:
        self.count += 1
        self.send(method, params, self.count)
        while (message := self.read()).get("id") != self.count:
            pass
        assert "error" not in message, message
        return message["result"]

    def start(self, root: Path, **options: str) -> dict[str, Any]:
        capabilities = {"general": {"positionEncodings": ["utf-16"]}}
        params = {"processId": None, "rootUri": root.as_uri(), "capabilities": capabilities}
        answer: dict[str, Any] = self.ask("initialize", params | {"initializationOptions": options})
        self.send("initialized", {})
        return answer

    def open(self, path: Path, text: str) -> list[dict[str, Any]]:
        """Opens a document and waits for what the server finds in it."""
        item = {"uri": path.as_uri(), "languageId": "anvil", "version": 1, "text": text}
        self.send("textDocument/didOpen", {"textDocument": item})
        return self.found(path)

    def found(self, path: Path) -> list[dict[str, Any]]:
        self.findings.pop(path.as_uri(), None)
        while path.as_uri() not in self.findings:
            self.read()
        return self.findings[path.as_uri()]

    def change(self, path: Path, text: str, version: int) -> list[dict[str, Any]]:
        document = {"uri": path.as_uri(), "version": version}
        self.send("textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": text}]})
        return self.found(path)

    def at(self, method: str, path: Path, text: str, needle: str, shift: int = 0) -> Any:
        """A request about the place of `needle`, the last one in the text."""
        offset = text.rindex(needle) + shift
        line = text.count("\n", 0, offset)
        column = len(text[text.rfind("\n", 0, offset) + 1 : offset].encode("utf-16-le")) // 2
        position = {"line": line, "character": column}
        return self.ask(method, {"textDocument": {"uri": path.as_uri()}, "position": position})

    def close(self) -> None:
        self.ask("shutdown", None)
        self.send("exit", None)
        assert self.process.wait(10) == 0
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A template, and a program in a folder below it."""
    root = tmp_path_factory.mktemp("project")
    (root / "template.anv").write_text(TEMPLATE.read_text())
    (root / "policies").mkdir()
    return root


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[Client]:
    client = Client()
    client.start(folder)
    yield client
    client.close()


@pytest.fixture(scope="module")
def program(client: Client, folder: Path) -> Path:
    path = folder / "policies" / "good.anv"
    assert client.open(path, PROGRAM) == []
    return path


def _hover(client: Client, path: Path, needle: str, shift: int = 0) -> str:
    answer = client.at("textDocument/hover", path, PROGRAM, needle, shift)
    return str(answer["contents"]["value"]) if answer else ""


@pytest.mark.parametrize(
    ("needle", "shift", "expected"),
    [
        ("size, obj_id, 0.2", 0, ["object_signal<int64_t> size", "Size of an object.", "unit: bytes"]),
        ("get_ewma", 2, ["double get_ewma(", "moving average", "vulcan::EWMA({alphas})", "cost 2"]),
        ("EWMA({0.2", 0, ["Exponentially weighted", "bytes of state"]),
        ("sqrt", 1, ["anvil::sqrt", "square root", "cost 5"]),
        ("for (int", 0, ["at most 5 iterations", "proved"]),
        ("bytes > 10", 0, ["int64_t bytes", "variable"]),
        ("bytes > 10", 6, ["bool"]),
        ("twice(sum)", 0, ["double twice(", "steps", "proved"]),
        ("kScale;", 0, ["constexpr double kScale"]),
        ("obj_id) {", 0, ["int64_t obj_id", "parameter"]),
    ],
)
def test_hover(client: Client, program: Path, needle: str, shift: int, expected: list[str]) -> None:
    text = _hover(client, program, needle, shift)
    assert all(part in text for part in expected), text


@pytest.mark.parametrize(
    ("needle", "target", "line"),
    [
        ("twice(sum)", "policies/good.anv", 7),
        ("kScale; }", "policies/good.anv", 0),
        ("sum) +", "policies/good.anv", 11),
        ("x * kScale", "policies/good.anv", 7),
        ("size, obj_id, 0.2", "template.anv", 10),
    ],
)
def test_definition(client: Client, folder: Path, program: Path, needle: str, target: str, line: int) -> None:
    answer = client.at("textDocument/definition", program, PROGRAM, needle)
    assert answer["uri"] == (folder / target).resolve().as_uri()
    assert answer["range"]["start"]["line"] == line


def _labels(client: Client, path: Path, text: str, needle: str) -> set[str]:
    answer = client.at("textDocument/completion", path, text, needle, len(needle))
    return {item["label"] for item in answer["items"]}


def test_completion_while_typing(client: Client, folder: Path) -> None:
    path = folder / "policies" / "typing.anv"
    text = PROGRAM.replace(
        "double sum = 0.0;", "double sum = 0.0;\n    double z = fs.\n    z = vulcan::\n    z = anvil::\n"
    )
    assert client.open(path, text)  # it does not parse
    assert {"get_latest", "get_ewma", "get_pop_percentile"} <= _labels(client, path, text, "z = fs.")
    assert {"EWMA", "RollingWindow", "PopPercentile"} <= _labels(client, path, text, "vulcan::\n    z = anvil::"[:8])
    assert {"min", "clamp", "hypot"} <= _labels(client, path, text, "z = anvil::")
    names = _labels(client, path, text, "    return tw")
    assert {"bytes", "sum", "obj_id", "fs", "twice", "kScale", "size", "now", "double"} <= names
    assert "x" not in names and "i" not in names
    assert _labels(client, path, text, "// Twi") == set()


def test_symbols(client: Client, program: Path) -> None:
    answer = client.ask("textDocument/documentSymbol", {"textDocument": {"uri": program.as_uri()}})
    assert [symbol["name"] for symbol in answer] == ["kScale", "configure", "twice", "score_fn"]
    assert answer[3]["range"]["end"]["line"] == PROGRAM.count("\n") - 1


def test_formatting(client: Client, folder: Path) -> None:
    path = folder / "policies" / "ugly.anv"
    text = PROGRAM.replace("double sum = 0.0;", "double sum=0.0 ;")
    assert client.open(path, text) == []
    params = {"textDocument": {"uri": path.as_uri()}, "options": {"tabSize": 4, "insertSpaces": True}}
    (edit,) = client.ask("textDocument/formatting", params)
    assert "double sum = 0.0;\n" in edit["newText"]
    assert edit["range"] == {
        "start": {"line": 0, "character": 0},
        "end": {"line": text.count("\n"), "character": 0},
    }


def test_findings_follow_the_text(client: Client, folder: Path) -> None:
    path = folder / "policies" / "wrong.anv"
    text = PROGRAM.replace("twice(sum)", "twice(smu)")
    (found,) = client.open(path, text)
    assert found["code"] == "E0201" and found["source"] == "anvil" and "help: did you mean `sum`?" in found["message"]
    assert found["data"]["rule"] == "name.unknown"
    assert found["range"]["start"] == {"line": 15, "character": 17}
    assert client.change(path, PROGRAM, 2) == []
    (again,) = client.change(path, text, 3)
    params = {"textDocument": {"uri": path.as_uri()}, "range": again["range"], "context": {"diagnostics": [again]}}
    (action,) = client.ask("textDocument/codeAction", params)
    (edit,) = action["edit"]["changes"][path.as_uri()]
    assert action["kind"] == "quickfix" and edit["newText"] == "sum" and edit["range"] == again["range"]


def test_related_places(client: Client, folder: Path) -> None:
    path = folder / "policies" / "twice.anv"
    found = client.open(path, PROGRAM + "double twice(double x) { return x; }\n")
    (related,) = next(item for item in found if item["code"] == "E0202")["relatedInformation"]
    assert related["location"]["range"]["start"]["line"] == 7


def test_columns_count_utf16(client: Client, folder: Path) -> None:
    path = folder / "policies" / "wide.anv"
    text = PROGRAM.replace("return twice(sum)", "/* \U0001f600 */ return twice(smu)")
    (found,) = client.open(path, text)
    line = text.splitlines()[15]
    assert found["range"]["start"]["character"] == line.index("smu") + 1
    assert client.at("textDocument/definition", path, text, "twice(smu)")["range"]["start"]["line"] == 7


def test_a_template_is_checked_as_one(client: Client, folder: Path) -> None:
    path = folder / "template.anv"
    assert client.open(path, path.read_text()) == []
    found = client.change(path, path.read_text() + "double f( {", 2)
    assert [finding["code"] for finding in found] == ["E0110", "E0111"]


def test_template_named_by_an_initialization_option(tmp_path: Path) -> None:
    client = Client()
    client.start(tmp_path, interface=str(TEMPLATE))
    assert client.open(tmp_path / "a.anv", PROGRAM) == []
    client.close()


def test_template_named_by_an_option_and_saved_wrong(tmp_path: Path) -> None:
    template = tmp_path / "other.anv"
    template.write_text("int x = 1;")
    client = Client("--interface", str(template))
    client.start(tmp_path)
    path = tmp_path / "a.anv"
    (found,) = client.open(path, PROGRAM)
    assert found["code"] == "E0602" and found["range"]["start"] == {"line": 0, "character": 0}
    template.write_text(TEMPLATE.read_text() + "\n")
    client.send("textDocument/didSave", {"textDocument": {"uri": path.as_uri()}})
    assert client.found(path) == []
    client.close()


def test_missing_pygls_is_explained(tmp_path: Path) -> None:
    script = (
        "import sys, importlib.util as u; find = u.find_spec\n"
        "u.find_spec = lambda name, *rest: None if name == 'pygls' else find(name, *rest)\n"
        "from anvil.cli import main; sys.exit(main(['lsp']))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "pip install 'vulcan-heuristics[lsp]'" in done.stderr and "Traceback" not in done.stderr


# ----------------------------------------------------------------------------------------------------- outline


def test_outline_sees_scopes() -> None:
    source = """\
class Foo { public: int x_ = 0; double get() const { double q = x_; return q; } };
enum class Mode { kA, kB = 2 };
double f(const Foo& foo, double x) {
    if (x & foo) return x > y;
    for (int64_t i = 0; i < 3; ++i) { double x = i, y = 2; x += y; }
    auto g = [&](double z) -> double { return z; };
    return x;
}
"""
    kinds = {d.name: (d.kind, d.type) for d in outline(source)}
    assert kinds["x_"] == ("field", "int") and kinds["get"] == ("method", "double")
    assert kinds["kB"] == ("enumerator", "Mode") and kinds["Foo"] == ("class", "class")
    assert kinds["foo"] == ("parameter", "const Foo&") and kinds["z"] == ("parameter", "double")
    assert kinds["y"] == ("variable", "double") and kinds["g"] == ("variable", "auto")
    last = word_at(source, source.rindex("x;"))
    inner = word_at(source, source.index("x += y"))
    assert last is not None and inner is not None
    meant, hidden = resolve(outline(source), last), resolve(outline(source), inner)
    assert meant is not None and meant.kind == "parameter"
    assert hidden is not None and hidden.kind == "variable"


@pytest.mark.parametrize("cut", range(0, len(PROGRAM), 7))
def test_outline_of_unfinished_texts(cut: int) -> None:
    for d in outline(PROGRAM[:cut]):
        assert PROGRAM[d.start :].startswith(d.name) and d.start < d.end <= cut
