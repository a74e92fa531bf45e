import type { Program } from './program.ts';

/** What help says below all flags. */
export function notesOf({ transports, components }: Pick<Program, 'transports' | 'components'>, gap: string | undefined): string {
  const own = Object.keys(transports);
  const paragraphs = [
    'Each flag can be given by the environment, too: in capitals, with _ for . and -, after\nTRACEWRIGHT_, as TRACEWRIGHT_LOG_LEVEL. A flag counts more than a variable, and a variable more\nthan the footprint. --no-strict and --strict=false take a switch back.',
    'Credentials of a broker come from the environment alone, as TRACEWRIGHT_TRANSPORT_USER and\n_PASSWORD, _TOKEN, _NKEY_SEED, or _CREDS_FILE; _MECHANISM for Kafka (plain, scram-sha-256,\nscram-sha-512); _TLS, _CA_FILE, _CERT_FILE and _KEY_FILE for TLS.',
    ...(own.length === 0 ? [] : [`Further transports: ${own.map((scheme) => `${scheme}:`).join(', ')}`]),
    ...(gap === undefined ? [] : [`The options of components are missing here: ${gap}`]),
    ...(components.length === 0 && gap === undefined
      ? ['With the footprint, or with --components, this help shows the options of its components too.']
      : []),
    'Exit codes: 0 ended well, or as asked; 1 failed; 2 wrong usage.',
  ];
  return paragraphs.join('\n\n');
}
