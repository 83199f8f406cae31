import { suite } from "uvu";
import * as assert from "uvu/assert";
import { plan, problemOf, stepsOf } from "./planning.ts";

const configuration = suite("configuration that a Dockerfile gives an image");

const settings = (lines: string, base = {}) => plan(`FROM a\n${lines}\n`, { base }).settings;

configuration("has variables and labels in both forms", () => {
  const { env, labels } = settings(
    "ENV A=1 B='two words' C=a\\ b\nENV OLD with  blanks \nLABEL a.b=c \"d e\"=f\nLABEL x y z",
  );
  assert.equal([...env].slice(1), [
    ["A", "1"],
    ["B", "two words"],
    ["C", "a b"],
    ["OLD", "with  blanks"],
  ]);
  assert.equal(
    [...labels],
    [
      ["a.b", "c"],
      ["d e", "f"],
      ["x", "y z"],
    ],
  );
});

configuration("takes values of one line as they were before it", () => {
  assert.is(settings("ENV abc=hello\nENV abc=bye def=$abc\nENV ghi=$abc").env.get("def"), "hello");
});

configuration("has commands for a shell or as they are", () => {
  assert.equal(settings("CMD echo  a $B").cmd, ["/bin/sh", "-c", "echo  a $B"]);
  assert.equal(settings('SHELL ["x", "-y"]\nCMD z').cmd, ["x", "-y", "z"]);
  assert.equal(settings('CMD ["a", "b c"]').cmd, ["a", "b c"]);
  assert.equal(settings("CMD ['a']").cmd, ["/bin/sh", "-c", "['a']"]);
});

configuration("loses the command of the base by an entry point, but not its own", () => {
  assert.is(settings("ENTRYPOINT e", { cmd: ["old"] }).cmd, undefined);
  assert.equal(settings("CMD c\nENTRYPOINT e").cmd, ["/bin/sh", "-c", "c"]);
  assert.is(settings("ENTRYPOINT []", { entrypoint: ["old"] }).entrypoint, undefined);
});

configuration("has ports with protocols and ranges", () => {
  const { ports } = settings("ARG P=9000\nEXPOSE 80 53/udp 8000-8002/TCP $P 127.0.0.1:1:2/sctp");
  assert.equal([...ports].sort(), ["2/sctp", "53/udp", "80/tcp", "8000/tcp", "8001/tcp", "8002/tcp", "9000/tcp"]);
});

configuration("has a working folder that relative paths go on from", () => {
  assert.is(settings("ENV D=/x\nWORKDIR $D/y\nWORKDIR z\nWORKDIR ../w").workdir, "/x/y/w");
  assert.is(settings("WORKDIR a", { workdir: "" }).workdir, "/a");
});

configuration("has a health check, volumes and a signal", () => {
  const { healthcheck, volumes, stopSignal } = settings(
    'HEALTHCHECK --interval=1m30s --retries=3 CMD curl -f http://x || exit 1\nVOLUME ["/a", "/b c"]\nVOLUME /d /e\nSTOPSIGNAL 9',
  );
  assert.equal(healthcheck, {
    test: ["CMD-SHELL", "curl -f http://x || exit 1"],
    interval: 90_000,
    timeout: 0,
    startPeriod: 0,
    startInterval: 0,
    retries: 3,
  });
  assert.equal([...volumes], ["/a", "/b c", "/d", "/e"]);
  assert.is(stopSignal, "9");
});

configuration("does what the base has put off, and puts off its own", () => {
  const stage = plan("FROM a\nONBUILD COPY <<E /x\ntext\nE\nONBUILD run two", {
    base: { onBuild: ["ENV A=1", "RUN echo $A", "HEALTHCHECK --interval=2s CMD x"] },
  });
  assert.equal(
    stage.steps.map((step) => step.kind === "run" && step.env.get("A")),
    ["1"],
  );
  assert.is(stage.settings.healthcheck?.interval, 2000);
  assert.equal(stage.settings.onBuild, ["COPY <<E /x\ntext\nE", "run two"]);
});

configuration("knows arguments in their scopes", () => {
  const text = `
    ARG GLOBAL=g
    ARG DERIVED=$GLOBAL-d
    FROM a
    RUN before
    ARG GLOBAL
    ARG DERIVED=own
    ARG GIVEN=default NONE
    ARG TARGETARCH BUILDPLATFORM
    RUN after
  `;
  const [before, after] = stepsOf("run", text, { buildArgs: { GIVEN: "given", OTHER: "x" }, platform: "linux/arm/v7" });
  assert.equal([...(before?.env.keys() ?? [])], ["PATH"]);
  assert.equal([...(after?.env ?? [])].slice(1), [
    ["GLOBAL", "g"],
    ["DERIVED", "own"],
    ["GIVEN", "given"],
    ["TARGETARCH", "arm"],
    ["BUILDPLATFORM", "linux/arm/v7"],
  ]);
});

