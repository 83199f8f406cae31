import { suite } from "uvu";
import * as assert from "uvu/assert";
import { onlyProject, type Shape } from "./told.ts";

const start = suite("what starts a project of Python, and where it listens");

/** A repository, what starts it, and its port. */
const cases: readonly (readonly [string, Shape, string | undefined, string | undefined])[] = [
  [
    "the web process of a Procfile takes PORT, whatever it says",
    { "requirements.txt": "django", "a.py": "", Procfile: "web: gunicorn --config gunicorn.conf.py shop.wsgi\n" },
    "gunicorn --config gunicorn.conf.py shop.wsgi (Procfile web)",
    "8000 (Procfile web takes PORT)",
  ],
  [
    "a Procfile may name the port",
    { "requirements.txt": "fastapi", "a.py": "", Procfile: "web: uvicorn main:app --host 0.0.0.0 --port 8080\n" },
    "uvicorn main:app --host 0.0.0.0 --port 8080 (Procfile web)",
    "8080 (Procfile web)",
  ],
  [
    "a worker of a Procfile by a script whose text tells nothing",
    { "requirements.txt": "celery", "worker.py": "", Procfile: "worker: python worker.py\n" },
    "python worker.py (Procfile worker)",
    undefined,
  ],
  [
    "Django by gunicorn",
    { "requirements.txt": "Django==5\ngunicorn", "manage.py": "", "shop/wsgi.py": "", "shop/asgi.py": "" },
    "gunicorn --bind 0.0.0.0:${PORT:-8000} shop.wsgi (shop/wsgi.py)",
    "8000 (shop/wsgi.py takes PORT)",
  ],
  [
    "Django by uvicorn",
    { "requirements.txt": "Django\nuvicorn", "manage.py": "", "shop/wsgi.py": "", "shop/asgi.py": "" },
    "uvicorn shop.asgi:application --host 0.0.0.0 --port ${PORT:-8000} (shop/asgi.py)",
    "8000 (shop/asgi.py takes PORT)",
  ],
  [
    "Django without a server starts nothing: its own one is for development",
    { "requirements.txt": "Django", "manage.py": "", "shop/wsgi.py": "" },
    undefined,
    undefined,
  ],
  [
    "an application in a package of src",
    { "requirements.txt": "fastapi\nuvicorn", "src/shop/main.py": "app = FastAPI()\n" },
    "uvicorn shop.main:app --app-dir src --host 0.0.0.0 --port ${PORT:-8000} (src/shop/main.py)",
    "8000 (src/shop/main.py takes PORT)",
  ],
  [
    "an application that wsgi.py makes",
    { "requirements.txt": "flask\ngunicorn", "wsgi.py": "from shop import create_app\napp = create_app()\n" },
    "gunicorn --bind 0.0.0.0:${PORT:-8000} wsgi:app (wsgi.py)",
    "8000 (wsgi.py takes PORT)",
  ],
  [
    "not the application of an example",
    { "requirements.txt": "fastapi\nuvicorn", "examples/main.py": "app = FastAPI()\n" },
    undefined,
    undefined,
  ],
  ...(
    [
      ['uvicorn.run("app:app", host="0.0.0.0", port=8080)', "8080 (app.py listens there)"],
      ["app.run(host='0.0.0.0', port=5000, debug=True)", "5000 (app.py listens there)"],
      ['app.run(host="0.0.0.0", port=int(os.environ.get("PORT", 5000)))', "5000 (app.py takes PORT)"],
      ['port = int(os.getenv("PORT", "9000"))', "9000 (app.py takes PORT)"],
      ['port = os.environ["PORT"]', "8000 (app.py takes PORT)"],
      ["web.run_app(make(), port=8081)", "8081 (app.py listens there)"],
      ['HTTPServer(("", 8082), Handler).serve_forever()', "8082 (app.py listens there)"],
      ['ThreadingHTTPServer(("0.0.0.0", 8083), Handler)', "8083 (app.py listens there)"],
      ["app.run(port=5000)", undefined],
      ['app.run(host="127.0.0.1", port=5000)', undefined],
      ['# app.run(host="0.0.0.0", port=5000)', undefined],
      ["connect(host='db', port=5432)", undefined],
      ["start_http_server(9100)", undefined],
    ] as const
  ).map(([line, port]): (typeof cases)[number] => [
    `a script with ${line}`,
    { "requirements.txt": "x", "app.py": `if __name__ == "__main__":\n    pass\n${line}\n` },
    "python app.py (app.py)",
    port,
  ]),
  [
    "a package that is started as a module",
    { "requirements.txt": "aiohttp", "shop/__main__.py": "web.run_app(app, port=8080)" },
    "python -m shop (shop/__main__.py)",
    "8080 (shop/__main__.py listens there)",
  ],
  [
    "a consumer has an entry and no port",
    {
      "pyproject.toml": '[project]\nname="c"\ndependencies=["confluent-kafka"]\n[project.scripts]\nconsume="c:run"\n',
      "uv.lock": "",
    },
    "consume (pyproject.toml project.scripts)",
    undefined,
  ],
];

