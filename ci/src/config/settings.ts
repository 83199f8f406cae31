import type { LanguageName, Project, Reads } from "../languages/language.ts";
import type { RingPolicy } from "../rollout/policy.ts";
import type { CounterRule } from "../rollout/traffic.ts";
import type { Decisions } from "./decisions.ts";
import type { PLATFORMS } from "./file-schema.ts";
import type { ProviderName, ProviderSettings } from "./provider-schema.ts";
import type { ClusterSettings, MANIFEST_KINDS, RULE_LEVELS } from "./ring-schema.ts";
import type { BACKING_KINDS, KINDS } from "./service-schema.ts";

/** Text for a shell, or one or more programs with their arguments, run one after the other. */
export type Run = string | readonly (readonly string[])[];

/** What images are made for: `linux/arm64`. */
export type TargetPlatform = (typeof PLATFORMS)[number];

/** How the image of a service is made. */
export type Build =
  | {
      readonly language: Exclude<LanguageName, "dockerfile">;
      readonly start?: readonly string[];
      readonly main?: string;
      readonly output?: string;
      /** Files that the build reads beside those that the language reads. */
      readonly reads?: readonly string[];
    }
  | {
      /** From the top of the repository, as `context`. */
      readonly dockerfile: string;
      readonly context: string;
      readonly target?: string;
      readonly args: Readonly<Record<string, string>>;
      readonly start?: readonly string[];
    }
  | { readonly image: string; readonly start?: readonly string[] }
  | { readonly imageOf: string; readonly start?: readonly string[] };

export interface ServiceSettings {
  readonly path: string;
  readonly kind: (typeof KINDS)[number];
  /** A service has one; a worker or a job has none. */
  readonly port?: number;
  readonly probe: string;
  readonly build: Build;
  /** Services and backing services, also those that `env` refers to. Each once. */
  readonly needs: readonly string[];
  /** As written, with what stands between braces. `environmentOf` fills it in. */
  readonly env: Readonly<Record<string, string>>;
  /** What those who need it are told; as `env`. */
  readonly tell: Readonly<Record<string, string>>;
  readonly metrics?: CounterRule;
}

export interface BackingSettings {
  readonly kind: (typeof BACKING_KINDS)[number] | "other";
  readonly image: string;
  readonly port: number;
  readonly env: Readonly<Record<string, string>>;
  readonly start?: readonly string[];
  /** Of kafka: topics with their partitions. */
  readonly topics?: Readonly<Record<string, { readonly partitions: number }>>;
  /** Of postgres: files and folders, in the order in which they are run. */
  readonly sql?: readonly string[];
  readonly user?: string;
  readonly password?: string;
  readonly database?: string;
  readonly tell: Readonly<Record<string, string>>;
}

/** The forms of the files that checks write. */
export type ReportKind = "junit" | "lcov" | "cobertura" | "jacoco" | "coverprofile" | "sarif" | "checkstyle";

export interface CheckSettings {
  readonly run: Run;
  readonly path: string;
  /** Where it runs: with the dependencies of a project, or in an image with the files alone. */
  readonly language?: LanguageName;
  readonly image?: string;
  readonly reads: Reads;
  readonly needs: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly stage: "fast" | "slow";
  readonly reports: Readonly<Partial<Record<ReportKind, readonly string[]>>>;
  readonly timeoutSeconds: number;
}

export interface RingSettings extends RingPolicy {
  readonly manifests: {
    readonly path: string;
    readonly kind: (typeof MANIFEST_KINDS)[number];
    readonly values: readonly string[];
  };
  readonly namespace: string;
  /** The Deployments of services that are not called like the service. */
  readonly deployments: Readonly<Record<string, string>>;
  readonly rules: (typeof RULE_LEVELS)[number];
  readonly cluster?: ClusterSettings;
}

/** What a person has decided about a folder. */
export interface ProjectAnswers {
  readonly language?: string;
  readonly manager?: string;
  readonly version?: string;
}

/** By folder; false for one in which nothing is to be looked for. */
export type Answers = Readonly<Record<string, ProjectAnswers | false>>;

/** The configuration as it counts: slipway.yaml over what was found over the defaults. */
export interface Settings {
  readonly product: string;
  readonly services: Readonly<Record<string, ServiceSettings>>;
  readonly backing: Readonly<Record<string, BackingSettings>>;
  /** The compose file that backing services are from. */
  readonly compose: string | false;
  readonly front: Readonly<Record<string, number>>;
  readonly checks: Readonly<Record<string, CheckSettings>>;
  /** Checks that were found and are not wanted. */
  readonly unwantedChecks: readonly string[];
  /** What the file says about folders that do not say it themselves. */
  readonly answers: Answers;
  readonly images: {
    readonly registry?: string;
    readonly name: string;
    readonly tags: readonly string[];
    /** None: the platform of the machine that makes them. */
    readonly platforms: readonly TargetPlatform[];
    readonly attestations: "auto" | "required" | "off";
    readonly source?: string;
  };
  readonly rings: Readonly<Record<string, RingSettings>>;
  readonly approvals: { readonly signers: string; readonly branch: string };
  /** The CI systems whose files are written. */
  readonly providers: Readonly<Partial<Record<ProviderName, ProviderSettings>>>;
  /** What was found in the folders of the repository. */
  readonly projects: readonly Project[];
  /** Where each value is from. */
  readonly decisions: Decisions;
}
