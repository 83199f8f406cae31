/** A kubeconfig for one cluster and one user with a token. */
export function tellKubeconfig(access: {
  readonly server: string;
  readonly token: string;
  /** PEM */
  readonly ca: string;
}): string {
  const { server, token, ca } = access;
  const cluster = { server, "certificate-authority-data": Buffer.from(ca).toString("base64") };
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "test", cluster }],
    users: [{ name: "admin", user: { token } }],
    contexts: [{ name: "test", context: { cluster: "test", user: "admin" } }],
    "current-context": "test",
  });
}
