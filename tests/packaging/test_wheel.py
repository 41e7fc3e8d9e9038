"""What users install: the wheel, in an environment that holds nothing but what it asks for."""

import os
import subprocess
import sys
from pathlib import Path, PurePosixPath
from zipfile import ZipFile

import pytest

from tests.services import require

ROOT = Path(__file__).parents[2]
GRAPHIQL = ROOT / "gql_live/static/gql_live/graphiql"
UV = Path(sys.executable).parent / "uv"

IMPORT_BEFORE_CONFIGURATION = """
import os
assert "DJANGO_SETTINGS_MODULE" not in os.environ
import gql_live
from django.conf import settings
assert not settings.configured
"""
IMPORT_MODULES = """
import importlib
import sys
import django
from django.conf import settings
settings.configure(
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.staticfiles",
        "rest_framework",
        "channels",
        "gql_live",
    ]
)
django.setup()
import gql_live
for name in sys.argv[1:]:
    importlib.import_module(name)
for name in gql_live.__all__:
    getattr(gql_live, name)
"""


def run(*command: str | Path) -> str:
    """Run a command outside of the checkout, without its settings; return what it printed."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DJANGO_SETTINGS_MODULE", "PYTHONPATH", "VIRTUAL_ENV")
    }
    process = subprocess.run(
        command, cwd="/", env=environment, text=True, capture_output=True, timeout=300, check=False
    )
    assert process.returncode == 0, process.stdout + process.stderr
    return process.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("wheel")
    run(UV, "build", "--wheel", "--out-dir", directory, ROOT)
    (path,) = directory.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the interpreter of a clean environment with the wheel."""
    environment = tmp_path_factory.mktemp("environment") / "venv"
    run(UV, "venv", "--python", sys.executable, environment)
    interpreter = environment / "bin/python"
    run(UV, "pip", "install", "--python", interpreter, wheel)
    return interpreter


@pytest.fixture(scope="module")
def packed(wheel: Path) -> list[PurePosixPath]:
    """Return the files in the wheel."""
    with ZipFile(wheel) as archive:
        names = [item.filename for item in archive.infolist() if not item.is_dir()]
    return [PurePosixPath(name) for name in names]


def test_there_is_one_package_in_it(packed: list[PurePosixPath]) -> None:
    tops = {path.parts[0] for path in packed}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"gql_live"}


def test_every_source_file_is_in_it_once(packed: list[PurePosixPath]) -> None:
    sources = {path.relative_to(ROOT).as_posix() for path in (ROOT / "gql_live").rglob("*.py")}
    modules = [path.as_posix() for path in packed if path.suffix == ".py"]
    assert sorted(modules) == sorted(sources)


@pytest.mark.parametrize(
    "name", ["gql_live/py.typed", "gql_live/templates/gql_live/graphiql.html"], ids=str
)
def test_what_is_no_python_is_in_it_too(packed: list[PurePosixPath], name: str) -> None:
    assert PurePosixPath(name) in packed


def test_graphiql_is_in_it_as_it_was_built(packed: list[PurePosixPath]) -> None:
    require("The build of GraphiQL", GRAPHIQL.is_dir(), f"{GRAPHIQL} is missing: build it first")
    built = {path.relative_to(ROOT).as_posix() for path in GRAPHIQL.rglob("*") if path.is_file()}
    assert built
    assert built <= {path.as_posix() for path in packed}


def test_it_can_be_imported_before_django_is_configured(python: Path) -> None:
    run(python, "-I", "-c", IMPORT_BEFORE_CONFIGURATION)


@pytest.fixture(scope="module")
def modules(packed: list[PurePosixPath]) -> set[str]:
    """Return the names of all modules in the wheel."""
    paths = {path.with_suffix("") for path in packed if path.suffix == ".py"}
    return {".".join(path.parts).removesuffix(".__init__") for path in paths}


def test_every_module_can_be_imported_with_nothing_but_what_it_requires(
    python: Path, modules: set[str]
) -> None:
    run(
        python,
        "-I",
        "-c",
        IMPORT_MODULES,
        *sorted(modules.difference(*_with_extras(modules).values())),
    )


def test_modules_that_need_an_extra_can_be_imported_with_it(
    python: Path, wheel: Path, modules: set[str]
) -> None:
    for extra, needing in _with_extras(modules).items():
        assert needing
        run(UV, "pip", "install", "--python", python, f"{wheel}[{extra}]")
        run(python, "-I", "-c", IMPORT_MODULES, *sorted(needing))


def _with_extras(modules: set[str]) -> dict[str, set[str]]:
    return {
        "testing": {name for name in modules if name.startswith("gql_live.testing")},
        "prometheus": modules & {"gql_live.metrics"},
    }
