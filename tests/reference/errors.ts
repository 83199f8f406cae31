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

An error of the pipeline has three lines or more: what happened, where, and what to do. The first line ends with
a code in brackets, for scripts. Codes do not change; the words may.

\`\`\`console
$ npx slipway call plan --offline --ring prod
Error: there is no ring "prod"; the rings are canary, production; perhaps production was meant [no-such-ring]
  where: rings of slipway.yaml
  to do: use one of them, or add it there
\`\`\`

On both engines the exit code of such a call is 1: Dagger forwards nothing of an error but its message.

\`\`\`sh
npx slipway call deploy --ring canary --release release.json 2>error.txt ||
  grep --quiet --fixed-strings "[not-newer]" error.txt
\`\`\`

The last column says what usually helps. The message itself has names, places and the words of other programs.`;

const REST = `The output of your own checks is shown unchanged. Problems of manifests have the name of their rule in brackets:
[manifests.md](../manifests.md). Errors of the embedded engine have the words of Dagger's engine, and no codes. Answers of the
product's services have a \`type\` instead: [HTTP API](http-api.md#problems).`;
