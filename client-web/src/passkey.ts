/* passkey.ts: passkeys between the hub, which writes bytes as base64url, and the browser, which does not. */
const bytes = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer: ArrayBuffer): string =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");

interface Named {
  type: "public-key";
  id: string;
}

/* Passkeys are of names: a page that is open under the number of a machine has none. */
export const knowsPasskeys = (): boolean =>
  isSecureContext &&
  typeof PublicKeyCredential === "function" &&
  !/^[\d.]+$|^\[/.test(location.hostname);

/* `options` as the hub gave them; what the hub wants back. */
export async function makePasskey(options: any): Promise<Record<string, string>> {
  const made = (await navigator.credentials.create({
    publicKey: {
      ...options,
      challenge: bytes(options.challenge),
      user: { ...options.user, id: bytes(options.user.id) },
      excludeCredentials: options.excludeCredentials.map((c: Named) => ({ ...c, id: bytes(c.id) })),
    },
  })) as PublicKeyCredential;
  const said = made.response as AuthenticatorAttestationResponse;
  return { id: text(made.rawId), client: text(said.clientDataJSON), attestation: text(said.attestationObject) };
}

/* `quiet`: among what the browser offers to fill in, for as long as nothing else is done. */
export async function showPasskey(options: any, quiet?: AbortSignal): Promise<Record<string, string>> {
  const shown = (await navigator.credentials.get({
    publicKey: { ...options, challenge: bytes(options.challenge) },
    ...(quiet ? { mediation: "conditional", signal: quiet } : {}),
  })) as PublicKeyCredential;
  const said = shown.response as AuthenticatorAssertionResponse;
  return {
    id: text(shown.rawId),
    client: text(said.clientDataJSON),
    data: text(said.authenticatorData),
    signature: text(said.signature),
    handle: text(said.userHandle ?? new ArrayBuffer(0)),
  };
}