configuration("is given proxies that no ARG names, for commands only", () => {
  const stage = plan("FROM a\nRUN x", { buildArgs: { HTTPS_PROXY: "http://p", no_proxy: "x" } });
  const [step] = stage.steps;
  assert.equal(step?.kind === "run" && [...step.proxies], [
    ["HTTPS_PROXY", "http://p"],
    ["https_proxy", "http://p"],
    ["NO_PROXY", "x"],
    ["no_proxy", "x"],
  ]);
  assert.equal([...stage.settings.env.keys()], ["PATH"]);
});

configuration("has commands of RUN as here-documents make them", () => {
  const words = (text: string) => stepsOf("run", `FROM a\n${text}\n`).map(({ args }) => args.slice(2));
  assert.equal(words("RUN <<E\na $B\nE"), [["a $B\n"]]);
  assert.equal(words("RUN <<-E cat\n\ta\n\tE"), [["<<-E cat\n\ta\nE"]]);
  assert.equal(words("RUN cat 3<<A <<'B'\none\nA\ntwo\nB"), [["cat 3<<A <<'B'\none\nA\ntwo\nB"]]);
  assert.equal(words('RUN echo "<<E" a<<b $((1<<2))'), [['echo "<<E" a<<b $((1<<2))']]);
  const [step] = stepsOf("run", "FROM a\nRUN <<E\n#!/bin/perl\nE\n");
  assert.equal(step?.script, { name: "E", content: "#!/bin/perl\n" });
});

configuration("is read from lines as BuildKit puts them together", () => {
  const text = "FROM a\nRUN one \\\n# remark\n\n  two \\  \n  three\nRUN a \\\\\nRUN b\nUSER $" + "{X:-u}\n";
  const steps = stepsOf("run", text);
  assert.equal(
    steps.map(({ args, line }) => [args[2], line]),
    [
      ["one   two   three", 2],
      ["a \\\\", 7],
      ["b", 8],
    ],
  );
  assert.is(plan(text).settings.user, "u");
  assert.is(plan("\ufeff# escape=`\nFROM a\nUSER `\n  x\n").settings.user, "x");
  assert.is(plan("FR\\\nOM a\nUSER x\n").settings.user, "x");
});

configuration("has mounts of every type", () => {
  const mount = (value: string) =>
    stepsOf("run", `FROM a AS s\nFROM a\nWORKDIR /w\nARG T=/t\nRUN --mount=${value} x\n`)[0]?.mounts[0];
  const context = { kind: "context" };
  const has = (value: string, expected: object) => {
    const found: object = mount(value) ?? {};
    assert.equal(Object.fromEntries(Object.keys(expected).map((name) => [name, found[name as never]])), expected);
  };
  has("target=rel,source=x", { type: "bind", target: "/w/rel", source: "x", readOnly: true, origin: context });
  has("type=bind,dst=$T,rw,from=s", { target: "/t", readOnly: false, origin: { kind: "stage", index: 0 } });
  has("type=cache,target=/c,id=i,sharing=locked,mode=0700,uid=1,gid=2", {
    id: "i",
    sharing: "locked",
    mode: 0o700,
    uid: 1,
    gid: 2,
    readOnly: false,
    origin: { kind: "scratch" },
  });
  has("type=cache,target=/c,from=img:1,source=/s", { origin: { kind: "image", name: "img:1" }, source: "/s" });
  has("type=tmpfs,target=/m,size=1.5k", { type: "tmpfs", size: 1536 });
  has("type=secret,id=s,required=false,env=TOKEN", { type: "secret", id: "s", required: false, env: "TOKEN" });
  has("type=ssh,required", { type: "ssh", required: true });
  has(`'"target=/a,b"'`, { target: "/a,b" });
});

