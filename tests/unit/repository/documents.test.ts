import { existsSync, readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { chooseTests } from "../../chosen-tests.ts";
import { findInline, findUnknown, findUnknownVariables, readNames } from "../../docs/named-commands.ts";
import { choosePages, commandsOf, findProblems, readNotRun, readPages } from "../../docs/pages.ts";
import { readPage } from "../../docs/read-page.ts";
import { findDifference, matchesLine, VARYING, whyTooOpen } from "../../docs/shown-output.ts";

const documents = suite("the commands of the documents");

const page = (...lines: readonly string[]) => readPage("docs/page.md", lines.join("\n"));
const seen = (...lines: readonly string[]) =>
  commandsOf(page(...lines)).map(({ line, text, shown, fails, stays }) => ({ line, text, shown, fails, stays }));
const plain = { shown: [], fails: false, stays: false };

documents("are all understood, and those that no test runs stand in the list with a reason", () => {
  const pages = readPages();
  assert.ok(pages.flatMap(commandsOf).length > 20, "hardly any command was found");
  assert.equal(findProblems(pages, readNotRun(readFileSync("tests/docs/not-run.yaml", "utf8"))), []);
});

documents("name scripts, commands, functions and flags that are there, also within a line of text", () => {
  const names = readNames();
  const problems = readPages().flatMap((one) => {
    const named = [...commandsOf(one), ...findInline(readFileSync(one.path, "utf8"))];
    return named.flatMap(({ line, text }) => {
      const unknown = findUnknown(text, names);
      return unknown === undefined ? [] : [`${one.path}:${line}: ${text}: ${unknown}`];
    });
  });
  assert.equal(problems, []);
});

documents("of CONTRIBUTING name tests that are there", () => {
  // Not all of the repository is there where the check runs.
  if (!existsSync("CONTRIBUTING.md")) return;
  const lines = readFileSync("CONTRIBUTING.md", "utf8").matchAll(
    /npm run (?:test:)?(unit|watch|integration) -- ([\w./-]+)/g,
  );
  const named = [...lines].map(([, suite, path = ""]) => [suite === "integration" ? suite : "unit", path]);
  assert.ok(named.length >= 5);
  for (const [kind, path] of named) assert.ok(chooseTests(`tests/${kind}`, [path ?? ""]).length > 0);
});

documents("set variables and lines of .env that are read", () => {
  const names = readNames();
  const unknown = readPages().flatMap(({ path }) =>
    findUnknownVariables(readFileSync(path, "utf8"), names).map((name) => `${path}: nothing reads ${name}`),
  );
  assert.equal(unknown, []);
  const lines =
    "`SLIPWAY_SIGNING_KEY=file:key`\nSLIPWAY_SIGNINGKEY=env:KEY SLIPWAY_PUBLISH_REGISTRY=r SLIPWAY_STORES=/s";
  assert.equal(findUnknownVariables(lines, names), ["SLIPWAY_SIGNING_KEY", "SLIPWAY_STORES"]);
});

documents("are refused where they name what is not there", () => {
  const names = readNames();
  const refused: readonly (readonly [string, string])[] = [
    ["npm run tset", "package.json has no script tset"],
    ["npm run -s tset", "package.json has no script tset"],
    ["cd x && npx slipway cal test", "slipway has no command cal"],
    ["./slipway call tset", "the module has no function tset"],
    ["slipway call --progress plain tset --offline", "the module has no function tset"],
    ["slipway call --rings canary status", "there is no flag --rings at this place"],
    ["slipway call deploy --rings canary", "there is no flag --rings at this place"],
    ["slipway call deploy --ring canary --releases=F", "there is no flag --releases at this place"],
    ["slipway store prune && slipway tarce", "slipway has no command tarce"],
    ["slipway trace --lasst", "there is no flag --lasst at this place"],
  ];
  for (const [text, unknown] of refused) assert.is(findUnknown(text, names), unknown, text);
  for (const text of [
    ...[
      "npm test",
      "npm run check",
      "npx slipway init --dry-run",
      "slipway call … promote --from canary --to production",
    ],
    ...[
      "slipway call -m github.com/acme/shop tset",
      "slipway call stack up --ports 1:2",
      "slipway trace 2 -o run.html",
    ],
    ...["slipway call --kubeconfig=file:F deploy --ring canary --release F", "slipway call NAME --help", "ls slipway"],
  ])
    assert.is(findUnknown(text, names), undefined, text);
});

documents("of a console stand behind a prompt, with their output below", () => {
  assert.equal(seen("```console", "$ one", "a", "", "b ", "", "$ two \\", "  three", "$ false", "Error: no", "```"), [
    { ...plain, line: 2, text: "one", shown: ["a", "", "b"] },
    { ...plain, line: 7, text: "two \\\n  three" },
    { ...plain, line: 9, text: "false", shown: ["Error: no"], fails: true },
  ]);
});

documents("of a script are its lines, without remarks, and with here-documents as a whole", () => {
  assert.equal(
    seen(
      "1. Do:",
      "   ```sh",
      "   # first",
      "   one &&",
      "     two",
      "   cat >f <<'END'",
      "   # x",
      "",
      "   END",
      "   ```",
    ),
    [
      { ...plain, line: 4, text: "one &&\n  two" },
      { ...plain, line: 6, text: "cat >f <<'END'\n# x\n\nEND" },
    ],
  );
});

documents("of Slipway stand in no block of text, where nothing would run them", () => {
  const problem = ["docs/page.md:1: a command of Slipway stands in a block of ```sh or ```console"];
  for (const line of ["slipway call test", "./slipway store", "npx slipway init"])
    assert.equal(page("```text", line, "```").problems, problem, line);
  for (const line of ["slipway: building the engine", "slipway    0.1.0", "  npx slipway init"])
    assert.equal(page("```text", line, "```").problems, [], line);
});

documents("are read together with the marks of their page and block", () => {
  const marked = page(
    ...[
      "<!-- test: repository go-http -->",
      "<!-- test: folder shop -->",
      "<!-- test: cluster -->",
      "<!-- test: run touch mistake -->",
    ],
    ...[
      "<!-- test: file a/b.yaml -->",
      "```yaml",
      "a: 1",
      "```",
      "",
      "<!-- test: stays -->",
      "```sh",
      "one",
      "two",
      "```",
    ],
    ...["<!-- test: fails -->", "```console", "$ three", "```", "<!-- test: clock the end -->"],
  );
  assert.equal(marked.problems, []);
  assert.is(marked.repository, "go-http");
  assert.is(marked.folder, "shop");
  assert.is(marked.cluster, true);
  assert.equal(marked.steps, [
    { ...plain, kind: "command", line: 4, text: "touch mistake" },
    { kind: "file", line: 6, path: "a/b.yaml", text: "a: 1\n" },
    { ...plain, kind: "command", line: 12, text: "one" },
    { ...plain, kind: "command", line: 13, text: "two", stays: true },
    { ...plain, kind: "command", line: 17, text: "three", fails: true },
    { kind: "clock", line: 19, reached: "the end" },
  ]);
});

documents("of several clusters need the first one as well", () => {
  const { cluster, secondCluster } = page("<!-- test: second-cluster -->");
  assert.equal([cluster, secondCluster], [true, true]);
  assert.is(page("<!-- test: cluster -->").secondCluster, false);
});

documents("are refused where a page does not say clearly what they are", () => {
  const refused: readonly (readonly [string, string])[] = [
    ["    slipway call test", "1: commands are not indented, but stand in a block: ```sh or ```console"],
    ["\t$ ls", "1: commands are not indented, but stand in a block: ```sh or ```console"],
    ["```\n$ ls\n```", "1: a block with a prompt is a block of ```console"],
    ["```console\nError: no\n```", "1: a block of ```console begins with a command; output alone is ```text"],
    ["```sh\nls", "1: the block does not end"],
    [
      "<!-- test: stay -->",
      "1: no mark is called stay; there are: repository, folder, cluster, second-cluster, file, stays, fails, run, clock",
    ],
    ["<!--test: stays-->", "1: a mark is a line of its own: <!-- test: WORD VALUE -->"],
    ["<!-- test: file -->\n```yaml\n```", "1: the mark file has a value"],
    ["<!-- test: clock -->", "1: the mark clock has a value"],
    ["<!-- test: stays now -->\n```sh\nls\n```", "1: the mark stays has no value"],
    ["<!-- test: stays -->\nText.", "2: the mark stays has to stand right before its block"],
    ["<!-- test: stays -->\n```yaml\n```", "2: the mark stays is for a block of commands"],
  ];
  for (const [text, problem] of refused) assert.equal(page(text).problems, [`docs/page.md:${problem}`]);
});

documents("that stand in the list must be on their page, and show something that is the same in each run", () => {
  const one = page("```console", "$ one", "12.0 s …", "$ two", "…", "$ three", "…", "three", "```");
  const list = readNotRun(
    "docs/page.md:\n  two: takes a long time\n  four: takes a long time\ndocs/gone.md:\n  one: not here, elsewhere\n",
  );
  assert.equal(findProblems([one], list), [
    "docs/page.md:2: everything in the output may be something else: show a line that is the same in each run",
    "tests/docs/not-run.yaml: docs/page.md has no command four",
    "tests/docs/not-run.yaml: docs/gone.md has no command one",
  ]);
  assert.throws(() => readNotRun("docs/page.md:\n  two: slow\n"));
});

documents("are chosen by the name of their page or its path", () => {
  assert.equal(choosePages(["trace", "README", "docs/store.md"]), ["README.md", "docs/store.md", "docs/trace.md"]);
  assert.equal(choosePages(["docs/README.md"]), ["docs/README.md"]);
  assert.throws(
    () => choosePages(["traces"]),
    /^no page traces; there are: README, .*; and the groups quick, cluster$/,
  );
  assert.throws(() => choosePages(["not:traces"]), /^no page traces; /);
});

documents("are chosen by groups of pages, or left out by them", () => {
  assert.ok(choosePages(["quick"]).includes("docs/how-to/go.md"));
  assert.ok(choosePages(["cluster"]).includes("docs/tutorial.md"));
  const others = choosePages(["not:cluster", "not:trace"]);
  assert.ok(others.includes("README.md"));
  for (const path of ["docs/tutorial.md", "docs/trace.md"]) assert.not(others.includes(path), path);
  const without = choosePages(["quick", "not:how-to/go"]);
  assert.equal(
    without,
    choosePages(["quick"]).filter((path) => path !== "docs/how-to/go.md"),
  );
});

documents("print what their page shows, where only what has a kind of its own may differ", () => {
  const same: readonly (readonly [string, string])[] = [
    ["lint   passed   45.0 s", "lint  passed  7.9 s"],
    ["unit   passed  136.9 s  3429 passed, 0 failed", "unit    passed  9 ms  12,001 passed, 0 failed"],
    [`sha256:${"0".repeat(64)}`, `sha256:${"f".repeat(64)}`],
    ["pod api-green-7d9f8b6c5-x2k4j is ready", "pod api-green-586fbd4b7b-zzzzz is ready"],
    ["12ab34cd9f (commit … of main)", "99ab34cd9e (commit 1234 of main)"],
    ["commit 4e46307 is live", "commit 4146307 is live"],
  ];
  for (const [shown, line] of same) assert.ok(matchesLine(shown, line), `${shown} | ${line}`);
  const other: readonly (readonly [string, string])[] = [
    ["lint   passed   45.0 s", "lint   failed   45.0 s"],
    ["lint   passed   45.0 s", "lint passed   45.0 s"],
    ["lint   passed   45.0 s", "lint   passed   45.0 s  5 passed"],
    ["lint   passed   45.0 s", "lint   passed   45.0"],
    ["1 passed, 0 failed", "2 passed, 0 failed"],
    ["3429 passed, 0 failed", "3429 passed, 1 failed"],
    [`sha256:${"0".repeat(64)}`, `sha256:${"f".repeat(63)}`],
    ["12ab34cd9f is live", "facade is live"],
    ["commit 4146307 is live", "commit 4e46307 is live"],
    ["a.b", "axb"],
    ["a … b", "a  b"],
  ];
  for (const [shown, line] of other) assert.not(matchesLine(shown, line), `${shown} | ${line}`);
});

documents("print all lines that their page shows, in order, and others only where it leaves some out", () => {
  const output = "\na\nb\nc\nd\n\n";
  for (const shown of [
    ["a", "b", "c", "d"],
    ["…", "d"],
    ["a", "…"],
    ["a", "…", "c", "d"],
    ["…", "b", "…"],
    ["…", "a", "b", "…", "d"],
  ])
    assert.is(findDifference(shown, output), undefined, shown.join());
  for (const shown of [
    ["a"],
    ["b", "…"],
    ["a", "c", "d"],
    ["…", "c"],
    ["…", "c", "…", "b", "…"],
    ["a", "b", "c", "d", "e"],
  ])
    assert.ok(findDifference(shown, output), shown.join());
  assert.is(findDifference(["a", "x"], "a\nb"), "the page shows   x\nit printed       b\nall of it was\na\nb");
});

documents("show output of which something is fixed", () => {
  for (const shown of [["…"], ["… 4.0 s", "…"], ["…", "0123456789ab"]])
    assert.is(
      whyTooOpen(shown),
      "everything in the output may be something else: show a line that is the same in each run",
    );
  for (const shown of [[], ["…", "passed"], ["4.0 s  4"]]) assert.is(whyTooOpen(shown), undefined);
});

documents("are compared by kinds that the guide lists", () => {
  const guide = readFileSync("tests/docs/README.md", "utf8");
  const listed = guide.slice(guide.indexOf("| Kind |")).matchAll(/^\| ([a-z ]+) \|/gm);
  assert.equal(
    [...listed].map((match) => match[1]),
    VARYING.map(({ kind }) => kind),
  );
});

documents.run();
