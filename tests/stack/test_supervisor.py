"""A part that dies comes back, later each time; all end when told, in order, and soon."""

import os
import signal
import threading
import time
from pathlib import Path

import pytest

from tests.servers import wait_until
from tests.stack.conftest import script
from webapp.stack.children import put_aside
from webapp.stack.supervisor import NotReadyError, Supervisor

STAYS = "import time; time.sleep(600)"
DEAF = "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"
POLITE = """
import signal, sys, time
def end(*_):
    open(ORDER, "a").write("NAME ")
    sys.exit()
signal.signal(15, end)
print("up", flush=True)
time.sleep(600)
"""
INTERRUPTIBLE = """
import time
try:
    with open(NOTE, "w") as file:
        file.write("up")
    time.sleep(600)
except KeyboardInterrupt:
    open(NOTE, "w").write("interrupted")
    raise SystemExit(7)
"""
NEVER = 600.0


def glances_until(supervisor: Supervisor, text: str, capsys: pytest.CaptureFixture[str]) -> str:
    """Watch until something was said, and return all that was."""
    seen: list[str] = []

    def is_said() -> bool:
        supervisor.glance()
        seen.append(capsys.readouterr().err)
        return text in "".join(seen)

    wait_until(is_said, f"{text!r} is said")
    return "".join(seen)


def test_a_part_that_keeps_dying_comes_back_after_twice_as_long_each_time(
    supervisor: Supervisor, capsys: pytest.CaptureFixture[str]
) -> None:
    supervisor.start(script("web", "import sys; sys.exit(3)"))
    said = glances_until(supervisor, "in 2 s", capsys)
    assert [line.split("  ")[1].split(" Log:")[0] for line in said.splitlines()] == [
        "web ended (status 3); it starts again in 0.5 s.",
        "web ended (status 3); it starts again in 1 s.",
        "web ended (status 3); it starts again in 2 s.",
    ]


def test_a_part_that_stayed_up_for_a_minute_comes_back_soon_again(
    supervisor: Supervisor, capsys: pytest.CaptureFixture[str]
) -> None:
    supervisor.start(script("web", STAYS))
    child = supervisor.children[0]
    child.delay, child.started = 30.0, time.monotonic() - 61
    assert child.process
    child.process.kill()
    said = glances_until(supervisor, "it starts again", capsys)
    assert "killed by SIGKILL" in said
    assert "in 0.5 s" in said


def test_what_a_dead_part_had_started_ends_before_it_comes_back(
    supervisor: Supervisor, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    note = tmp_path / "pid"
    text = f"import os, time; pid = os.fork(); pid and open({str(note)!r}, 'w').write(str(pid)); time.sleep(600)"
    supervisor.start(script("worker", text))
    wait_until(lambda: note.exists() and note.read_text(), "the part has started another process")
    grandchild = int(note.read_text())
    child = supervisor.children[0].process
    assert child
    child.kill()
    glances_until(supervisor, "worker ended", capsys)
    wait_until(lambda: is_gone(grandchild), "the other process is gone")


def test_a_part_that_never_stays_up_is_named_with_its_log(supervisor: Supervisor) -> None:
    supervisor.start(script("clock", "raise SystemExit('no database')"))
    with pytest.raises(NotReadyError, match=r"clock does not stay up; its log says why: .*clock\.log"):
        supervisor.wait_for(lambda: False, "Everything", NEVER)
    assert "no database" in supervisor.children[0].log.read_text()


def test_a_part_that_does_not_obey_is_killed_and_those_that_others_need_end_last(
    supervisor: Supervisor, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    order = tmp_path / "order"
    polite = POLITE.replace("ORDER", repr(str(order)))
    supervisor.start(script("redis", polite.replace("NAME", "redis"), is_foundation=True))
    supervisor.start(script("web", polite.replace("NAME", "web")))
    supervisor.start(script("worker", DEAF, stop_seconds=0.5))
    wait_until(lambda: all(child.log.read_text() for child in supervisor.children), "all have set up their signals")
    supervisor.stop()
    assert order.read_text() == "web redis "
    assert "worker did not end in 0.5 s and is killed." in capsys.readouterr().err
    assert not any(child.is_alive for child in supervisor.children)


def test_a_second_ctrl_c_ends_everything_at_once(supervisor: Supervisor) -> None:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    supervisor.start(script("worker", DEAF, stop_seconds=NEVER))
    wait_until(supervisor.children[0].log.read_text, "it has set up its signals")
    try:
        supervisor.obey_signals()
        os.kill(os.getpid(), signal.SIGINT)
        assert supervisor.stopping.is_set()
        threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
        supervisor.stop()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert not supervisor.children[0].is_alive


def test_a_command_in_the_terminal_is_interrupted_when_we_are_to_stop(
    supervisor: Supervisor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.stack.supervisor._COMMAND_STOP_SECONDS", NEVER)
    note = tmp_path / "note"
    text = INTERRUPTIBLE.replace("NOTE", repr(str(note)))
    command = script("collect", text).command

    def stop_when_up() -> None:
        if note.exists() and note.read_text() == "up":
            supervisor.stopping.set()

    assert supervisor.run(command, os.environ, stop_when_up) == 7
    assert note.read_text() == "interrupted"


def test_logs_of_earlier_runs_are_put_aside(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    for text in "abcde":
        put_aside(log)
        log.write_text(text)
    assert {file.name: file.read_text() for file in tmp_path.iterdir()} == {
        "web.log": "e",
        "web.1.log": "d",
        "web.2.log": "c",
        "web.3.log": "b",
    }


def test_a_log_that_grows_is_cut_while_it_is_written(supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.stack.children._MOST_LOG_BYTES", 1000)
    supervisor.start(script("web", "import time\nwhile True:\n print('x' * 99, flush=True)\n time.sleep(0.01)"))
    child = supervisor.children[0]

    def is_cut() -> bool:
        supervisor.glance()
        return child.log.with_suffix(".1.log").exists()

    wait_until(is_cut, "the log was put aside")
    wait_until(lambda: b"x" * 99 in child.log.read_bytes(), "the part goes on writing")
    assert b"\0" not in child.log.read_bytes()


def is_gone(pid: int) -> bool:
    """Tell whether a process has ended, reaped or not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True
