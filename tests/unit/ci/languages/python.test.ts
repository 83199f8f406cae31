import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Shape, tellAll } from "./told.ts";

const python = suite("detection: python");

/** A repository, and all that is said of it. */
const cases: readonly (readonly [string, Shape, readonly string[]])[] = [
  [
    "takes uv by its lock file, and the tools that are configured and installed",
    {
      "pyproject.toml":
        '[project]\nname = "consumer"\nrequires-python = ">=3.12"\ndependencies = ["confluent-kafka>=2.6"]\n[dependency-groups]\ndev = ["pytest>=8", "ruff", "mypy"]\n[tool.ruff]\nline-length = 100\n[tool.ruff.format]\n[tool.mypy]\nstrict = true\n[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n',
      "uv.lock": "",
      "src/consumer/__main__.py": "",
      "tests/test_a.py": "",
      ".python-version": "3.13\n",
      "README.md": "",
    },
    [
      "python in .",
      "  uv (uv.lock), 3.13 (.python-version), python:3.13-bookworm",
      "  lint: ruff check . (pyproject.toml tool.ruff)",
      "  lint: mypy src (pyproject.toml tool.mypy)",
      "  unit: python -m pytest (tests/test_a.py)",
      "  main: python -m consumer (src/consumer/__main__.py)",
      "  remark: pyproject.toml tool.ruff.format configures ruff, and nothing runs `ruff format --check .`: if it is a check, `checks: { format: { run: ruff format --check . } }`",
    ],
  ],
  [
    "takes requirement files, and a Flask application behind gunicorn",
    {
      "requirements.txt": "flask==3.0\ngunicorn\n",
      "requirements-dev.txt": "-r requirements.txt\npytest\nflake8\n",
      "app.py": "from flask import Flask\napp = Flask(__name__)\n",
      "test_app.py": "",
      ".flake8": "",
    },
    [
      "python in .",
      "  pip (requirements.txt), 3.13 (a release that most packages support), python:3.13-bookworm",
      "  lint: flake8 (.flake8)",
      "  unit: python -m pytest (test_app.py)",
      "  main: gunicorn --bind 0.0.0.0:${PORT:-8000} app:app (app.py)",
      "  port: 8000 (app.py takes PORT)",
    ],
  ],
  [
    "takes Poetry with its groups, a FastAPI application, and integration tests apart",
    {
      "pyproject.toml":
        '[tool.poetry]\nname = "svc"\n[tool.poetry.dependencies]\npython = "^3.11"\nfastapi = "^0.115"\n[tool.poetry.group.test.dependencies]\npytest = "*"\n[tool.black]\n',
      "poetry.lock": "",
      "svc/main.py": "",
      "tests/unit/test_a.py": "",
      "tests/integration/test_b.py": "",
      "app/main.py": "from fastapi import FastAPI\napp = FastAPI()\n",
    },
    [
      "python in .",
      "  poetry (poetry.lock), 3.13 (pyproject.toml tool.poetry.dependencies.python), python:3.13-bookworm",
      "  unit: python -m pytest --ignore=tests/integration (tests/unit/test_a.py)",
      "  integration: python -m pytest tests/integration (tests/integration)",
      "  main: uvicorn app.main:app --host 0.0.0.0 --port ${PORT:-8000} (app/main.py)",
      "  port: 8000 (app/main.py takes PORT)",
      "  remark: pyproject.toml tool.black configures black, which is not among the packages: it is not run",
    ],
  ],
  [
    "takes pipenv with what a Pipfile says",
    {
      Pipfile:
        '[packages]\nflask = "*"\ngunicorn = {version = "*"}\n[dev-packages]\npytest = "*"\nflake8 = "*"\n[requires]\npython_version = "3.12"\n',
      "Pipfile.lock": "",
      "app.py": "app = Flask(__name__)\n",
      "test_app.py": "",
      Makefile: "lint:\n\tpipenv run flake8 app.py\n",
    },
    [
      "python in .",
      "  pipenv (Pipfile.lock), 3.12 (Pipfile), python:3.12-bookworm",
      "  lint: flake8 app.py (Makefile)",
      "  unit: python -m pytest (test_app.py)",
      "  main: gunicorn --bind 0.0.0.0:${PORT:-8000} app:app (app.py)",
      "  port: 8000 (app.py takes PORT)",
    ],
  ],
  [
    "takes pdm with its groups for development",
    {
      "pyproject.toml":
        '[project]\nname = "svc"\ndependencies = ["fastapi"]\n[tool.pdm.dev-dependencies]\ndev = ["pytest", "ruff"]\n[tool.pdm.scripts]\nlint = "ruff check svc"\n',
      "pdm.lock": "",
      "svc/main.py": "app = FastAPI()\n",
      "tests/test_a.py": "",
    },
    [
      "python in .",
      "  pdm (pdm.lock), 3.13 (a release that most packages support), python:3.13-bookworm",
      "  lint: ruff check svc (pyproject.toml tool.pdm.scripts)",
      "  unit: python -m pytest (tests/test_a.py)",
      "  main: uvicorn svc.main:app --host 0.0.0.0 --port ${PORT:-8000} (svc/main.py)",
      "  port: 8000 (svc/main.py takes PORT)",
    ],
  ],
  [
    "takes no module for a package because it is called setup.py, and no template for a project or a test",
    {
      "requirements.txt": "pytest\n",
      "app/setup.py": "def setup(app):\n    pass\n",
      "kit/{{ cookiecutter.name }}/pyproject.toml": '[project]\nname = "{{ cookiecutter.name }}"\n',
      "kit/{{ cookiecutter.name }}/tests/test_a.py": "",
    },
    ["python in .", "  pip (requirements.txt), 3.13 (a release that most packages support), python:3.13-bookworm"],
  ],
  [
    "asks when two lock files are there",
    { "pyproject.toml": "[project]\nname='a'\n", "uv.lock": "", "poetry.lock": "" },
    [
      "uv.lock and poetry.lock both exist: uv or poetry?",
      "  where: the top",
      "  to do: remove the one that is not used",
    ],
  ],
  [
    "takes pip for a plain pyproject.toml with extras for tests",
    {
      "pyproject.toml":
        '[project]\nname = "lib"\ndependencies = ["httpx"]\n[project.optional-dependencies]\ntest = ["pytest"]\ndocs = ["sphinx"]\n[project.scripts]\nlib = "lib.cli:main"\n[build-system]\nrequires = ["setuptools"]\n',
      "lib/__init__.py": "",
      "tests/test_x.py": "",
    },
    [
      "python in .",
      "  pip (pyproject.toml), 3.13 (a release that most packages support), python:3.13-bookworm",
      "  unit: python -m pytest (tests/test_x.py)",
      "  main: lib (pyproject.toml project.scripts)",
    ],
  ],
  [
    "reads python_requires of setup.py",
    {
      "setup.py": "from setuptools import setup\nsetup(name='x', python_requires='>=3.8,<3.12')\n",
      "x/__init__.py": "",
    },
    ["python in .", "  pip (setup.py), 3.11 (setup.py python_requires), python:3.11-bookworm"],
  ],
  [
    "takes a pyproject.toml with nothing but tools for no project",
    { "pyproject.toml": "[tool.ruff]\n", "main.go": "package main" },
    [],
  ],
  ["takes requirements without sources for no project", { "requirements.txt": "mkdocs\n", "docs/index.md": "" }, []],
  [
    "reads a folder of requirements, a Procfile and runtime.txt",
    {
      "requirements/base.txt": "django\n",
      "requirements/dev.txt": "-r base.txt\npytest-django\npytest\n",
      "requirements/docs.txt": "sphinx",
      "manage.py": "",
      Procfile:
        "release: python manage.py migrate\nweb: gunicorn site.wsgi --bind 0.0.0.0:$PORT\nworker: celery -A site worker\n",
      "runtime.txt": "python-3.11.9",
    },
    [
      "python in .",
      "  pip (requirements/dev.txt), 3.11 (runtime.txt), python:3.11-bookworm",
      "  main: gunicorn site.wsgi --bind 0.0.0.0:$PORT (Procfile web)",
      "  port: 8000 (Procfile web takes PORT)",
      "  remark: Procfile worker: not started; each can be a service of its own, by build: { imageOf: SERVICE, start: […] }",
    ],
  ],
  [
    "remarks on tests that nothing can run",
    { "requirements.txt": "flask", "test_a.py": "" },
    [
      "python in .",
      "  pip (requirements.txt), 3.13 (a release that most packages support), python:3.13-bookworm",
      "  remark: test_a.py is a test, but pytest is not among the packages: no command for tests",
    ],
  ],
  [
    "says where pyproject.toml is no TOML",
    { "pyproject.toml": "[project\n", "uv.lock": "" },
    [
      'pyproject.toml cannot be read as TOML: line 1: expected ] at ""',
      "  where: pyproject.toml",
      "  to do: repair pyproject.toml",
    ],
  ],
  [
    "refuses another Python",
    { "requirements.txt": "x", "a.py": "", ".python-version": "pypy3.10" },
    [
      'Python "pypy3.10" is not a version that Slipway knows',
      "  where: .python-version",
      "  to do: write a number, such as 3.13 or 3.13.1",
    ],
  ],
  [
    "says when no release is allowed",
    { "pyproject.toml": "[project]\nname='a'\nrequires-python='>=3.15'\n" },
    [
      "no release of Python (3.9, 3.10, 3.11, 3.12, 3.13, 3.14) is in pyproject.toml project.requires-python (>=3.15)",
      "  where: pyproject.toml project.requires-python",
      "  to do: widen the range, or write the version into .python-version",
    ],
  ],
  [
    "asks when .python-version is not in requires-python",
    { "pyproject.toml": "[project]\nname='a'\nrequires-python='>=3.12'\n", ".python-version": "3.11" },
    [
      ".python-version says Python 3.11, which is not in pyproject.toml project.requires-python (>=3.12)",
      "  where: .python-version, pyproject.toml project.requires-python",
      "  to do: make them agree",
    ],
  ],
  [
    "finds members of a workspace of uv",
    {
      "pyproject.toml":
        '[project]\nname="top"\n[tool.uv.workspace]\nmembers=["packages/*"]\nexclude=["packages/seeds"]\n',
      "uv.lock": "",
      "packages/a/pyproject.toml": '[project]\nname="a"\n[build-system]\nrequires=[]\n',
      "packages/a/src/a/__main__.py": "",
      "packages/seeds/pyproject.toml": "[project]\nname='s'\n",
    },
    [
      "python in .",
      "  uv (uv.lock), 3.13 (a release that most packages support), python:3.13-bookworm",
      "python in packages/a of .",
      "  uv (uv.lock), 3.13 (a release that most packages support), python:3.13-bookworm",
      "  main: python -m a (packages/a/src/a/__main__.py)",
      "python in packages/seeds",
      "  pip (packages/seeds/pyproject.toml), 3.13 (a release that most packages support), python:3.13-bookworm",
    ],
  ],
  [
    "takes a script with a main guard",
    { "requirements.txt": "kafka-python", "src/main.py": "def main(): pass\nif __name__ == '__main__':\n  main()\n" },
    [
      "python in .",
      "  pip (requirements.txt), 3.13 (a release that most packages support), python:3.13-bookworm",
      "  main: python src/main.py (src/main.py)",
    ],
  ],
  [
    "runs no tool that is not among the packages, and says so",
    {
      "pyproject.toml": "[project]\nname='a'\n[tool.ruff]\n[tool.uv]\n",
      "setup.cfg": "[mypy]\nstrict=true\n[flake8]\n",
    },
    [
      "python in .",
      "  uv (pyproject.toml tool.uv), 3.13 (a release that most packages support), python:3.13-bookworm",
      "  remark: pyproject.toml tool.ruff configures ruff, which is not among the packages: it is not run",
      "  remark: setup.cfg [flake8] configures flake8, which is not among the packages: it is not run",
      "  remark: setup.cfg [mypy] configures mypy, which is not among the packages: it is not run",
    ],
  ],
];

for (const [name, shape, said] of cases) python(name, () => assert.equal(tellAll(shape), said));

python.run();
