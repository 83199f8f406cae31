import { CODES } from "../../ci/src/codes.ts";
import { code, page, table } from "./markdown.ts";

/** The page about the codes of errors. */
export function printErrors(): string {
  return page("Errors", "`ci/src/codes.ts`", [
    INTRODUCTION,
    table(
      ["Code", "What happened", "What to do"],
      Object.entries(CODES).map(([name, { means, todo }]) => [code(name), means, todo]),
    ),
    REST,
  ]);
}

// Marks for the test of the commands: two rings and, for the last command, one in which a newer release is live.
const INTRODUCTION = `<!-- test: repository go-http -->
<!-- test: cluster -->
<!-- test: run npx slipway init && sed -i 's/canary: {}/canary: { bakeSeconds: 0 }/' slipway.yaml -->
<!-- test: run echo 'images: { registry: "127.0.0.1:5000/acme" }' >>slipway.yaml && git add --all && git commit --quiet -m One -->
<!-- test: run npx slipway call release -o release.json && git commit --quiet --allow-empty -m Two -->
<!-- test: run npx slipway call release -o newer.json && kubectl apply -f manifests/setup/rings.yaml -->
<!-- test: run npx slipway call deploy --ring canary --release newer.json -->

What the pipeline refuses it tells in three lines or more: what happened, where, and what to do. Behind the first line stands
a code in brackets, for scripts: codes stay as they are, the words may change.

\`\`\`console
$ npx slipway call plan --offline --ring prod
Error: there is no ring "prod"; the rings are canary, production; perhaps production was meant [no-such-ring]
  where: rings of slipway.yaml
  to do: use one of them, or add it there
\`\`\`

Every call that ends so has exit code 1, whichever engine runs it: Dagger forwards the message of an error and nothing else.

\`\`\`sh
npx slipway call deploy --ring canary --release release.json 2>error.txt ||
  grep --quiet --fixed-strings "[not-newer]" error.txt
\`\`\`

The last column says what helps in general. The message itself has names, places and the words of other programs.`;

const REST = `What a check of yours prints is its own, and stands as it came. Problems of manifests name their rule in brackets as well:
[manifests.md](../manifests.md). Errors of the embedded engine have the words of Dagger's engine, and no codes. Answers of the
product's services have a \`type\` instead: [HTTP API](http-api.md#problems).`;
