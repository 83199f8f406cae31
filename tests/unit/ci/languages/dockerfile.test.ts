import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Shape, tellAll } from "./told.ts";

const dockerfile = suite("detection: dockerfile");

/** A repository, and all that is said of it. */
const cases: readonly (readonly [string, Shape, readonly string[]])[] = [
  [
    "takes a Dockerfile and its port",
    { Dockerfile: "FROM alpine\nCOPY a.sh /\nEXPOSE 8080/tcp\n", "a.sh": "", "test.sh": "" },
    [
      "dockerfile in .",
      "  dockerfile (Dockerfile), 1 (Dockerfile), alpine",
      "  main: Dockerfile (Dockerfile)",
      "  port: 8080 (Dockerfile EXPOSE)",
    ],
  ],
  [
    "takes every Dockerfile of a folder, and no port out of two",
    {
      Dockerfile: "FROM a\nCOPY . .\n",
      "Dockerfile.worker": "FROM b AS x\nFROM scratch\nCOPY --from=x /a /b\n",
      "web.Dockerfile": "FROM c\nEXPOSE 1 2\n",
    },
    [
      "dockerfile in .",
      "  dockerfile (Dockerfile), 1 (Dockerfile), a",
      "  main: Dockerfile (Dockerfile)",
      "  main: Dockerfile.worker (Dockerfile.worker)",
      "  main: web.Dockerfile (web.Dockerfile)",
    ],
  ],
  [
    "takes the top as context when what is copied lies there",
    { "deploy/Dockerfile": "FROM a\nCOPY package.json src/ /x/\n", "package.json": "{}", "src/a.js": "" },
    [
      "node in .",
      "  npm (package.json, without a lock file), 24 (the newest long-term release), node:24-bookworm",
      "dockerfile in deploy of .",
      "  dockerfile (deploy/Dockerfile), 1 (deploy/Dockerfile), a",
      "  main: Dockerfile (deploy/Dockerfile)",
    ],
  ],
  [
    "takes its own folder as context when what is copied lies there",
    {
      "svc/Dockerfile": 'FROM a\nCOPY ["run.sh", "/x"]\nCOPY --chown=1:1 \\\n  *.txt /\n',
      "svc/run.sh": "",
      "svc/a.txt": "",
    },
    [
      "dockerfile in svc",
      "  dockerfile (svc/Dockerfile), 1 (svc/Dockerfile), a",
      "  main: Dockerfile (svc/Dockerfile)",
    ],
  ],
  [
    "remarks when what is copied is nowhere",
    { "svc/Dockerfile": "FROM a\nCOPY missing /x\n" },
    [
      "dockerfile in svc",
      "  dockerfile (svc/Dockerfile), 1 (svc/Dockerfile), a",
      "  main: Dockerfile (svc/Dockerfile)",
      "  remark: svc/Dockerfile copies missing, which is not in svc, and missing, which is not at the top: say which folder it is built from (`build: { context: FOLDER }`)",
    ],
  ],
  [
    "refuses a Dockerfile without a stage",
    { Dockerfile: "# nothing\n" },
    ["Dockerfile has no FROM", "  where: Dockerfile", "  to do: begin it with an image: FROM debian:bookworm-slim"],
  ],
  [
    "does not read the text of a here-document as instructions",
    { "svc/Dockerfile": "FROM a\nRUN <<EOF\nCOPY nothing /x\nEOF\nCOPY run.sh /\n", "svc/run.sh": "" },
    [
      "dockerfile in svc",
      "  dockerfile (svc/Dockerfile), 1 (svc/Dockerfile), a",
      "  main: Dockerfile (svc/Dockerfile)",
    ],
  ],
];

for (const [name, shape, said] of cases) dockerfile(name, () => assert.equal(tellAll(shape), said));

dockerfile.run();
