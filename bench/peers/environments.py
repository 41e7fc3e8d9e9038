"""A Python environment for each peer, made when it is first needed.

They stay in ``bench/.venvs/``, which git ignores. What stands in ``requirements/`` is the whole of
what they hold, pinned: ``uv pip compile`` of the peer, and of the Django, Django REST Framework and
uvicorn that everything else here is measured with.
"""

import hashlib
import subprocess
import sys
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parents[1] / ".venvs"
REQUIREMENTS: Final = Path(__file__).parent / "requirements"
SECONDS: Final = 300.0


class MissingPeerError(Exception):
    """An environment cannot be made; the message says why."""


def python_of(name: str) -> str:
    """The interpreter of the environment that ``requirements/<name>.txt`` describes.

    Raises ``MissingPeerError`` where it cannot be made, on a machine without a network for example.
    """
    requirements = REQUIREMENTS / f"{name}.txt"
    pinned = hashlib.sha256(sys.version.encode() + requirements.read_bytes()).hexdigest()
    folder = FOLDER / f"{name}-{pinned[:8]}"
    python, made = folder / "bin" / "python", folder / "made"
    if not made.exists():
        _uv("venv", "--clear", "--python", sys.executable, str(folder))
        _uv("pip", "install", "--no-deps", "--python", str(python), "-r", str(requirements))
        made.touch()
    return str(python)


def _uv(*arguments: str) -> None:
    command = [sys.executable, "-m", "uv", "--quiet", *arguments]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=SECONDS)
    except subprocess.CalledProcessError as error:
        raise MissingPeerError(error.stderr.strip()) from error
    except subprocess.TimeoutExpired as error:
        raise MissingPeerError(str(error)) from error
