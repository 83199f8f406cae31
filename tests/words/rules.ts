/** A use of a word that means something else than what the page of words has another word for. */
interface Other {
  /** The word and what stands around it, as the text has it; `…` for code and for what is put in. */
  readonly phrase: RegExp;
  readonly because: string;
}

/** Files in which a word is somebody else's. */
interface Foreign {
  readonly files: RegExp;
  readonly because: string;
}

/** What is looked for in the texts that a person meets, for one word of the column "Not" of docs/words.md. */
export interface WordRule {
  readonly not: string;
  readonly instead: string;
  /** Every use is a fault, but for these. */
  readonly unless?: readonly Other[];
  readonly foreign?: readonly Foreign[];
  /** For a word that means much else: only these uses of it are faults. */
  readonly only?: RegExp;
}

const other = (phrase: RegExp, because: string): Other => ({ phrase, because });

/** The files of CI systems, and the pages about them. */
const PROVIDERS = /^(docs\/providers\/|docs\/how-to\/from-github-actions\.md|ci\/src\/providers\/)/;
/** The page that goes through the essay in its own words. */
const ESSAY = /^docs\/essay\.md$/;

const foreign = (files: RegExp, because: string): Foreign => ({ files, because });
const OF_CI_SYSTEMS = foreign(
  PROVIDERS,
  "CI systems have stages, environments, tasks, hooks and timeouts of their own",
);
const OF_THE_ESSAY = foreign(ESSAY, "it names what the essay names");

export const RULES: readonly WordRule[] = [
  {
    not: "stage",
    instead: "ring",
    foreign: [OF_CI_SYSTEMS, OF_THE_ESSAY, foreign(/^engine\/src\/dockerfile\//, "BuildKit's own words")],
    unless: [
      other(/(fast|slow) stages?/i, "the stage of a check"),
      other(
        /stages? (?:of|in) (?:the|a|one) Dockerfile|plans? (?:of|their) stages|`…`, stage …/i,
        "the stage of a Dockerfile",
      ),
      other(/(?:Dockerfile, )?stage and (?:arguments|command)|command and stage|flags, stages/i, "the same"),
    ],
  },
  {
    not: "environment",
    instead: "ring",
    foreign: [OF_CI_SYSTEMS, OF_THE_ESSAY, foreign(/^engine\/src\/api\/environment\.ts$/, "a type of Dagger's API")],
    unless: [
      other(
        /environment variables?|(?:variables?|problems|address in `…`,) of the environment/i,
        "the environment of a process",
      ),
      other(/(?:machine's|engine's own) environment|environment of Dagger's own runtime/i, "the same"),
      other(/the environment (?:cannot be used|read in one go)|environment, log, end/i, "the same, of a service"),
      other(/environment files?/i, "files of variables, in Dagger's words"),
      other(/\| Environment$/, "the heading of what versions promise of variables"),
    ],
  },
  { not: "slot", instead: "colour" },
  {
    not: "version",
    instead: "release",
    only: /versions? of the (product|services|ring)|(deploy|roll back to|promote)s? (a|the|an) (new |old )?version/i,
  },
  { not: "active", instead: "live" },
  { not: "preview", instead: "candidate" },
  {
    not: "consumer",
    instead: "worker",
    unless: [
      other(/consumer groups?|consumers? (?:recreated|starts over)|producers and consumers/i, "Kafka's own word"),
    ],
  },
  {
    not: "hook",
    instead: "job",
    foreign: [OF_CI_SYSTEMS],
    unless: [
      other(/CI, hooks|hooks of git|`…`, hooks, a remote/i, "git's own word"),
      other(/\*\*Hooks\*\* are objects|hooks of the manifests|Slipway does not \(hooks/i, "Helm's own word"),
      other(/type (nat|filter) hook/, "the word of nft"),
    ],
  },
  {
    not: "task",
    instead: "job",
    foreign: [OF_CI_SYSTEMS, OF_THE_ESSAY, foreign(/^ci\/src\/languages\/java\//, "Gradle's own word")],
    unless: [other(/CI tasks?/, "Concourse's own word"), other(/##vso\[task\./, "a command of Azure Pipelines")],
  },
  { not: "leader", instead: "role", unless: [other(/no leader for …|topics with leaders/, "Kafka's own word")] },
  {
    not: "history",
    instead: "commits",
    unless: [
      other(/### history/, "the function of this name"),
      other(/hasPrompt, history, historyJSON/, "fields of Dagger's API"),
    ],
  },
  {
    not: "load",
    instead: "traffic",
    only: /\bloads? (on|of) (a|the|its|their) (release|pods|service|candidate|ring|colour)/i,
  },
  { not: "dead", instead: "ended pod" },
  { not: "failed", instead: "ended pod", only: /failed pods?/i },
  {
    not: "timeout",
    instead: "patience",
    unless: [other(/Request Timeout/, "the words of a status of HTTP")],
    foreign: [OF_CI_SYSTEMS, foreign(/network-words\.ts$/, "Go's own words")],
  },
  { not: "phase", instead: "stage", only: /(fast|slow) phases?/i },
  { not: "app", instead: "product", unless: [other(/apiGroups: \[apps\]/, "a group of Kubernetes")] },
  { not: "image", instead: "snapshot", only: /images? of (?:a|the) (?:file tree|container's files)/i },
];
