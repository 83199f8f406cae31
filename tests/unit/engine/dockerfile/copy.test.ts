import { suite } from "uvu";
import * as assert from "uvu/assert";
import { plan, problemOf, stepsOf } from "./planning.ts";

const copy = suite("COPY and ADD of a Dockerfile");

/** Paths and destination of the one step. */
function copied(text: string): unknown {
  const [step] = stepsOf("copy", text);
  return [step?.sources.map((source) => (source.kind === "files" ? source.path : source)), step?.destination];
}

const places: [string, string[], string][] = [
  ["COPY a b", ["/a"], "/w/b"],
  ["COPY a /b/", ["/a"], "/b/"],
  ["COPY a .", ["/a"], "/w/"],
  ["COPY a ./b/.", ["/a"], "/w/b/"],
  ["COPY . .", ["/"], "/w/"],
  ["COPY ./a/../b/ c", ["/b"], "/w/c"],
  ["COPY ../../x /", ["/x"], "/"],
  ['COPY ["with space", "to here/"]', ["/with space"], "/w/to here/"],
  ["COPY a*.txt b?[cd] /x/", ["/a*.txt", "/b?[cd]"], "/x/"],
  ["COPY $FROM $TO/", ["/source"], "/target/"],
];

for (const [line, sources, destination] of places) {
  copy(`${line}: from ${sources.join(", ")} to ${destination}`, () => {
    assert.equal(copied(`FROM a\nENV FROM=source TO=/target\nWORKDIR /w\n${line}\n`), [sources, destination]);
  });
}

copy("take owner, mode and what is left out", () => {
  const [step] = stepsOf(
    "copy",
    "FROM a\nARG WHO=app\nCOPY --chown=$WHO:1 --chmod=0750 --exclude=*.md --exclude=x --link a /\n",
  );
  assert.is(step?.owner, "app:1");
  assert.is(step?.mode, 0o750);
  assert.equal(step?.exclude, ["*.md", "x"]);
});

copy("keep folders with --parents, from the pivot on", () => {
  const [step] = stepsOf("copy", "FROM a\nCOPY --parents ./x/*.txt b/./c/d /out/\n");
  assert.equal(
    step?.sources.map((source) => source.kind === "files" && [source.path, source.include]),
    [
      ["/", ["x/*.txt"]],
      ["/b", ["c/d"]],
    ],
  );
});

copy("make files of here-documents, with variables unless the name is quoted", () => {
  const text = [
    "FROM a",
    "ENV V=1",
    "COPY <<one <<'two' <<-three /x/",
    "$V \\$V 'q'",
    "one",
    "$V",
    "two",
    "\t\ttabs",
    "\tthree",
    "USER u",
  ].join("\n");
  assert.equal(copied(text), [
    [
      { kind: "inline", name: "one", content: "1 $V 'q'\n" },
      { kind: "inline", name: "two", content: "$V\n" },
      { kind: "inline", name: "three", content: "tabs\n" },
    ],
    "/x/",
  ]);
  assert.is(plan(text).settings.user, "u");
});

copy("unpack archives only of ADD, and addresses only when asked to", () => {
  const unpacks = (line: string) =>
    stepsOf("copy", `FROM a\n${line}\n`)[0]?.sources.map((source) => "unpack" in source && source.unpack);
  assert.equal(unpacks("COPY a.tar /"), [false]);
  assert.equal(unpacks("ADD a.tar /"), [true]);
  assert.equal(unpacks("ADD --unpack=false a.tar /"), [false]);
  assert.equal(unpacks("ADD https://x.org/a.tar /"), [false]);
  assert.equal(unpacks("ADD --unpack https://x.org/a.tar /"), [true]);
});

copy("tell addresses of files from those of repositories", () => {
  const source = (address: string) => stepsOf("copy", `FROM a\nADD ${address} /\n`)[0]?.sources[0];
  assert.equal(source("https://x.org/d/a%20b.txt?q=1"), {
    kind: "http",
    url: "https://x.org/d/a%20b.txt?q=1",
    name: "a b.txt",
    checksum: "",
    unpack: false,
  });
  assert.is(source("https://x.org/")?.kind, "http");
  for (const address of ["https://x.org/r.git#v1:sub", "https://x.org/r.git?ref=x", "git@x.org:r.git", "ssh://x/r"]) {
    assert.equal(source(address), { kind: "git", url: address, keepGitDir: false });
  }
});

copy("that cannot be are refused in BuildKit's words", () => {
  const on2 = (message: string) => `dockerfile parse error on line 2: ${message} @2`;
  const wrong: [string, string][] = [
    [
      "COPY a",
      on2("COPY requires at least two arguments, but only one was provided. Destination could not be determined"),
    ],
    ["ADD --keep-git-dirr a /", on2("unknown flag: keep-git-dirr (did you mean keep-git-dir?)")],
    ["COPY --checksum=x a /", on2("unknown flag: checksum")],
    ["COPY --from a /", on2("missing a value on flag: from")],
    ["COPY --link=maybe a /", on2("expecting boolean value for flag link, not: maybe")],
    ["COPY --link= a /", on2("missing a value on flag: link")],
    ["COPY --chown=1 --chown=2 a /", on2("duplicate flag specified: chown")],
    ["COPY a <<E\nE", on2("COPY cannot accept a heredoc as a destination")],
    ["COPY <<E /x\nabc", "unterminated heredoc @2"],
    ['COPY ["a", 1]', "when using JSON array syntax, arrays must be comprised of strings only @2"],
    ["COPY --chmod=u+x a /", "invalid chmod parameter: 'u+x'. it should be octal string and between 0 and 07777 @2"],
    [
      "COPY --chmod=10000 a /",
      "invalid chmod parameter: '10000'. it should be octal string and between 0 and 07777 @2",
    ],
    ["COPY https://x.org/a /", "source can't be a URL for COPY @2"],
    ["COPY https://x.org/a.git /", "source can't be a git ref for COPY @2"],
    ["ADD --checksum=nothing https://x.org/a /", "invalid checksum digest format @2"],
    ["ADD --checksum=sha256:12 https://x.org/a /", "invalid checksum digest length @2"],
    ["ADD --checksum=md9:12 https://x.org/a /", "unsupported digest algorithm @2"],
    [`ADD --checksum=sha256:${"0".repeat(64)} a /`, "checksum can't be specified for non-HTTP(S) sources @2"],
    [`ADD --checksum=sha256:${"0".repeat(64)} a b /`, "checksum can't be specified for multiple sources @2"],
  ];
  for (const [line, message] of wrong) assert.is(problemOf(`FROM a\n${line}\n`), message);
});

copy.run();
