/**
 * In place of Concourse's resource types `git` and `registry-image`, whose programs the registries of Go do not have: the same words and
 * answers for what a generated pipeline asks of them. The one image there is, this one, is the image that its tasks run in.
 *
 *     resource.mjs check | in FOLDER   <request
 */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";

const [what, folder] = process.argv.slice(2);
const { source, version } = JSON.parse(readFileSync(0, "utf8"));
const run = (program, ...words) =>
  execFileSync(program, words, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
const answer = (value) => console.log(JSON.stringify(value));

const git = {
  check: () => answer([{ ref: run("git", "ls-remote", source.uri, `refs/heads/${source.branch}`).split("\t")[0] }]),
  in: () => {
    run("git", "clone", "--quiet", "--branch", source.branch, source.uri, folder);
    run("git", "-C", folder, "checkout", "--quiet", version.ref);
    answer({ version, metadata: [] });
  },
};

const image = {
  check: () => answer([{ digest: `sha256:${"0".repeat(64)}` }]),
  in: () => {
    const rootfs = `${folder}/rootfs`;
    mkdirSync(rootfs);
    const all = "bin etc home lib lib64 opt root sbin srv usr var";
    run("sh", "-c", `tar -C / -c ${all} | tar -C "$1" -x`, "sh", rootfs);
    for (const name of ["dev", "proc", "run", "sys", "tmp"]) mkdirSync(`${rootfs}/${name}`);
    chmodSync(`${rootfs}/tmp`, 0o1777);
    const env = ["NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt"];
    writeFileSync(`${folder}/metadata.json`, JSON.stringify({ env }));
    answer({ version, metadata: [] });
  },
};

(source.uri === undefined ? image : git)[what]();
