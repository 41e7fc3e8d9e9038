"""``manage.py gql_live_doctor``: what is configured, and whether it works."""

import json
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable, Iterator
from functools import partial
from textwrap import fill
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from gql_live.management.doctor.application import examine_application
from gql_live.management.doctor.configuration import examine_configuration
from gql_live.management.doctor.databases import examine_databases
from gql_live.management.doctor.findings import Finding, Level, broken
from gql_live.management.doctor.layer import examine_layer
from gql_live.management.doctor.processes import examine_processes
from gql_live.management.doctor.prometheus import examine_prometheus
from gql_live.management.doctor.software import examine_software
from gql_live.management.doctor.views import examine_views

Examination = Callable[[], Iterator[Finding]]

EXAMINATIONS: dict[str, Examination] = {
    "Software": examine_software,
    "Settings": examine_configuration,
    "Databases": examine_databases,
    "Channel layer": examine_layer,
    "Views": examine_views,
    "Application": examine_application,
    "Prometheus": examine_prometheus,
}


class Command(BaseCommand):
    """Examine the project; exit with 1 if something is broken."""

    help = "Say what gql_live is configured with and whether it works; exit with 1 if it does not."
    requires_system_checks = ()  # it says itself what the checks say of gql_live

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the findings as JSON")
        parser.add_argument(
            "--live",
            type=_seconds,
            metavar="SECONDS",
            help="ask the running processes, too, over the channel layer, and wait for so long",
        )

    def handle(self, *_arguments: Any, **options: Any) -> None:
        examinations = dict(EXAMINATIONS)
        reports: list[dict[str, Any]] = []
        if options["live"]:
            examinations["Processes"] = partial(examine_processes, options["live"], reports)
        findings = {topic: list(_careful(examine)) for topic, examine in examinations.items()}
        if options["json"]:
            self._print_json(findings, reports)
        else:
            self._print(findings)
        faults = [each.id for found in findings.values() for each in found if _is_broken(each)]
        if faults:
            raise CommandError(f"Broken: {', '.join(faults)}.")

    def _print_json(
        self, findings: dict[str, list[Finding]], reports: list[dict[str, Any]]
    ) -> None:
        answer = {
            "ok": not _number(findings, Level.BROKEN),
            "findings": [
                {
                    "topic": topic,
                    "id": each.id,
                    "level": each.level,
                    "said": each.said,
                    "remedy": each.remedy,
                }
                for topic, found in findings.items()
                for each in found
            ],
            "processes": reports,
        }
        self.stdout.write(json.dumps(answer, indent=2))

    def _print(self, findings: dict[str, list[Finding]]) -> None:
        styles = {
            Level.OK: self.style.SUCCESS,
            Level.NOTE: self.style.NOTICE,
            Level.WARNING: self.style.WARNING,
            Level.BROKEN: self.style.ERROR,
        }
        for topic, found in findings.items():
            self.stdout.write(self.style.MIGRATE_HEADING(topic))
            for each in found:
                self.stdout.write(
                    f"  {styles[each.level](f'{each.level:<8}')} {_indented(each.said)}"
                )
                if each.remedy:
                    self.stdout.write(f"           → {_indented(each.remedy, 13)}")
        self.stdout.write(
            f"{_number(findings, Level.BROKEN)} broken, "
            f"{_number(findings, Level.WARNING)} warnings, {_number(findings, Level.NOTE)} notes."
        )


def _careful(examine: Examination) -> Iterator[Finding]:
    """What an examination finds; whatever it stumbles over is a finding, too."""
    try:
        yield from examine()
    except Exception as error:
        yield broken("doctor.failed", f"{type(error).__name__}: {error}")


def _is_broken(finding: Finding) -> bool:
    return finding.level is Level.BROKEN


def _number(findings: dict[str, list[Finding]], level: Level) -> int:
    return sum(each.level is level for found in findings.values() for each in found)


def _indented(text: str, margin: int = 11) -> str:
    """Text in lines of at most 100 characters that begin under its first one."""
    lines = fill(text, 100 - margin, break_long_words=False, break_on_hyphens=False)
    return lines.replace("\n", "\n" + " " * margin)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0
    if not 0 < seconds <= 600:
        raise ArgumentTypeError("a number of seconds, more than 0 and at most 600")
    return seconds
