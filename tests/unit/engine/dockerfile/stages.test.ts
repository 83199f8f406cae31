import { suite } from "uvu";
import * as assert from "uvu/assert";
import { plan, planAll, problemOf } from "./planning.ts";

const stages = suite("stages of a Dockerfile");

const three = `
  FROM node:22 AS base
  RUN one
  FROM base AS unused
  RUN two
  FROM debian AS last
  COPY --from=base /x /x
`;

stages("are planned only when the target needs them", () => {
  assert.equal([...planAll(three).keys()], [0, 2]);
  assert.equal([...planAll(three, { target: "base" }).keys()], [0]);
  assert.equal([...planAll(three, { target: "UNUSED" }).keys()], [0, 1]);
});

stages("go on from another one with its variables, arguments and configuration", () => {
  const stage = plan(`
    FROM debian AS base
    ARG A=1
    ENV B=2
    LABEL l=x
    WORKDIR /w
    USER u
    FROM base
    RUN echo
  `);
  assert.equal(stage.base, { kind: "stage", index: 0 });
  const [step] = stage.steps;
  assert.is(step?.kind, "run");
  if (step?.kind !== "run") return;
  assert.equal([...step.env].slice(1), [
    ["A", "1"],
    ["B", "2"],
  ]);
  assert.is(step.workdir, "/w");
  assert.is(step.user, "u");
  assert.equal([...stage.settings.env.keys()], ["PATH", "B"]);
  assert.equal([...stage.settings.labels], [["l", "x"]]);
});

stages("are found by name whatever the case, by number, or are images", () => {
  const origins = plan(`
    FROM debian AS One
    FROM scratch
    FROM debian
    COPY --from=ONE /a /
    COPY --from=1 /b /
    COPY --from=nginx:alpine /c /
    COPY d /
  `).steps.flatMap((step) => (step.kind === "copy" ? step.sources : []));
  assert.equal(
    origins.map((source) => source.kind === "files" && source.origin),
    [
      { kind: "stage", index: 0 },
      { kind: "stage", index: 1 },
      { kind: "image", name: "nginx:alpine" },
      { kind: "context" },
    ],
  );
});

stages("take the platform from an argument", () => {
  assert.is(plan("FROM --platform=$BUILDPLATFORM debian", { platform: "linux/arm64" }).platform, "linux/arm64");
});

stages("that cannot be are refused in BuildKit's words", () => {
  const wrong: [string, string][] = [
    ["", "the Dockerfile cannot be empty"],
    ["# nothing\n", "file with no instructions @1"],
    ["ARG A=1\n", "dockerfile contains no stages to build"],
    ["RUN x\nFROM a\n", "no build stage in current context @1"],
    ["FROM a b\n", "dockerfile parse error on line 1: FROM requires either one or three arguments @1"],
    [
      "FROM a AS 1b\n",
      `dockerfile parse error on line 1: invalid name for build stage: "1b", name can't start with a number or contain symbols @1`,
    ],
    ["ARG V\nFROM $V\n", "base name ($V) should not be blank @2"],
    ["FROM --platform=$NO a\n", "empty platform value from expression $NO @1"],
    ["FROM a\nCOPY --from=1 x /\n", "invalid stage index 1 @2"],
    ["FROM a AS a1\nCOPY --from=a1 x /\n", "circular dependency detected on stage:  @1"],
    [
      "FROM a AS one\nCOPY --from=two x /\nFROM a AS two\nFROM one\n",
      `cannot copy from stage "two", it needs to be defined before current stage "one" @2`,
    ],
  ];
  for (const [text, message] of wrong) assert.is(problemOf(text), message);
  assert.is(problemOf("FROM a\n", { target: "b" }), 'target stage "b" could not be found');
});

stages.run();
