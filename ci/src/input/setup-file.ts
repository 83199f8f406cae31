/** What an administrator applies once, so that a deploy finds the namespaces of the rings and may write there. */
export const SETUP_FILE = "manifests/setup/rings.yaml";

/** The command that does it. Slipway never runs it. */
export const SET_UP = `kubectl apply -f ${SETUP_FILE}`;
