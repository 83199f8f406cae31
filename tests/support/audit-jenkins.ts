import { auditSteps } from "./audit-steps.ts";

/** One stage of a declarative pipeline, as text. */
interface Stage {
  readonly name: string;
  readonly text: string;
}

/** The credentials of each variable of a stage; those of another stage are a fault. */
function nameSecret(variable: string, stage: string): string | undefined {
  const ring = /^deploy-(.*)$/.exec(stage)?.[1];
  if (variable === "RING_KUBECONFIG") return ring === undefined ? undefined : `slipway-${ring}-kubeconfig`;
  if (variable === "SIGNING_KEY") return stage === "publish" ? "slipway-signing-key" : undefined;
  if (!variable.startsWith("REGISTRY_")) return undefined;
  return ring !== undefined ? `slipway-${ring}-registry` : stage === "publish" ? "slipway-registry" : undefined;
}

/** What is wrong with a Jenkinsfile beyond its syntax, a line each. It knows nothing of how it was generated. */
export function auditJenkins(text: string): string[] {
  const stages = [...text.matchAll(/^ {4}stage\('([^']*)'\) \{$([\s\S]*?)^ {4}\}$/gm)].map(
    ([, name = "", inside = ""]): Stage => ({ name, text: inside }),
  );
  const [before = ""] = text.split(/^ {4}stage\(/m);
  return [
    ...(/credentials|environment/.test(before) ? ["secrets of the whole pipeline"] : []),
    ...auditSteps(stages.map(read), nameSecret),
    ...stages.flatMap((stage, at) => auditStage(stage, stages.slice(0, at)).map((line) => `${stage.name}: ${line}`)),
  ];
}

function read({ name, text }: Stage) {
  const bound = [...text.matchAll(/credentialsId: '([^']*)'((?:, \w*[vV]ariable: '\w+')+)/g)].flatMap(
    ([, secret = "", variables = ""]) =>
      [...variables.matchAll(/'(\w+)'/g)].map(([, variable = ""]) => [variable, secret] as const),
  );
  const script = [...text.matchAll(/\bsh ('''|""")([\s\S]*?)\1/g)].map(([, , inside = ""]) => inside);
  const [image] = /\bimage '([^']*)'/.exec(text)?.slice(1) ?? [];
  return { name, script, secrets: Object.fromEntries(bound), ...(image === undefined ? {} : { image }) };
}

function auditStage({ name, text }: Stage, before: readonly Stage[]): string[] {
  const isDelivery = name === "publish" || name.startsWith("deploy-");
  const when = /^ {6}when \{$([\s\S]*?)^ {6}\}$/m.exec(text)?.[1] ?? "";
  const used = name.startsWith("deploy-") ? (/unstash '([^']*)'/.exec(text)?.[1] ?? "nothing") : undefined;
  return [
    ...(/\bsh """|\$\{/.test(text) ? ["text that Groovy fills in"] : []),
    ...(/timeout\(time: \d+, unit: 'MINUTES'\)/.test(text) ? [] : ["no time limit"]),
    ...(isDelivery && !/^ {8}branch '[\w./-]+'$/m.test(when) ? ["runs for every branch"] : []),
    ...(isDelivery && !when.includes("not { changeRequest() }") ? ["runs for pull requests"] : []),
    ...(isDelivery && !before.some((stage) => stage.name.startsWith("test")) ? ["does not wait for the checks"] : []),
    ...(used === undefined || before.some((stage) => stage.text.includes(`stash name: '${used}'`))
      ? []
      : [`has no ${used}`]),
    ...(name === "deploy-production" && !/^ {6}input \{$/m.test(text) ? ["asks nobody"] : []),
    ...(name.startsWith("deploy-") && !/lock\('/.test(text) ? ["two of them run at once"] : []),
  ];
}