const wrong: [string, string][] = [
  ["ENV A", "ENV must have two arguments @2"],
  ["ENV A=1 B", `Syntax error - can't find = in "B". Must be of the form: name=value @2`],
  ["ENV", "dockerfile parse error on line 2: ENV requires at least one argument @2"],
  ["ENV =x", "dockerfile parse error on line 2: ENV names can not be blank @2"],
  ["ARG =x", "dockerfile parse error on line 2: ARG names can not be blank @2"],
  ["ENV --x A=1", "dockerfile parse error on line 2: unknown flag: x @2"],
  ["COPYY a b", "dockerfile parse error on line 2: unknown instruction: COPYY (did you mean COPY?) @2"],
  ["nothing a b", "dockerfile parse error on line 2: unknown instruction: nothing @2"],
  ["toString", "dockerfile parse error on line 2: unknown instruction: toString @2"],
  ["SHELL /bin/sh", "dockerfile parse error on line 2: SHELL requires the arguments to be in JSON form @2"],
  ["SHELL []", "dockerfile parse error on line 2: SHELL requires at least one argument @2"],
  ["USER", "dockerfile parse error on line 2: USER requires exactly one argument @2"],
  ["VOLUME []", "dockerfile parse error on line 2: VOLUME requires at least one argument @2"],
  ['VOLUME [" "]', "dockerfile parse error on line 2: VOLUME specified can not be an empty string @2"],
  ["EXPOSE x", "invalid containerPort: x @2"],
  ["EXPOSE 80/xyz", "invalid proto: xyz @2"],
  ["EXPOSE 65536", "invalid containerPort: 65536 @2"],
  ["STOPSIGNAL SIGNOPE", "invalid signal: SIGNOPE @2"],
  ["HEALTHCHECK", "dockerfile parse error on line 2: HEALTHCHECK requires at least one argument @2"],
  ["HEALTHCHECK NONE x", "dockerfile parse error on line 2: HEALTHCHECK NONE takes no arguments @2"],
  ["HEALTHCHECK TRY x", 'dockerfile parse error on line 2: Unknown type "TRY" in HEALTHCHECK (try CMD) @2'],
  ["HEALTHCHECK CMD", "dockerfile parse error on line 2: Missing command after HEALTHCHECK CMD @2"],
  [
    "HEALTHCHECK --interval=1us CMD x",
    'dockerfile parse error on line 2: Interval "interval" cannot be less than 1ms @2',
  ],
  ["HEALTHCHECK --interval=x CMD x", 'dockerfile parse error on line 2: time: invalid duration "x" @2'],
  ["HEALTHCHECK --retries=-1 CMD x", "dockerfile parse error on line 2: --retries cannot be negative (-1) @2"],
  ["ONBUILD", "dockerfile parse error on line 2: ONBUILD requires at least one argument @2"],
  ["ONBUILD FROM x", "dockerfile parse error on line 2: FROM isn't allowed as an ONBUILD trigger @2"],
  ["ONBUILD ONBUILD x", "dockerfile parse error on line 2: Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed @2"],
  ["RUN --security=insecure x", "dockerfile parse error on line 2: unknown flag: security @2"],
  ["RUN --network=x y", 'dockerfile parse error on line 2: invalid network mode "x" @2'],
  ["RUN --network=host y", "network.host is not allowed @2"],
  ["RUN --mount=type=bindd,target=/x y", 'unsupported mount type "bindd" (did you mean bind?) @2'],
  ["RUN --mount=targett=/x y", "unexpected key 'targett' in 'targett=/x' (did you mean target?) @2"],
  ["RUN --mount=target=/x,size=1 y", "unexpected key 'size' for mount type 'bind' @2"],
  ["RUN --mount=target=/x,uid=1 y", 'uid not allowed for "bind" type mounts @2'],
  [
    String.raw`RUN --mount=target=/x,id=a\"b y`,
    'dockerfile parse error on line 2: failed to parse csv mounts: parse error on line 1, column 15: bare " in non-quoted-field @2',
  ],
  ["RUN --mount=target y", "invalid field 'target' must be a key=value pair @2"],
  ["RUN --mount=target=/ y", 'invalid mount target "/" @2'],
  ["RUN --mount=type=secret y", "invalid secret mount. one of source, target required @2"],
  ["RUN --mount=type=cache,target=/x,sharing=all y", 'unsupported sharing value "all" @2'],
  ["RUN --mount=type=tmpfs,target=/x,size=big y", "invalid value for size: big @2"],
  [
    "RUN --mount=from=$X,target=/x y",
    "dockerfile parse error on line 2: 'from' doesn't support variable expansion, define alias stage instead @2",
  ],
];

for (const [line, message] of wrong) {
  configuration(`is refused for ${line}`, () => assert.is(problemOf(`FROM a\n${line}\n`), message));
}

configuration("is refused for directives that cannot be", () => {
  assert.is(problemOf("# escape=x\nFROM a\n"), "invalid escape token 'x' does not match ` or \\ @1");
  assert.is(problemOf("# syntax=a\n# syntax=b\nFROM a\n"), "only one syntax parser directive can be used @2");
  assert.is(problemOf("# check=skip\nFROM a\n"), 'failed to parse check options: invalid check option "skip"');
  assert.is(problemOf("# check=a=b\nFROM a\n"), 'failed to parse check options: invalid check option "a"');
  assert.is(
    problemOf("# check=error=maybe\nFROM a\n"),
    'failed to parse check options: failed to parse check option "error=maybe": strconv.ParseBool: parsing "maybe": invalid syntax',
  );
  plan("# check=skip=all\n# syntax=docker/dockerfile:1\nFROM a\n");
});

configuration.run();
