import { suite } from "uvu";
import * as assert from "uvu/assert";
import { queryRecipe, runInRecipe } from "../../support/recipe-image.ts";

const python = suite("Python images by recipe");

/** Where images do not trust what this machine trusts by other means, pip of Python 3.12 and older brings its own list. */
const PIP = "PIP_CERT=/etc/ssl/certs/ca-certificates.crt PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore";
const SIX = "six==1.17.0 --hash=sha256:4721f391ed90541fddacab5acf947aa0d3dc7d27b2e1e8eda2be8970586c3274";
const MODULES =
  "asyncio, bz2, ctypes, curses, dbm, decimal, hashlib, lzma, multiprocessing, readline, sqlite3, ssl, uuid, venv, zlib, zoneinfo";

for (const [address, version, release] of [
  ["python:3.11-slim-bookworm", "3.11.3", "bookworm"],
  ["python:3.12-slim-bookworm", "3.12.1", "bookworm"],
  ["python:3.13-slim-bookworm", "3.13.5", "bookworm"],
  ["python:3.14-slim-bookworm", "3.14.3", "bookworm"],
  ["python:3.13-slim", "3.13.5", "trixie"],
] as const) {
  python(`${address} runs programs, installs what has the right hash, and makes environments`, async () => {
    const said = await runInRecipe(
      address,
      `. /etc/os-release; echo "$VERSION_CODENAME"
python -c 'import platform; print(platform.python_version())'
python3 -c 'import ${MODULES}; print("modules")'
cd /tmp && echo '${SIX}' > requirements.txt
${PIP} pip install --quiet --require-hashes -r requirements.txt
python -c 'import six; print(six.__file__)'
python -m venv made && made/bin/python -c 'import sys; print(sys.prefix)'
python -c 'import sqlite3; print(sqlite3.connect(":memory:").execute("select 6 * 7").fetchone())'
env -u SSL_CERT_FILE python -c 'import ssl; print(ssl.get_default_verify_paths().cafile)'
echo '${SIX.replace("4721", "0000")}' > requirements.txt
${PIP} pip install --quiet --require-hashes --force-reinstall -r requirements.txt 2>&1 | grep -c 'DO NOT MATCH THE HASHES'`,
    );
    assert.equal(said.trim().split("\n"), [
      release,
      version,
      "modules",
      `/usr/local/lib/python${version.replace(/\.\d+$/, "")}/site-packages/six.py`,
      "/tmp/made",
      "(42,)",
      "/etc/ssl/certs/ca-certificates.crt",
      "1",
    ]);
  });
}

python("the whole image builds extensions in C, with the headers of its own version", async () => {
  const said = await runInRecipe(
    "python:3.13-bookworm",
    `cd /tmp && cat > made.c <<'END'
#include <Python.h>
static PyObject *answer(PyObject *self, PyObject *none) { return PyUnicode_FromString(PY_VERSION); }
static PyMethodDef methods[] = {{"answer", answer, METH_NOARGS, ""}, {0}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "made", 0, -1, methods};
PyMODINIT_FUNC PyInit_made(void) { return PyModule_Create(&module); }
END
gcc -shared -fPIC $(python3-config --includes) -o made$(python3-config --extension-suffix) made.c
python -c 'import made; print(made.answer())'
printf '#include <Python.h>\\nint main(void) { Py_Initialize(); PyRun_SimpleString("print(6 * 7)"); return Py_FinalizeEx(); }' > main.c
gcc $(pkg-config --cflags python3-embed) -o main main.c $(pkg-config --libs python3-embed) && ./main`,
  );
  assert.is(said, "3.13.5\n42\n");
});

python("the image says what the official one says", async () => {
  const fields = "defaultArgs entrypoint user workdir envVariables { name value }";
  assert.equal(await queryRecipe("python:3.13-slim-bookworm", fields), {
    defaultArgs: ["python3"],
    entrypoint: [],
    user: "",
    workdir: "",
    envVariables: [
      { name: "PATH", value: "/usr/local/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" },
      { name: "PYTHON_VERSION", value: "3.13.5" },
    ],
  });
});

python.run();
