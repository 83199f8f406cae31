import { suite } from "uvu";
import * as assert from "uvu/assert";
import { findScriptCheck } from "../../../../ci/src/init/script-check.ts";
import { outlineOf } from "../../../../ci/src/repository/outline.ts";

const check = suite("a script of tests");

const runOf = (text: string, path = "test.sh") => findScriptCheck(outlineOf({ [path]: text }))?.value.run;

/** Scripts that call nothing that the smallest Debian lacks. */
const plain: readonly string[] = [
  '#!/bin/sh\n# Every page has a heading.\nset -eu\nfor page in site/*.html; do\n  grep -q \'<h1>\' "$page" || { echo "$page has no heading"; exit 1; }\ndone\necho "all pages have a heading"\n',
  "grep -q listen nginx.conf\n",
  "#!/usr/bin/env sh\r\necho hi\r\n",
  'fail() { echo "FAIL: $1" >&2; exit 1; }\n[ -f Dockerfile ] || fail "no Dockerfile"\nif ! grep -q EXPOSE Dockerfile 2>/dev/null; then fail port; fi\n',
  'count=$(grep -c "<li>" index.html)\nif [ "$count" -lt 3 ]; then\n  echo "only $count"\n  exit 1\nfi\n',
  'A=1 B="x y" printf "%s\\n" "${A:-none}" | sort -u > out.txt 2>&1\n',
  'while read -r line; do test -n "$line" && continue; done < list.txt\n',
  "function check { cmp a b; }\ncheck\n",
];

for (const [index, text] of plain.entries())
  check(`runs in the smallest Debian: ${index}`, () => assert.is(runOf(text), "sh test.sh"));

/** Scripts of which nobody can say that Debian has what they call. */
const open: readonly string[] = [
  "docker build -t app . && docker run app\n",
  "curl -fs http://localhost:8080/ | grep -q ok\n",
  'out=$(./hello)\n[ "$out" = hi ]\n',
  'out="$(node app.js)"\ntest "$out" = 1\n',
  "if command -v jq; then jq . a.json; fi\n",
  "sh other.sh\n",
  ". ./lib.sh\ncheck\n",
  "python3 - <<'END'\nprint(1)\nEND\n",
  "echo a | xargs -n1 rm\n",
  "case $1 in\n  a) make ;;\nesac\n",
  "#!/usr/bin/env python3\nprint(1)\n",
  "#!/usr/bin/env bats\n@test x { true; }\n",
  "echo `git describe`\n",
  "sudo true\n",
];

for (const text of open) check(`is left to a person: ${JSON.stringify(text)}`, () => assert.is(runOf(text), undefined));

check("may call scripts of the repository that call as little", () => {
  const GREET = '#!/bin/sh\necho "Hello $1"\n';
  const files = (test: string, more: Readonly<Record<string, string | undefined>> = {}) =>
    findScriptCheck(outlineOf({ "greet.sh": GREET, ...more, "test.sh": test })) !== undefined;
  assert.is(files('out=$(sh greet.sh World)\n[ "$out" = "Hello World" ]\n'), true);
  assert.is(files('[ "$(./greet.sh World)" = "Hello World" ] || exit 1\n'), true);
  assert.is(files(". ./lib.sh\nsh test.sh\n", { "lib.sh": "a() { true; }\n" }), true);
  assert.is(files("sh ./greet.sh\n", { "greet.sh": "curl x\n" }), false);
  assert.is(files("./greet.sh\n", { "greet.sh": "#!/usr/bin/env python3\nprint(1)\n" }), false);
  assert.is(files("./greet\n", { greet: undefined }), false);
  assert.is(files("sh -c 'curl x'\n"), false);
});

check("is run by the shell that it names", () => {
  assert.is(runOf("#!/usr/bin/env bash\n[[ -f a ]]\n"), "bash test.sh");
  assert.is(runOf("#!/bin/dash\ntrue\n"), "dash test.sh");
});

check("is found in its usual places, and alone in the folder of the tests", () => {
  assert.is(runOf("true\n", "scripts/test.sh"), "sh scripts/test.sh");
  assert.is(runOf("true\n", "tests/pages.sh"), "sh tests/pages.sh");
  assert.is(runOf("true\n", "lib/other.sh"), undefined);
  assert.is(findScriptCheck(outlineOf({ "tests/a.sh": "true\n", "tests/b.sh": "true\n" })), undefined);
});

check.run();
