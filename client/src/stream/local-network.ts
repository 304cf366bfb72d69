/** Names of the permission in browsers. Source: WICG Local Network Access, "Permission descriptors". */
const NAMES = ['local-network-access', 'local-network', 'loopback-network'] as const;

/** Whether the person or a policy forbids this page to reach servers in the local network. */
export async function isLocalNetworkDenied(): Promise<boolean> {
  const states = await Promise.all(NAMES.map(stateOf));
  return states.includes('denied');
}

/** @returns null in browsers without this permission */
async function stateOf(name: string): Promise<PermissionState | null> {
  try {
    const status = await globalThis.navigator?.permissions?.query({ name: name as PermissionName });
    return status?.state ?? null;
  } catch {
    return null;
  }
}
