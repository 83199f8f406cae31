/** A step of a pipeline, whichever system it is of. */
export interface AuditedStep {
  readonly name: string;
  readonly image?: string;
  readonly script: readonly string[];
  /** The name of the secret by the variable that has it. */
  readonly secrets: Readonly<Record<string, string>>;
}

/** How a system names the secret of a variable for the step of this name; undefined when that step may not have it. */
export type NameSecret = (variable: string, step: string) => string | undefined;

/** The same for systems that keep the secrets of each job apart: a secret is called like its variable. */
export function nameAsVariable(variable: string, step: string): string | undefined {
  const ofRing = /^(?:RING_KUBECONFIG|REGISTRY_USERNAME|REGISTRY_PASSWORD)$/;
  if (step.startsWith("deploy-")) return ofRing.test(variable) ? variable : undefined;
  return step === "publish" && /^(?:REGISTRY_USERNAME|REGISTRY_PASSWORD|SIGNING_KEY)$/.test(variable)
    ? variable
    : undefined;
}

const WANTED: readonly (readonly [step: RegExp, needed: readonly string[]])[] = [
  [/^publish$/, ["REGISTRY_USERNAME", "REGISTRY_PASSWORD"]],
  [/^deploy-/, ["RING_KUBECONFIG"]],
];

/** What a stranger may have written: the names of branches, titles and messages. */
const STRANGE =
  /\$\{?(?:env\.)?(?:\w*(?:TITLE|MESSAGE|BRANCH|AUTHOR|DESCRIPTION)\w*|(?:\w+_)?(?:REF|REFNAME|SOURCE|TAG|LABELS?)(?:_\w+)?)\b|\$\(Build\.Source|<<\s*pipeline\./i;

/** Slipway, as whoever publishes a package has it at the moment. */
const UNPINNED = /\b(?:npx --yes|npm install .*) slipway(?!@\d)/;

/** What is wrong with the steps of one file, a line each: their secrets, scripts and images. */
export function auditSteps(steps: readonly AuditedStep[], nameSecret: NameSecret): string[] {
  return steps.flatMap((step) => auditStep(step, nameSecret).map((line) => `${step.name}: ${line}`));
}

function auditStep({ name, image, script, secrets }: AuditedStep, nameSecret: NameSecret): string[] {
  const text = script.join("\n");
  const wanted = WANTED.find(([step]) => step.test(name))?.[1] ?? [];
  return [
    ...wanted.flatMap((variable) => (variable in secrets ? [] : [`has not ${variable}`])),
    ...Object.entries(secrets).flatMap(([variable, secret]) => [
      ...(nameSecret(variable, name) === secret ? [] : [`${variable} is ${secret}`]),
      ...(new RegExp(`\\b${variable}\\b`).test(text) ? [] : [`${variable} is given and not used`]),
    ]),
    ...[...text.matchAll(/env:(\w+)/g)].flatMap(([, variable = ""]) =>
      variable in secrets ? [] : [`uses ${variable}, which it has not`],
    ),
    ...(STRANGE.test(text) ? ["pasted into a script: what a stranger has written"] : []),
    ...(UNPINNED.test(text) ? ["a package of no version"] : []),
    ...(text.includes("$DAGGER_ARCHIVE") && !text.includes("sha256sum -c -")
      ? ["an archive that nobody compares"]
      : []),
    ...(image === undefined || /:(?!latest$)[\w.-]*\d[\w.-]*$/.test(image) ? [] : ["an image of no version"]),
  ];
}

/** The lines of a script that call without an end to their time. */
export function listEndless(script: readonly string[]): string[] {
  return script.some((line) => / call /.test(line) && !/^(?:sudo \S+ env \S+ )?timeout -k \d+ [1-9]\d* /.test(line))
    ? ["no time limit"]
    : [];
}
