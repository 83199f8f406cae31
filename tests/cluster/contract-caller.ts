/** Who makes the calls of a contract case, and how an answer is told. */
import { tellComplaint } from "../../ci/src/cluster/complaints.ts";
import { judgeAnswer } from "../../ci/src/cluster/judge-answer.ts";
import type { Kubectl, KubectlAnswer } from "../../ci/src/cluster/kubectl.ts";

/** The parts of an access; what is left out is the administrator's. */
export interface AccessParts {
  readonly server?: string;
  readonly token?: string;
  /** PEM */
  readonly ca?: string;
}

/** An adapter, and a namespace that nobody else uses; pods there bring warnings unless they are `restricted`. */
export interface Place {
  /** Another connection at each call, also with the same parts. */
  connect(parts?: AccessParts): Promise<Kubectl>;
  readonly namespace: string;
  /** Of the administrator. */
  readonly token: string;
  /** Of an account that may do nothing. */
  readonly strangerToken: string;
  /** A certificate authority, PEM, that did not sign the API server's certificate. */
  readonly strangerCa: string;
  /** The certificate of `rude-server.ts`, PEM, where one runs beside the API server. */
  readonly rude?: { readonly ca: string };
}

/** Names what was looked at. An answer is told as `OUTCOME EXITCODE`. */
export type Facts = Readonly<Record<string, string | number | boolean>>;

export interface ContractCase {
  readonly name: string;
  readonly expected: Facts;
  observe(place: Place): Promise<Facts>;
}

/** The kubectl of a case: an administrator's, in the namespace. */
export class Caller {
  readonly #kubectl: Kubectl;
  readonly #namespace: string;
  readonly #patience: string;

  constructor(kubectl: Kubectl, namespace: string, patience = "20s") {
    this.#kubectl = kubectl;
    this.#namespace = namespace;
    this.#patience = patience;
  }

  run(args: readonly string[], stdin?: string): Promise<KubectlAnswer> {
    return this.#kubectl.run([...args, `--namespace=${this.#namespace}`, `--request-timeout=${this.#patience}`], stdin);
  }

  create(object: object): Promise<KubectlAnswer> {
    return this.run(["create", "--field-manager=contract", "--filename=-"], JSON.stringify(object));
  }

  apply(objects: readonly object[], ...more: string[]): Promise<KubectlAnswer> {
    const list = { apiVersion: "v1", kind: "List", items: objects };
    const managed = more.some((option) => option.startsWith("--field-manager=")) ? [] : ["--field-manager=contract"];
    return this.run(["apply", "--server-side", ...managed, ...more, "--filename=-"], JSON.stringify(list));
  }

  patch(target: string, operations: readonly object[]): Promise<KubectlAnswer> {
    return this.run(["patch", target, "--type=json", "--patch-file=/dev/stdin"], JSON.stringify(operations));
  }

  /** One field as text. @throws Error with what kubectl said instead. */
  async readField(target: string, jsonPath: string): Promise<string> {
    const answer = await this.run(["get", target, `--output=jsonpath={${jsonPath}}`]);
    if (answer.exitCode !== 0) throw new Error(tellComplaint(answer));
    return answer.stdout;
  }
}

export const connectIn = async (place: Place, parts: AccessParts = {}) =>
  new Caller(await place.connect(parts), place.namespace);

export const tell = (answer: KubectlAnswer) => `${judgeAnswer(answer)} ${answer.exitCode}`;

export const configMap = (name: string, data: Readonly<Record<string, string>>, metadata: object = {}) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, ...metadata },
  data,
});

export const deployment = (name: string, replicas: number) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name },
  spec: {
    replicas,
    selector: { matchLabels: { name } },
    template: { metadata: { labels: { name } }, spec: { containers: [{ name: "main", image: "nowhere.test/x:1" }] } },
  },
});

/** Text of at least so many bytes that a shell, a template, a line reader or a decoder of chunks would change. */
export function makeHardText(bytes: number): string {
  const lines = [
    "",
    `'single' "double" \`back\` \\ \\n $(id) $HOME {{ .x }} %s * ~ # !`,
    "\ttab, carriage return\r",
    "Grüße, 世界, 🜨, e\u0301, \u2028 and \u2029, trailing spaces   ",
    "---",
    "*** EOF",
  ];
  const piece = lines.join("\n");
  return piece.repeat(Math.ceil(bytes / Buffer.byteLength(piece)));
}

/** No adapter may say anything of it. */
export const showsAny = (answers: readonly KubectlAnswer[], secret: string) =>
  answers.some(({ stdout, stderr }) => `${stdout}${stderr}`.includes(secret));