for (const [title, shape, main, port] of cases) {
  start(title, () => {
    const project = onlyProject(shape);
    const tell = (found: { value: unknown; from: string } | undefined) =>
      found === undefined ? undefined : `${found.value} (${found.from})`;
    assert.is(tell(project.mains[0]), main);
    assert.is(tell(project.port), port);
  });
}

start("of a library or a tool for others is nothing, and a remark says why", () => {
  const classifiers = 'classifiers = ["Development Status :: 5 - Production/Stable"]';
  const pyproject = `[project]\nname="tool"\n${classifiers}\n[project.scripts]\ntool="tool:main"\n`;
  const { mains, remarks } = onlyProject({ "pyproject.toml": pyproject, "uv.lock": "", "tool/__main__.py": "" });
  assert.equal(mains, []);
  assert.equal(remarks, [
    "pyproject.toml has the classifiers of a published package: tool is treated as a tool for people, not as a service",
  ]);
});

start("of a project that is not to be uploaded is its entry", () => {
  const classifiers = 'classifiers = ["Private :: Do Not Upload", "Topic :: Internet"]';
  const pyproject = `[project]\nname="tool"\n${classifiers}\n[project.scripts]\ntool="tool:main"\n`;
  assert.is(onlyProject({ "pyproject.toml": pyproject, "uv.lock": "" }).mains[0]?.value, "tool");
});

const TESTS: readonly (readonly [string, Shape, readonly string[] | undefined])[] = [
  [
    "Django's own command",
    { "manage.py": "", "requirements.txt": "Django", "shop/tests.py": "" },
    ["python", "manage.py", "test"],
  ],
  ["unittest in one file", { "requirements.txt": "x", "tests.py": "import unittest\n" }, ["python", "-m", "unittest"]],
  [
    "unittest in a package",
    { "requirements.txt": "x", "tests/__init__.py": "", "tests/test_a.py": "from unittest import TestCase\n" },
    ["python", "-m", "unittest"],
  ],
  [
    "unittest in a folder",
    { "requirements.txt": "x", "tests/test_a.py": "import unittest\n" },
    ["python", "-m", "unittest", "discover", "-s", "tests"],
  ],
  [
    "unittest beside pytest, which does not look there",
    { "requirements.txt": "pytest", "tests.py": "import unittest\n" },
    ["python", "-m", "unittest"],
  ],
  [
    "pytest before unittest",
    { "requirements.txt": "pytest", "test_a.py": "import unittest\n" },
    ["python", "-m", "pytest"],
  ],
  [
    "pytest with the folder that people name, and not with the value of an option",
    {
      "requirements.txt": "pytest",
      "web/tests/test_a.py": "",
      "lib/a.py": "",
      Makefile: "test:\n\tcoverage run -m pytest --cov lib web/\ncheck:\n\tpytest -q web/\n",
    },
    ["python", "-m", "pytest", "web/"],
  ],
  [
    "pytest without folders, where people name several",
    {
      "requirements.txt": "pytest",
      "a/test_a.py": "",
      "b/test_b.py": "",
      Makefile: "a:\n\tpytest a\nb:\n\tpytest b\n",
    },
    ["python", "-m", "pytest"],
  ],
  [
    "what people run without pytest, as a module",
    {
      "requirements.txt": "tornado",
      "tests/test_a.py": "from tests import Case\n",
      "tox.ini": "[testenv]\ncommands =\n    python -m app --version\n    python -m tests.unit -v\n",
    },
    ["python", "-m", "tests.unit", "-v"],
  ],
  [
    "nothing for functions of pytest without pytest",
    { "requirements.txt": "x", "test_a.py": "def test_a(): pass\n" },
    undefined,
  ],
];
for (const [title, shape, command] of TESTS)
  start(`tests: ${title}`, () =>
    assert.equal(
      onlyProject(shape).commands.unit?.map(({ value }) => value),
      command && [command],
    ),
  );

start.run();
