"""docs/serving.md and deploy/ say what ``medpol serve`` does: its options, names and limits, and what the examples set."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import fields
from io import BytesIO
from pathlib import Path
from typing import Any, get_args

import pytest
import typer
import uvicorn
from tests.support import ROOT, policy
from tests.web.portal import looked_twice, portal, portal_of

import medpol
from medpol.cli.serve import LIMIT, serve
from medpol.ledger.ledger import PATIENCE_SECONDS, WAITING_LIMIT
from medpol.library import SHIPPED
from medpol.web import Log, Site, printing, recording, serving, site
from medpol.web.app import LARGEST_BODY, Details, Health
from medpol.web.determinations import MOST_CASES
from medpol.web.door import _TRANSPORT
from medpol.web.limits import Kind, limits_of
from medpol.web.line import LONGEST_WAIT_SECONDS
from medpol.web.log import Entry, Event
from medpol.web.metrics import Metrics
from medpol.web.pages.codes import MOST_CODES
from medpol.web.permissions import PERMISSIONS, Permission
from medpol.web.recording import unrecorded

PAGE = (ROOT / "docs/serving.md").read_text(encoding="utf-8")
UNIT = (ROOT / "deploy/medpol.service").read_text(encoding="utf-8")
CONTAINER = (ROOT / "deploy/Containerfile").read_text(encoding="utf-8")
NGINX = (ROOT / "deploy/nginx.conf").read_text(encoding="utf-8")
CADDY = (ROOT / "deploy/Caddyfile").read_text(encoding="utf-8")


# ---------------------------------------------------------------------------- reading them


def rows(heading: str) -> list[list[str]]:
    """The table under a heading of the page, without its head."""
    text = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in text.splitlines() if line.startswith("|")]
    assert lines, f"no table under {heading}"
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip("|"))] for line in lines[2:]]


def spans(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def command() -> Any:
    application = typer.Typer(add_completion=False)
    application.command()(serve)
    return typer.main.get_command(application)


def parsed(arguments: list[str]) -> dict[str, Any]:
    """What the command itself makes of its arguments; it ends on an option that it does not have."""
    with command().make_context("serve", list(arguments)) as context:
        return dict(context.params)


def options() -> dict[str, Any]:
    """Every option of the command by each of its spellings, with its default."""
    return {spelling: each.default for each in command().params for spelling in each.opts}


def unit() -> list[tuple[str, str, str]]:
    """Section, key and value of every line of the unit, continued lines joined."""
    found, at = [], ""
    for line in re.sub(r"\\\n\s*", "", UNIT).splitlines():
        if line.startswith("["):
            at = line.strip("[]")
        elif line and not line.startswith("#"):
            key, is_set, value = line.partition("=")
            assert is_set, line
            found.append((at, key, value))
    return found


def service(key: str) -> list[str]:
    return [value for at, name, value in unit() if (at, name) == ("Service", key)]


def nginx(directive: str) -> list[str]:
    """What every line of nginx.conf with this directive sets."""
    return re.findall(rf"^\s*{directive}\s+((?:\"[^\"]*\"|[^\";])*);", NGINX, re.MULTILINE)


def instruction(name: str) -> list[str]:
    """What every line of the container file with this instruction says, continued lines joined."""
    return re.findall(rf"^{name}\s+(.*)$", re.sub(r"\\\n\s*", "", CONTAINER), re.MULTILINE)


# ---------------------------------------------------------------------------- the page


def test_the_page_names_every_option_with_its_default() -> None:
    told = {}
    for names, default, _ in rows("Options"):
        for each in spans(names):
            told[each.split()[0]] = (spans(default) or [None])[0]
    held = options()
    assert set(told) == set(held)
    assert {name: default for name, default in told.items() if default} == {
        name: str(held[name]) for name in ("--host", "--port", "--ledger", "--database", "--limit")
    }


def test_the_page_names_every_address_and_who_may_ask_for_it() -> None:
    def as_pattern(address: str) -> str:
        return re.sub(r"\{[^}]*\}|[A-Z]+", "*", address)

    told = {as_pattern(each): whom for names, _, whom in rows("What it serves") for each in spans(names)}
    held = {as_pattern(route): permission for route, permission in PERMISSIONS.items()}
    assert set(told) == {route for route in held if not route.startswith("/api/")} | {"/api/*"}
    local = {route for route, permission in held.items() if permission is Permission.THIS_MACHINE}
    assert {address for address, whom in told.items() if whom.startswith("this machine")} == local
    staff = {route for route, permission in held.items() if permission is Permission.STAFF}
    assert {address for address, whom in told.items() if whom.startswith("the plan's own staff")} == staff


def test_the_page_names_every_metric_with_its_kind_and_labels() -> None:
    log = Log(BytesIO(), lambda: None)
    metrics = Metrics(Site(SHIPPED, medpol.read(SHIPPED), log), unrecorded())
    metrics.count("/policies", "GET", 200, 0.1)
    text = metrics.text().decode()
    kinds = dict(re.findall(r"^# TYPE (\w+(?<!_created)) (\w+)$", text, re.MULTILINE))
    assert {spans(name)[0]: kind.split()[0] for name, kind, _ in rows("Metrics")} == kinds
    for name, kind, _ in rows("Metrics"):
        sample = re.search(rf"^{spans(name)[0]}(?:_count)?(?:\{{(.*)\}})? ", text, re.MULTILINE)
        assert sample is not None
        assert set(re.findall(r'(\w+)="', sample[1] or "")) == set(spans(kind))


def test_the_page_names_every_event_of_the_log_and_every_field() -> None:
    told = {spans(event)[0]: set(spans(held)) for event, _, held in rows("Logs")}
    assert set(told) == set(get_args(Event))
    assert set.union(*told.values()) == set(Entry.__struct_fields__) - {"at", "event"}


def test_the_page_names_every_field_of_health() -> None:
    told = {name: whom for cell, whom, _ in rows("Health") for name in spans(cell)}
    assert list(told) == [each.name for each in fields(Details)]
    assert [name for name, whom in told.items() if whom == "anybody"] == [each.name for each in fields(Health)]


def test_the_limits_on_the_page_are_those_of_the_code() -> None:
    limits = limits_of(LIMIT).a_minute
    assert {what: limit for what, limit, _ in rows("Limits")} == {
        "the body of a request": f"{LARGEST_BODY:,} bytes",
        "cases of one batch": f"{MOST_CASES}",
        "codes pasted at `/codes`": f"{MOST_CODES:,}",
        "fields of an address or a form": "400",
        "an `Idempotency-Key`": "256 characters",
        "determinations that wait to be recorded": f"{WAITING_LIMIT:,}",
        "waiting to be recorded": f"{recording.WAIT_SECONDS:.0f} seconds",
        "a case of `POST /api/determinations` that waits to be decided": f"{LONGEST_WAIT_SECONDS} seconds",
        "a determination's page": f"{recording.OPEN_SECONDS // 60} minutes",
        "pages, and the operations that read, of one client": f"{limits[Kind.READ]:,} a minute",
        "hints while one types in the search box, of one client": f"{limits[Kind.HINT]:,} a minute",
        "look-ups of one client": f"{limits[Kind.LOOK_UP]:,} a minute",
        "determinations of one client": f"{limits[Kind.DECIDE]:,} a minute",
        "PDFs, batches and pasted lists of one client": f"{limits[Kind.HEAVY]:,} a minute",
        "a page as PDF": f"{printing.LARGEST_PAGE:,} bytes of HTML",
        "PDFs that wait": f"{printing.MOST_WAITING}",
        "waiting for a PDF": f"{printing.SECONDS:.0f} seconds",
        "requests under way at a stop": f"{serving._GRACE_SECONDS} seconds",
    }
    assert f"for {recording.OPEN_SECONDS // 60} minutes |" in PAGE


def test_the_page_says_how_often_and_how_deep_the_folder_is_looked_at() -> None:
    assert (site.POLL_SECONDS, site._DEPTH, site._READ) == (1.0, 6, (".md", ".markdown", ".toml"))
    assert "looked at every second, six levels deep: `.md`, `.markdown` and `.toml`." in PAGE


def test_what_is_beyond_a_limit_gets_the_status_that_the_page_says() -> None:
    def fields_given(count: int) -> str:
        return "/api/policies?" + "&".join(f"f{number}=" for number in range(count))

    def determined(case: bytes, key: str = "") -> int:
        headers = {"Idempotency-Key": key} if key else {}
        return held.client.post("/api/determinations", content=case, headers=headers).status_code

    beyond = {what: int(status[:3]) for what, _, status in rows("Limits") if status[:3].isdigit()}
    case = b'{"code": "20560"}'
    with portal() as held:
        assert determined(case.ljust(LARGEST_BODY)) == 201
        assert determined(case.ljust(LARGEST_BODY + 1)) == beyond["the body of a request"]
        assert determined(case, "k" * 256) == 201
        assert determined(case, "k" * 257) == beyond["an `Idempotency-Key`"]
        assert "400 fields" not in held.get(fields_given(400)).text
        refused = held.get(fields_given(401))
        assert "400 fields" in refused.text and refused.status_code == beyond["fields of an address or a form"]
        many = b"\n".join([case] * (MOST_CASES + 1))
        assert held.client.post("/api/determinations/batch", content=many).status_code == beyond["cases of one batch"]
        pasted = {"codes": " ".join(f"{number:05}" for number in range(MOST_CODES + 1))}
        assert held.client.post("/codes", data=pasted).status_code == beyond["codes pasted at `/codes`"]
        held.break_ledger()
        assert determined(case) == 503


def test_a_library_put_in_place_by_renaming_its_folder_is_served(tmp_path: Path) -> None:
    folder, beside = tmp_path / "policies", tmp_path / "beside"
    with portal_of(folder, {"EX-1/2024-05-01.md": policy()}) as held:
        with portal_of(beside, {"EX-2/2024-05-01.md": policy(number="EX-2")}):
            pass
        folder.rename(tmp_path / "before")
        beside.rename(folder)
        assert looked_twice(held.site)
        assert [held.get(f"/policies/EX-{number}").status_code for number in (1, 2)] == [404, 200]


# ---------------------------------------------------------------------------- the unit


def test_the_unit_starts_the_command_with_options_that_it_has() -> None:
    program, name, *arguments = shlex.split(service("ExecStart")[0])
    assert (program, name) == ("/opt/medpol/bin/medpol", "serve")
    held = parsed(arguments)
    assert held["ledger"].startswith("${STATE_DIRECTORY}/")
    credential = service("LoadCredential")[0].partition(":")[0]
    assert [str(each) for each in held["wrapping_key"]] == [f"${{CREDENTIALS_DIRECTORY}}/{credential}"]
    assert (held["host"], held["port"]) == ("127.0.0.1", 8000)
    assert held["trusted_proxy"] == ["127.0.0.1"], "the examples of a proxy run on the same machine"


def test_the_unit_lets_the_service_write_to_its_state_directory_alone() -> None:
    assert not [key for _, key, _ in unit() if key in ("ReadWritePaths", "BindPaths", "User")]
    wanted = {"DynamicUser": "yes", "ProtectSystem": "strict", "ProtectHome": "yes", "NoNewPrivileges": "yes"}
    assert {key: service(key) for key in wanted} == {key: [value] for key, value in wanted.items()}
    assert service("StateDirectory") == ["medpol"] and service("StateDirectoryMode") == ["0700"]
    assert service("CapabilityBoundingSet") == [""]


def test_the_unit_waits_for_what_a_stop_may_take_and_starts_again_after_a_failure() -> None:
    assert int(service("TimeoutStopSec")[0]) > serving._GRACE_SECONDS + PATIENCE_SECONDS
    assert service("Restart") == ["on-failure"] and service("RestartPreventExitStatus") == ["2"]


# ---------------------------------------------------------------------------- the container file


def test_the_container_starts_the_command_with_options_that_it_has() -> None:
    program, name, *arguments = [*json.loads(instruction("ENTRYPOINT")[0]), *json.loads(instruction("CMD")[0])]
    assert (program, name) == ("medpol", "serve")
    held = parsed(arguments)
    assert held["ledger"].startswith(instruction("VOLUME")[0] + "/")
    assert str(held["port"]) == instruction("EXPOSE")[0]


def test_the_container_is_named_without_a_registry_and_does_not_run_as_root() -> None:
    for base in instruction("FROM"):
        assert re.fullmatch(r"python:3\.\d+-slim(?: AS \w+)?", base)
    assert int(instruction("USER")[0].partition(":")[0]) > 0
    assert "://" not in CONTAINER


def test_the_container_is_made_from_files_of_the_repository_and_hashes_of_the_lock() -> None:
    copied = [each for line in instruction("COPY") if not line.startswith("--from") for each in line.split()[:-1]]
    assert {"requirements.lock", "src"} <= set(copied)
    assert all((ROOT / each).exists() for each in copied)
    download, install = (line for line in instruction("RUN") if "pip download" in line or "pip install" in line)
    assert "--require-hashes -r requirements.lock" in download
    assert "--no-index" in install and instruction("ARG") == ["EXTRAS=web,pdf"]


def test_the_health_check_of_the_container_is_a_program_that_asks_for_health() -> None:
    program, flag, code = json.loads(instruction("HEALTHCHECK")[0].partition("CMD ")[2])
    assert (program, flag) == ("python", "-c")
    compile(code, "HEALTHCHECK", "exec")
    assert "'127.0.0.1', 8000" in code and "'/health'" in code


# ---------------------------------------------------------------------------- the proxies


def test_nginx_takes_the_largest_body_that_the_portal_takes_and_keeps_it_in_memory() -> None:
    assert nginx("client_max_body_size") == nginx("client_body_buffer_size") == [str(LARGEST_BODY)]
    assert nginx("proxy_max_temp_file_size") == ["0"]
    assert f"bodies up to {LARGEST_BODY:,} bytes" in PAGE


def test_caddy_takes_the_largest_body_that_the_portal_takes() -> None:
    assert re.findall(r"max_size (\d+)MiB", CADDY) == [str(LARGEST_BODY // 2**20)] and LARGEST_BODY % 2**20 == 0


def test_both_proxies_say_of_transport_security_what_the_portal_would_say() -> None:
    wanted = _TRANSPORT[1].decode()
    assert nginx("add_header") == [f'Strict-Transport-Security "{wanted}" always']
    assert re.findall(r'header Strict-Transport-Security "(.*)"', CADDY) == [wanted]


def test_both_proxies_forward_to_where_the_unit_listens() -> None:
    held = parsed(shlex.split(service("ExecStart")[0])[2:])
    place = f"{held['host']}:{held['port']}"
    assert re.findall(r"^\s+server ([\d.:]+);", NGINX, re.MULTILINE) == [place]
    assert re.findall(r"reverse_proxy (\S+)", CADDY) == [place]


def test_both_proxies_let_go_of_a_connection_before_the_portal_does() -> None:
    kept = uvicorn.Config("").timeout_keep_alive
    assert [int(each.rstrip("s")) for each in nginx("keepalive_timeout")] == [kept - 1]
    assert re.findall(r"keepalive (\d+)s", CADDY) == [str(kept - 1)]
    assert f"within {kept} seconds" in PAGE


@pytest.mark.parametrize("header", ["Forwarded", "X-Forwarded-For", "Via"])
def test_metrics_answer_this_machine_and_not_what_a_proxy_passes_on(header: str) -> None:
    assert f"`{header}`" in PAGE
    with portal() as held:
        assert held.get("/metrics").status_code == 200
        assert held.client.get("/metrics", headers={header: "192.0.2.1"}).status_code == 404


def test_nginx_says_that_it_passes_on_and_hands_over_the_host() -> None:
    assert {"Host $http_host", "X-Forwarded-For $remote_addr"} <= set(nginx("proxy_set_header"))
    for each in ("/metrics", "/health/details"):
        assert re.search(rf"location = {each} \{{\s+return 404;", NGINX) and f"respond {each} 404" in CADDY
    assert nginx("access_log") == ["off"] * NGINX.count("\nserver {")


def test_nginx_holds_the_headers_of_a_full_batch() -> None:
    with portal() as held:
        answer = held.client.post("/api/determinations/batch", content=b"\n".join([b'{"code": "20560"}'] * MOST_CASES))
    assert answer.status_code == 200
    sent = sum(len(name) + len(value) + 4 for name, value in answer.headers.raw)
    assert 4_096 < sent < int(nginx("proxy_buffer_size")[0].removesuffix("k")) * 1_024
