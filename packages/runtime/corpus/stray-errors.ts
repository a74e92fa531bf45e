/**
 * Runs `program`, and rejects with the first error that reaches nobody while it runs: an exception in a callback, a rejection that nobody handles. Without
 * this, such an error would end the process, and a program that waits for what has failed would never settle.
 */
export async function withStrayErrors(program: () => Promise<void>): Promise<void> {
  let report: (error: unknown) => void = () => undefined;
  const stray = new Promise<never>((_, reject) => {
    report = reject;
  });
  process.on('uncaughtException', report);
  process.on('unhandledRejection', report);
  try {
    await Promise.race([program(), stray]);
    // Rejections are reported a turn after they happen.
    await Promise.race([new Promise((resolve) => setImmediate(resolve)), stray]);
  } finally {
    process.off('uncaughtException', report);
    process.off('unhandledRejection', report);
  }
}
