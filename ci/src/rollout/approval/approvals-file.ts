import { SlipwayError } from "../../account.ts";
import type { SignedApproval } from "../ledger.ts";
import { signCommand } from "./statement.ts";

const BEGIN = "-----BEGIN SSH SIGNATURE-----";
const END = "-----END SSH SIGNATURE-----";

/**
 * Reads the signed approvals of a file. Each is its statement, in one line, and below it the signature as `ssh-keygen`
 * printed it; files can be put one behind the other.
 *
 * @throws SlipwayError `bad-approval` when the file has another form. Who signed and for what is judged later.
 */
export function readApprovals(text: string): SignedApproval[] {
  const approvals: SignedApproval[] = [];
  const lines = text.split(/\r?\n/);
  for (let at = 0; at < lines.length; at += 1) {
    const statement = lines[at] ?? "";
    if (statement.trim() === "") continue;
    const end = lines.indexOf(END, at);
    if (!statement.startsWith("{") || lines[at + 1] !== BEGIN || end === -1) {
      throw new SlipwayError("bad-approval", {
        what: `line ${at + 1} does not begin a signed approval: expected a statement in one line, then its signature`,
        where: "--approvals",
        todo: "run the command that `approve` printed; it writes the file",
      });
    }
    approvals.push({ statement, signature: `${lines.slice(at + 1, end + 1).join("\n")}\n` });
    at = end;
  }
  return approvals;
}

/** The command, in one line, that signs a statement and adds both to a file. */
export function writeApprovalCommand(statement: string, file: string): string {
  const quoted = `'${statement.replaceAll("'", "'\\''")}'`;
  return `{ printf '%s\\n' ${quoted}; ${signCommand(statement)}; } >> ${file}`;
}
