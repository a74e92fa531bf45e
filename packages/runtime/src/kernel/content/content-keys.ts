import { contentKeyPrefixes, contentKeys } from '@tracewright/conventions';

const keys = new Set(contentKeys);

/** Which characters these keys begin with: most keys are told apart by that alone. */
const begins = new Uint8Array(128);
for (const key of [...contentKeys, ...contentKeyPrefixes]) begins[key.charCodeAt(0)] = 1;

/** Whether what stands under `key` is content by the definition of the key. */
export function isContentKey(key: string): boolean {
  return begins[key.charCodeAt(0)] === 1 && (keys.has(key) || hasPrefix(key));
}

function hasPrefix(key: string): boolean {
  for (const prefix of contentKeyPrefixes) if (key.startsWith(prefix)) return true;
  return false;
}
