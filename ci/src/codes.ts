/** What a code stands for, and what a person can do about it wherever it comes up; the message itself says more. */
interface Reason {
  readonly means: string;
  readonly todo: string;
}

function reason(means: string, todo: string): Reason {
  return { means, todo };
}

/**
 * Why something was not done, each under the name that messages print in brackets. Names stay; the wording may change.
 * docs/reference/errors.md is printed from it.
 */
export const CODES = {
  "bad-config": reason(
    "slipway.yaml cannot be used",
    "Fix what the message lists. It names line, column and path of each problem, and what is expected there.",
  ),
  "nothing-known": reason(
    "nothing in the repository is recognised, and slipway.yaml does not say what it is",
    "Run `slipway init`, or write the services and checks into slipway.yaml.",
  ),
  missing: reason(
    "doctor found that something is missing without which other functions fail",
    "Do what the report of `doctor` says for each of them.",
  ),
  undecided: reason(
    "a folder can be read in two ways, and only a person can say which is right",
    "Write the answer into slipway.yaml, as the message shows it.",
  ),
  "bad-arguments": reason(
    "the arguments of the call do not go together, or one of them has the wrong form",
    "Correct the call: `slipway call FUNCTION --help` lists the arguments of a function.",
  ),
  "no-such-ring": reason(
    "slipway.yaml has no ring of that name",
    "Give one of the rings in the message, or add the ring under `rings`.",
  ),
  "no-such-service": reason(
    "slipway.yaml has no service of that name",
    "Give one of the names in the message, or add it under `services` or `backing`.",
  ),
  "no-such-check": reason(
    "the repository has no check of that name",
    "Give one of the names in the message, or add it under `checks`.",
  ),
  "foreign-file": reason(
    "a file that would be written exists already, and a person wrote it",
    "Keep it under another name and call again, or remove the provider from slipway.yaml.",
  ),
  "workflows-differ": reason(
    "the files of CI systems do not match slipway.yaml",
    "Run `slipway generate` and commit what it writes.",
  ),
  "bad-manifest": reason(
    "the manifests of a ring cannot be read, or break the rules",
    "Fix each object that the message names; `call manifests` looks at all of them without a cluster.",
  ),
  "no-commit": reason(
    "there is no repository, or it lacks the commit or the commits before it",
    "Call it in a clone with all commits: `git fetch --unshallow`, or `fetch-depth: 0` in GitHub Actions.",
  ),
  uncommitted: reason(
    "files differ from the commit that the release would name",
    "Commit the changes or undo them. `build` also takes what is not committed.",
  ),
  "bad-image-name": reason(
    "registry and name of an image are missing, or cannot be put together",
    "Give `--registry`, or write `images.registry` and `images.name` into slipway.yaml.",
  ),
  "not-published": reason(
    "the registry did not accept an image",
    "Read the registry's own words in the message: often it is the login, or a repository that has to be created first.",
  ),
  "not-signed": reason(
    "attestations could not be signed with the key that was given",
    "Give an OpenSSH private key without a passphrase; `ssh-keygen -t ed25519 -N '' -f FILE` creates one.",
  ),
  "bad-release": reason(
    "the release file cannot be read",
    "Take the file as `call release -o release.json` wrote it, unchanged.",
  ),
  "bad-record": reason(
    "what Slipway keeps in the ring cannot be read, or was changed by somebody",
    "Find out who changed it (`kubectl get configmap -o yaml --show-managed-fields`), and put it back.",
  ),
  "bad-approval": reason(
    "an approval cannot be read",
    "Run the command that `approve` printed once more; it writes the file. Sign exactly that statement.",
  ),
  "bad-signers": reason(
    "the list of approvers is missing, or cannot be read",
    "Commit the list to the protected branch, one line for each person, as the message shows it.",
  ),
  "not-approver": reason(
    "the person is not in the list of approvers",
    "Give `--approver` one of the names in the message, or have the key added to the list.",
  ),
  "not-approved": reason(
    "the approvals that the ring needs are missing",
    "Have the release approved by as many people as the message says (`call approve`), and give the file as `--approvals`.",
  ),
  "not-attested": reason(
    "an image of the release lacks attestations that the ring requires, or they are not valid",
    "Publish the commit again, with the `--signing-key` of somebody in the list if the ring requires signatures.",
  ),
  "not-verified": reason(
    "the release has not passed the ring that comes before",
    "Deploy it to that ring, let it pass the bake there, and then promote it.",
  ),
  "not-newer": reason(
    "the release does not contain the commit that runs in the ring",
    "Deploy a release of a newer commit. To go back on purpose, use `rollback`.",
  ),
  "not-as-planned": reason(
    "somebody changed the ring while a command was working in it",
    "Look at `status`, then run the same command again: it makes a new plan.",
  ),
  drift: reason(
    "the ring is not as Slipway left it",
    "Find out who made the objects in the message, and remove them, rename them or put them back.",
  ),
  "same-release": reason(
    "the release is live already, but with other manifests",
    "Commit the change, make a release of that commit, and deploy it.",
  ),
  "unverified-live": reason("the release is live, but has failed its gate", "Deploy a newer release."),
  "nothing-to-go-back-to": reason(
    "the ring has no earlier release",
    "Deploy a newer release, or let the one under way finish.",
  ),
  fenced: reason(
    "another run has taken the ring",
    "Nothing, if the other run was meant to. Otherwise run the same command again; it continues from there.",
  ),
  frozen: reason("the ring is frozen", "Thaw it when the reason is gone, or roll back."),
  failed: reason(
    "the release failed; the ring is stable again",
    "Read the reason in the report, fix it in a new commit, and deploy the release of that commit.",
  ),
  "cluster-unreachable": reason(
    "the API server does not answer",
    "Check that the address is right and can be reached from here; for one on this machine's loopback give `--cluster`.",
  ),
  "cluster-unavailable": reason(
    "the API server answers that it is not working now",
    "Run the same command again when the cluster is healthy; it continues from there.",
  ),
  "cluster-unauthorised": reason(
    "the API server does not know the account, or does not allow it to do this",
    "Give the credentials of an account that has the rights in `manifests/setup`, or renew the token.",
  ),
  "cluster-refused": reason(
    "the cluster, or kubectl, refuses what it was asked for",
    "Read the cluster's own words in the message; fix the manifests, or the rule of the cluster that refuses.",
  ),
} as const satisfies Readonly<Record<string, Reason>>;
