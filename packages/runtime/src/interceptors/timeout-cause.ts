/** Makes `cause` reachable from `error`, where that has no cause yet and can take one. */
export function giveCause(error: unknown, cause: unknown): void {
  if (!(error instanceof Error) || error === cause || error.cause !== undefined || !Object.isExtensible(error)) return;
  Object.defineProperty(error, 'cause', { value: cause, configurable: true, writable: true, enumerable: false });
}
